"""A copy of a log can be checked and not gone on with, and a new log says which was before it."""

import shutil

import pytest

from edge_runtime.tlog.before import BEFORE, MOST_BEFORE, earlier, told_depth
from edge_runtime.tlog.chain import examine_all
from edge_runtime.tlog.checkpoint import read_checkpoint
from edge_runtime.tlog.copied import copied
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.examine import examine, read_public_key
from edge_runtime.tlog.key import KEY, SALTS, read_key, read_salts
from edge_runtime.tlog.now import checkpoint_now
from edge_runtime.tlog.told import parse_told, told
from edge_runtime.tlog.witness import witness
from edge_runtime.tlog.writer import Log
from edge_runtime.trust.private_keys import make_key, open_key, read_private_key
from tests.edge_runtime.tlog.conftest import add, contents
from tests.edge_runtime.tlog.test_attacks import ATTACKS, entries_of, rewrite


def write(files, folder):
    for name, content in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    return folder


def copy_of(log, folder):
    with Log(log) as opened:
        return write(opened.look(lambda stored: copied(stored, opened.key)), folder)


@pytest.fixture
def restored(log, tmp_path):
    """A new log that goes on from a copy of one; its own has two entries, and then ten more."""
    copy_of(log, tmp_path / "new" / BEFORE)
    add(tmp_path / "new", contents(10, 5000))
    return tmp_path / "new"


def findings(log, *older, key=None):
    return examine_all(log, [read_checkpoint(each) for each in older], key).findings


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513])
def test_a_copy_is_whole_and_has_no_key(tmp_path, size):
    add(tmp_path / "log", contents(size - 1))
    copy = copy_of(tmp_path / "log", tmp_path / "copy")
    assert examine(copy).findings == ()
    assert len(examine(copy).entries) == size
    assert entries_of(copy) == entries_of(tmp_path / "log")
    assert not (copy / KEY).exists()
    seed = read_key(tmp_path / "log").seed
    for file in (each for each in copy.rglob("*") if each.is_file()):
        data = file.read_bytes()
        assert seed not in data, file
        assert seed.hex().encode() not in data, file
    assert read_salts(copy).commit(b"x") == read_key(tmp_path / "log").commit(b"x")


def test_a_copy_is_of_its_moment_whatever_is_written_while_it_is_made(tmp_path):
    with Log(tmp_path / "log") as log:
        for count in (3, 250, 300):
            add_to(log, count)
            files, size = log.look(lambda stored: copied(stored, log.key)), log.size
            add_to(log, 300)
            copy = write(files, tmp_path / f"copy-{count}")
            assert examine(copy).findings == ()
            assert len(examine(copy).entries) == size


def add_to(log, count):
    from edge_runtime.tlog.entry import Thing

    for each in contents(count, log.size):
        log.append(Thing("photo", each))


def test_a_copy_gives_its_checkpoint_and_takes_no_entry(log, tmp_path):
    copy = copy_of(log, tmp_path / "copy")
    assert checkpoint_now(copy)[1].size == 341
    with pytest.raises(LogInvalidError, match=r"log\.key"):
        Log(copy)


def test_of_a_log_from_which_a_bundle_is_gone_no_copy_is_made(log, tmp_path):
    (log / "tile/entries/000").unlink()
    with pytest.raises(LogInvalidError, match="entries/000: it is gone"):
        copy_of(log, tmp_path / "copy")


def test_a_new_log_says_which_was_before_it_and_both_fit_what_is_older(restored, older):
    kinds = [each.kind for each in examine(restored).entries]
    assert kinds == ["log", "before", *["photo"] * 10]
    chain = examine_all(restored, [read_checkpoint(each) for each in older])
    assert chain.findings == ()
    assert any("341 entries lies in before" in each for each in chain.notes)
    assert any("what came after that backup isn't in it" in each for each in chain.notes)
    assert findings(restored, restored / "checkpoint") == ()
    for each in older:
        kept = read_checkpoint(each)
        line = parse_told(told(kept.size, kept.root))
        assert examine_all(restored, [line]).findings == ()


def test_what_came_after_the_backup_is_missed(log, restored):
    add(log, contents(10, 900))
    (said,) = findings(restored, log / "checkpoint")
    assert "is of 351 entries, and the log has 341: its end was cut off" in said


def test_the_key_that_somebody_kept_of_the_log_before_is_held_against_it(
    restored, log, older, tmp_path
):
    key = read_public_key(log)
    assert findings(restored, *older, key=key) == ()
    text = (restored / BEFORE / "checkpoint").read_text("utf-8")
    (restored / BEFORE / "checkpoint").write_text(text[: text.index("\n\n") + 2], "utf-8")
    assert any("isn't signed" in each for each in findings(restored, key=key))
    add(tmp_path / "other", contents(1))
    assert findings(restored, key=read_public_key(tmp_path / "other"))


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_log_before_that_was_resealed_is_found_by_the_new_one_and_by_what_is_older(
    restored, log, older, attack
):
    copy = restored / BEFORE
    shutil.copy(log / KEY, copy / KEY)
    rewrite(copy, ATTACKS[attack](entries_of(copy)))
    (copy / SALTS).write_text(f"{read_key(log).salts.secret.hex()}\n")
    (copy / KEY).unlink()
    assert examine(copy).findings == (), "the attack itself must be perfect"
    assert findings(restored) == ("before isn't the log that was before this one, or was changed",)
    kept = read_checkpoint(older[1])
    for each in (kept, parse_told(told(kept.size, kept.root))):
        assert len(examine_all(restored, [each]).findings) == 2


def test_a_log_before_that_is_gone_or_another_one_or_put_there_is_found(restored, log, tmp_path):
    shutil.move(restored / BEFORE, tmp_path / "kept")
    assert findings(restored) == ("before is gone: the log that was before this one",)
    add(tmp_path / "other", contents(3))
    copy_of(tmp_path / "other", restored / BEFORE)
    assert findings(restored) == ("before isn't the log that was before this one, or was changed",)
    shutil.move(tmp_path / "kept", log / BEFORE)
    assert findings(log) == ("before is there, and the log doesn't say that one was before it",)


def test_logs_lie_in_each_other_as_often_as_a_camp_is_restored(tmp_path):
    add(tmp_path / "0", contents(5))
    kept = []
    times = 20
    for number in range(1, times + 1):
        kept.append(tmp_path / f"{number}.checkpoint")
        shutil.copy(tmp_path / f"{number - 1}" / "checkpoint", kept[-1])
        copy_of(tmp_path / f"{number - 1}", tmp_path / f"{number}" / BEFORE)
        add(tmp_path / f"{number}", contents(5, 10 * number))
    last = tmp_path / f"{times}"
    assert len(earlier(last)) == times
    assert findings(last, *kept) == ()
    assert told_depth(last) == ""
    deepest = earlier(last)[-1] / "tail-0"
    deepest.write_bytes(deepest.read_bytes()[:-1])
    deep = "before/" * times
    assert any(f"{deep[:-1]}: " in each for each in findings(last))


def test_a_camp_that_was_restored_nearly_as_often_as_its_log_takes_it_is_told_so(tmp_path):
    (tmp_path / "/".join([BEFORE] * 60)).mkdir(parents=True)
    assert told_depth(tmp_path).startswith("this camp was restored 60 times")
    assert "its log takes 64: begin a new camp" in told_depth(tmp_path)


def test_of_more_logs_in_each_other_than_any_camp_has_that_is_said_and_no_more(tmp_path):
    add(tmp_path / "small", contents(1))
    log = deepest = tmp_path / "log"
    for _ in range(MOST_BEFORE + 2):
        copy_of(tmp_path / "small", deepest)
        deepest /= BEFORE
    said = f"wasn't looked at: more than {MOST_BEFORE} logs lie in each other"
    assert sum(said in each for each in findings(log)) == 1


def test_a_folder_that_leads_into_itself_ends(log):
    (log / BEFORE).symlink_to(log)
    assert 1 < len(earlier(log)) <= MOST_BEFORE  # systems follow some forty links
    assert findings(log)


def test_what_a_log_before_says_of_itself_is_noted_and_spoils_nothing(restored):
    (restored / BEFORE / "README.txt").write_text("Delete log.pub.", "utf-8")
    chain = examine_all(restored)
    assert chain.findings == ()
    assert "before: README.txt isn't what was written there: its instructions may lie" in (
        chain.notes
    )
    (restored / "README.txt").write_text("Delete log.pub.", "utf-8")
    assert any("README.txt isn't what" in each for each in findings(restored))


def test_a_witness_signs_a_new_log_if_the_one_before_has_all_that_it_signed(
    restored, log, tmp_path
):
    make_key(tmp_path / "key", None, kind="Ed25519")
    private = open_key(tmp_path / "key", read_private_key(tmp_path / "key"), None)
    witness(log, private, tmp_path / "memory")
    shutil.copytree(tmp_path / "memory", tmp_path / "again")
    found, before = witness(restored, private, tmp_path / "memory")
    assert (found.size, before) == (12, None)
    add(log, contents(10, 900))
    witness(log, private, tmp_path / "again")
    with pytest.raises(LogInvalidError, match="its end was cut off"):
        witness(restored, private, tmp_path / "again")
