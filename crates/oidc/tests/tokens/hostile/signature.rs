//! Signatures by nobody, by somebody else, of something else, or nearly right.

use super::{Edit, Made, Row, row};
use crate::{
    draft::Draft,
    signer::{attackers, b64, neighbours, ours},
};
use subrosa_oidc::Refusal;

const EC: &[&str] = &["ES256"];
const RSA: &[&str] = &["RS256", "PS256"];
const ED: &[&str] = &["EdDSA"];

/// The order of P-256.
const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

/// The order of Ed25519's group, least byte first.
const ED_ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

type Change = fn(Vec<u8>) -> Vec<u8>;

pub(super) fn rows() -> Vec<Row> {
    [bytes(), elliptic(), rsa(), edwards(), transplants()].into_iter().flatten().collect()
}

fn changed(name: &str, change: Change) -> Row {
    row(format!("signature: {name}"), Refusal::Signature, move |draft| {
        draft.signature = Some(Box::new(change));
    })
}

fn bytes() -> Vec<Row> {
    vec![
        changed("its first bit turned", |mut signed| {
            signed[0] ^= 0x80;
            signed
        }),
        changed("its last bit turned", |mut signed| {
            *signed.last_mut().unwrap() ^= 1;
            signed
        }),
        changed("a bit in its middle turned", |mut signed| {
            let middle = signed.len() / 2;
            signed[middle] ^= 4;
            signed
        }),
        changed("cut by a byte", |mut signed| {
            signed.pop();
            signed
        }),
        changed("cut by a byte at its front", |signed| signed[1..].to_vec()),
        changed("cut to half", |signed| signed[..signed.len() / 2].to_vec()),
        changed("cut to a byte", |signed| signed[..1].to_vec()),
        changed("a zero after it", |signed| [signed, vec![0]].concat()),
        changed("a zero before it", |signed| [vec![0], signed].concat()),
        changed("itself twice", |signed| [signed.clone(), signed].concat()),
        changed("backwards", |signed| signed.into_iter().rev().collect()),
        changed("all zeros", |signed| vec![0; signed.len()]),
        changed("all ones", |signed| vec![0xff; signed.len()]),
        changed("one", |signed| {
            let mut one = vec![0; signed.len()];
            *one.last_mut().unwrap() = 1;
            one
        }),
        changed("in base64 once more", |signed| b64(&signed).into_bytes()),
    ]
}

fn elliptic() -> Vec<Row> {
    let mut rows: Vec<Row> = [
        changed("r is zero", |signed| [&[0; 32], &signed[32..]].concat()),
        changed("s is zero", |signed| [&signed[..32], &[0; 32]].concat()),
        changed("both are the order", |_| [hex(P256_ORDER), hex(P256_ORDER)].concat()),
        changed("r is the order", |signed| [&hex(P256_ORDER), &signed[32..]].concat()),
        changed("s is the order", |signed| [&signed[..32], &hex(P256_ORDER)].concat()),
        changed("swapped halves", |signed| [&signed[32..], &signed[..32]].concat()),
        changed("r twice", |signed| [&signed[..32], &signed[..32]].concat()),
        changed("in DER", |signed| der(&signed[..32], &signed[32..])),
        changed("of P-384's length", |signed| wide(&signed, 48)),
        changed("of P-521's length", |signed| wide(&signed, 66)),
    ]
    .into_iter()
    .map(|row| row.only(EC))
    .collect();
    rows.push(
        row("signature: by a key of P-384", Refusal::Signature, |draft| {
            draft.signed_by(ours("ES384"))
        })
        .only(EC),
    );
    rows
}

fn rsa() -> Vec<Row> {
    let mut rows = Vec::new();
    for other in ["RS384", "RS512", "PS384", "PS512"] {
        let change = move |draft: &mut Draft| draft.signs_as = other;
        rows.push(
            row(format!("signature: truly, but as {other}"), Refusal::Signature, change).only(RSA),
        );
    }
    rows.push(
        row("signature: the modulus", Refusal::Signature, |draft| {
            let modulus = draft.signer.public();
            draft.signature = Some(Box::new(move |_| modulus.clone()));
        })
        .only(RSA),
    );
    rows.push(
        row("signature: the modulus less itself", Refusal::Signature, |draft| {
            let modulus = draft.signer.public();
            draft.signature = Some(Box::new(move |signed| minus(&modulus, &signed)));
        })
        .only(RSA),
    );
    rows
}

fn edwards() -> Vec<Row> {
    vec![
        // The same point by another number: who keeps a list of signatures would not find it there.
        row("signature: its second half plus the order", Refusal::Signature, |draft| {
            draft.signature = Some(Box::new(|mut signed| {
                let mut carry = 0_u16;
                for (byte, order) in signed[32..].iter_mut().zip(hex(ED_ORDER)) {
                    let sum = u16::from(*byte) + u16::from(order) + carry;
                    *byte = sum.to_le_bytes()[0];
                    carry = sum >> 8;
                }
                signed
            }));
        })
        .only(ED),
        row("signature: the neutral point and zero", Refusal::Signature, |draft| {
            draft.signature = Some(Box::new(|_| [vec![1], vec![0; 63]].concat()));
        })
        .only(ED),
    ]
}

/// A true signature of something else.
fn transplants() -> Vec<Row> {
    let edits: [(&str, Edit); 6] = [
        ("another subject", |draft| draft.claims.set("sub", "admin")),
        ("a later end", |draft| draft.claims.set("exp", 9_999_999_999_i64)),
        ("another claim", |draft| draft.claims.set("role", "admin")),
        ("the same claims in another order", |draft| {
            draft.claims.remove("jti");
            draft.claims.push_front("jti", "\"b6f1\"");
        }),
        ("a header without its type", |draft| draft.header.remove("typ")),
        ("a header with one more", |draft| draft.header.set("x", 1)),
    ];
    let mut rows: Vec<Row> = edits
        .into_iter()
        .map(|(name, edit)| {
            row(format!("signed, then changed: {name}"), Refusal::Signature, move |draft| {
                let mut edited = Draft::valid(draft.algorithm);
                edit(&mut edited);
                let message = edited.signed_part();
                draft.message = Some(Box::new(move |_| message.clone()));
            })
        })
        .collect();
    let others: [(&str, Made<Vec<u8>>); 4] = [
        ("the claims alone", |draft| b64(draft.claims.text().as_bytes()).into_bytes()),
        ("what the parts decode to", |draft| {
            format!("{}.{}", draft.header.text(), draft.claims.text()).into_bytes()
        }),
        ("the signed part and a dot", |draft| format!("{}.", draft.signed_part()).into_bytes()),
        ("nothing", |_| Vec::new()),
    ];
    rows.extend(others.map(|(name, message)| {
        row(format!("signature: over {name}"), Refusal::Signature, move |draft| {
            let signed = draft.signer.sign(draft.algorithm, &message(draft));
            draft.signature = Some(Box::new(move |_| signed.clone()));
        })
    }));
    rows.push(row("signature: an attacker's under our kid", Refusal::Signature, |draft| {
        draft.signed_by(attackers(draft.algorithm));
    }));
    rows.push(row("signature: a neighbour's under our kid", Refusal::Signature, |draft| {
        draft.signed_by(neighbours(draft.algorithm));
    }));
    let nameless = row("signature: an attacker's under no kid", Refusal::Signature, |draft| {
        draft.signed_by(attackers(draft.algorithm));
    });
    rows.push(nameless.given(|draft| draft.header.remove("kid")));
    rows
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |half: &[u8]| {
        let half = [&[0], half].concat();
        [vec![2, u8::try_from(half.len()).unwrap()], half].concat()
    };
    let both = [integer(r), integer(s)].concat();
    [vec![0x30, u8::try_from(both.len()).unwrap()], both].concat()
}

/// Both halves with zeros before them.
fn wide(signed: &[u8], bytes: usize) -> Vec<u8> {
    let (r, s) = signed.split_at(signed.len() / 2);
    let half = |half: &[u8]| [vec![0; bytes - half.len()], half.to_vec()].concat();
    [half(r), half(s)].concat()
}

fn minus(large: &[u8], small: &[u8]) -> Vec<u8> {
    let mut out = large.to_vec();
    let mut borrow = 0_i16;
    for (byte, less) in out.iter_mut().zip(small).rev() {
        let difference = i16::from(*byte) - i16::from(*less) - borrow;
        borrow = i16::from(difference < 0);
        *byte = difference.to_le_bytes()[0];
    }
    out
}
