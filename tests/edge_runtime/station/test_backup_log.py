"""The log goes with a backup, and what was restored is held against it."""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import threading
import zipfile

import pytest

from edge_runtime.results.texts import texts
from edge_runtime.station import backup
from edge_runtime.station.camp_form import FORM
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PersonDescribed
from edge_runtime.station.logged import LOG
from edge_runtime.station.open_log import logged
from edge_runtime.station.parcel import SUMS, zipped
from edge_runtime.station.parcel_reader import ParcelInvalidError
from edge_runtime.station.web.frame import TEXTS
from edge_runtime.tlog.before import BEFORE, MOST_BEFORE
from edge_runtime.tlog.examine import examine
from edge_runtime.tlog.key import KEY, SALTS, LogKey, read_key
from tests.edge_runtime.station.backups import backed_up, logged_camp, run
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.taking_in import wait_until


@pytest.fixture
def camp(tmp_path):
    return logged_camp(tmp_path / "camp")


@pytest.fixture
def file(camp, tmp_path):
    return backed_up(camp, tmp_path / "camp.zip")


def rezipped(file, change):
    """Write a backup anew, with all its hashes right, as whoever has the stick can."""
    with zipfile.ZipFile(file) as old:
        kept = {each: old.read(each) for each in old.namelist() if each != SUMS}
    kept = change(kept)
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in kept.items())
    with zipfile.ZipFile(file, "w") as new:
        for name, data in {**kept, SUMS: sums.encode()}.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100600 << 16
            new.writestr(entry, data)


def altered(file, statement, folder):
    """Change the store in a backup."""

    def change(kept):
        folder.write_bytes(kept[FORM.file])
        with contextlib.closing(sqlite3.connect(folder)) as opened, opened:
            opened.execute("PRAGMA journal_mode = DELETE")
            assert opened.execute(statement).rowcount > 0
        return {**kept, FORM.file: folder.read_bytes()}

    rezipped(file, change)


def verified(data, *options):
    return run("log", "verify", data / LOG, "--records", data, *options)


def test_a_backup_has_the_log_and_not_the_key_that_signs_it(camp, file):
    key = read_key(camp / LOG)
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        everything = b"".join(map(archive.read, names))
    assert {f"{LOG}/checkpoint", f"{LOG}/tail-0", f"{LOG}/log.pub", f"{LOG}/{SALTS}"} <= {*names}
    assert not [name for name in names if name.endswith(KEY)]
    assert key.seed not in everything
    assert key.seed.hex().encode() not in everything
    assert b"PRIVATE KEY" not in everything


def test_what_was_restored_fits_its_log_and_what_somebody_kept_of_it(camp, file, tmp_path):
    with contextlib.closing(CampStore(camp)) as store:
        count = len(store.camp.history) + len(store.camp.photos)
    kept = ("--checkpoint", tmp_path / "new" / LOG / BEFORE / "checkpoint")
    ran = run("station", "restore", file, "--data", tmp_path / "new")
    assert ran.exit_code == 0, ran.output
    assert ran.stderr.startswith("Nothing wrong was found: its records are those of the ")
    assert "log checkpoint" in ran.stderr
    new = examine(tmp_path / "new" / LOG)
    assert [each.kind for each in new.entries] == ["log", "before", *["found"] * count]
    ran = verified(tmp_path / "new", *kept)
    assert ran.exit_code == 0, ran.output
    assert "without an entry" not in ran.stderr  # they are in the log before
    assert "was begun at" in ran.stderr
    assert not (tmp_path / "new" / LOG / BEFORE / KEY).exists()
    assert (tmp_path / "new" / LOG / KEY).read_bytes() != (camp / LOG / KEY).read_bytes()


def test_a_log_that_nothing_signed_is_said_once_after_that_nothing_is_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr(LogKey, "sign", lambda _, note: note)
    monkeypatch.setattr(LogKey, "public", lambda _: None)  # as without the extra trust
    camp = logged_camp(tmp_path / "camp")
    for new in (tmp_path / "new", tmp_path / "newer"):  # the second one has two logs before its own
        file = backed_up(camp, new.with_suffix(".zip"))
        ran = run("station", "restore", file, "--data", new)
        assert ran.exit_code == 0
        assert ran.stderr.startswith("Nothing wrong was found")
        assert ran.stderr.count("which is nothing wrong where the station never signed") == 1
        assert "log.pub" not in ran.stderr
        assert "isn't signed" not in ran.stderr
        camp = new


def test_a_checkpoint_of_before_the_backup_counts_for_what_was_restored(camp, tmp_path):
    shutil.copy(camp / LOG / "checkpoint", tmp_path / "monday")
    run("station", "backup", tmp_path / "b.zip", "--data", camp)
    shutil.copy(camp / LOG / "checkpoint", tmp_path / "later")  # with the entry of the backup
    run("station", "restore", tmp_path / "b.zip", "--data", tmp_path / "new")
    ran = verified(tmp_path / "new", "--checkpoint", tmp_path / "monday")
    assert ran.exit_code == 0, ran.output
    ran = verified(tmp_path / "new", "--checkpoint", tmp_path / "later")
    assert ran.exit_code == 1
    assert "its end was cut off" in ran.stderr


def test_a_restored_camp_goes_on_and_all_of_it_stays_checked(file, tmp_path):
    run("station", "restore", file, "--data", tmp_path / "new")
    with contextlib.closing(CampStore(tmp_path / "new")) as store, logged(store) as log:
        log.begin("cd" * 32, "{}")
        added(store, "9_OD.jpg", 0.5)
        store.happen(PersonDescribed(1, "K-1"))
    ran = verified(tmp_path / "new")
    assert ran.exit_code == 0, ran.output
    with contextlib.closing(sqlite3.connect(tmp_path / "new" / FORM.file)) as opened, opened:
        opened.execute("UPDATE photos SET sha256 = '0' WHERE number = 1")
        opened.execute("UPDATE photos SET sha256 = '1' WHERE number = 4")
    ran = verified(tmp_path / "new")
    assert ran.exit_code == 1
    assert "before: 1 record deleted or changed" in ran.stderr
    assert "2 records deleted or changed" in ran.stderr
    assert "2 records put there or changed: photo 1, photo 4" in ran.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE photos SET record = replace(record, 'glaucoma', 'normal') WHERE number = 1",
        "UPDATE history SET event = replace(event, 'I saw it', 'I did not')",
        "DELETE FROM history WHERE event LIKE '%I saw it%'",
    ],
)
def test_a_backup_whose_records_were_changed_on_the_stick_is_found(file, tmp_path, statement):
    altered(file, statement, tmp_path / "work.sqlite")
    ran = run("station", "restore", file, "--data", tmp_path / "new")
    assert ran.exit_code == 1
    assert "before: 1 record deleted or changed: entry" in ran.stderr
    assert "Go on with" in ran.stderr
    assert verified(tmp_path / "new").exit_code == 1  # as often as it is asked


def test_a_record_that_was_put_into_a_backup_is_said(file, tmp_path):
    altered(
        file,
        "INSERT INTO history SELECT number + 1, at, event, by FROM history ORDER BY number DESC "
        "LIMIT 1",
        tmp_path / "work.sqlite",
    )
    run("station", "restore", file, "--data", tmp_path / "new")
    assert "1 record without an entry when the log was opened" in verified(tmp_path / "new").stderr


def test_a_backup_that_was_exchanged_with_its_log_is_found_by_a_checkpoint_or_a_key(camp, tmp_path):
    kept = tmp_path / "kept"
    shutil.copy(camp / LOG / "checkpoint", kept)
    other = tmp_path / "other"
    with contextlib.closing(CampStore(other)) as store, logged(store):
        for number in range(3):
            added(store, f"{number}_OD.jpg", 0.1)
    run("station", "backup", tmp_path / "other.zip", "--data", other)
    ran = run("station", "restore", tmp_path / "other.zip", "--data", tmp_path / "new")
    assert ran.exit_code == 0  # it is a whole backup, of another camp
    ran = verified(tmp_path / "new", "--checkpoint", kept)
    assert ran.exit_code == 1
    assert "another log lies here" in ran.stderr
    assert verified(tmp_path / "new", "--key", camp / LOG / "log.pub").exit_code == 1


def test_a_backup_without_a_log_is_restored_and_that_is_said(file, tmp_path):
    rezipped(file, lambda kept: {k: v for k, v in kept.items() if not k.startswith(LOG)})
    ran = run("station", "restore", file, "--data", tmp_path / "new")
    assert ran.exit_code == 0, ran.output
    assert "there was no log in it" in ran.stderr
    assert not (tmp_path / "new" / LOG).exists()


def test_a_backup_that_is_not_there_is_named_and_nothing_is_made(tmp_path):
    ran = run("station", "restore", tmp_path / "nothere.zip", "--data", tmp_path / "new")
    assert ran.exit_code == 1
    assert ran.stderr == f"Error: {tmp_path / 'nothere.zip'}: no such file or directory\n"
    assert not [*tmp_path.iterdir()]


def test_a_camp_that_is_restored_again_has_all_logs_of_before(camp, tmp_path):
    checkpoints, data = [], camp
    for turn in range(3):
        checkpoints.append(tmp_path / f"checkpoint-{turn}")
        shutil.copy(data / LOG / "checkpoint", checkpoints[-1])
        with contextlib.closing(CampStore(data)) as store, logged(store):
            store.happen(PersonDescribed(1, f"K-{turn}"))
        run("station", "backup", tmp_path / f"{turn}.zip", "--data", data)
        data = tmp_path / f"new-{turn}"
        ran = run("station", "restore", tmp_path / f"{turn}.zip", "--data", data)
        assert ran.exit_code == 0, ran.output
    kept = [each for file in checkpoints for each in ("--checkpoint", file)]
    ran = verified(data, *kept)
    assert ran.exit_code == 0, ran.output
    assert ran.stderr.count("was begun at") == 3


def test_a_backup_made_while_photographs_come_in_fits_its_log(tmp_path):
    stop = threading.Event()
    with contextlib.closing(CampStore(tmp_path / "camp")) as store, logged(store):

        def come_in():
            number = 0
            while not stop.is_set():
                number += 1
                added(store, f"{number}_OD.jpg", 0.5)

        coming = threading.Thread(target=come_in)
        coming.start()
        try:
            for each in range(3):
                wait_until(lambda least=60 * each + 1: len(store.camp.photos) >= least)
                with (tmp_path / f"{each}.zip").open("wb") as target:
                    target.writelines(zipped(backup.backup_entries(store, texts("en", TEXTS))))
        finally:
            stop.set()
            coming.join()
    for each in range(3):
        ran = run("station", "restore", tmp_path / f"{each}.zip", "--data", tmp_path / f"{each}")
        assert ran.exit_code == 0, ran.output
        ran = verified(tmp_path / f"{each}")
        assert ran.exit_code == 0, ran.output
        assert "without an entry" not in ran.stderr
    assert len(examine(tmp_path / "2" / LOG / BEFORE).entries) > 256  # whole bundles too


def test_nothing_happens_between_the_logs_copy_and_the_stores(tmp_path, monkeypatch):
    with contextlib.closing(CampStore(tmp_path / "camp")) as store, logged(store) as log:
        added(store, "1_OD.jpg", 0.5)
        real, happening = (
            log.copied,
            threading.Thread(target=store.happen, args=(PersonDescribed(1, "K-1"),)),
        )

        def copied():
            found = real()
            happening.start()
            happening.join(0.3)
            return found

        monkeypatch.setattr(log, "copied", copied)
        with (tmp_path / "b.zip").open("wb") as target:
            target.writelines(zipped(backup.backup_entries(store, texts("en", TEXTS))))
        happening.join()
    run("station", "restore", tmp_path / "b.zip", "--data", tmp_path / "new")
    ran = verified(tmp_path / "new")
    assert ran.exit_code == 0, ran.output
    assert "without an entry" not in ran.stderr


def test_a_backup_from_a_disk_that_can_only_be_read_has_the_log_too(camp, tmp_path, monkeypatch):
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and real(path, mode))
    ran = run("station", "backup", tmp_path / "b.zip", "--data", camp)
    assert ran.exit_code == 0, ran.output
    monkeypatch.undo()
    ran = run("station", "restore", tmp_path / "b.zip", "--data", tmp_path / "new")
    assert ran.exit_code == 0, ran.output
    assert verified(tmp_path / "new").exit_code == 0


@pytest.mark.parametrize(
    "name",
    [KEY, f"{BEFORE}/{KEY}", "../x", "tile/9/000", "tile/0/../x", "tail-", "tail-x", "x/checkpoint",
     f"{BEFORE}/" * (MOST_BEFORE + 1) + "checkpoint", "tile/0/000.p/1/x"],
)  # fmt: skip
def test_what_is_no_file_of_a_copied_log_is_refused(file, tmp_path, name):
    rezipped(file, lambda kept: {**kept, f"{LOG}/{name}": b"x"})
    with pytest.raises(ParcelInvalidError, match="is no file that a station puts there"):
        backup.restore(file, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_camp_that_was_restored_as_often_as_its_log_takes_it_is_restored_no_more(file, tmp_path):
    deepest = f"{BEFORE}/" * MOST_BEFORE
    rezipped(file, lambda kept: {**kept, f"{LOG}/{deepest}checkpoint": b"x"})
    ran = run("station", "restore", file, "--data", tmp_path / "new")
    assert ran.exit_code == 1
    assert f"its camp was restored {MOST_BEFORE} times" in ran.stderr
    assert "begin a new camp, and keep this backup" in ran.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["checkpoint", "tail-0", SALTS, "log.pub", "README.txt"])
@pytest.mark.parametrize("content", [b"", b"\xff" * 200, None])
def test_a_log_of_any_content_is_refused_or_told_in_sentences(file, tmp_path, name, content):
    def change(kept):
        kept = {**kept, f"{LOG}/{name}": content}
        return {each: data for each, data in kept.items() if data is not None}

    rezipped(file, change)
    ran = run("station", "restore", file, "--data", tmp_path / "new")
    if name in ("log.pub", "README.txt"):
        assert ran.exit_code == 0, ran.output
        assert {
            "log.pub": "so no signature was checked", "README.txt": "Note: before: ",
        }[name] in ran.stderr  # fmt: skip
        return
    assert ran.exit_code == 1, ran.output
    assert "Error: " in ran.stderr
    assert (tmp_path / "new").exists() == (name != "checkpoint")
    if name != "checkpoint":
        assert "Go on with" in ran.stderr
