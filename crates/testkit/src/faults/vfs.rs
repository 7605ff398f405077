//! The file system that SQLite is given: the default one, with the plane in between.
//!
//! The only place for `unsafe` in this room. A VFS is a table of C functions; each of those here asks the plane what
//! becomes of the call and hands it on, with its arguments as they came, to the default VFS. It must never do anything
//! else, but for syncs: nothing is left to the machine's own disk to lose, so they are counted and not made.
#![expect(unsafe_code, reason = "a VFS is a table of C functions")]

use super::{Call, File, Plane, Point, Verdict};
use rusqlite::ffi::{
    self, SQLITE_OK, sqlite3_file as CFile, sqlite3_int64, sqlite3_io_methods as Methods,
    sqlite3_vfs as CVfs,
};
use std::{
    ffi::{CStr, OsStr, c_char, c_int, c_void},
    mem,
    os::unix::ffi::OsStrExt,
    path::Path,
    ptr,
    sync::OnceLock,
};

/// An open file. The default VFS keeps its own right behind it.
#[repr(C)]
struct Shim {
    base: CFile,
    /// Valid until the file is closed, as SQLite promises; null for a file without a name.
    name: *const c_char,
    file: File,
    /// It was made when it was opened, and its name is not durable yet.
    fresh: bool,
}

/// The default VFS, and the plane over it.
struct Under {
    vfs: *mut CVfs,
    plane: &'static Plane,
}

// SAFETY: the default VFS is never unregistered, is not written to, and its functions may be called by any thread.
unsafe impl Send for Under {}
// SAFETY: as above.
unsafe impl Sync for Under {}

static UNDER: OnceLock<Under> = OnceLock::new();

static METHODS: Methods = Methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(map_index),
    xShmLock: Some(lock_index),
    xShmBarrier: Some(barrier),
    xShmUnmap: Some(unmap_index),
    xFetch: None,
    xUnfetch: None,
};

/// Makes ours the default, once.
pub(super) fn install(plane: &'static Plane) {
    UNDER.get_or_init(|| {
        // SAFETY: a null name asks for the default, which lives as long as the process.
        let vfs = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
        assert!(!vfs.is_null(), "SQLite has a default VFS");
        // SAFETY: it is not null, and nobody writes to it. What is not replaced here is called with our table in place
        // of its own, and finds in it what it looks for: `pAppData` and `mxPathname` are copied.
        let mut ours = unsafe { *vfs };
        ours.zName = c"subrosa-faults".as_ptr();
        ours.pNext = ptr::null_mut();
        ours.szOsFile += c_int::try_from(mem::size_of::<Shim>()).expect("it is small");
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        ours.xAccess = Some(access);
        // SAFETY: the table is leaked, so it lives as long as the process, as SQLite asks.
        let registered = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1) };
        assert_eq!(registered, SQLITE_OK, "the VFS is registered");
        Under { vfs, plane }
    });
}

fn under() -> &'static Under {
    UNDER.get().expect("no file of ours is open before the VFS is installed")
}

/// A file's name as C has it; empty where it has none.
///
/// # Safety
/// It is null or a string that lives as long as it is used.
unsafe fn path<'a>(name: *const c_char) -> &'a Path {
    if name.is_null() {
        return Path::new("");
    }
    // SAFETY: the caller says so.
    Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes()))
}

/// Which file a name is of.
fn file_named(name: &Path) -> File {
    match name.to_string_lossy() {
        name if name.is_empty() => File::Nameless,
        name if name.ends_with("-wal") => File::Log,
        name if name.ends_with("-journal") => File::Journal,
        _ => File::Store,
    }
}

/// Our part of an open file, and the default VFS's.
///
/// # Safety
/// `file` is one that [`open`] has begun to fill in.
unsafe fn parts<'a>(file: *mut CFile) -> (&'a mut Shim, *mut CFile) {
    // SAFETY: SQLite allocates `szOsFile` bytes, aligned to eight, for every file: ours, and the other's behind them.
    unsafe { (&mut *file.cast::<Shim>(), file.cast::<Shim>().add(1).cast::<CFile>()) }
}

/// What becomes of a call about an open file.
fn judged(shim: &Shim, call: Call) -> Verdict {
    // SAFETY: the name is valid while the file is open.
    let name = unsafe { path(shim.name) };
    under().plane.judge(Point::new(call, shim.file), name)
}

/// Hands a call on to the default VFS's file, if the plane lets it.
macro_rules! hands_on {
    ($file:expr, $call:expr, $method:ident ( $($argument:expr),* )) => {{
        // SAFETY: SQLite calls methods of open files alone.
        let (shim, inner) = unsafe { parts($file) };
        let verdict = match $call {
            Some(call) => judged(shim, call),
            None => Verdict::Pass,
        };
        match verdict {
            Verdict::Fail(code) | Verdict::Half(code) => code,
            // SAFETY: the other file is open, its methods are its VFS's own, and the arguments are SQLite's.
            Verdict::Pass => unsafe {
                match (*(*inner).pMethods).$method {
                    Some(method) => method(inner, $($argument),*),
                    None => ffi::SQLITE_NOTFOUND,
                }
            },
        }
    }};
}

unsafe extern "C" fn open(
    _vfs: *mut CVfs,
    name: *const c_char,
    file: *mut CFile,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a name that lives until the file is closed, or null.
    let path = unsafe { path(name) };
    let what = file_named(path);
    let fresh = flags & ffi::SQLITE_OPEN_CREATE != 0 && !path.exists();
    let shim = Shim { base: CFile { pMethods: ptr::null() }, name, file: what, fresh };
    // SAFETY: `file` has room for `szOsFile` bytes.
    unsafe { ptr::write(file.cast::<Shim>(), shim) };
    let under = under();
    if let Verdict::Fail(code) | Verdict::Half(code) =
        under.plane.judge(Point::new(Call::Open, what), path)
    {
        return code;
    }
    // SAFETY: the default VFS opens its file in the part that is its own.
    let opened = unsafe {
        let (_, inner) = parts(file);
        let open = (*under.vfs).xOpen.expect("a VFS opens files");
        open(under.vfs, name, inner, flags, out)
    };
    if opened == SQLITE_OK {
        under.plane.state().durable.opened(path);
        // SAFETY: as above.
        unsafe { parts(file) }.0.base.pMethods = &raw const METHODS;
    }
    opened
}

unsafe extern "C" fn delete(_vfs: *mut CVfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: SQLite gives a name that lives as long as the call.
    let path = unsafe { path(name) };
    let under = under();
    match under.plane.judge(Point::new(Call::Delete, file_named(path)), path) {
        Verdict::Fail(code) | Verdict::Half(code) => code,
        Verdict::Pass => {
            under.plane.state().durable.deleted(path);
            // SAFETY: the arguments are SQLite's.
            unsafe { (*under.vfs).xDelete.expect("a VFS deletes files")(under.vfs, name, sync) }
        }
    }
}

unsafe extern "C" fn access(
    _vfs: *mut CVfs,
    name: *const c_char,
    flags: c_int,
    found: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a name that lives as long as the call.
    let path = unsafe { path(name) };
    let under = under();
    match under.plane.judge(Point::new(Call::Access, file_named(path)), path) {
        Verdict::Fail(code) | Verdict::Half(code) => code,
        // SAFETY: the arguments are SQLite's.
        Verdict::Pass => unsafe {
            (*under.vfs).xAccess.expect("a VFS looks for files")(under.vfs, name, flags, found)
        },
    }
}

unsafe extern "C" fn close(file: *mut CFile) -> c_int {
    hands_on!(file, None::<Call>, xClose())
}

unsafe extern "C" fn read(
    file: *mut CFile,
    into: *mut c_void,
    length: c_int,
    at: sqlite3_int64,
) -> c_int {
    hands_on!(file, Some(Call::Read), xRead(into, length, at))
}

unsafe extern "C" fn write(
    file: *mut CFile,
    bytes: *const c_void,
    length: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite calls methods of open files alone.
    let (shim, inner) = unsafe { parts(file) };
    let (length, then) = match judged(shim, Call::Write) {
        Verdict::Pass => (length, None),
        Verdict::Half(code) => (length / 2, Some(code)),
        Verdict::Fail(code) => return code,
    };
    let count = usize::try_from(length).unwrap_or(0);
    // SAFETY: SQLite gives so many bytes or more, and a name that is valid while the file is open.
    let (written, name) =
        unsafe { (std::slice::from_raw_parts(bytes.cast::<u8>(), count), path(shim.name)) };
    under().plane.state().durable.wrote(name, usize::try_from(at).unwrap_or(0), written);
    // SAFETY: the other file is open, and the arguments are SQLite's, but for a length that is less.
    let done = unsafe {
        let write = (*(*inner).pMethods).xWrite.expect("a file is written to");
        write(inner, bytes, length, at)
    };
    then.unwrap_or(done)
}

unsafe extern "C" fn truncate(file: *mut CFile, length: sqlite3_int64) -> c_int {
    let done = hands_on!(file, Some(Call::Truncate), xTruncate(length));
    if done == SQLITE_OK {
        // SAFETY: the file is open, and so is its name valid.
        let name = unsafe { path(parts(file).0.name) };
        let length = usize::try_from(length).unwrap_or(0);
        under().plane.state().durable.truncated(name, length);
    }
    done
}

unsafe extern "C" fn sync(file: *mut CFile, _flags: c_int) -> c_int {
    // SAFETY: SQLite calls methods of open files alone.
    let (shim, _) = unsafe { parts(file) };
    // SAFETY: the name is valid while the file is open.
    let name = unsafe { path(shim.name) };
    let failed = |verdict| match verdict {
        Verdict::Fail(code) | Verdict::Half(code) => Some(code),
        Verdict::Pass => None,
    };
    let refused = failed(judged(shim, Call::Sync));
    under().plane.state().durable.synced(name, refused.is_none());
    if let Some(code) = refused {
        return code;
    }
    if mem::take(&mut shim.fresh)
        && let Some(code) = failed(judged(shim, Call::SyncFolder))
    {
        return code;
    }
    SQLITE_OK
}

unsafe extern "C" fn size(file: *mut CFile, size: *mut sqlite3_int64) -> c_int {
    hands_on!(file, Some(Call::Size), xFileSize(size))
}

unsafe extern "C" fn lock(file: *mut CFile, level: c_int) -> c_int {
    hands_on!(file, Some(Call::Lock), xLock(level))
}

unsafe extern "C" fn unlock(file: *mut CFile, level: c_int) -> c_int {
    hands_on!(file, None::<Call>, xUnlock(level))
}

unsafe extern "C" fn check_reserved(file: *mut CFile, held: *mut c_int) -> c_int {
    hands_on!(file, None::<Call>, xCheckReservedLock(held))
}

unsafe extern "C" fn control(file: *mut CFile, what: c_int, with: *mut c_void) -> c_int {
    hands_on!(file, None::<Call>, xFileControl(what, with))
}

unsafe extern "C" fn sector_size(file: *mut CFile) -> c_int {
    hands_on!(file, None::<Call>, xSectorSize())
}

unsafe extern "C" fn characteristics(file: *mut CFile) -> c_int {
    hands_on!(file, None::<Call>, xDeviceCharacteristics())
}

unsafe extern "C" fn map_index(
    file: *mut CFile,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite calls methods of open files alone.
    let (shim, _) = unsafe { parts(file) };
    match judged(shim, Call::MapIndex) {
        // Of this call it would not say that it failed, but that what is mapped can only be read; and nothing is.
        Verdict::Fail(ffi::SQLITE_READONLY) | Verdict::Half(ffi::SQLITE_READONLY) => {
            ffi::SQLITE_IOERR_SHMMAP
        }
        Verdict::Fail(code) | Verdict::Half(code) => code,
        Verdict::Pass => hands_on!(file, None::<Call>, xShmMap(page, size, extend, out)),
    }
}

unsafe extern "C" fn lock_index(file: *mut CFile, at: c_int, count: c_int, flags: c_int) -> c_int {
    // Letting go of a lock cannot fail.
    let takes = match flags {
        flags if flags & ffi::SQLITE_SHM_LOCK == 0 => None,
        flags if flags & ffi::SQLITE_SHM_EXCLUSIVE == 0 => Some(Call::ShareIndex),
        _ => Some(Call::OwnIndex),
    };
    hands_on!(file, takes, xShmLock(at, count, flags))
}

unsafe extern "C" fn barrier(file: *mut CFile) {
    // SAFETY: SQLite calls methods of open files alone.
    let (_, inner) = unsafe { parts(file) };
    // SAFETY: the other file is open, and its methods are its VFS's own.
    unsafe {
        if let Some(method) = (*(*inner).pMethods).xShmBarrier {
            method(inner);
        }
    }
}

unsafe extern "C" fn unmap_index(file: *mut CFile, delete: c_int) -> c_int {
    hands_on!(file, None::<Call>, xShmUnmap(delete))
}
