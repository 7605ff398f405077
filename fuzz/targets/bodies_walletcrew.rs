//! Bodies of the walletcrew surface.
#![cfg_attr(fuzzing, no_main)]

use subrosa_api::walletcrew::{
    api_keys::{CreateApiKey, PatchApiKey, ReplaceApiKey},
    secrets::PutSecret,
};
use subrosa_fuzz::body;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Some((kind, json)) = data.split_first() else { return };
    match kind % 4 {
        0 => body::<CreateApiKey>(json),
        1 => body::<ReplaceApiKey>(json),
        2 => body::<PatchApiKey>(json),
        _ => body::<PutSecret>(json),
    }
}
