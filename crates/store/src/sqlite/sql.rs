//! How this engine's nouns speak to SQLite: cached statements, errors in the store's own terms, typed cells.
//!
//! Every statement is a constant with numbered parameters (`?1`), in SQL that other engines document as well; nothing
//! is ever spliced into one. Another engine needs only its own spelling of the parameters.

use crate::{
    error::{Noun, StoreError},
    port::Result,
};
use rusqlite::{Connection, Error, ErrorCode, Params, Row, ffi, types::ValueRef};
use subrosa_domain::{
    SealedRow, TenantId, Timestamp, Unverified,
    audit::{Resource, ResourceKind},
};
use subrosa_plant::planted;

/// Runs a statement; says how many rows it touched.
pub(super) fn execute(conn: &Connection, sql: &'static str, params: impl Params) -> Result<usize> {
    conn.prepare_cached(sql).and_then(|mut s| s.execute(params)).map_err(failed)
}

/// Writes exactly one row. None is a [`StoreError::Conflict`], as is a parent that is gone; a collision is
/// [`StoreError::Exists`] of `noun`.
pub(super) fn write_one(
    conn: &Connection,
    noun: Noun,
    sql: &'static str,
    params: impl Params,
) -> Result<()> {
    match conn.prepare_cached(sql).and_then(|mut s| s.execute(params)) {
        Ok(0) => Err(StoreError::Conflict),
        Ok(_) => Ok(()),
        Err(error) => Err(match error.sqlite_error().map(|e| e.extended_code) {
            Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
                StoreError::Exists(noun)
            }
            Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => StoreError::Conflict,
            _ => failed(error),
        }),
    }
}

/// The row a query finds, if it finds one. `what` names it should it not be understood.
pub(super) fn one<T>(
    conn: &Connection,
    what: &'static str,
    sql: &'static str,
    params: impl Params,
    read: impl Fn(&mut Cells<'_, '_>) -> Result<T>,
) -> Result<Option<T>> {
    let mut statement = conn.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(params).map_err(failed)?;
    match rows.next() {
        Err(_) if planted!("read-failure-is-absence") => Ok(None),
        Err(error) => Err(failed(error)),
        Ok(Some(row)) => read(&mut Cells::new(row, what)).map(Some),
        Ok(None) => Ok(None),
    }
}

/// Every row a query finds.
pub(super) fn many<T>(
    conn: &Connection,
    what: &'static str,
    sql: &'static str,
    params: impl Params,
    read: impl Fn(&mut Cells<'_, '_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    until(conn, what, sql, params, |cells| {
        found.push(read(cells)?);
        Ok(false)
    })?;
    Ok(found)
}

/// Hands the rows a query finds to `look`, until it has seen enough.
pub(super) fn until(
    conn: &Connection,
    what: &'static str,
    sql: &'static str,
    params: impl Params,
    mut look: impl FnMut(&mut Cells<'_, '_>) -> Result<bool>,
) -> Result<()> {
    let mut statement = conn.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(params).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        if look(&mut Cells::new(row, what))? {
            break;
        }
    }
    Ok(())
}

/// Hands every sealed row of a tenant that a query finds to `look`, one at a time. One of which not even the id can be
/// read is one that cannot be understood, like any other.
pub(super) fn each<R: SealedRow>(
    conn: &Connection,
    (tenant, kind): (TenantId, ResourceKind),
    sql: &'static str,
    read: impl Fn(&mut Cells<'_, '_>) -> Result<Unverified<R>>,
    mut look: impl FnMut(Unverified<R>),
) -> Result<()> {
    until(conn, kind.word(), sql, [tenant.as_bytes()], |cells| {
        look(match read(cells) {
            Err(StoreError::Corrupt(_)) => {
                Unverified::unreadable(tenant, Resource { kind, id: None, key: None })
            }
            row => row?,
        });
        Ok(false)
    })
}

/// The engine's own failure, in the store's terms.
pub(super) fn failed(error: Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Corrupt("database")
        }
        _ => StoreError::Unavailable(Box::new(error)),
    }
}

/// A counter as SQLite holds it. Nothing that is counted here comes near 2^63.
pub(super) fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A moment as SQLite holds it.
pub(super) fn micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_micros)
}

/// One row, read cell by cell in the order its columns were selected in.
pub(super) struct Cells<'row, 'stmt> {
    row: &'row Row<'stmt>,
    next: usize,
    what: &'static str,
}

impl<'row, 'stmt> Cells<'row, 'stmt> {
    fn new(row: &'row Row<'stmt>, what: &'static str) -> Self {
        Self { row, next: 0, what }
    }

    /// The error for a cell that is not what it should be.
    pub(super) fn corrupt(&self) -> StoreError {
        StoreError::Corrupt(self.what)
    }

    /// A sealed row of so many columns, of which the first two are its tenant's id and its own; of a tenant's row it is
    /// the first. When those can be read and something else cannot, it is a row that is not believed, like any other
    /// that was changed, and whoever reads it can say which.
    pub(super) fn sealed<R: SealedRow>(
        &mut self,
        columns: usize,
        kind: ResourceKind,
        read: impl FnOnce(&mut Self) -> Result<R>,
    ) -> Result<Unverified<R>> {
        let start = self.next;
        let tenant = self.bytes()?;
        let id = if kind == ResourceKind::Tenant { tenant } else { self.bytes()? };
        self.next = start;
        let row = read(self);
        self.next = start + columns;
        match row {
            Err(StoreError::Corrupt(_)) if !planted!("unreadable-row-unrecorded") => {
                let resource = Resource { kind, id: Some(id), key: None };
                Ok(Unverified::unreadable(TenantId::from_bytes(tenant), resource))
            }
            row => row.map(Unverified::new),
        }
    }

    fn cell(&mut self) -> Result<ValueRef<'row>> {
        let cell = self.row.get_ref(self.next).map_err(|_| self.corrupt())?;
        self.next += 1;
        Ok(cell)
    }

    /// The next cell, `None` when it is NULL.
    fn maybe<T>(&mut self, read: impl FnOnce(ValueRef<'row>) -> Option<T>) -> Result<Option<T>> {
        match self.cell()? {
            ValueRef::Null => Ok(None),
            cell => read(cell).map(Some).ok_or_else(|| self.corrupt()),
        }
    }

    fn must<T>(&mut self, read: impl FnOnce(ValueRef<'row>) -> Option<T>) -> Result<T> {
        let cell = self.cell()?;
        read(cell).ok_or_else(|| self.corrupt())
    }

    /// A signed number: a code, mostly.
    pub(super) fn signed(&mut self) -> Result<i64> {
        self.must(|cell| cell.as_i64().ok())
    }

    /// A signed number or NULL.
    pub(super) fn maybe_signed(&mut self) -> Result<Option<i64>> {
        self.maybe(|cell| cell.as_i64().ok())
    }

    /// A number of the unsigned type asked for.
    pub(super) fn uint<T: TryFrom<i64>>(&mut self) -> Result<T> {
        self.must(|cell| T::try_from(cell.as_i64().ok()?).ok())
    }

    /// A number of the unsigned type asked for, or NULL.
    pub(super) fn maybe_uint<T: TryFrom<i64>>(&mut self) -> Result<Option<T>> {
        self.maybe(|cell| T::try_from(cell.as_i64().ok()?).ok())
    }

    /// A moment.
    pub(super) fn time(&mut self) -> Result<Timestamp> {
        self.signed().map(Timestamp::from_micros)
    }

    /// A moment or NULL.
    pub(super) fn maybe_time(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.maybe_signed()?.map(Timestamp::from_micros))
    }

    /// Bytes of a fixed length: an id, a seal, a hash.
    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.must(|cell| cell.as_blob().ok()?.try_into().ok())
    }

    /// Bytes of a fixed length, or NULL.
    pub(super) fn maybe_bytes<const N: usize>(&mut self) -> Result<Option<[u8; N]>> {
        self.maybe(|cell| cell.as_blob().ok()?.try_into().ok())
    }

    /// Bytes of any length.
    pub(super) fn blob(&mut self) -> Result<Box<[u8]>> {
        self.must(|cell| cell.as_blob().ok().map(Into::into))
    }

    /// Bytes of any length, or NULL.
    pub(super) fn maybe_blob(&mut self) -> Result<Option<Box<[u8]>>> {
        self.maybe(|cell| cell.as_blob().ok().map(Into::into))
    }

    /// Text.
    pub(super) fn text(&mut self) -> Result<Box<str>> {
        self.must(|cell| cell.as_str().ok().map(Into::into))
    }

    /// Text or NULL.
    pub(super) fn maybe_text(&mut self) -> Result<Option<Box<str>>> {
        self.maybe(|cell| cell.as_str().ok().map(Into::into))
    }

    /// Text that means something.
    pub(super) fn parsed<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        self.must(|cell| parse(cell.as_str().ok()?))
    }

    /// Text that means something, or NULL.
    pub(super) fn maybe_parsed<T>(
        &mut self,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        self.maybe(|cell| parse(cell.as_str().ok()?))
    }
}
