//! Every limit of the use-cases, named, with its reason.

use std::time::Duration;

/// A value: what a certificate chain or a service-account file needs, and far below what would make one commit slow.
pub const VALUE_BYTES_MAX: usize = 64 * 1024;

/// A description, a note or a name in characters: a paragraph for people, not a document store.
pub const TEXT_CHARS_MAX: usize = 1_024;

/// Elements of a list that is answered whole. Beyond it the caller must page: an answer has to fit in memory.
pub const LIST_MAX: u32 = 10_000;

/// How many elements a list is read to when it is to be counted, or refused: one more than is answered.
pub const COUNT_MAX: u32 = LIST_MAX + 1;

/// Elements of a page, unless the caller asks for fewer.
pub const PAGE_DEFAULT: u32 = 100;

/// Elements of the largest page.
pub const PAGE_MAX: u32 = 1_000;

/// Secrets of one batched reveal.
pub const BATCH_ITEMS_MAX: usize = 1_000;

/// Value bytes of one batched reveal: it is held in memory whole, so that nothing leaves before all is on record.
pub const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How often a publish is sealed anew when another one took its number.
pub const PUBLISH_ATTEMPTS_MAX: u32 = 8;

/// Events one filtered page looks at. A page may come back short with a token to go on from: bounded work a request.
pub const AUDIT_SCAN_MAX: u32 = 20_000;

/// Refusals waiting to be written. Beyond it they are counted, and the count is recorded as a gap.
pub const REFUSALS_WAITING_MAX: usize = 65_536;

/// Refusals of callers without a credential that are recorded one by one between two writes. Anyone can make these, so
/// beyond it they are counted, and the count recorded: a flood costs a row a second, not the disk.
pub const STRANGERS_WAITING_MAX: usize = 1_000;

/// Activities waiting to be written; what comes on top within the second is dropped, since activity is no audit.
pub const ACTIVITIES_WAITING_MAX: usize = 4_096;

/// How many different ones of a minute are told apart, at 8 bytes each and some room.
pub const ACTIVITIES_SEEN_MAX: usize = 262_144;

/// How often what was counted is written.
pub const FLUSH_EVERY: Duration = Duration::from_secs(1);

/// How often the last use of one token or secret is written: people read it, and nothing is decided by it.
pub const USES_WRITTEN_EVERY: Duration = Duration::from_secs(60);

/// How long activities and entries of the change feed are kept.
pub const KEEP_ACTIVITIES: Duration = Duration::from_secs(30 * 24 * 3_600);

/// How long the store keeps its own copies of lanes' checkpoints, one for each second in which something was committed,
/// at up to 4 KB each. A start compares one with the last that is kept elsewhere, which is seconds old unless somebody
/// brought it back.
pub const KEEP_CHECKPOINTS: Duration = Duration::from_secs(24 * 3_600);

/// How long a retired tenant key can still be used after its last wrap was replaced, in case the rewrap is in doubt.
pub const RETIRED_KEY_GRACE: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Wraps replaced in one commit.
pub const REWRAP_BATCH: u32 = 256;

/// Readers of secrets that the store need not be told of again: about 150 bytes each.
pub const READER_CACHE_MAX: u64 = 200_000;

/// Sealed rows kept in memory, in bytes, unless it is set.
pub const ROW_CACHE_BYTES: u64 = 256 * 1024 * 1024;

/// Token records kept in memory.
pub const TOKEN_CACHE_MAX: u64 = 100_000;

/// Sign-ins by device code that wait for approval: anyone can begin one, and each is a few hundred bytes for ten
/// minutes.
pub const DEVICES_WAITING_MAX: usize = 10_000;

/// Groups kept in memory: a row with its members is a few hundred bytes.
pub const GROUP_CACHE_MAX: u64 = 50_000;

/// Principals kept in memory.
pub const PRINCIPAL_CACHE_MAX: u64 = 100_000;

/// Keys whose secret is known without asking the store: about 150 bytes each.
pub const NAME_CACHE_MAX: u64 = 200_000;

/// Groups of a tenant that one caller may see and list. Beyond it a list is refused: it is filtered in memory.
pub const GROUPS_MAX: usize = 10_000;

/// Secrets in all the groups of one page. A page ends before the group that would go over it, unless it is the first.
pub const GROUP_PAGE_SECRETS_MAX: u64 = 20_000;

/// Members that one group may have, all ways together: its row is read and checked whole.
pub const MEMBERS_MAX: usize = 1_000;

/// A virtual account's name in characters.
pub const ACCOUNT_NAME_MAX: usize = 64;

/// How long a repeated POST of a group is taken for the same request, sent again by a client that lost the answer.
pub const REPEATED_WITHIN: Duration = Duration::from_secs(10 * 60);

/// How long a count of readers is told again, and a reader not written again: what leaves the count is a month old, so
/// an hour is soon enough.
pub const READERS_KEPT: Duration = Duration::from_secs(3_600);

/// How far back the readers of a secret are counted.
pub const READERS_SINCE: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Tenants whose unwrapped keys are kept in memory.
pub const KEY_CACHE_MAX: u64 = 10_000;
