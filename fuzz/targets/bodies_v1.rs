//! Bodies of our own surface.
#![cfg_attr(fuzzing, no_main)]

use subrosa_api::v1::{
    devices::StartDevice,
    revisions::{Publish, Rollback},
    secrets::{CreateSecret, PatchSecret, Reveal, RevealBatch},
    service_accounts::CreateServiceAccount,
    tenants::CreateTenant,
    tokens::{GenerateToken, RotateToken},
};
use subrosa_fuzz::body;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Some((kind, json)) = data.split_first() else { return };
    match kind % 11 {
        0 => body::<CreateTenant>(json),
        1 => body::<CreateSecret>(json),
        2 => body::<PatchSecret>(json),
        3 => body::<Publish>(json),
        4 => body::<Rollback>(json),
        5 => body::<Reveal>(json),
        6 => body::<RevealBatch>(json),
        7 => body::<CreateServiceAccount>(json),
        8 => body::<GenerateToken>(json),
        9 => body::<RotateToken>(json),
        _ => body::<StartDevice>(json),
    }
}
