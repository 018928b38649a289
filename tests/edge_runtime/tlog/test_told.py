"""A line on a slip, or what a phone kept, is enough to find out what was done to a log."""

import base64
import contextlib
import shutil

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.tlog.checkpoint import read_checkpoint
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.examine import examine
from edge_runtime.tlog.told import in_groups, parse_told, read_kept, told
from tests.edge_runtime.tlog.conftest import add, contents
from tests.edge_runtime.tlog.test_attacks import ATTACKS, entries_of, rewrite


def run(*arguments):
    ran = CliRunner().invoke(main, [*map(str, arguments)])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran


@pytest.fixture
def lines(older):
    """What slips of then have: of 41 and of 301 entries."""
    kept = map(read_checkpoint, older)
    return [told(each.size, each.root) for each in kept]


def typed(log, line):
    return run("log", "verify", log, "--checkpoint-root", line)


def test_a_line_has_the_size_and_all_digits_of_the_root(older, lines):
    kept = read_checkpoint(older[0])
    assert lines[0].startswith("41: ")
    assert lines[0].removeprefix("41: ").split(" ") == [
        kept.root.hex()[at : at + 4] for at in range(0, 64, 4)
    ]
    assert parse_told(lines[0]).root == kept.root


def test_a_log_that_nobody_touched_fits_each_slip(log, lines):
    for line in lines:
        ran = typed(log, line)
        assert ran.exit_code == 0, ran.output
        assert "no older checkpoint" not in ran.stderr


@pytest.mark.parametrize("attack", ATTACKS)
def test_by_a_slip_alone_a_log_that_was_resealed_with_its_own_key_is_found(log, lines, attack):
    rewrite(log, ATTACKS[attack](entries_of(log)))
    assert run("log", "verify", log).exit_code == 0, "the attack itself must be perfect"
    for line in lines:
        ran = typed(log, line)
        assert ran.exit_code == 1
        cut = attack == "truncated"
        said = "its end was cut off" if cut else "aren't those that it was made of"
        assert f"the checkpoint of {line.partition(':')[0]} entries" in ran.stderr
        assert said in ran.stderr


def test_by_a_slip_alone_a_log_that_was_written_anew_with_another_key_is_found(log, lines):
    shutil.rmtree(log)
    add(log, contents(340))
    ran = typed(log, lines[0])
    assert ran.exit_code == 1
    assert "or all were written anew" in ran.stderr


def test_lines_are_read_however_they_are_grouped(log, older):
    kept = read_checkpoint(older[0])
    digits = kept.root.hex()
    for line in (
        f"41:{digits}",
        f" 41 : {digits.upper()} ",
        f"041: {digits[:32]}\n  {digits[32:]}\n",
        f"41: {base64.b64encode(kept.root).decode()}",
        f"41:\t{in_groups(kept.root)}",
    ):
        assert parse_told(line).root == kept.root
        assert typed(log, line).exit_code == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "it isn't as slips have it"),
        ("341", "it isn't as slips have it"),
        ("x: 00", "it isn't as slips have it"),
        ("-1: 00", "it isn't as slips have it"),
        ("1:", "0 digits, and should have 64"),
        (f"41: {'0' * 63}", "63 digits, and should have 64: look again"),
        (f"41: {'0' * 65}", "65 digits, and should have 64"),
        (f"41: {'o' * 64}", "something else than the digits 0 to 9 and a to f"),
        ("41: " + "\u0660" * 64, "something else than the digits"),
        ("\u0664: " + "0" * 64, "it isn't as slips have it"),
        (f"{'9' * 16}: {'0' * 64}", "it isn't as slips have it"),
    ],
)
def test_what_is_no_line_of_a_slip_is_said_and_accuses_nobody(log, line, said):
    ran = typed(log, line)
    assert ran.exit_code == 2
    assert said in " ".join(ran.stderr.split())


def test_a_digit_that_was_misread_is_told_apart_from_a_log_that_was_changed(log, lines):
    swapped = "0" if lines[0][-1] != "0" else "8"
    ran = typed(log, lines[0][:-1] + swapped)
    assert ran.exit_code == 1
    assert "fits but for 1 of its 64 digits (64)" in ran.stderr
    assert "read or typed wrongly" in ran.stderr
    assert "edited" not in ran.stderr
    assert "is whole, but not all fits it: 341 entries" in ran.stdout
    digits = lines[0].split(" ")
    ran = typed(log, " ".join([*digits[:1], "0123", "4567", *digits[3:]]))
    assert "edited, deleted" in ran.stderr
    assert "is not as it was written" in ran.stdout


def test_a_size_that_was_misread_does_not_fit(log, lines):
    assert typed(log, lines[0].replace("41:", "42:")).exit_code == 1
    assert "cut off" in typed(log, lines[0].replace("41:", "4141:")).stderr


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "\ufeff" + text,
        lambda text: text.rstrip("\n"),
        lambda text: f"\n\n{text}\n\n",
        lambda text: text.replace("\n", "  \n"),
        lambda text: text[: text.index("\n\n")],  # without the signature
    ],
)
def test_what_phones_and_mails_do_to_a_checkpoints_text_is_undone(log, older, changed):
    text = older[0].read_text("utf-8")
    older[0].write_bytes(changed(text).encode())
    assert (read_kept(older[0]).size, read_kept(older[0]).file) == (41, older[0])
    assert run("log", "verify", log, "--checkpoint", older[0]).exit_code == 0
    rewrite(log, ATTACKS["edited"](entries_of(log)))
    assert run("log", "verify", log, "--checkpoint", older[0]).exit_code == 1


def test_a_file_may_have_the_line_of_a_slip(log, lines, tmp_path):
    (tmp_path / "slip.txt").write_text(f"{lines[0]}\n")
    ran = run("log", "verify", log, "--checkpoint", tmp_path / "slip.txt")
    assert ran.exit_code == 0, ran.output
    rewrite(log, ATTACKS["edited"](entries_of(log)))
    ran = run("log", "verify", log, "--checkpoint", tmp_path / "slip.txt")
    assert f"{tmp_path / 'slip.txt'} doesn't fit" in ran.stderr


@pytest.mark.parametrize("text", ["", "\n", "a\nb\n", "\x00", "a\n1\nAA==\n", "x" * 70_000])
def test_a_file_that_holds_no_checkpoint_is_refused_in_a_sentence(tmp_path, text):
    (tmp_path / "x").write_text(text)
    with pytest.raises(LogInvalidError, match=r"x: it (is|has)") as caught:
        read_kept(tmp_path / "x")
    assert "\n" not in str(caught.value)


def test_one_wrong_letter_in_a_text_is_no_other_checkpoint_that_passes(log, older):
    text = older[0].read_text("utf-8")
    for at in range(0, len(text), 7):
        if text[at] in "\n ":
            continue
        older[0].write_text(text[:at] + ("B" if text[at] != "B" else "C") + text[at + 1 :])
        with contextlib.suppress(LogInvalidError):
            assert examine(log, [read_kept(older[0])]).findings, at


def test_a_line_has_no_signature_so_no_witness_and_no_key_stands_for_it(log, lines, tmp_path):
    line = ("--checkpoint-root", lines[0])
    ran = run("log", "verify", log, *line, "--key", log / "log.pub")
    assert ran.exit_code == 0, ran.output
    ran = run("log", "verify", log, *line, "--witness", log / "log.pub")
    assert ran.exit_code == 2
    assert "--witness needs --checkpoint" in ran.stderr
    run("log", "prove", log, "3", "--out", tmp_path / "proof")
    ran = run("log", "verify", tmp_path / "proof", *line, "--key", log / "log.pub")
    assert ran.exit_code == 2
    assert "a proof needs a signature too" in ran.stderr
