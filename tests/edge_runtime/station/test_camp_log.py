"""The log of a camp has every photograph and every event before anybody sees them."""

import contextlib
import errno
import os
import shutil
import sqlite3
import threading
import time

import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.errors import OutputExistsError
from edge_runtime.station.camp_form import FORM
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PersonDescribed, ResultOverridden, RetakeAsked
from edge_runtime.station.happened import Happened
from edge_runtime.station.logged import HISTORY, LOG, PHOTOS, event_content, photo_content
from edge_runtime.station.open_log import logged
from edge_runtime.tlog.entry import Thing
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.examine import examine
from edge_runtime.tlog.writer import Log
from tests.edge_runtime.killing import killed_in_its_work
from tests.edge_runtime.station.camps import jpeg
from tests.edge_runtime.station.taking_in import swept
from tests.edge_runtime.station.test_station_kills import STATION

KILLS = int(os.environ.get("FUNDUS_EDGE_KILLS", "5"))


def kinds(data):
    return [each.kind for each in examine(data / LOG).entries]


def verified(data):
    return CliRunner().invoke(main, ["log", "verify", str(data / LOG), "--records", str(data)])


def fill(inbox, count=3):
    for number in range(count):
        (inbox / f"{number}_OD.jpg").write_bytes(jpeg(number))


@pytest.fixture
def camp(inbox, store, intake):
    """A camp of three photographs and some decisions; its store is closed."""
    fill(inbox)
    with logged(store) as log:
        log.begin("ab" * 32, "{}")
        swept(intake)
        store.happen(ResultOverridden(1, "refer", "I saw it"), RetakeAsked(2, "blurred"))
    store.close()
    return store.folder


def change(data, statement):
    with contextlib.closing(sqlite3.connect(data / FORM.file)) as opened, opened:
        assert opened.execute(statement).rowcount > 0


def test_every_photograph_and_every_event_is_logged(camp):
    found = kinds(camp)
    assert found[:3] == ["log", "bundle", "begin"]
    with contextlib.closing(CampStore(camp)) as store:
        assert found.count("photo") == len(store.camp.photos) == 3
        assert found.count("event") == len(store.camp.history) > 3
    ran = verified(camp)
    assert ran.exit_code == 0, ran.output
    assert "taken back" not in ran.output


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE photos SET record = replace(record, 'normal', 'glaucoma') WHERE number = 1",
        "UPDATE photos SET sha256 = '0' WHERE number = 2",
        "UPDATE history SET event = replace(event, 'I saw it', 'I did not')",
        "UPDATE history SET at = '2020-01-01T00:00:00+00:00' WHERE number = 1",
        "UPDATE history SET by = 'somebody else'",
        "DELETE FROM history WHERE number = 2",
        "INSERT INTO history VALUES (99, '2026-01-01T00:00:00+00:00', '{}', '')",
    ],
)
def test_what_was_changed_in_a_camp_afterwards_is_found(camp, statement):
    change(camp, statement)
    ran = verified(camp)
    assert ran.exit_code == 1
    assert "deleted or changed" in ran.output or "put there or changed" in ran.output


def rows_of(data, question):
    with contextlib.closing(sqlite3.connect(data / FORM.file)) as opened:
        return opened.execute(question).fetchall()


def test_a_photograph_is_not_deleted_by_an_entry_that_says_that_another_took_its_place(camp):
    second, third = (photo_content(each) for each in rows_of(camp, f"{PHOTOS} WHERE number > 1"))
    with Log(camp / LOG) as log:
        log.append(Thing("photo", third, second))
    change(camp, "DELETE FROM photos WHERE number = 2")
    ran = verified(camp)
    assert ran.exit_code == 1
    assert "is of a record that entry " in ran.output
    assert "1 record deleted or changed" in ran.output


@pytest.mark.parametrize("starts_again", [False, True])
def test_what_was_edited_and_logged_anew_with_the_logs_key_is_found(camp, starts_again):
    one, (event, *_) = f"{PHOTOS} WHERE number = 1", rows_of(camp, HISTORY)
    before = photo_content(*rows_of(camp, one)), event_content(event)
    change(camp, "UPDATE photos SET record = replace(record, 'normal', 'glaucoma') WHERE number=1")
    change(camp, "UPDATE history SET at = '2020-01-01T00:00:00+00:00' WHERE number = 1")
    after = photo_content(*rows_of(camp, one)), event_content(rows_of(camp, HISTORY)[0])
    assert before[0] != after[0]
    with Log(camp / LOG) as log:
        log.append(Thing("photo", after[0], before[0]), Thing("event", after[1], before[1]))
    if starts_again:
        with contextlib.closing(CampStore(camp)) as store, logged(store):
            pass
    ran = verified(camp)
    assert ran.exit_code == 1
    assert ran.output.count("replaces a record, which a station never does") == 2
    assert "2 records deleted or changed" in ran.output


def test_a_trigger_in_a_camp_is_found(camp):
    with contextlib.closing(sqlite3.connect(camp / FORM.file)) as opened, opened:
        opened.execute("CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM history; END")
    ran = verified(camp)
    assert ran.exit_code == 1
    assert "its trigger t isn't as a station makes it" in ran.output


def test_a_station_that_starts_again_goes_on_and_says_with_which_bundle(camp):
    with contextlib.closing(CampStore(camp)) as store, logged(store) as log:
        log.begin("cd" * 32, "{}")
        store.happen(PersonDescribed(1, name="x"))
    assert kinds(camp)[-3:] == ["bundle", "begin", "event"]
    assert verified(camp).exit_code == 0


def test_the_disk_that_takes_no_log_takes_no_photograph_and_no_event(camp, monkeypatch):
    with contextlib.closing(CampStore(camp)) as store, logged(store):
        size = len(store.camp.history)
        with monkeypatch.context() as failing:
            failing.setattr(Log, "append", full)
            with pytest.raises(OSError, match="No space"):
                store.happen(PersonDescribed(1, name="x"))
        assert len(store.camp.history) == size
        store.happen(PersonDescribed(1, name="y"))
    ran = verified(camp)
    assert ran.exit_code == 0, ran.output


def test_what_the_store_does_not_take_is_taken_back_in_the_log(camp, monkeypatch):
    with contextlib.closing(CampStore(camp)) as store, logged(store):
        with monkeypatch.context() as failing:
            failing.setattr(CampStore, "_insert", lambda *_: 1 / 0)
            failing.setattr(Log, "take_back", full)
            with pytest.raises(ZeroDivisionError):
                store.happen(PersonDescribed(1, name="x"), PersonDescribed(1, name="y"))
        store.happen(PersonDescribed(1, name="z"))
    assert kinds(camp)[-3:] == ["void", "void", "event"]
    ran = verified(camp)
    assert ran.exit_code == 0, ran.output
    assert "2 entries taken back" in ran.output


@pytest.mark.slow
def test_killed_again_and_again_a_camp_and_its_log_agree(inbox, tmp_path):
    fill(inbox, 40)
    code = STATION.replace(
        "Intake(inbox",
        "from edge_runtime.station.open_log import logged\n"
        "opened = logged(store)\nopened.__enter__()\nIntake(inbox",
    )
    generator, data, camps = np.random.default_rng(1), tmp_path / "data-0", 0
    for _ in range(KILLS):
        killed_in_its_work(code, inbox, data, "at once", delay_s=float(generator.uniform(0.1, 1)))
        with contextlib.closing(CampStore(data)) as store, logged(store):
            count = len(store.camp.photos)
        ran = verified(data)
        assert ran.exit_code == 0, ran.output
        assert "without an entry" not in ran.output
        if count == 40:
            camps += 1
            data = tmp_path / f"data-{camps}"


def test_a_log_that_was_changed_stops_the_station_in_a_sentence(camp):
    tail = camp / LOG / "tail-0"
    tail.write_bytes(tail.read_bytes()[:-300])
    with contextlib.closing(CampStore(camp)) as store:
        with pytest.raises(LogInvalidError, match="keep the folder as it is"), logged(store):
            pass
        assert store.log is None
    shutil.rmtree(camp / LOG)
    with contextlib.closing(CampStore(camp)) as store, logged(store):
        assert set(kinds(camp)) == {"log", "found"}


def test_a_camp_of_before_the_log_begins_one(inbox, store, intake):
    fill(inbox)
    swept(intake)
    began = time.monotonic()
    with logged(store):
        found = kinds(store.folder)
        assert found.count("found") == 3 + len(store.camp.history)
        with pytest.raises(OutputExistsError), logged(store):
            pass
    assert time.monotonic() - began < 5


def test_exports_and_backups_are_logged(camp, tmp_path):
    run = CliRunner()
    ran = run.invoke(main, ["station", "backup", str(tmp_path / "b.zip"), "--data", str(camp)])
    assert ran.exit_code == 0, ran.output
    ran = run.invoke(main, ["station", "export", str(tmp_path / "e"), "--data", str(camp)])
    assert ran.exit_code == 0, ran.output
    assert kinds(camp)[-2:] == ["backup", "export"]
    sums = (tmp_path / "e" / "SHA256SUMS").read_bytes()
    with Log(camp / LOG) as log:
        assert [*log.entries()][-1].of == log.commit(sums)


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def filled_to(log, size):
    """Have so many entries in a log; what is in them is nothing of the store's."""
    while log.log.size < size:
        log.log.append(Thing("backup", b"x"))


@pytest.mark.parametrize("size", [254, 255])
def test_what_a_full_disk_took_before_the_end_of_a_bundle_is_taken_back(
    inbox, store, intake, monkeypatch, size
):
    fill(inbox, 1)
    with logged(store) as log:
        filled_to(log, size)
        with monkeypatch.context() as failing:
            failing.setattr(Log, "_put", full)
            for _ in range(2):  # on a disk that stays full, too
                with pytest.raises(OSError, match="No space"):
                    swept(intake)
        assert not store.camp.photos
        swept(intake)
        store.happen(RetakeAsked(1, "blurred"))
    kept = store.folder
    store.close()
    ran = verified(kept)
    assert ran.exit_code == 0, ran.output
    assert "taken back" in ran.output


def test_of_what_is_taken_back_a_full_disk_leaves_the_rest_for_later(store, monkeypatch):
    with logged(store) as log:
        filled_to(log, 253)
        with monkeypatch.context() as failing:
            failing.setattr(Log, "_put", full)
            with pytest.raises(ValueError, match="not kept"), log.keeping(None, two_events()):
                raise ValueError("not kept")  # 255 and 256 are taken, and one void of the two
        log.end()
    store.close()
    ran = verified(store.folder)
    assert ran.exit_code == 0, ran.output
    assert kinds(store.folder)[-5:] == ["event", "event", "void", "void", "end"]


def two_events():
    return [
        Happened(number, "2026-01-01T00:00:00+00:00", RetakeAsked(1, "x"), "") for number in (1, 2)
    ]


def test_what_is_handed_out_waits_for_what_is_being_kept(store):
    with logged(store) as log:
        handed = threading.Thread(target=log.handed_out, args=(b"sums",))
        with contextlib.suppress(ValueError), log.keeping(None, two_events()):
            handed.start()
            handed.join(0.3)
            raise ValueError("not kept")
        handed.join()
    store.close()
    assert kinds(store.folder)[-5:] == ["event", "event", "void", "void", "export"]
    assert verified(store.folder).exit_code == 0
