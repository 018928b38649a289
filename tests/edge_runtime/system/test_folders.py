"""A folder is made whole, and what can't be written is noticed before the work."""

import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime.bundle.bundle import check_target
from edge_runtime.commands.main import main
from edge_runtime.errors import OutputExistsError, OutputFailedError
from edge_runtime.system import folders
from edge_runtime.system.folders import check_writable, new_folder
from edge_runtime.system.partial import clear_abandoned, partial_of
from tests.edge_runtime.killing import killed_in_its_work


def places(tmp_path):
    """By cause, folders that can't be made; permissions would not stop the tests' superuser."""
    (tmp_path / "file").write_text("")
    return {
        f"{tmp_path / 'file'} is not a folder": tmp_path / "file" / "new",
        f"{tmp_path}/file is not a folder": tmp_path / "file" / "a" / "b" / "new",
        "file name too long": tmp_path / ("n" * 250),
        "no such file or directory": "/proc/new",  # a file system that takes no folders
    }


def test_a_place_that_takes_a_folder_is_left_as_it_was_also_where_parents_are_missing(tmp_path):
    check_writable(tmp_path / "new")
    check_writable(tmp_path / "a" / "b" / "new")
    check_target(tmp_path / "a" / "b" / "new", force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_takes_none_is_refused_with_its_cause(tmp_path):
    for cause, place in places(tmp_path).items():
        with pytest.raises(OutputFailedError, match=f"can't write there: {cause}"):
            check_target(tmp_path / place, force=True)


def test_a_folder_that_may_not_be_written_is_refused(tmp_path, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.mkdir", refuse)
    with pytest.raises(OutputFailedError, match="new: can't write there: permission denied"):
        check_writable(tmp_path / "new")


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path):
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(OutputExistsError, match="leads nowhere"):
        check_writable(tmp_path / "link")


@pytest.mark.parametrize("command", ["calibrate", "export", "validate"])
def test_commands_notice_it_before_they_read_anything(command, tmp_path):
    """Their other arguments lead nowhere, and that isn't what they complain of."""
    data = [] if command == "export" else ["--data", str(tmp_path / "none")]
    for cause, place in places(tmp_path).items():
        arguments = [command, str(tmp_path / "none"), *data, "--out", str(place)]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 1
        assert result.output == f"Error: {place}: can't write there: {cause}\n"


def test_a_verdict_that_cant_be_recorded_is_noticed_before_the_photos_are_read(tmp_path):
    (tmp_path / "file").write_text("")
    arguments = ["validate", str(tmp_path / "file" / "b"), "--data", str(tmp_path), "--record"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "can't write there" in result.output


def fill(folder, number=0):
    (folder / "inner").mkdir()
    for name in ("a", "b", "inner/c"):
        (folder / name).write_text(f"{number}\n" * 1000)


def test_a_folder_appears_when_it_is_complete_and_not_before(tmp_path):
    with new_folder(tmp_path / "x" / "new") as partial:
        fill(partial)
        assert not (tmp_path / "x" / "new").exists()
    assert sorted(path.name for path in (tmp_path / "x" / "new").iterdir()) == ["a", "b", "inner"]
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["new"]


@pytest.fixture
def synced(monkeypatch):
    """The names of the files and folders that were brought to the disk, each by itself."""
    names, fsync = [], os.fsync

    def noted(handle):
        names.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    return names


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux syncs a file system by itself")
def test_on_linux_all_is_brought_to_the_disk_at_once_before_the_name_and_then_the_name(
    tmp_path, monkeypatch, synced
):
    sync_disk, seen = folders._sync_disk, []

    def noted(folder):
        seen.append((folder.name, (tmp_path / "new").exists(), sync_disk(folder)))
        return seen[-1][-1]

    monkeypatch.setattr(folders, "_sync_disk", noted)
    with new_folder(tmp_path / "new") as partial:
        fill(partial)
    assert seen == [(".new.partial", False, True)]
    assert synced == [tmp_path.name]


def test_elsewhere_each_file_and_folder_is_brought_to_the_disk_before_the_name_and_then_the_name(
    tmp_path, monkeypatch, synced
):
    monkeypatch.setattr(folders, "_sync_disk", lambda _: False)
    with new_folder(tmp_path / "new") as partial:
        fill(partial)
        (partial / "link").symlink_to("nowhere")
    assert sorted(synced[:-2]) == ["a", "b", "c", "inner"]
    assert synced.index("c") < synced.index("inner")
    assert synced[-2:] == [".new.partial", tmp_path.name]
    synced.clear()
    with new_folder(tmp_path / "other", sync=False) as partial:
        fill(partial)
    assert synced == []


@pytest.mark.parametrize(
    ("private", "umask", "mode"), [(True, 0, 0o700), (False, 0o022, 0o755), (False, 0o077, 0o700)]
)
def test_a_folder_is_for_its_owner_only_where_that_is_asked_for(private, umask, mode, tmp_path):
    before = os.umask(umask)
    try:
        with new_folder(tmp_path / "new", private=private):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == mode


def test_what_stands_there_is_replaced_only_when_that_is_asked_for(tmp_path):
    path = tmp_path / "place"
    with new_folder(path) as partial:
        fill(partial, 1)
    with pytest.raises(OutputExistsError, match="choose another folder"), new_folder(path):
        pass
    assert (path / "a").read_text().startswith("1")
    with new_folder(path, replace=True) as partial:
        (partial / "new").touch()
    assert [file.name for file in path.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [path]


def test_what_came_there_meanwhile_is_not_replaced(tmp_path):
    def write():
        with new_folder(tmp_path / "place") as partial:
            fill(partial)
            (tmp_path / "place").mkdir()

    with pytest.raises(OutputExistsError, match="choose another folder"):
        write()
    assert list((tmp_path / "place").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_a_link_is_replaced_and_not_what_it_leads_to(tmp_path):
    fill_at = tmp_path / "there"
    fill_at.mkdir()
    (tmp_path / "link").symlink_to("there")
    with new_folder(tmp_path / "link", replace=True) as partial:
        fill(partial)
    assert not (tmp_path / "link").is_symlink()
    assert list(fill_at.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "there"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_error_leaves_the_old_folder_and_nothing_else(error, tmp_path):
    def write():
        with new_folder(path, replace=True) as partial:
            fill(partial)
            raise error

    path = tmp_path / "place"
    path.mkdir()
    with pytest.raises(OutputFailedError if isinstance(error, OSError) else KeyboardInterrupt):
        write()
    assert list(path.iterdir()) == []
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets folders change places")
def test_on_linux_a_folder_is_replaced_in_one_step_so_that_one_always_stands_there(
    tmp_path, monkeypatch
):
    def refuse(*_):
        raise AssertionError("a rename leaves its old name empty")

    path = tmp_path / "place"
    path.mkdir()
    monkeypatch.setattr(Path, "rename", refuse)
    with new_folder(path, replace=True) as partial:
        fill(partial)
    assert (path / "a").exists()


@pytest.fixture
def without_exchange(monkeypatch):
    """Let two folders not change places, as on a file system that can't."""
    monkeypatch.setattr(folders, "_exchange", lambda *_: False)


def test_where_folders_cant_change_places_one_is_renamed_after_the_other(
    tmp_path, without_exchange
):
    path = tmp_path / "place"
    for number in (1, 2):
        with new_folder(path, replace=True) as partial:
            fill(partial, number)
        assert (path / "a").read_text().startswith(str(number))
        assert list(tmp_path.iterdir()) == [path]


def test_where_the_second_rename_fails_the_old_folder_comes_back(
    tmp_path, without_exchange, monkeypatch
):
    path, rename = tmp_path / "place", Path.rename
    path.mkdir()

    def fail_for_partial(self, target):
        if self.suffix == ".partial":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_partial)
    with (
        pytest.raises(OutputFailedError, match="input/output"),
        new_folder(path, replace=True) as partial,
    ):
        fill(partial)
    assert list(path.iterdir()) == []
    assert list(tmp_path.iterdir()) == [path]


def test_of_two_writers_of_one_folder_the_second_is_told(tmp_path):
    path = tmp_path / "new"
    with new_folder(path) as partial:
        fill(partial)
        with pytest.raises(OutputFailedError, match="another process is writing"), new_folder(path):
            pass
        clear_abandoned(partial)
        check_writable(path)
        assert (partial / "a").exists()
    assert (path / "a").exists()


def test_what_a_killed_writer_left_is_cleared(tmp_path):
    for left in (tmp_path / ".new.partial", tmp_path / ".other.partial"):
        left.mkdir()
        (left / "half").touch()
    check_writable(tmp_path / "new")
    with new_folder(tmp_path / "new") as partial:
        assert list(partial.iterdir()) == []
    clear_abandoned(partial_of(tmp_path / "other"))
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


WRITER = """
import sys
from itertools import count
from pathlib import Path
from edge_runtime.system.folders import new_folder
path = Path(sys.argv[1])
for number in count(int(sys.argv[2])):
    with new_folder(path, replace=True, sync=number % 2 == 0) as partial:
        (partial / "inner").mkdir()
        for name in ("a", "b", "inner/c"):
            (partial / name).write_text(f"{number}\\n" * 1000)
    print(number, flush=True)
"""


def test_a_writer_that_is_killed_leaves_the_old_or_the_new_folder_and_nothing_for_good(tmp_path):
    generator, path, done, left = np.random.default_rng(0), tmp_path / "place", 0, 0
    for _ in range(15):
        delay_s = float(generator.uniform(0, 0.03))
        done = killed_in_its_work(WRITER, path, done + 1, delay_s=delay_s)
        lines = [
            line for name in ("a", "b", "inner/c") for line in (path / name).read_text().split()
        ]
        assert len(lines) == 3000
        assert len(set(lines)) == 1
        assert done <= int(lines[0]) <= done + 1
        left += len(list(tmp_path.iterdir())) - 1
    assert left  # else no kill came in the middle of anything
    with new_folder(path, replace=True):
        pass
    assert list(tmp_path.iterdir()) == [path]
