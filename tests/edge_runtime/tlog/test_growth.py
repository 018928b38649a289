"""A file alone proves to who kept an older checkpoint that the log only grew since."""

import json

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER
from edge_runtime.tlog.checkpoint import read_checkpoint
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.growth import prove_growth, read_growth
from edge_runtime.tlog.stored import StoredLog
from tests.edge_runtime.tlog.conftest import add, contents
from tests.edge_runtime.tlog.test_attacks import ATTACKS, entries_of, rewrite


def run(*arguments):
    ran = CliRunner().invoke(main, [*map(str, arguments)])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran


@pytest.fixture
def proof(log, older, tmp_path):
    """Of the log's 341 entries, since its 41."""
    file = tmp_path / "proof"
    data = prove_growth(StoredLog(log), read_checkpoint(older[0]), read_checkpoint(log))
    file.write_bytes(data)
    return file


def verified(proof, older, log, *options):
    return run("log", "verify", proof, "--checkpoint", older, "--key", log / "log.pub", *options)


def test_who_kept_a_checkpoint_needs_no_log(log, older, tmp_path):
    ran = run("log", "prove", log, "--since", older[0], "--out", tmp_path / "proof")
    assert ran.exit_code == 0, ran.output
    assert "the log of 341 entries begins with the 41 of" in ran.stdout
    assert DISCLAIMER in ran.stderr
    (tmp_path / "log.pub").write_bytes((log / "log.pub").read_bytes())
    log.rename(tmp_path / "gone")
    ran = verified(tmp_path / "proof", older[0], tmp_path)
    assert ran.exit_code == 0, ran.output
    assert "begins with the 41 of" in ran.stdout
    assert DISCLAIMER in ran.stderr
    told = json.loads(verified(tmp_path / "proof", older[0], tmp_path, "--json").stdout)
    assert (told["before"], told["size"], told["disclaimer"]) == (41, 341, DISCLAIMER)


def test_it_is_what_a_witness_is_sent(proof, log):
    """The body of C2SP tlog-witness, section add-checkpoint."""
    head, checkpoint = proof.read_text("utf-8").split("\n\n", 1)
    first, *hashes = head.split("\n")
    assert first == "old 41"
    assert 0 < len(hashes) <= 63
    assert {len(each) for each in hashes} == {44}
    assert checkpoint.encode() == (log / "checkpoint").read_bytes()


def test_every_size_that_a_log_had_is_proved(tmp_path):
    kept = {}
    for count in (0, 1, 2, 3, 250, 10, 300):
        add(tmp_path / "log", contents(count, 1000 * len(kept)))
        found = read_checkpoint(tmp_path / "log")
        kept[found.size] = found
    stored = StoredLog(tmp_path / "log")
    assert stored.size > 512
    for each in kept.values():
        (tmp_path / "p").write_bytes(prove_growth(stored, each, found))
        assert read_growth(tmp_path / "p").why_not(each) == ""


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_log_that_was_resealed_gives_no_proof(log, older, tmp_path, attack):
    before = (log / "checkpoint").read_bytes()
    (tmp_path / "newest").write_bytes(before)
    rewrite(log, ATTACKS[attack](entries_of(log)))
    ran = run("log", "prove", log, "--since", tmp_path / "newest", "--out", tmp_path / "p")
    assert ran.exit_code == 1
    assert "it isn't what it was at" in ran.stderr
    assert not (tmp_path / "p").exists()


def test_another_log_gives_no_proof(log, older, tmp_path):
    add(tmp_path / "other", contents(400))
    ran = run("log", "prove", tmp_path / "other", "--since", older[0], "--out", tmp_path / "p")
    assert ran.exit_code == 1
    assert "name a checkpoint of this one" in ran.stderr


@pytest.mark.parametrize("line", range(1, 4))
def test_a_hash_that_was_changed_proves_nothing(proof, older, log, line):
    lines = proof.read_text("utf-8").split("\n")
    lines[line] = ("A" if lines[line][0] != "A" else "B") + lines[line][1:]
    proof.write_text("\n".join(lines), "utf-8")
    ran = verified(proof, older[0], log)
    assert ran.exit_code == 1
    assert "was changed since" in ran.stderr


def test_it_is_of_one_older_checkpoint_of_one_log(proof, older, log, tmp_path):
    ran = verified(proof, older[1], log)
    assert ran.exit_code == 1
    assert "it begins with 41 entries, and" in ran.stderr
    add(tmp_path / "other", contents(40))
    ran = verified(proof, tmp_path / "other" / "checkpoint", log)
    assert ran.exit_code == 1
    assert "it is of the log" in ran.stderr


def test_both_checkpoints_must_be_signed_by_the_log(proof, older, log, tmp_path):
    add(tmp_path / "other", contents(4))
    ran = verified(proof, older[0], tmp_path / "other")
    assert ran.exit_code == 1
    assert "wasn't signed by the key" in ran.stderr
    text = older[0].read_text("utf-8")
    older[0].write_text(text[: text.index("\n\n") + 2], "utf-8")
    ran = verified(proof, older[0], log)
    assert ran.exit_code == 1
    assert f"{older[0]}: it wasn't signed by the key" in ran.stderr
    older[0].write_text(text, "utf-8")
    whole = proof.read_text("utf-8")
    proof.write_text(whole[: whole.rindex("\n\n") + 2], "utf-8")
    ran = verified(proof, older[0], log)
    assert ran.exit_code == 1
    assert f"{proof}: it wasn't signed by the key" in ran.stderr


def test_the_older_checkpoint_may_have_to_be_witnessed(proof, older, log, tmp_path):
    for name in ("w", "other"):
        run("keygen", tmp_path / name, "--kind", "Ed25519", "--no-passphrase")
    options = ("--key", tmp_path / "w", "--out", tmp_path / "signed")
    assert run("log", "witness", log, *options).exit_code == 0
    made = run("log", "prove", log, "--since", tmp_path / "signed", "--out", tmp_path / "p")
    assert made.exit_code == 0
    witness = ("--witness", tmp_path / "w.pub")
    assert verified(tmp_path / "p", tmp_path / "signed", log, *witness).exit_code == 0
    for file, kept, name in (("p", "signed", "other.pub"), ("proof", "older", "w.pub")):
        ran = verified(tmp_path / file, tmp_path / kept, log, "--witness", tmp_path / name)
        assert ran.exit_code == 1
        assert "wasn't signed by the witness" in ran.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("old 41", "old 041"), "no proof that a log only grew"),
        (lambda text: text.replace("old 41", "old x"), "no proof that a log only grew"),
        (lambda text: text.replace("old 41\n", "old 41\nAA==\n"), "no proof that a log only grew"),
        (lambda text: text.replace("old 41\n", f"old 41\n{'A' * 43}=\n" * 64), "no proof that"),
        (lambda text: text.replace("\n\n", "\n", 1), "no proof that a log only grew"),
        (lambda text: "old 41\n\n", "no proof that a log only grew"),
        (lambda text: "old " + "9" * (1 << 18), "more than"),
        (lambda text: "new" + text, "no proof of an entry"),
    ],
)
def test_what_is_no_proof_is_said(proof, older, log, change, said):
    proof.write_text(change(proof.read_text("utf-8")), "utf-8")
    with pytest.raises(LogInvalidError):
        read_growth(proof)
    options = () if said == "no proof of an entry" else ("--checkpoint", older[0])
    ran = run("log", "verify", proof, "--key", log / "log.pub", *options)
    assert ran.exit_code == 1
    assert said in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("prove", "{log}", "--out", "{p}"), "name an ENTRY, or --since"),
        (("prove", "{log}", "3", "--since", "{old}", "--out", "{p}"), "name an ENTRY, or --since"),
        (("prove", "{log}", "--since", "{old}", "--records", "{p}", "--out", "{p}"), "--records"),
        (("verify", "{proof}", "--key", "{log}"), "this proof needs --checkpoint"),
        (("verify", "{proof}", "--checkpoint", "{old}"), "--key is missing"),
        (
            ("verify", "{proof}", "--key", "{log}", "--checkpoint", "{old}", "--records", "{p}"),
            "--records is for a log",
        ),
    ],
)
def test_what_does_not_go_together_is_said(proof, older, log, tmp_path, arguments, said):
    names = {"log": log, "old": older[0], "proof": proof, "p": tmp_path / "p"}
    ran = run("log", *(each.format(**names) for each in arguments))
    assert ran.exit_code == 2
    assert said in ran.stderr
