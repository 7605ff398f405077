//! Values in JSON: what comes in goes out again the same, and base64 has one spelling.
#![cfg_attr(fuzzing, no_main)]

use subrosa_api::{
    Plaintext, SecretBase64, SecretValue, WireValue, secret_value::one_value, strict::from_slice,
};

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let length = data.len();
    let (text, bytes) = WireValue::from(Plaintext::from_vec(data.to_vec())).into_members();
    assert_eq!(text.is_some(), str::from_utf8(data).is_ok(), "in the other member");
    let text = text.map(|text| serde_json::to_vec(&text).unwrap_or_default());
    let bytes = bytes.map(|bytes| serde_json::to_vec(&bytes).unwrap_or_default());
    let text = text.and_then(|json| from_slice::<SecretValue>(&json).ok());
    let bytes = bytes.and_then(|json| from_slice::<SecretBase64>(&json).ok());
    assert_eq!(one_value(text, bytes).map(|value| value.len()), Ok(length), "it did not come back");
    let Ok(text) = str::from_utf8(data) else { return };
    let json = serde_json::to_string(text).unwrap_or_default();
    if let Ok(value) = from_slice::<SecretBase64>(json.as_bytes()) {
        assert_eq!(serde_json::to_string(&value).ok(), Some(json), "two spellings of one value");
    }
}
