"""Who has a backup, and what makes its salts, forges it: what is found, and by what."""

import contextlib
import secrets
import shutil
import sqlite3
import zipfile

import pytest
from msgspec.structs import replace

from edge_runtime.station.camp_form import FORM
from edge_runtime.station.logged import LOG, camp_records
from edge_runtime.station.parcel import SUMS
from edge_runtime.tlog.before import BEFORE
from edge_runtime.tlog.checkpoint import read_checkpoint
from edge_runtime.tlog.entry import to_bytes
from edge_runtime.tlog.examine import examine
from edge_runtime.tlog.key import KEY, SALTS, make_key, read_salts
from edge_runtime.tlog.told import told
from tests.edge_runtime.station.backups import backed_up, logged_camp, run
from tests.edge_runtime.station.test_backup_log import rezipped, verified
from tests.edge_runtime.tlog.test_attacks import rewrite

_EDIT = "UPDATE photos SET record = replace(record, 'glaucoma', 'normal') WHERE number = 2"


@pytest.fixture
def camp(tmp_path):
    """A camp whose checkpoint somebody kept."""
    camp = logged_camp(tmp_path / "camp")
    shutil.copy(camp / LOG / "checkpoint", tmp_path / "monday")
    return camp


@pytest.fixture
def file(camp, tmp_path):
    return backed_up(camp, tmp_path / "camp.zip")


def forge(file, work, edit):
    """Unpack a backup, let ``edit`` change it, and pack it again with all hashes of files right."""
    with zipfile.ZipFile(file) as opened:
        opened.extractall(work)
    (work / SUMS).unlink()
    edit(work)
    names = (each.relative_to(work).as_posix() for each in work.rglob("*") if each.is_file())
    forged = {name: (work / name).read_bytes() for name in sorted(names)}
    rezipped(file, lambda _: forged)


def edited(work):
    """Change a record, and give its hash in the log before and after."""
    salts = read_salts(work / LOG)
    before = camp_records(work).contents["photo 2"]
    with contextlib.closing(sqlite3.connect(work / FORM.file)) as opened, opened:
        opened.execute("PRAGMA journal_mode = DELETE")
        assert opened.execute(_EDIT).rowcount > 0
    after = camp_records(work).contents["photo 2"]
    assert after != before
    return salts.commit(before)[0].hex(), salts.commit(after)[0].hex()


def resealed(work, key):
    """Change a record, and write the log anew so that it fits, with this key's file."""
    log = work / LOG
    old, new = edited(work)
    entries = [to_bytes(replace(each, of=new) if each.of == old else each)
               for each in examine(log).entries]  # fmt: skip
    salts = (log / SALTS).read_bytes()
    shutil.copy(key, log / KEY)
    rewrite(log, entries)
    (log / SALTS).write_bytes(salts)
    (log / KEY).unlink()


def unsigned(work, key):
    """Do that, and say that the log is the old one, signed by nobody."""
    name = read_checkpoint(work / LOG).origin
    public = (work / LOG / "log.pub").read_bytes()
    resealed(work, key)
    lines = (work / LOG / "checkpoint").read_text("utf-8").split("\n")
    (work / LOG / "checkpoint").write_text("\n".join([name, *lines[1:3], "", ""]), "utf-8")
    (work / LOG / "log.pub").write_bytes(public)


@pytest.fixture
def own_key(tmp_path):
    """The key of a log that the forger made."""
    (tmp_path / "forger").mkdir()
    make_key(tmp_path / "forger")
    return tmp_path / "forger" / KEY


def restored(file, tmp_path):
    return run("station", "restore", file, "--data", tmp_path / "new")


def found_by_what_was_kept(camp, tmp_path):
    """Tell by which of what somebody kept of a log a forged backup is found."""
    new, monday = tmp_path / "new", read_checkpoint(tmp_path / "monday")
    ways = {
        "nothing": (),
        "checkpoint": ("--checkpoint", tmp_path / "monday"),
        "slip": ("--checkpoint-root", told(monday.size, monday.root)),
        "key": ("--key", camp / LOG / "log.pub"),
    }
    return [name for name, options in ways.items() if verified(new, *options).exit_code]


def test_a_log_forged_with_another_key_is_found_by_all_that_somebody_kept(
    camp, file, own_key, tmp_path
):
    forge(file, tmp_path / "work", lambda work: resealed(work, own_key))
    ran = restored(file, tmp_path)
    assert ran.exit_code == 0, "whoever has a backup can make another one, of another camp"
    assert "Whether it is the log that you know tells" in ran.stderr
    assert found_by_what_was_kept(camp, tmp_path) == ["checkpoint", "slip", "key"]


def test_a_log_forged_without_a_key_is_noted_at_once_and_found_by_all_that_was_kept(
    camp, file, own_key, tmp_path
):
    forge(file, tmp_path / "work", lambda work: unsigned(work, own_key))
    ran = restored(file, tmp_path)
    assert ran.exit_code == 0, "a camp without the extra trust signs nothing either"
    assert "isn't signed: its signature was cut off, or what signs wasn't installed" in ran.stderr
    assert found_by_what_was_kept(camp, tmp_path) == ["checkpoint", "slip", "key"]


def test_a_log_forged_with_its_own_key_is_found_by_what_was_kept_of_before(camp, file, tmp_path):
    forge(file, tmp_path / "work", lambda work: resealed(work, camp / LOG / KEY))
    assert restored(file, tmp_path).exit_code == 0
    assert found_by_what_was_kept(camp, tmp_path) == ["checkpoint", "slip"]


def test_an_entry_edited_in_a_backup_is_found_at_once(file, tmp_path):
    def edit(work):
        old, new = edited(work)
        for each in (work / LOG).rglob("*"):
            if each.is_file():
                each.write_bytes(each.read_bytes().replace(old.encode(), new.encode()))

    forge(file, tmp_path / "work", edit)
    ran = restored(file, tmp_path)
    assert ran.exit_code == 1
    assert "Error: before: " in ran.stderr


def test_a_log_that_a_backup_never_had_before_it_is_found_at_once(file, tmp_path):
    def edit(work):
        shutil.copytree(work / LOG, tmp_path / "other")
        shutil.copytree(tmp_path / "other", work / LOG / BEFORE)

    forge(file, tmp_path / "work", edit)
    ran = restored(file, tmp_path)
    assert ran.exit_code == 1
    assert "before is there, and the log doesn't say that one was before it" in ran.stderr


def test_other_salts_in_a_backup_make_no_record_fit(file, tmp_path):
    forge(file, tmp_path / "work",
          lambda work: (work / LOG / SALTS).write_text(f"{secrets.token_hex(32)}\n"))  # fmt: skip
    ran = restored(file, tmp_path)
    assert ran.exit_code == 1
    assert "records deleted or changed" in ran.stderr
