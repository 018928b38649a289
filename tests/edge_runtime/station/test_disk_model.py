"""The model of a disk loses what nobody has brought to it, and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from tests.edge_runtime.station.disk_model import SECTOR, Disk
from tests.edge_runtime.station.system_calls import Replay, calls

ROOT = Path("/disk")
FILE = ROOT / "file"


def outcomes(disk, kind="worst"):
    """Cut the power often."""
    return [disk.after_a_cut(kind, np.random.default_rng(seed)) for seed in range(300)]


@pytest.fixture
def disk():
    return Disk(ROOT)


def sync_names(disk):
    root = Replay(disk, "worst")._root
    disk.sync(root, "worst")


def test_what_is_not_synced_may_be_lost_be_there_in_part_or_whole(disk):
    node = disk.make(FILE)
    sync_names(disk)
    data = b"a" * SECTOR + b"b" * SECTOR
    disk.write(node, 0, data)
    found = {each[FILE] for each in outcomes(disk)}
    assert {b"", data, b"a" * SECTOR} <= found
    assert bytes(SECTOR) + b"b" * SECTOR in found  # the second sector alone
    assert any(0 < len(each) < SECTOR for each in found)  # torn


@pytest.mark.parametrize("kind", ["worst", "ext4"])
def test_what_is_synced_is_there_whatever_comes_over_it(disk, kind):
    node = disk.make(FILE)
    disk.write(node, 0, b"first")
    disk.sync(node, kind)
    sync_names(disk)
    assert {each[FILE] for each in outcomes(disk, kind)} == {b"first"}
    disk.write(node, 0, b"other")
    assert {each[FILE] for each in outcomes(disk, kind)} == {b"first", b"other"}


def test_writes_that_are_not_synced_may_come_in_another_order(disk):
    node = disk.make(FILE)
    sync_names(disk)
    disk.write(node, 0, b"1")
    disk.write(node, 0, b"2")
    assert b"1" in {each[FILE] for each in outcomes(disk)}
    disk.cut(node, 0)
    assert b"2" in {each[FILE] for each in outcomes(disk)}


def test_a_synced_file_has_its_name_for_certain_once_its_folder_is_synced(disk):
    disk.sync(disk.make(FILE), "worst")
    assert {FILE in each for each in outcomes(disk)} == {True, False}
    sync_names(disk)
    assert {FILE in each for each in outcomes(disk)} == {True}


def test_on_ext4_a_synced_file_has_its_name_and_all_names_of_before(disk):
    disk.make(ROOT / "earlier")
    disk.sync(disk.make(FILE), "ext4")
    disk.make(ROOT / "later")
    found = outcomes(disk, "ext4")
    assert all({FILE, ROOT / "earlier"} <= each.keys() for each in found)
    assert {ROOT / "later" in each for each in found} == {True, False}


def test_a_renamed_file_that_is_not_synced_may_be_empty_under_its_new_name(disk):
    node = disk.make(FILE)
    disk.sync(node, "worst")
    disk.write(node, 0, b"new")
    disk.rename(FILE, ROOT / "name")
    sync_names(disk)
    found = outcomes(disk)
    assert {each[ROOT / "name"] for each in found} >= {b"", b"new"}
    assert not any(FILE in each for each in found)


def test_a_rename_that_is_not_synced_leaves_the_old_file_or_the_new_one_and_never_none(disk):
    for name, data in ((FILE, b"old"), (ROOT / "partial", b"new")):
        node = disk.make(name)
        disk.write(node, 0, data)
        disk.sync(node, "worst")
    sync_names(disk)
    disk.rename(ROOT / "partial", FILE)
    assert {each[FILE] for each in outcomes(disk)} == {b"old", b"new"}


def test_a_folder_that_is_lost_takes_its_files_along(disk):
    folder = disk.make(ROOT / "data", is_folder=True)
    file = disk.make(ROOT / "data" / "file")
    disk.sync(file, "worst")
    disk.sync(folder, "worst")
    assert {frozenset(each) for each in outcomes(disk)} == {
        frozenset(), frozenset({ROOT / "data", ROOT / "data" / "file"})
    }  # fmt: skip


def test_a_file_that_is_removed_may_come_back_until_its_folder_is_synced(disk):
    disk.make(FILE)
    sync_names(disk)
    disk.unlink(FILE)
    assert {FILE in each for each in outcomes(disk)} == {True, False}
    sync_names(disk)
    assert {FILE in each for each in outcomes(disk)} == {False}


def hexed(text):
    return "".join(f"\\x{each:02x}" for each in text.encode())


def test_calls_are_read_of_a_log_also_those_that_others_came_between():
    log = "\n".join(
        (
            f'7  openat(AT_FDCWD, "{hexed("/disk/a")}", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 5',
            f'7  openat(AT_FDCWD, "{hexed("/none")}", O_RDONLY) = -1 ENOENT (No such file)',
            f'7  pwrite64(5, "{hexed("body")}", 4, 4 <unfinished ...>',
            f'8  write(1, "{hexed("said, this")}", 10) = 10',
            "7  <... pwrite64 resumed>) = 4",
            "7  fsync(5) = 0",
            "7  close(5) = 0",
            "8  +++ exited with 0 +++",
        )
    )
    replay = Replay(Disk(ROOT), "ext4")
    assert [replay.do(call) for call in calls(log)] == [True, False, True, True, True]
    assert replay.said == ["said, this"]
    assert {each[ROOT / "a"] for each in outcomes(replay.disk, "ext4")} == {b"\0\0\0\0body"}


@pytest.mark.parametrize("call", ['writev(5, [{iov_base="\\x61", iov_len=1}], 1) = 1',
                                  "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 5, 0) = 0x7f",
                                  "sendfile(5, 6, NULL, 10) = 10"])  # fmt: skip
def test_a_way_to_change_a_file_that_the_model_does_not_know_fails_the_proof(call):
    log = f'7  openat(AT_FDCWD, "{hexed("/disk/a")}", O_RDWR|O_CREAT, 0600) = 5\n7  {call}'
    replay = Replay(Disk(ROOT), "worst")
    with pytest.raises(AssertionError, match="the model knows no"):
        _ = [replay.do(each) for each in calls(log)]
