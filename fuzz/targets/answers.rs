//! What a server answers, as the client reads it: read and written, it reads the same.
#![cfg_attr(fuzzing, no_main)]

use serde::{Serialize, de::DeserializeOwned};
use subrosa_api::{
    Problem,
    v1::{audit::AuditEvent, page::Page, secrets::Secret, tokens::Token},
};

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Some((kind, json)) = data.split_first() else { return };
    match kind % 4 {
        0 => again::<Problem>(json),
        1 => again::<Page<Secret>>(json),
        2 => again::<Vec<Token>>(json),
        _ => again::<Page<AuditEvent>>(json),
    }
}

fn again<T: Serialize + DeserializeOwned>(json: &[u8]) {
    let Ok(read) = serde_json::from_slice::<T>(json) else { return };
    let written = serde_json::to_string(&read).unwrap_or_default();
    let again = serde_json::from_str::<T>(&written);
    let again = again.ok().and_then(|again| serde_json::to_string(&again).ok());
    assert_eq!(again, Some(written), "it changed on the way");
}
