"""Signed notes, checkpoints and proofs: read as others write them, refused as nobody does."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from edge_runtime.contract import DISCLAIMER
from edge_runtime.tlog.checkpoint import parse_checkpoint, read_checkpoint
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.examine import read_public_key
from edge_runtime.tlog.key import read_key
from edge_runtime.tlog.note import WITNESS_KEY, VerifierKey, is_signed, parse_key, parse_note
from edge_runtime.tlog.now import checkpoint_now
from edge_runtime.tlog.proof import prove, read_proof

#: The example of C2SP signed-note, with Go's documentation's key.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SAYS = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBt"
    "iFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)  # fmt: skip
GO = json.loads((Path(__file__).parent / "go_tlog.json").read_text("utf-8"))

#: The example of C2SP tlog-cosignature, with its witness.
COSIGNED = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5"
    "IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn"
    "/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)  # fmt: skip


@pytest.mark.parametrize(("key", "note"), [(PETER, SAYS), (GO["key"], GO["note"])])
def test_a_note_that_others_signed_is_verified_and_a_changed_one_is_not(key, note):
    known = parse_key(key)
    assert known.text == key
    assert is_signed(parse_note(note.encode()), known)
    assert parse_note(note.encode()).to_bytes() == note.encode()
    assert is_signed(parse_note(f"x{note[1:]}".encode()), known) is False
    other = VerifierKey("somebody", known.kind, known.public)
    assert is_signed(parse_note(note.encode()), other) is None


def test_the_example_of_a_cosigned_checkpoint_is_read():
    found = parse_checkpoint(COSIGNED.encode())
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert len(found.note.signatures[1].signature) == 8 + 64
    assert int.from_bytes(found.note.signatures[1].signature[:8], "big") == 1679315147


@pytest.mark.parametrize(
    "wrong",
    [
        b"", b"\n", b"a\n1\n\n", b"a\n01\n" + b"A" * 43 + b"=\n\n",
        b"a\n-1\n" + b"A" * 43 + b"=\n\n",
        b"a\n1\nAAAA\n\n", b"\xff\xfe", b"a\x00\n1\n\n", b"a\n" * 70_000,
        b"a\n1\n" + b"A" * 43 + b"=\n\n- b AAAAAAAA\n",
        b"a\n1\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 b AAAA\n",
        b"a\n1\n" + b"A" * 42 + b"B=\n\n", b"a\n99999999999999999\n" + b"A" * 43 + b"=\n\n",
        b"a\n1\n" + b"A" * 43 + b"=\nmore\n\n",
        b"a\n1\n" + b"A" * 43 + b"=\n\n" + b"\xe2\x80\x94 b AAAAAAAA\n" * 65,
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused_in_a_clause(wrong):
    with pytest.raises(ValueError, match=r"^is no "):
        parse_checkpoint(wrong)


@pytest.mark.parametrize(
    "wrong", ["", "a+b", "a+00000000+AQ==", PETER.replace("c7", "c8"), f"+{PETER}"]
)
def test_what_is_no_public_key_is_refused_in_a_clause(wrong):
    with pytest.raises(ValueError, match=r"^holds "):
        parse_key(wrong)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader_of_notes(data):
    said = "is no note"
    try:
        parse_note(data)
    except ValueError as error:
        said = str(error)
    assert said.startswith("is no note")


def test_a_proof_says_what_it_is_for_and_holds_for_its_entry_alone(log, tmp_path):
    stored, checkpoint = checkpoint_now(log)
    file = tmp_path / "a.tlog-proof"
    file.write_bytes(prove(stored, 300, checkpoint))
    found = read_proof(file)
    assert found.holds()
    assert is_signed(found.checkpoint.note, read_public_key(log))
    import base64

    assert DISCLAIMER in base64.b64decode(file.read_text("utf-8").split()[2]).decode()
    lines = file.read_text("utf-8").split("\n")
    lines[2] = "index 299"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert not read_proof(file).holds()


@pytest.mark.parametrize("damage", [b"", b"c2sp.org/tlog-proof@v1\n", b"\xff", b"index 1\n\n"])
def test_what_is_no_proof_is_refused_in_a_sentence(tmp_path, damage):
    (tmp_path / "p").write_bytes(damage)
    with pytest.raises(LogInvalidError, match="no proof of an entry"):
        read_proof(tmp_path / "p")


@pytest.mark.parametrize("length", [2, 62, 66, 78])
def test_a_salt_of_another_length_opens_a_proof_as_nothing(log, tmp_path, length):
    """One that has the begin of the thing too would open it as what is left of that."""
    content = b"record 299"
    salt = read_key(log).salts.commit(content)[1].hex()
    stored, checkpoint = checkpoint_now(log)
    file = tmp_path / "a.tlog-proof"
    file.write_bytes(prove(stored, 300, checkpoint, salt=salt))
    found = read_proof(file)
    assert found.is_of(content)
    longer = (salt + content.hex())[:length]
    with pytest.raises(ValueError, match="has a salt that isn't one"):
        replace(found, salt=longer)
    file.write_bytes(prove(stored, 300, checkpoint, salt=longer))
    with pytest.raises(LogInvalidError, match="no proof of an entry"):
        read_proof(file)


def test_no_bit_of_a_proof_can_be_flipped_and_hold_as_signed(log, tmp_path):
    stored, checkpoint = checkpoint_now(log)
    proof, key, file = prove(stored, 340, checkpoint), read_public_key(log), tmp_path / "p"
    held = 0
    for at in range(0, 8 * len(proof), 7):
        changed = bytearray(proof)
        changed[at // 8] ^= 1 << at % 8
        file.write_bytes(changed)
        try:
            found = read_proof(file)
            same = found.entry == read_proof_of(proof, tmp_path).entry
            held += found.holds() and is_signed(found.checkpoint.note, key) is True and not same
        except LogInvalidError:
            continue
    assert held == 0


def read_proof_of(data, folder):
    (folder / "whole").write_bytes(data)
    return read_proof(folder / "whole")


def test_a_checkpoint_that_lost_its_last_line_feed_is_read(log, tmp_path):
    text = (log / "checkpoint").read_bytes()
    (tmp_path / "typed").write_bytes(text.rstrip())
    assert read_checkpoint(tmp_path / "typed").root == read_checkpoint(log).root
    assert WITNESS_KEY == 4
