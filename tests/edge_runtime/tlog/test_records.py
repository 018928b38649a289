"""Records and entries are held against each other, and a deleted record is excused by nothing."""

import pytest

from edge_runtime.tlog.entry import Entry, Thing
from edge_runtime.tlog.examine import examine
from edge_runtime.tlog.records import check_records, reconcile
from edge_runtime.tlog.writer import Log

A, B, C, D = (letter * 64 for letter in "abcd")


def entry(kind, of=A, at="1", replaces="", run=""):
    return Entry(kind, at, of, replaces, run)


RUN = "0" * 16


def checked(*entries, records, run=""):
    begun = [Entry("begin", "0", D, run=run)] if run else []
    return check_records([*begun, *entries], dict.fromkeys(records, "photo 1"), run=run)


def test_what_agrees_is_told_by_nothing():
    assert checked(entry("photo"), entry("event", B), records=[A, B]) == ([], [])


def test_entries_of_another_run_are_left_alone():
    assert checked(entry("photo"), entry("photo", B, run="0" * 16), records=[A]) == ([], [])


def test_a_record_that_was_done_again_needs_the_new_one_alone():
    done = entry("photo", run=RUN), entry("photo", B, replaces=A, run=RUN)
    findings, notes = checked(*done, records=[B], run=RUN)
    assert findings == []
    assert notes[0].startswith("1 result replaced after being logged: photo 1 by entry 2 (1) in ")
    assert checked(*done, records=[A], run=RUN)[0] == [
        "1 record deleted or changed: entry 2 (1); or it was stopped there, as by a full disk: go "
        "on with predict --resume, then verify again",
        "1 record put there or changed: photo 1",
    ]


def test_the_last_entry_is_taken_back_where_the_computer_stopped():
    findings, notes = checked(entry("photo"), entry("photo", B), entry("void", B), records=[A])
    assert findings == []
    assert notes[0].startswith("1 entry taken back")


def test_what_was_to_be_replaced_stands_where_that_is_taken_back():
    done = entry("photo", run=RUN), entry("photo", B, replaces=A, run=RUN)
    done = *done, entry("void", B, run=RUN)
    findings, notes = checked(*done, records=[A], run=RUN)
    assert findings == []
    assert not any("replaced" in each for each in notes)
    (said,) = checked(*done, records=[], run=RUN)[0]
    assert said.startswith("1 record deleted or changed: entry 1 (1)")


@pytest.mark.parametrize(
    "entries",
    [
        (entry("photo"), entry("photo", B), entry("void", A)),
        (entry("photo"), entry("begin", C), entry("void", A)),
        (entry("photo"), entry("end", C), entry("void", A)),
        (entry("photo", A, "1"), entry("photo", B, "2"), entry("void", B), entry("void", A)),
        (
            entry("photo"),
            entry("photo", B),
            entry("void", B),
            entry("photo", C),
            entry("void", C),
            entry("void", A),
        ),
        (entry("void", A),),
    ],
)
def test_a_deleted_record_is_excused_by_no_entry_that_takes_it_back_later(entries):
    findings, _ = checked(*entries, records=[])
    assert any("takes back one that isn't the last" in each for each in findings)


def opened(folder, *, records, things=()):
    with Log(folder) as log:
        found = reconcile(log, lambda: records, run="")
        for each in things:
            log.append(Thing("photo", each))
        key = log.key
    named = {key.commit(each)[0].hex(): str(each) for each in records}
    return found, check_records(examine(folder).entries, named, run="")


def test_only_what_came_last_is_taken_back_at_the_next_start(tmp_path):
    opened(tmp_path / "log", records=[], things=[b"1", b"2", b"3"])
    found, (findings, _) = opened(tmp_path / "log", records=[b"2", b"3"])
    assert found == (0, 0)
    assert findings[0].startswith("1 record deleted or changed: entry 1 ")
    found, (findings, _) = opened(tmp_path / "log", records=[b"1", b"2"])
    assert found == (1, 0)
    assert findings == []


def test_a_record_that_nobody_logged_is_logged_as_found_once(tmp_path):
    records = [b"%d" % number for number in range(250)]
    assert opened(tmp_path / "log", records=records)[0] == (0, 250)
    found, (findings, notes) = opened(tmp_path / "log", records=records)
    assert found == (0, 0)
    assert findings == []
    assert notes[0].startswith("250 records without an entry")


def test_what_is_logged_at_once_has_one_time(tmp_path, monkeypatch):
    from edge_runtime.tlog import writer

    with Log(tmp_path / "log") as log:
        times = iter("123456789")
        monkeypatch.setattr(writer, "_now", lambda: next(times))
        made = log.append(*[Thing("event", b"e")] * 3)
    assert {each.at for each in made} == {"1"}


def test_a_result_that_was_replaced_again_is_told_with_all_that_it_took_the_place_of():
    done = [entry("photo", run=RUN), entry("photo", B, replaces=A, run=RUN)]
    done.append(entry("photo", C, "2", replaces=B, run=RUN))
    findings, notes = checked(*done, records=[C], run=RUN)
    assert findings == []
    assert notes[0].startswith(
        "1 result replaced after being logged: photo 1 by entry 3 (2) in the place of entry 2 (1), "
        "before that of entry 1 (1); "
    )
    for cause in ("its file was another one", "an error", "its overlay was gone", "log.key"):
        assert cause in notes[0]


def test_what_a_stop_leaves_is_told_with_what_to_do():
    stopped = "1 record deleted or changed: entry 1 (2); or it was stopped there, as by a full disk"
    (said,) = checked(entry("photo"), entry("photo", B, "2"), records=[A])[0]
    assert said == f"{stopped}: start the station again, then verify again"
    done = entry("photo", run=RUN), entry("photo", B, "2", replaces=A, run=RUN)
    said, _ = checked(*done, records=[A], run=RUN)[0]
    assert said.startswith(stopped.replace("entry 1", "entry 2"))
    assert said.endswith(": go on with predict --resume, then verify again")


@pytest.mark.parametrize(
    ("entries", "records"),
    [
        ([entry("photo"), entry("photo", B, "2")], [B]),  # the last is there
        ([entry("photo"), entry("photo", B, "2")], [A, C]),  # it was changed
        ([entry("photo"), entry("photo", B, "2"), entry("end", D)], [A]),  # all was done
        ([entry("photo"), entry("photo", B, "2")], []),  # more than a stop leaves
    ],
)
def test_what_no_stop_leaves_has_no_such_excuse(entries, records):
    said = checked(*entries, records=records)[0][0]
    assert "deleted or changed" in said
    assert "; or " not in said


def test_what_went_on_in_a_copy_of_the_folder_is_told_where_that_can_be():
    begun = entry("begin", D, run=RUN)
    before = [entry("photo", run=RUN), entry("end", D, run=RUN)]
    after = [entry("photo", B, "2", run=RUN), entry("end", D, run=RUN)]
    (said,) = checked(*before, begun, *after, records=[A], run=RUN)[0]
    assert said.endswith("; or the run went on in a copy of this folder: then name that one")
    again = entry("photo", B, "2", replaces=A, run=RUN), entry("photo", C, "3", run=RUN)
    after = [*again, entry("end", D, run=RUN)]
    said, _ = checked(*before, begun, *after, records=[A], run=RUN)[0]
    assert "entry 4 (2), entry 5 (3); or the run went on in a copy" in said
    done = [entry("photo", run=RUN), entry("photo", B, "2", run=RUN), entry("end", D, run=RUN)]
    assert "copy" not in checked(*done, records=[A], run=RUN)[0][0]  # within one go
