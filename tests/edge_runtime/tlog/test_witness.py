"""A second person's key stands for a log that only grew, and for no other."""

import shutil

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER
from edge_runtime.tlog.checkpoint import read_checkpoint
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.examine import examine
from edge_runtime.tlog.note import is_signed
from edge_runtime.tlog.witness import witness, witness_key
from edge_runtime.trust.private_keys import make_key, open_key, read_private_key
from tests.edge_runtime.tlog.conftest import add, contents
from tests.edge_runtime.tlog.test_attacks import ATTACKS, entries_of, rewrite


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    file = tmp_path_factory.mktemp("stick") / "key"
    make_key(file, None, kind="Ed25519")
    return open_key(file, read_private_key(file), None)


def run(*arguments):
    ran = CliRunner().invoke(main, [*map(str, arguments)])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran


def test_a_log_that_grows_is_witnessed_again_and_again(log, private, tmp_path):
    memory = tmp_path / "memory"
    first, before = witness(log, private, memory)
    assert before is None
    assert is_signed(first.note, witness_key(private))
    add(log, contents(10, 1000))
    second, before = witness(log, private, memory)
    assert (before.size, second.size) == (341, 351)
    assert is_signed(second.note, witness_key(private))
    assert examine(log, [first, second]).findings == ()
    assert len(list(memory.glob("*.checkpoint"))) == 1


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_log_that_was_resealed_is_not_witnessed(log, private, tmp_path, attack):
    memory = tmp_path / "memory"
    witness(log, private, memory)
    kept = {each: each.read_bytes() for each in memory.iterdir()}
    rewrite(log, ATTACKS[attack](entries_of(log)))
    with pytest.raises(LogInvalidError, match="not signed, as it isn't what it was"):
        witness(log, private, memory)
    assert {each: each.read_bytes() for each in memory.iterdir()} == kept


def test_a_log_under_its_old_name_with_another_key_is_not_witnessed(log, private, tmp_path):
    memory = tmp_path / "memory"
    first, _ = witness(log, private, memory)
    other = tmp_path / "other"
    add(other, contents(400))
    origin = read_checkpoint(other).origin
    for file in (other / "checkpoint", other / "log.pub"):
        file.write_bytes(file.read_bytes().replace(origin.encode(), first.origin.encode()))
    with pytest.raises(LogInvalidError):
        witness(other, private, memory)


def test_a_cosignature_is_of_its_time_and_text(log, private, tmp_path):
    found, _ = witness(log, private, tmp_path / "memory")
    text = found.note.to_bytes()
    signature = found.note.signatures[-1]
    later = signature.signature[:7] + bytes([signature.signature[7] ^ 1]) + signature.signature[8:]
    from msgspec.structs import replace

    changed = replace(found.note, signatures=(replace(signature, signature=later),))
    assert is_signed(changed, witness_key(private)) is False
    assert text.count(b"\xe2\x80\x94") == 2


def test_a_witness_types_three_lines(log, tmp_path):
    assert run("keygen", tmp_path / "w", "--kind", "Ed25519", "--no-passphrase").exit_code == 0
    ran = run("log", "witness", log, "--key", tmp_path / "w", "--out", tmp_path / "signed")
    assert ran.exit_code == 0, ran.output
    assert "for the first time" in ran.stderr
    assert DISCLAIMER in ran.stderr
    (tmp_path / "w.vkey").write_text(ran.stderr.split("public key: ")[1].split()[0], "utf-8")
    options = ("--checkpoint", tmp_path / "signed", "--witness", tmp_path / "w.vkey")
    assert run("log", "verify", log, *options).exit_code == 0
    options = ("--checkpoint", log / "checkpoint", "--witness", tmp_path / "w.vkey")
    ran = run("log", "verify", log, *options)
    assert ran.exit_code == 1
    assert "wasn't signed by the witness" in ran.stderr
    shutil.rmtree(log)
    add(log, contents(3))
    assert "for the first time" in run("log", "witness", log, "--key", tmp_path / "w").stderr


def test_a_witness_is_known_by_the_file_that_keygen_made(log, tmp_path):
    run("keygen", tmp_path / "w", "--kind", "Ed25519", "--no-passphrase")
    run("log", "witness", log, "--key", tmp_path / "w", "--out", tmp_path / "signed")
    options = ("--checkpoint", tmp_path / "signed", "--witness")
    assert run("log", "verify", log, *options, tmp_path / "w.pub").exit_code == 0
    run("keygen", tmp_path / "other", "--kind", "Ed25519", "--no-passphrase")
    ran = run("log", "verify", log, *options, tmp_path / "other.pub")
    assert ran.exit_code == 1
    assert "wasn't signed by the witness" in ran.stderr
    run("keygen", tmp_path / "signer", "--no-passphrase")
    ran = run("log", "verify", log, *options, tmp_path / "signer.pub")
    assert ran.exit_code == 1
    assert "it holds no key of a witness" in ran.stderr


def test_a_log_is_no_witness_of_its_own(log, older):
    ran = run("log", "verify", log, "--checkpoint", older[0], "--witness", log / "log.pub")
    assert ran.exit_code == 1
    assert "it holds the key of a log, not that of a witness" in ran.stderr


def test_an_option_that_would_check_nothing_is_refused(log, older, private, tmp_path):
    (tmp_path / "w").write_text(witness_key(private).text, "utf-8")
    ran = run("log", "verify", log, "--witness", tmp_path / "w")
    assert ran.exit_code == 2
    assert "--witness needs --checkpoint" in ran.stderr
    assert run("log", "prove", log, "3", "--out", tmp_path / "p").exit_code == 0
    check = ("log", "verify", tmp_path / "p", "--key", log, "--checkpoint", older[0])
    ran = run(*check)
    assert ran.exit_code == 2
    assert "--checkpoint is for a log" in ran.stderr
    ran = run(*check, "--witness", tmp_path / "w")
    assert ran.exit_code != 0


def test_a_key_of_another_kind_is_no_witness(log, tmp_path):
    assert run("keygen", tmp_path / "w", "--no-passphrase").exit_code == 0
    ran = run("log", "witness", log, "--key", tmp_path / "w")
    assert ran.exit_code == 1
    assert "keygen --kind Ed25519" in ran.stderr
