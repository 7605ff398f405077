//! The published vectors of Ed25519, through our own wrappers: RFC 8032, 7.1, and RFC 8037, A.4.

use super::ed25519;

struct Published {
    seed: &'static str,
    public: &'static str,
    message: &'static str,
    signature: &'static str,
}

const RFC_8032: [Published; 4] = [
    Published {
        seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        public: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        message: "",
        signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\
                    5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    },
    Published {
        seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        public: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        message: "72",
        signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                    085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    },
    Published {
        seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        public: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        message: "af82",
        signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac\
                    18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    },
    // The message is SHA-512 of "abc".
    Published {
        seed: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        public: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        message: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                  2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        signature: "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589\
                    09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    },
];

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

#[test]
fn the_vectors_of_rfc_8032_come_out_as_published() {
    for (at, vector) in RFC_8032.iter().enumerate() {
        let seed: [u8; 32] = unhex(vector.seed).try_into().unwrap();
        let public = ed25519::public_of(&seed).unwrap();
        assert_eq!(public.to_vec(), unhex(vector.public), "public key {at}");
        let (message, signature) = (unhex(vector.message), unhex(vector.signature));
        let made = ed25519::sign(&seed, &public, &message).unwrap();
        assert_eq!(made.to_vec(), signature, "signature {at}");
        assert!(ed25519::verify(&public, &message, &signature), "{at}");
        for other in RFC_8032.iter().filter(|other| other.seed != vector.seed) {
            let public: [u8; 32] = unhex(other.public).try_into().unwrap();
            assert!(ed25519::sign(&seed, &public, &message).is_err(), "under another public key");
            assert!(!ed25519::verify(&public, &message, &signature), "under another public key");
        }
    }
}

/// The first seed again, as the JWS of RFC 8037: what is signed is the text, as it was sent.
#[test]
fn the_jws_of_rfc_8037_is_signed_as_published() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let seed: [u8; 32] = unhex(RFC_8032[0].seed).try_into().unwrap();
    let public = ed25519::public_of(&seed).unwrap();
    let text = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = ed25519::sign(&seed, &public, text).unwrap();
    let published =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(URL_SAFE_NO_PAD.encode(signature), published);
}
