//! Bodies of the truefoundry surface.
#![cfg_attr(fuzzing, no_main)]

use subrosa_api::truefoundry::{
    groups::{CreateGroup, PutGroup, UpdateGroup},
    manifests::{Apply, Delete},
    oauth::{DeviceAuthorize, TokenRequest},
    personal_tokens::{CreatePersonalToken, CreatePersonalTokenFor, RevokeAll},
    roles::{Authorize, PutBinding, Unauthorize},
    secrets::ListSecrets,
    virtual_accounts::{PutAccount, Regenerate},
};
use subrosa_fuzz::body;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Some((kind, json)) = data.split_first() else { return };
    match kind % 16 {
        0 => body::<Apply>(json),
        1 => body::<Delete>(json),
        2 => body::<CreateGroup>(json),
        3 => body::<PutGroup>(json),
        4 => body::<UpdateGroup>(json),
        5 => body::<ListSecrets>(json),
        6 => body::<PutAccount>(json),
        7 => body::<Regenerate>(json),
        8 => body::<PutBinding>(json),
        9 => body::<Authorize>(json),
        10 => body::<Unauthorize>(json),
        11 => body::<CreatePersonalToken>(json),
        12 => body::<CreatePersonalTokenFor>(json),
        13 => body::<RevokeAll>(json),
        14 => body::<DeviceAuthorize>(json),
        _ => body::<TokenRequest>(json),
    }
}
