"""Whatever is done to a log afterwards is found, given an older checkpoint."""

import shutil

import pytest
from msgspec.structs import replace

from edge_runtime.tlog.checkpoint import read_checkpoint
from edge_runtime.tlog.entry import Entry, Thing, from_bytes, to_bytes
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.examine import examine, read_public_key
from edge_runtime.tlog.key import KEY, read_key
from edge_runtime.tlog.now import checkpoint_now
from edge_runtime.tlog.records import check_records
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
        with pytest.raises(LogInvalidError, match="but move it away"):
            Log(log)


def test_an_end_that_was_cut_off_is_found_without_any_checkpoint_but_the_logs_own(log):
    (log / "tail-1").write_bytes(b"")
    assert any("its end was cut off" in each for each in found(log).findings)
    with pytest.raises(LogInvalidError, match="it has 256 entries, and had 341"):
        Log(log)


@pytest.mark.parametrize("number", [2, 3, 9])
def test_a_tail_that_was_put_there_is_told_as_such_and_no_end_as_cut_off(log, number):
    (log / f"tail-{number}").write_bytes(b"")
    for look in (found, Log):
        with pytest.raises(LogInvalidError) as caught:
            look(log)
        assert f"tail-{number}: tail-1 lies there too" in str(caught.value)
        assert "one of the two was put there" in str(caught.value)
    (log / f"tail-{number}").unlink()
    assert found(log).findings == ()


def test_tails_that_a_kill_or_a_disk_that_removes_nothing_left_are_no_attack(log):
    whole = (log / "tile/entries/000").read_bytes()
    (log / "tail-0").write_bytes(whole)
    assert found(log).findings == ()
    add(log, contents(200, 1000))  # past the end of the next bundle
    (log / "tail-0").write_bytes(whole)
    assert found(log).findings == ()


def test_tiles_that_are_gone_are_noted_and_written_again(tmp_path):
    log = tmp_path / "log"
    add(log, contents(5))
    assert found(log).notes == ()
    shutil.rmtree(log / "tile")
    assert found(log).findings == ()
    (said,) = found(log).notes
    assert "(tile/0/000.p/6, tile/entries/000.p/6): no entry is lost" in said
    checkpoint_now(log)
    assert found(log).notes == ()


def test_tiles_are_gone_at_no_size_of_a_log_that_grows(tmp_path):
    log = tmp_path / "log"
    for count in (1, 253, 1, 1, 255, 1, 1):  # with the entry of its begin, around whole bundles
        add(log, contents(count))
        assert found(log).notes == ()


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


def test_what_a_log_says_of_itself_is_what_its_first_entry_is_of(log):
    (log / "README.txt").write_bytes((log / "README.txt").read_bytes() + b"Delete log.pub.")
    assert found(log).findings == (
        "README.txt isn't what was written there: its instructions may lie",
    )
    (log / "README.txt").unlink()
    assert "README.txt: it is gone" in found(log).findings[0]


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


RUN = "0123456789abcdef"


def held(log, records, run):
    """Hold records against a log as log verify --records does."""
    key = read_key(log)
    named = {key.commit(each)[0].hex(): f"photo {at}" for at, each in enumerate(records, 1)}
    return check_records(found(log).entries, named, run=run)


@pytest.fixture(params=["", RUN], ids=["station", "predict"])
def run(request):
    return request.param


@pytest.fixture
def kept(tmp_path, run):
    """A log of five results of a run that has ended, and the checkpoint that somebody kept."""
    with Log(tmp_path / "five") as log:
        log.append(Thing("begin", b"{}", run=run))
        for each in contents(5):
            log.append(Thing("photo", each, run=run))
        log.append(Thing("end", b"", run=run))
    shutil.copy(tmp_path / "five" / "checkpoint", tmp_path / "kept")
    return tmp_path / "five"


def append_raw(log, *entries):
    """Add entries where they lie, as somebody does who has the disk and not the key."""
    with (log / "tail-0").open("ab") as tail:
        tail.write(to_bundle(map(to_bytes, entries)))


def entry_of(log, content, **others):
    return Entry("photo", "2026-01-01T00:00:00+00:00", read_key(log).commit(content)[0].hex(),
                 **others)  # fmt: skip


@pytest.mark.parametrize("begins", [False, True])
def test_a_result_is_not_deleted_by_saying_that_another_one_that_is_there_took_its_place(
    kept, run, begins
):
    records = contents(5)
    second = read_key(kept).commit(records[1])[0].hex()
    begin = [Entry("begin", "2026-01-01T00:00:00+00:00", second, run=run)] * begins
    append_raw(kept, *begin, entry_of(kept, records[2], replaces=second, run=run))
    assert found(kept, [kept.parent / "kept"]).findings == (), "the attack itself must be perfect"
    findings, _ = held(kept, [records[0], *records[2:]], run)
    assert any("is of a record that entry 4 has already" in each for each in findings)
    assert any(each.startswith("1 record deleted or changed: entry 3 (") for each in findings)


def forge(log, run, *things):
    """Log with the log's own key, as a run does that is gone on with."""
    with Log(log) as opened:
        opened.append(Thing("begin", b"{}", run=run))
        for content, replaces in things:
            opened.append(Thing("photo", content, replaces, run))
        opened.append(Thing("end", b"", run=run))


def test_a_result_that_was_edited_and_logged_anew_is_told_and_for_a_station_it_is_wrong(kept, run):
    records = contents(5)
    forge(kept, run, (b"edited", records[1]))
    assert found(kept, [kept.parent / "kept"]).findings == (), "the attack itself must be perfect"
    findings, notes = held(kept, [records[0], *records[2:], b"edited"], run)
    if run:
        assert findings == []
        assert notes[0].startswith(
            "1 result replaced after being logged: photo 5 by entry 9 (20"
        ), notes
        assert "in the place of entry 3 (20" in notes[0]
    else:
        assert any("replaces a record, which a station never does" in each for each in findings)


def test_a_result_that_was_edited_in_its_place_is_wrong_in_a_run_too(kept, run):
    records = contents(5)
    forge(kept, run, (b"edited", records[1]))
    findings, _ = held(kept, [records[0], b"edited", *records[2:]], run)
    if run:
        (said,) = findings
        assert said.startswith("1 record logged long after it was made: photo 2 by entry 9 (20")
        assert said.endswith("behind photo 5")
    assert findings


def test_two_results_do_not_take_the_place_of_one(kept, run):
    records = contents(5)
    forge(kept, run, (b"edited", records[1]), (b"another", records[1]))
    findings, _ = held(kept, [records[0], b"edited", *records[2:], b"another"], run)
    assert any("replaces a record" in each for each in findings)
    assert any("put there or changed" in each and "photo 6" in each for each in findings)


@pytest.mark.parametrize("run", [RUN], indirect=True)
def test_a_result_that_was_replaced_does_not_come_back_beside_the_one_in_its_place(kept):
    records = contents(5)
    forge(kept, RUN, (b"edited", records[1]))
    findings, _ = held(kept, [*records, b"edited"], RUN)
    assert findings


def test_only_a_photograph_takes_the_place_of_another(kept, run):
    records = contents(5)
    of, old = (read_key(kept).commit(each)[0].hex() for each in (b"x", records[1]))
    for count, kind in enumerate(("event", "found", "begin", "void", "mended"), 1):
        at = "2026-01-01T00:00:00+00:00"
        append_raw(kept, Entry(kind, at, of, replaces=old, run=run))
        findings, _ = held(kept, records, run)
        assert sum("replaces a record" in each for each in findings) == count, kind
        assert not any("deleted" in each for each in findings), kind


def test_no_result_is_logged_after_the_end_of_its_run_without_a_new_begin(kept, run):
    with Log(kept) as log:
        log.append(Thing("photo", b"one more", run=run))
    findings, _ = held(kept, [*contents(5), b"one more"], run)
    assert any("is of a run that had ended" in each for each in findings) == bool(run)


@pytest.mark.parametrize("run", [""], indirect=True)
@pytest.mark.parametrize("of_which", range(4))
def test_no_older_result_is_taken_back_behind_others_whatever_times_entries_claim(kept, of_which):
    """Entries that are taken back one behind the other, with the times of those before them."""
    records = contents(5)
    entries = [from_bytes(each) for each in entries_of(kept)]
    photos = [replace(each, at=f"{at}") for at, each in enumerate(
        each for each in entries if each.kind == "photo")]  # fmt: skip
    (kept / "tail-0").write_bytes(to_bundle(map(to_bytes, [entries[0], *photos])))
    for at, each in enumerate(reversed(photos[of_which:])):
        bait = entry_of(kept, b"bait %d" % at)
        bait = Entry("photo", each.at, bait.of)
        append_raw(kept, bait, Entry("void", each.at, bait.of), Entry("void", each.at, each.of))
    append_raw(kept, *(Entry("photo", "3", each.of) for each in photos[of_which + 1 :]))
    findings, _ = held(kept, [*records[:of_which], *records[of_which + 1 :]], "")
    assert any("takes back one that isn't the last" in each for each in findings)
