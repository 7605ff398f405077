//! Reading and verifying the audit log. A read first writes what waits to be written, so it sees its own past.

mod export;
mod logs;
mod read;
mod verify;

pub use export::{ExportBegun, ExportPart};
pub use logs::{About, LogQuery, Logs};
pub use read::{Events, Filter};
pub use subrosa_store::{AuditCursor as Cursor, StoredEvent};
pub use verify::{LaneVerified, StatesVerified, Verified};
