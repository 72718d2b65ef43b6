//! How values of the domain lie in columns.

use std::path::{Path, PathBuf};

use rusqlite::{
    Row,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};

use super::{Result, StoreError};
use crate::domain::{ClassId, ClassTable, ReadingKind, Role, Sha256Hash, Unlike};

/// A path: TEXT where it is UTF-8, else the system's bytes as a BLOB.
pub(super) struct PathText(pub PathBuf);

impl PathText {
    pub(super) fn of(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl ToSql for PathText {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        if let Some(text) = self.0.to_str() {
            return Ok(ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())));
        }
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_os_str().as_bytes())))
        }
        #[cfg(not(unix))]
        Err(rusqlite::Error::ToSqlConversionFailure("a path that is not Unicode cannot be stored here".into()))
    }
}

impl FromSql for PathText {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(_) => Ok(Self(PathBuf::from(value.as_str()?))),
            #[cfg(unix)]
            ValueRef::Blob(bytes) => {
                use std::os::unix::ffi::OsStrExt;
                Ok(Self(PathBuf::from(std::ffi::OsStr::from_bytes(bytes))))
            }
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// The kind of a reading, by its name.
pub(super) fn kind_of(row: &Row<'_>, column: usize) -> rusqlite::Result<ReadingKind> {
    Ok(ReadingKind::of_name(row.get_ref(column)?.as_str()?).ok_or(FromSqlError::InvalidType)?)
}

/// How unlike: the score and whether it is flagged, in two columns, both NULL where the network cannot say.
pub(super) fn unlike_columns(unlike: Option<Unlike>) -> (Option<f64>, Option<bool>) {
    unlike.map(|u| (f64::from(u.score), u.flagged)).unzip()
}

/// The same back, from column `first` and the one behind it.
pub(super) fn unlike_of(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Unlike>> {
    let flagged = row.get::<_, Option<bool>>(first + 1)?.unwrap_or(false);
    Ok(row.get::<_, Option<f64>>(first)?.map(|score| Unlike { score: score as f32, flagged }))
}

/// A digest: a BLOB of 32 bytes.
pub(super) struct HashBlob(pub Sha256Hash);

impl ToSql for HashBlob {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0.0)))
    }
}

impl FromSql for HashBlob {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(|bytes| Self(Sha256Hash(bytes)))
    }
}

/// The class of a stored code.
pub(super) fn class_of(table: &ClassTable, code: &str) -> Result<ClassId> {
    table.by_code(code).ok_or_else(|| StoreError::UnknownClass { code: code.to_owned() })
}

/// A role as it is written in class tables.
pub(super) fn role_name(role: Role) -> &'static str {
    match role {
        Role::WbcNormal => "wbc-normal",
        Role::WbcAbnormal => "wbc-abnormal",
        Role::Nrbc => "nrbc",
        Role::Smudge => "smudge",
        Role::Outside => "outside",
        Role::Unidentified => "unidentified",
    }
}

/// The role of that name.
pub(super) fn role_of(name: &str) -> Result<Role> {
    let all = [Role::WbcNormal, Role::WbcAbnormal, Role::Nrbc, Role::Smudge, Role::Outside, Role::Unidentified];
    all.into_iter().find(|&r| role_name(r) == name).ok_or_else(|| StoreError::Damaged(format!("the role `{name}`")))
}

/// The text without spaces around it.
///
/// # Errors
/// When nothing is left of it.
pub(super) fn said<'a>(what: &'static str, text: &'a str) -> Result<&'a str> {
    Some(text.trim()).filter(|t| !t.is_empty()).ok_or(StoreError::Blank(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_have_names_that_class_tables_use() {
        for role in [Role::WbcNormal, Role::WbcAbnormal, Role::Nrbc, Role::Smudge, Role::Outside, Role::Unidentified] {
            assert_eq!(role_of(role_name(role)).expect("known"), role);
            assert_eq!(serde_json::to_value(role).expect("a name"), role_name(role));
        }
        assert!(role_of("wbc").is_err());
    }
}
