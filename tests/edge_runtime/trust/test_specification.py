"""What OpenSSF Model Signing 1.0 asks of the method `key`, rebuilt from its text case by case.

The cases are those that the draft of the specification's conformance suite (TEST_CASES.md) lists
for this method. Its files aren't here: each is made anew from the section that is named, and signed
with a key of the test. What the reference itself signed is in test_model_signing.py.
"""

import base64
import hashlib
import json

import pytest

from edge_runtime.contract import SIGNATURE
from edge_runtime.trust.envelope import signed_bytes
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.private_keys import signature_of
from edge_runtime.trust.sign import sign_folder
from edge_runtime.trust.signed_file import read_signed_file
from edge_runtime.trust.statement import read_statement
from edge_runtime.trust.verify import verify_folder

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # FIPS 180-4
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
ROOT = "bddbdf7e9df02f902ee5dd61b2b513d7566a2112ff97db7dc3b6d184a43ef0e3"
"""6.5.1 of the two: printf EMPTY ABC | xxd -r -p | sha256sum."""


@pytest.fixture
def model(tmp_path):
    """Two files whose digests the standard of SHA-256 tells."""
    folder = tmp_path / "my-model"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.json").write_bytes(b"")
    (folder / "sub" / "b.bin").write_bytes(b"abc")
    return folder


def statement(**serialization):
    """Write a statement as sections 5 and 6.6 have it, as another program would."""
    how = {"method": "files", "hash_type": "sha256", "allow_symlinks": False}
    files = [("a.json", EMPTY), ("sub/b.bin", ABC)]
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "my-model", "digest": {"sha256": ROOT}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {
            "resources": [{"name": n, "algorithm": "sha256", "digest": d} for n, d in files],
            "serialization": {**how, **serialization},
        },
    }


def bundle(key, said, **material):
    """Write a bundle as section 4 has it, around what the key signs."""
    payload = json.dumps(said, indent=1).encode()
    signature = signature_of(key.private, payload)
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": material or {"publicKey": {"hint": hint(key)}},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": base64.b64encode(signature).decode()}],
        },
    }


def hint(key):
    return hashlib.sha256(key.public.read_bytes()).hexdigest()


def verified(model, key, made):
    (model / SIGNATURE).write_text(json.dumps(made))
    return verify_folder(model, key.trusted).digests


def with_raw_bytes(key, said):
    """Write the key itself, as bundles before 1.1 did (11.1)."""
    raw = base64.b64encode(key.public.read_bytes()).decode()
    return bundle(key, said, publicKey={"rawBytes": raw, "keyDetails": "PKIX_ECDSA_P256_SHA_256"})


def with_key_id(key, said, key_id):
    made = bundle(key, said)
    made["dsseEnvelope"]["signatures"][0]["keyid"] = key_id
    return made


def with_entries(key, said):
    return bundle(key, said, publicKey={"hint": hint(key)}, tlogEntries=[])


def called(key, said):
    said["subject"][0]["name"] = "model"
    return bundle(key, said)


def with_more(key, said):
    """Write fields of a resource that verifiers must pass over (5.2.1)."""
    said["predicate"]["resources"][0]["annotations"] = {"x": 1}
    return bundle(key, said)


VARIANTS = {
    "hint (4.1)": bundle,
    "rawBytes (11.1)": with_raw_bytes,
    "keyid empty (4.1)": lambda key, said: with_key_id(key, said, ""),
    "keyid null (4.1)": lambda key, said: with_key_id(key, said, None),
    "tlogEntries empty (4.1)": with_entries,
    "another subject's name (6.5)": called,
    "more in a resource (5.2.1)": with_more,
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_bundle_of_each_form_that_verifiers_must_take_is_taken(model, key, variant):
    found = verified(model, key, VARIANTS[variant](key, statement()))
    assert found == {"a.json": EMPTY, "sub/b.bin": ABC}


def test_what_is_ignored_is_the_exact_path_and_what_lies_below_it(model, key):
    """Sections 6.2 and 6.2.1."""
    made = bundle(key, statement(ignore_paths=["cache", ".git", SIGNATURE]))
    (model / "cache").mkdir()
    (model / "cache" / "deep").write_bytes(b"x")
    assert verified(model, key, made)
    (model / "sub" / "cache").write_bytes(b"x")
    with pytest.raises(BundleUntrustedError, match="sub/cache wasn't signed"):
        verified(model, key, made)


def without(path):
    def spoil(said):
        *above, last = path
        for part in above:
            said = said[part]
        del said[last]

    return spoil


def put(path, value):
    def spoil(said):
        *above, last = path
        for part in above:
            said = said[part]
        said[last] = value

    return spoil


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (put(["_type"], "https://in-toto.io/Statement/v0.1"), "not 'https://model_signing"),  # 8.3
        (put(["predicateType"], "https://slsa.dev/provenance/v1"), "says 'https://slsa"),  # 5.1
        (put(["predicateType"], "https://model_signing/Digests/v0.1"), "Digests"),  # 11, as it may
        (put(["predicate", "resources"], []), "names 0 files"),  # 5.2.1
        (without(["predicate", "serialization"]), "lacks 'predicate.serialization'"),  # 5.2.2
        (without(["predicate", "serialization", "method"]), "lacks 'predicate.serial"),  # 5.2.2
        (put(["predicate", "serialization", "method"], "shards"), "by parts of files"),  # 6.3.2
        (put(["predicate", "serialization", "hash_type"], "blake3"), "without SHA-256"),  # 7
        (put(["predicate", "resources", 0, "name"], "../a.json"), "in no folder"),  # 6.1.2
        (put(["predicate", "resources", 0, "digest"], "0" * 64), "isn't theirs"),  # 6.5.1
    ],
)
def test_a_statement_that_the_specification_refuses_is_refused(model, key, spoil, match):
    said = statement()
    spoil(said)
    with pytest.raises(BundleUntrustedError, match=match):
        verified(model, key, bundle(key, said))


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (put(["mediaType"], "application/json"), "is of the type"),  # 8.1
        (put(["dsseEnvelope", "payloadType"], "application/json"), "signs 'application/json'"),
        (put(["dsseEnvelope", "signatures"], []), "has 0 signatures"),  # 8.2
        (put(["verificationMaterial"], {"certificate": {"rawBytes": "AA=="}}), "certificate"),
        (put(["verificationMaterial"], {"x509CertificateChain": {}}), "certificate"),  # 4.1
        (without(["dsseEnvelope"]), "lacks 'dsseEnvelope'"),
    ],
)
def test_a_bundle_that_the_specification_refuses_is_refused(model, key, spoil, match):
    made = bundle(key, statement())
    spoil(made)
    with pytest.raises(BundleUntrustedError, match=match):
        verified(model, key, made)


def test_a_key_that_isnt_trusted_is_refused(model, key, other):
    with pytest.raises(BundleUntrustedError, match="trusted is"):
        verified(model, key, bundle(other, statement()))


def test_what_is_signed_here_is_as_the_specification_asks(model, key):
    """4.1 (a hint), 5.2.2 (no shard_size), 6.1.2 and 6.4 (names), 6.5 (subject), 6.7 (DSSE)."""
    (model / "sub" / "模型 (1).bin").write_bytes(b"abc")
    (model / ".env.example").write_bytes(b"")
    sign_folder(model, key.private)
    made = json.loads((model / SIGNATURE).read_bytes())
    said = json.loads(base64.b64decode(made["dsseEnvelope"]["payload"]))
    named = [each["name"] for each in said["predicate"]["resources"]]
    assert made["verificationMaterial"]["publicKey"] == {"hint": hint(key)}
    assert named == [".env.example", "a.json", "sub/b.bin", "sub/模型 (1).bin"]
    assert said["subject"][0]["name"] == "my-model"
    assert "shard_size" not in said["predicate"]["serialization"]
    assert {each["algorithm"] for each in said["predicate"]["resources"]} == {"sha256"}
    joined = b"".join(bytes.fromhex(each["digest"]) for each in said["predicate"]["resources"])
    assert said["subject"][0]["digest"] == {"sha256": hashlib.sha256(joined).hexdigest()}
    assert signed_bytes(b"{}") == b"DSSEv1 28 application/vnd.in-toto+json 2 {}"
    assert read_statement(read_signed_file(model / SIGNATURE).payload).digests["a.json"] == EMPTY


def test_signing_twice_says_the_same(model, key):
    """Section 10: names and digests are the same each time."""
    said = []
    for _ in range(2):
        sign_folder(model, key.private, replace=True)
        said.append(read_signed_file(model / SIGNATURE).payload)
    assert said[0] == said[1]
