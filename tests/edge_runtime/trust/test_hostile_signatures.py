"""Files in a signature's place that somebody made to do harm: one sentence each."""

import base64
import json
import random

import pytest

from edge_runtime.contract import SIGNATURE
from edge_runtime.trust.envelope import Envelope, read_envelope, signed_bytes, write_envelope
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.statement import Statement, read_statement, write_statement
from edge_runtime.trust.verify import verify_folder


def edited(change):
    """Make what edits the signature's JSON."""

    def edit(text):
        found = json.loads(text)
        change(found)
        return json.dumps(found).encode()

    return edit


def second_signature(found):
    found["dsseEnvelope"]["signatures"] *= 2


def no_signature(found):
    found["dsseEnvelope"]["signatures"] = []


def certificate(found):
    found["verificationMaterial"] = {"certificate": {"rawBytes": "AA=="}}


def urlsafe(found):
    sig = found["dsseEnvelope"]["signatures"][0]
    sig["sig"] = base64.urlsafe_b64encode(base64.b64decode(sig["sig"]) + b"\xfb\xff").decode()


def blank(found):
    found["dsseEnvelope"]["payload"] = " " + found["dsseEnvelope"]["payload"]


def unread_bits(found):
    found["dsseEnvelope"]["payload"] = base64.b64encode(b"x").decode().replace("eA", "eB")


def number(found):
    found["dsseEnvelope"]["payload"] = 5


def log_entry(found):
    found["verificationMaterial"]["tlogEntries"] = [{}]


def key_name(found):
    found["dsseEnvelope"]["signatures"][0]["keyid"] = "k"


def unknown(found):
    found["dsseEnvelope"]["more"] = 1


def media_type(found):
    found["mediaType"] = "application/vnd.dev.sigstore.bundle.v0.1+json"


def payload_type(found):
    found["dsseEnvelope"]["payloadType"] = "text/plain"


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (lambda text: b"", "is not JSON"),
        (lambda text: b"\0" * 100, "is not JSON"),
        (lambda text: b"\xff\xfe" + text, "is not JSON"),
        (lambda text: b"[]", "is not a JSON object"),
        (lambda text: b"null", "is not a JSON object"),
        (lambda text: b"[" * 200_000, "nested too deeply|is not JSON"),
        (lambda text: text.replace(b"[]", b"[" * 600 + b"]" * 600, 1), "too deeply|public log"),
        (lambda text: text + b" " * (3 << 20), "has more than"),
        (lambda text: text.replace(b'{"hint"', b'{"hint":"","hint"'), "'hint' twice"),
        (lambda text: text.replace(b'"keyid":""', b'"keyid":1e999'), "isn't finite"),
        (edited(second_signature), "has 2 signatures, not one"),
        (edited(no_signature), "has 0 signatures, not one"),
        (edited(certificate), "by a certificate"),
        (edited(urlsafe), "'sig' that isn't base64"),
        (edited(blank), "'payload' that isn't base64"),
        (edited(unread_bits), "'payload' that isn't base64 as it is written"),
        (edited(number), "'dsseEnvelope.payload' that isn't text"),
        (edited(log_entry), "entries of a public log"),
        (edited(key_name), "has a 'keyid'"),
        (edited(unknown), "unknown field"),
        (edited(media_type), "bundle.v0.1"),
        (edited(payload_type), "signs 'text/plain'"),
    ],
)
def test_a_hostile_file_is_refused_in_one_sentence(folder, key, edit, match):
    file = folder / SIGNATURE
    file.write_bytes(edit(file.read_bytes()))
    with pytest.raises(BundleUntrustedError, match=match) as caught:
        verify_folder(folder, key.trusted)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 500 + len(str(folder))


def statement(**changes):
    """Give a whole statement with parts of its predicate changed, as JSON."""
    found = json.loads(write_statement("m", Statement({"a": "0" * 64})))
    for path, value in changes.items():
        at, name = found, path.split("__")
        for part in name[:-1]:
            at = at[int(part)] if part.isdigit() else at[part]
        at[name[-1]] = value
    return json.dumps(found).encode()


RESOURCE = {"name": "a", "algorithm": "sha256", "digest": "0" * 64}


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"predicateType": "https://model_signing/Digests/v0.1"}, "not 'https://model_signing"),
        ({"_type": "https://in-toto.io/Statement/v0.1"}, "not 'https://model_signing"),
        ({"predicate__serialization__method": "shards"}, "by parts of files"),
        ({"predicate__serialization__hash_type": "blake3"}, "by parts of files"),
        ({"predicate__serialization__allow_symlinks": True}, "links allowed"),
        ({"predicate__resources": []}, "names 0 files"),
        ({"predicate__resources": [RESOURCE] * 2}, "names a file twice"),
        ({"predicate__resources": [RESOURCE] * 5000}, "names 5000 files"),
        ({"predicate__resources__0__digest": "0" * 63}, "isn't a SHA-256"),
        ({"predicate__resources__0__digest": "F" * 64}, "isn't a SHA-256"),
        ({"predicate__resources__0__algorithm": "md5"}, "isn't a SHA-256"),
        ({"subject__0__digest": {"sha256": "0" * 64}}, "digest of all files that isn't theirs"),
        ({"subject": []}, "digest of all files that isn't theirs"),
        *(
            ({"predicate__resources__0__name": name}, "in no folder of a model")
            for name in ("../a", "/a", "a/../b", "a//b", "./a", "a/", "", ".", "..", "a\\b", "a\0b")
        ),
    ],
)
def test_a_statement_that_this_version_doesnt_hold_to_is_refused(changes, match):
    with pytest.raises(ValueError, match=match):
        read_statement(statement(**changes))


def test_a_statement_with_more_in_its_predicate_is_read():
    found = read_statement(statement(predicate__more={"x": 1}))
    assert found.digests == {"a": "0" * 64}


def test_an_envelope_is_read_as_it_was_written():
    made = Envelope(b'{"a":1}', b"\x00\xff" * 35, "ab" * 32)
    assert read_envelope(write_envelope(made)) == made


def test_what_is_signed_is_as_the_specification_of_the_envelope_has_it():
    # The example of protocol.md of DSSE 1.0.0 with this payload type in the place of its own.
    assert signed_bytes(b"hello world") == (
        b"DSSEv1 28 application/vnd.in-toto+json 11 hello world"
    )


PUT_IN = (b"null", b"[[[[", b'"\\ud800"', b"1e400", b"\xff", b"")


def spoilt(data, chance):
    """Change a few parts of a text, take them away, or put others of it or of JSON there."""
    spoiling = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(spoiling) + 1), chance.randrange(len(spoiling) + 1)
        put = chance.choice((*PUT_IN, spoiling[other:]))
        spoiling[at : at + chance.randint(0, 30)] = put[:60]
    return bytes(spoiling)


def is_told(read, data):
    """Whether a reader refuses, by the one kind of error that is made a sentence."""
    try:
        read(data)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("read", [read_envelope, read_statement])
def test_whatever_is_spoilt_is_read_or_told_in_a_clause(folder, read):
    chance, whole = random.Random(18), (folder / SIGNATURE).read_bytes()
    data = whole if read is read_envelope else read_envelope(whole).payload
    told = [is_told(read, spoilt(data, chance)) for _ in range(3000)]
    assert sum(told) > 1000
