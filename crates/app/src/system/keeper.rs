//! Keeping the last checkpoint where the data is not.

use super::standing::Checkpoints;
use std::{io, sync::Arc};
use subrosa_domain::audit::Note;
use subrosa_plant::planted;
use tokio::sync::Mutex;

/// Keeps checkpoints outside, one at a time and never an earlier one after a later one, whoever gives up waiting: a
/// server that is being stopped keeps its last while the one before may still be on its way to the disk.
pub(crate) struct Keeper {
    checkpoints: Arc<dyn Checkpoints>,
    /// The position of the one that is kept.
    kept: Arc<Mutex<Option<u64>>>,
}

impl Keeper {
    pub(crate) fn new(checkpoints: Arc<dyn Checkpoints>) -> Self {
        Self { checkpoints, kept: Arc::default() }
    }

    /// Keeps a checkpoint unless this position's, or a later one's, is kept already.
    pub(crate) async fn keep(&self, position: u64, note: Note) -> io::Result<()> {
        let mut kept = Arc::clone(&self.kept).lock_owned().await;
        if kept.is_some_and(|kept| kept >= position) {
            return Ok(());
        }
        let checkpoints = Arc::clone(&self.checkpoints);
        // A file and two syncs: not on a thread that serves. The turn goes along, for the work goes on without whoever
        // waits for it.
        let work = move || {
            if !planted!("checkpoint-unkept") {
                checkpoints.keep(&note)?;
            }
            *kept = Some(position);
            Ok(())
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|lost| Err(io::Error::other(lost)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex as Lock;

    #[derive(Default)]
    struct Kept {
        notes: Lock<Vec<Note>>,
        fails: Lock<bool>,
    }

    impl Checkpoints for Kept {
        fn last(&self) -> io::Result<Option<Note>> {
            Ok(self.notes.lock().unwrap().last().cloned())
        }

        fn keep(&self, note: &Note) -> io::Result<()> {
            if *self.fails.lock().unwrap() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.notes.lock().unwrap().push(note.clone());
            Ok(())
        }
    }

    fn note(position: u64) -> Note {
        Note(position.to_string().into())
    }

    #[tokio::test]
    async fn each_position_is_kept_once_and_never_an_earlier_one_again() {
        let kept = Arc::new(Kept::default());
        let keeper = Keeper::new(Arc::clone(&kept) as Arc<dyn Checkpoints>);
        for position in [1, 1, 3, 2, 3, 4] {
            keeper.keep(position, note(position)).await.unwrap();
        }
        assert_eq!(*kept.notes.lock().unwrap(), [note(1), note(3), note(4)]);
    }

    #[tokio::test]
    async fn what_could_not_be_kept_is_kept_at_the_next_turn() {
        let kept = Arc::new(Kept::default());
        let keeper = Keeper::new(Arc::clone(&kept) as Arc<dyn Checkpoints>);
        *kept.fails.lock().unwrap() = true;
        keeper.keep(1, note(1)).await.unwrap_err();
        *kept.fails.lock().unwrap() = false;
        keeper.keep(1, note(1)).await.unwrap();
        assert_eq!(*kept.notes.lock().unwrap(), [note(1)]);
    }
}
