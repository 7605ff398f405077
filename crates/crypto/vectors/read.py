#!/usr/bin/env python3
"""Reads the golden vectors with none of the project's code, from docs/reference/key-format.md and audit-format.md alone.

Takes no arguments, needs the package `cryptography` (AES-256-GCM, Ed25519, ML-DSA-44; all else is the standard library), prints how
many cases of each file came out as they say, and exits with 1 at the first that did not. `cargo test` does not run it.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import re
import struct
import sys
import uuid
import zlib

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Refused(Exception):
    """The bytes are not what was written."""


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def hkdf(key, salt, info, length):
    extracted, block, out = mac(salt, key), b"", b""
    for counter in range(1, -(-length // 32) + 1):
        block = mac(extracted, block, info, bytes([counter]))
        out += block
    return out[:length]


def kdf108(key, label, context):
    return mac(key, struct.pack(">I", 1), label, b"\0", context, struct.pack(">I", 256))


def tlv(label, *fields):
    """Fields are (tag, bytes) or (tag, integer); absent ones are (tag, None)."""
    out = b""
    for tag, value in ((0, label.encode()), *fields):
        if value is None:
            continue
        if isinstance(value, int):
            value = struct.pack(">Q", value)
        out += struct.pack(">BI", tag, len(value)) + value
    return out


def gcm_open(key, iv, body, aad):
    try:
        return AESGCM(key).decrypt(iv, body, aad)
    except InvalidTag:
        raise Refused from None


def unwrap_revision_key(case):
    block = case["wrap block"]
    if len(block) != 81 or block[0] != 1:
        raise Refused
    version = struct.unpack(">I", block[1:5])[0]
    if "wrap column" in case and version != case["wrap column"]:
        raise Refused
    if version != case["tenant key version"]:
        raise KeyError(version)
    salt, iv, body = block[5:21], block[21:33], block[33:]
    key = kdf108(case["tenant key"], b"subrosa/1/wrap", salt + case["tenant"])
    aad = tlv(
        "subrosa/1/wrap",
        (1, case["deployment"]),
        (2, case["tenant"]),
        (3, case["secret"]),
        (4, case["revision"]),
        (5, version),
    )
    return gcm_open(key, iv, body, aad)


def open_content(case, kind):
    revision_key = unwrap_revision_key(case)
    block = case["value block"]
    if len(block) < 96 or block[:4] != b"SR\x01\x01":
        raise Refused
    salt, commitment, iv, body = block[4:36], block[36:68], block[68:80], block[80:]
    aad = tlv(
        "subrosa/1/value",
        (1, 1),
        (2, 1),
        (3, case["deployment"]),
        (4, case["tenant"]),
        (5, case["secret"]),
        (6, case["revision"]),
        (7, case["number"]),
        (8, case["tier"]),
        (9, kind),
    )
    derived = hkdf(revision_key, salt, b"subrosa/1/rev" + aad, 64)
    if not hmac.compare_digest(derived[32:], commitment):
        raise Refused
    # The equality check: what a candidate encrypts to is what is stored, if and only if it is the value.
    content = gcm_open(derived[:32], iv, body, aad)
    assert AESGCM(derived[:32]).encrypt(iv, content, aad) == body
    assert AESGCM(derived[:32]).encrypt(iv, content + b"\0", aad) != body
    return content


def envelope(case):
    try:
        assert open_content(case, 1) == case["plaintext"]
        return "opens"
    except Refused:
        return "integrity"
    except KeyError:
        return "unknown key version"


def signing_key(case):
    place = {"secret": case["key id"], "revision": case["key id"], "number": 1, "tier": 5}
    try:
        seed = open_content(case | place, 2)
        if len(seed) != 32:
            raise Refused
        key = Ed25519PrivateKey.from_private_bytes(seed)
        if key.public_key().public_bytes_raw() != case["public"]:
            raise Refused
        assert seed == case["seed"] and key.sign(case["message"]) == case["signature"]
        return "signs"
    except Refused:
        return "integrity"
    except KeyError:
        return "unknown key version"


def wrap(case):
    try:
        assert unwrap_revision_key(case) == case["revision key"]
        return "unwraps"
    except (Refused, KeyError):
        return "refused"


def root_unwrap(root, wrapped, context):
    if len(wrapped) != 61 or wrapped[0] != 1:
        raise Refused
    key = hkdf(root, bytes(32), b"subrosa/1/root/wrap", 32)
    return gcm_open(key, wrapped[1:13], wrapped[13:], context)


def key_context(case, purpose):
    return tlv(
        "subrosa/1/key",
        (1, case["deployment"]),
        (2, purpose),
        (3, case.get("tenant")),
        (4, case["version"]),
    )


def service_key(case):
    if hkdf(case["root"], bytes(32), b"subrosa/1/root/fingerprint", 32) != case["fingerprint"]:
        return "wrong root"
    try:
        if case["row"][0] != 1:
            raise Refused
        key = root_unwrap(case["root"], case["row"][1:], key_context(case, b"service"))
        assert key == case["key"]
        return "unlocks"
    except Refused:
        return "integrity"


def tenant_key(case):
    if case["salt"] == bytes(32):
        return "shredded"
    try:
        row, context = case["row"], key_context(case, b"tenant")
        if len(row) < 29 or row[0] != 1:
            raise Refused
        info = tlv("subrosa/1/shred", (1, case["tenant"]), (2, case["version"]))
        outer = hkdf(case["salt"], bytes(32), info, 32)
        inner = gcm_open(outer, row[1:13], row[13:], context)
        assert root_unwrap(case["root"], inner, context) == case["key"]
        return "unlocks"
    except Refused:
        return "integrity"


def row_seal(case):
    key = kdf108(case["service key"], b"subrosa/1/row-seal", case["tenant"])
    return "holds" if mac(key, case["input"]) == case["seal"] else "broken"


def token(case):
    text = case["token"]
    if not re.fullmatch(r"(sr_pat|sr_sat|tfy)_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}", text):
        return "malformed"
    checksum, rest = "", zlib.crc32(text[:-6].encode())
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        checksum = BASE62[digit] + checksum
    if checksum != text[-6:]:
        return "malformed"
    pepper = kdf108(case["service key"], b"subrosa/1/token-pepper", b"")
    same = mac(pepper, text.encode()) == case["hash"]
    return "accepted" if same and case["pepper version"] == 1 else "refused"


def unbase64(text):
    """RFC 4648, 5, without padding, in its one spelling."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Refused
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise Refused
    return data


def jwt(case):
    text, parts = case["jwt"], case["jwt"].split(".")
    try:
        if len(text) > 8192 or len(parts) != 3:
            raise Refused
        header, claims, signature = map(unbase64, parts)
        kid = str(uuid.UUID(bytes=case["key id"]))
        if header.decode() != f'{{"alg":"EdDSA","typ":"JWT","kid":"{kid}"}}' or len(signature) != 64:
            raise Refused
    except Refused:
        return "not ours"
    try:
        Ed25519PublicKey.from_public_bytes(case["public"]).verify(signature, ".".join(parts[:2]).encode())
    except InvalidSignature:
        return "refused"
    said = {
        "sub": str(uuid.UUID(bytes=case["subject"])),
        "jti": str(uuid.UUID(bytes=case["token id"])),
        "iat": case["issued at"],
        "exp": case["expires at"],
        "tenantName": case["tenant name"],
        "username": case["name"].decode(),
        "subjectType": "serviceaccount",
    }
    return "accepted" if claims == json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode() else "refused"


def chain_link(case):
    head = b"\x01" + struct.pack(">IQ", case["lane"], case["seq"]) + case["previous"]
    event = case["event"]
    link = hashlib.sha256(head + struct.pack(">I", len(event)) + event).digest()
    return "holds" if link == case["link"] else "broken"


def chain_head(case):
    key = kdf108(case["service key"], b"subrosa/1/audit-head", case["tenant"])
    record = tlv(
        "subrosa/1/audit-head",
        (1, case["tenant"]),
        (2, case["lane"]),
        (3, case["seq"]),
        (4, case["hash"]),
        (5, case["time"]),
    )
    return "holds" if mac(key, record) == case["seal"] else "broken"


TEXT = {"case", "checkpoint key", "expect", "token", "key prefix", "jwt", "tenant name"}
DECIMAL = {"number", "tier", "version", "tenant key version", "wrap column", "pepper version", "lane", "seq", "time"}
DECIMAL |= {"issued at", "expires at", "signatures"}


def checkpoint_key(case):
    name = b"subrosa/" + str(uuid.UUID(bytes=case["deployment"])).encode()
    seed = kdf108(case["service key"], b"subrosa/1/checkpoint", b"")
    first = Ed25519PrivateKey.from_private_bytes(seed)
    parts = [(b"\x01", first.public_key().public_bytes_raw())]
    if case["signatures"] == 2:
        seed = kdf108(case["service key"], b"subrosa/1/checkpoint-ml-dsa-44", b"")
        second = MLDSA44PrivateKey.from_seed_bytes(seed)
        parts.append((b"\xffsubrosa/1/ml-dsa-44", second.public_key().public_bytes_raw()))
    ids = [hashlib.sha256(name + b"\n" + kind + key).digest()[:4] for kind, key in parts]
    keys = [
        b"+".join([name, id.hex().encode(), base64.b64encode(kind + key)]) for id, (kind, key) in zip(ids, parts)
    ]
    line = "\u2014 ".encode() + name + b" " + base64.b64encode(ids[0] + first.sign(case["text"])) + b"\n"
    same = b" ".join(keys).decode() == case["checkpoint key"] and case["text"] + b"\n" + line == case["note"]
    return "signs" if same else "does not sign"


def cases(path):
    for block in path.read_text().split("\n\n"):
        case = {}
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            field, _, value = line.partition(":")
            value = value.strip()
            case[field] = value if field in TEXT else int(value) if field in DECIMAL else bytes.fromhex(value)
        if case:
            yield case


def main():
    keys = (service_key, tenant_key, signing_key, checkpoint_key)
    for check in (envelope, wrap, *keys, row_seal, token, jwt, chain_link, chain_head):
        path = pathlib.Path(__file__).with_name(check.__name__.replace("_", "-") + ".txt")
        count = 0
        for case in cases(path):
            outcome = check(case)
            if outcome != case["expect"]:
                sys.exit(f"{path.name}: {case['case']}: {outcome}, expected {case['expect']}")
            count += 1
        print(f"{path.name}: {count} cases")
        if count == 0:
            sys.exit(f"{path.name} is empty")


if __name__ == "__main__":
    main()
