//! A disk's power: while it is there, the disk can be looked at and changed.

use super::image::Image;
use fuser::Errno;

type Done<T> = Result<T, Errno>;

/// A disk and its power.
pub(super) struct Power {
    pub(super) image: Image,
    /// After how many more steps it goes.
    pub(super) left: Option<u64>,
    /// Nothing is answered any more.
    pub(super) gone: bool,
}

impl Power {
    pub(super) const fn of(image: Image) -> Self {
        Self { image, left: None, gone: false }
    }

    /// Looks at the disk, if there is power.
    pub(super) fn look<T>(&mut self, act: impl FnOnce(&mut Image) -> Done<T>) -> Done<T> {
        if self.gone { Err(Errno::EIO) } else { act(&mut self.image) }
    }

    /// Does something to the disk, unless the power goes first.
    pub(super) fn step<T>(&mut self, act: impl FnOnce(&mut Image) -> Done<T>) -> Done<T> {
        if let Some(left) = self.left {
            self.left = Some(left.saturating_sub(1));
            self.gone |= left == 0;
        }
        self.look(act)
    }
}
