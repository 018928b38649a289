"""Whatever is done to a log afterwards is found, given an older checkpoint."""

import shutil

import pytest

from edge_runtime.tlog.checkpoint import read_checkpoint
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.examine import examine, read_public_key
from edge_runtime.tlog.key import KEY
from edge_runtime.tlog.stored import StoredLog
from edge_runtime.tlog.tiles import from_bundle, partial_tiles, to_bundle
from edge_runtime.tlog.writer import Log
from tests.edge_runtime.tlog.conftest import add, contents


def found(log, older=(), key=None):
    return examine(log, [read_checkpoint(each) for each in older], key)


def entries_of(log):
    stored = StoredLog(log)
    return [each for bundle in range(stored.bundles + 1) for each in stored.entries_of(bundle)]


def rewrite(log, entries):
    """Make a whole log of other entries, with the key of the old one, as who has the disk can."""
    key = (log / KEY).read_bytes()
    shutil.rmtree(log)
    log.mkdir()
    (log / KEY).write_bytes(key)
    from edge_runtime.tlog import begin
    from edge_runtime.tlog.key import read_key

    real = begin.make_key
    begin.make_key = read_key
    try:
        made = Log(log)
        for each in entries[made.size :]:
            made._write([each])
            if len(made._stored.tail) == 256:
                made._seal()
        made.close()
    finally:
        begin.make_key = real


def changed_hash(entries):
    at = entries[20].index(b'"of":"') + 6
    other = b"0" if entries[20][at : at + 1] != b"0" else b"1"
    return [*entries[:20], entries[20][:at] + other + entries[20][at + 1 :], *entries[21:]]


ATTACKS = {
    "edited": changed_hash,
    "deleted": lambda entries: [*entries[:20], *entries[21:]],
    "reordered": lambda entries: [*entries[:20], entries[21], entries[20], *entries[22:]],
    "inserted": lambda entries: [*entries[:20], entries[25], *entries[20:]],
    "truncated": lambda entries: entries[:30],
    "forked": lambda entries: [*entries[:30], *reversed(entries[30:])],
}


def test_a_log_that_nobody_touched_is_whole(log, older):
    assert found(log, older, read_public_key(log)).findings == ()
    assert len(found(log).entries) == 341


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_log_that_was_resealed_with_its_own_key_is_found(log, older, attack):
    rewrite(log, ATTACKS[attack](entries_of(log)))
    assert found(log).findings == (), "the attack itself must be perfect"
    for each in older:
        (said,) = found(log, [each]).findings
        cut = attack == "truncated"
        assert ("its end was cut off" if cut else "aren't those that it was made of") in said


def test_a_log_that_was_resealed_with_another_key_is_found(log, older, tmp_path):
    key = read_public_key(log)
    shutil.rmtree(log)
    add(log, contents(340))
    assert found(log).findings == ()
    assert any("another log lies here" in each for each in found(log, older[:1]).findings)
    assert any("wasn't signed by the log's key" in each for each in found(log, (), key).findings)


@pytest.mark.parametrize("attack", ["edited", "deleted", "reordered"])
@pytest.mark.parametrize("place", ["tile/entries/000", "tail-1"])
def test_entries_that_were_changed_where_they_lie_are_found_without_any_checkpoint(
    log, attack, place
):
    file = log / place
    entries, _ = from_bundle(file.read_bytes())
    file.write_bytes(to_bundle(ATTACKS[attack](entries)))
    assert found(log).findings
    if place.startswith("tail"):
        with pytest.raises(LogInvalidError, match="and name another one"):
            Log(log)


def test_an_end_that_was_cut_off_is_found_without_any_checkpoint_but_the_logs_own(log):
    (log / "tail-1").write_bytes(b"")
    assert any("its end was cut off" in each for each in found(log).findings)
    with pytest.raises(LogInvalidError, match="it has 256 entries, and had 341"):
        Log(log)


@pytest.mark.parametrize(
    "gone", ["checkpoint", "tail-1", "tile/entries/000", "tile/0/000", KEY, "log.pub"]
)
def test_what_was_taken_away_is_said(log, gone):
    (log / gone).unlink()
    if gone == "tail-1":
        with pytest.raises(LogInvalidError, match="no log is here"):
            found(log)
    elif gone in (KEY, "log.pub"):
        assert found(log).findings == ()
    else:
        assert any(f"{gone}: it is gone" in each for each in found(log).findings)
    if gone != "log.pub" and not gone.startswith("tile/entries"):
        with pytest.raises(LogInvalidError):
            Log(log)


@pytest.mark.parametrize("tile", ["tile/0/000", "tile/0/001.p/85", "tile/1/000.p/1", "checkpoint"])
def test_every_byte_of_a_tile_and_of_a_checkpoint_counts(log, tile):
    data = (log / tile).read_bytes()
    for at in range(0, len(data), 97):
        (log / tile).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert found(log).findings, at


def test_two_checkpoints_of_one_size_that_differ_show_a_fork(log, older, tmp_path):
    shutil.copytree(log, tmp_path / "fork")
    rewrite(tmp_path / "fork", ATTACKS["edited"](entries_of(log)))
    (tmp_path / "other").write_bytes((tmp_path / "fork" / "checkpoint").read_bytes())
    assert found(log, [tmp_path / "other"]).findings
    assert found(tmp_path / "fork", [log / "checkpoint"]).findings


def test_findings_are_counted_where_there_are_many(log):
    stored = [b'{"no":"entry"}'] * 256
    (log / "tile/entries/000").write_bytes(to_bundle(stored))
    said = found(log).findings
    assert len(said) == 21
    assert said[-1].startswith("and ")


@pytest.mark.parametrize("size", [1, 3_000_000])
def test_files_of_any_content_are_refused_in_sentences(log, size):
    for file in sorted(
        each for each in log.rglob("*") if each.is_file() and each.name != "README.txt"
    ):
        whole = file.read_bytes()
        file.write_bytes(b"\xff" * size)
        try:
            said = "".join(found(log).findings) or "a key"
        except LogInvalidError as error:
            said = str(error)
        assert said
        assert "\n" not in said
        assert said != "a key" or file.name in (KEY, "log.pub")
        file.write_bytes(whole)
    assert found(log).findings == ()


@pytest.mark.parametrize("above", ["camp", "a.p", "x.pq/y"])
def test_a_bundle_beyond_the_end_is_found_wherever_the_log_lies(log, tmp_path, above):
    moved = tmp_path / above / "log"
    moved.parent.mkdir(parents=True)
    shutil.move(log, moved)
    shutil.copy(moved / "tile/entries/000", moved / "tile/entries/002")
    (said,) = found(moved).findings
    assert said == "tile/entries/002 is beyond the log's end: its end was cut off"


def test_a_writer_that_takes_partial_tiles_away_meanwhile_is_not_accused(log, monkeypatch):
    from edge_runtime.tlog import examine as module

    def then_written_to(folder):
        partials = partial_tiles(folder)
        add(log, contents(300, 1000))
        return partials

    monkeypatch.setattr(module, "partial_tiles", then_written_to)
    assert found(log).findings == ()


def test_a_partial_tile_with_other_entries_is_found(log):
    file = log / "tile/entries/001.p/85"
    entries, _ = from_bundle(file.read_bytes())
    file.write_bytes(to_bundle(changed_hash(entries)))
    assert found(log).findings == ("tile/entries/001.p/85 has other entries than the log has now",)
