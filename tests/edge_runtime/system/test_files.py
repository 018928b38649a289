"""A file is written whole, brought to the disk with its folder, and then takes its place."""

import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from edge_runtime.errors import OutputExistsError, OutputFailedError
from edge_runtime.system.files import (
    one_sentence,
    replacing,
    replacing_by_name,
    replacing_text,
    sync_folder,
    write_file,
)
from edge_runtime.system.partial import partial_of
from tests.edge_runtime.killing import killed_in_its_work


def by_stream(path, data, **options):
    with replacing(path, **options) as file:
        file.write(data)


def by_text(path, data, **options):
    with replacing_text(path, **options) as file:
        file.write(data.decode())


def by_name(path, data):
    with replacing_by_name(path) as partial:
        partial.write_bytes(data)


FORMS = [write_file, by_stream, by_text, by_name]


@pytest.fixture
def synced(monkeypatch):
    """What was brought to the disk, in turn: "file" or "folder", and what stood in the folder."""
    found = []
    fsync = os.fsync

    def noted(handle):
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        found.append("folder" if is_folder else "file")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    return found


@pytest.mark.parametrize("write", FORMS)
def test_a_file_takes_the_place_of_the_old_one_and_nothing_is_left_beside_it(write, tmp_path):
    path = tmp_path / "file.keras"
    for data in (b"old\r\nlines\n", b"new\n"):
        write(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", FORMS)
def test_the_file_and_then_its_folder_are_brought_to_the_disk(write, tmp_path, synced, monkeypatch):
    renamed = Path.replace

    def replace(self, target):
        synced.append("rename")
        return renamed(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    write(tmp_path / "file", b"data")
    assert synced == ["file", "rename", "folder"]


def test_a_library_that_goes_by_the_ending_gets_it(tmp_path):
    with replacing_by_name(tmp_path / "model.keras") as partial:
        assert partial.name == ".model.partial.keras"
        partial.touch()


@pytest.mark.parametrize("write", FORMS[:3])
def test_what_can_be_made_anew_needs_no_syncing(write, tmp_path, synced):
    write(tmp_path / "file", b"data", sync=False)
    assert (tmp_path / "file").read_bytes() == b"data"
    assert synced == []


@pytest.mark.parametrize("write", FORMS[:3])
@pytest.mark.parametrize(
    ("private", "umask", "mode"), [(True, 0, 0o600), (False, 0o022, 0o644), (False, 0o077, 0o600)]
)
def test_what_is_about_patients_is_for_its_owner_only(write, private, umask, mode, tmp_path):
    before = os.umask(umask)
    try:
        write(tmp_path / "file", b"data", private=private)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode


@pytest.mark.parametrize("form", [replacing, replacing_text, replacing_by_name])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_error_leaves_the_old_file_and_nothing_else(form, error, tmp_path):
    def write():
        with form(path) as given:
            if isinstance(given, Path):
                given.write_bytes(b"ne")
            else:
                given.write("ne" if form is replacing_text else b"ne")
            raise error

    path = tmp_path / "file"
    write_file(path, b"old")
    with pytest.raises(type(error)):
        write()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", FORMS)
def test_a_file_that_cant_be_renamed_leaves_nothing(write, tmp_path):
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError, match="directory"):
        write(tmp_path / "file", b"data")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_what_a_killed_writer_left_gives_way_whatever_its_permissions(tmp_path):
    partial = partial_of(tmp_path / "file")
    partial.write_bytes(b"half, and longer than what follows")
    partial.chmod(0o666)
    write_file(tmp_path / "file", b"data", private=True)
    assert (tmp_path / "file").read_bytes() == b"data"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    assert not partial.exists()


@pytest.mark.parametrize("write", FORMS)
def test_a_link_in_the_place_of_the_sibling_is_not_written_through(write, tmp_path):
    (tmp_path / "precious").write_bytes(b"mine")
    partial_of(tmp_path / "file").symlink_to("precious")
    write(tmp_path / "file", b"data")
    assert (tmp_path / "file").read_bytes() == b"data"
    assert (tmp_path / "precious").read_bytes() == b"mine"


def test_writers_of_one_file_write_one_after_the_other(tmp_path):
    path, failed = tmp_path / "file", []

    def write(number):
        try:
            for _ in range(20):
                with replacing(path, sync=False) as file:
                    for _ in range(20):
                        file.write(b"%d\n" % number)
                        file.flush()
                found = path.read_bytes().splitlines()
                assert len(found) == 20
                assert len(set(found)) == 1
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_no_file_system_can_sync_is_no_error_and_a_broken_disk_is(
    tmp_path, monkeypatch
):
    def refuse(_handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    number = 22  # EINVAL
    sync_folder(tmp_path)
    number = 5  # EIO
    with pytest.raises(OSError, match="Input/output"):
        sync_folder(tmp_path)


def test_the_systems_refusals_become_one_sentence_and_ours_stay():
    out = Path("out")
    with pytest.raises(OutputFailedError) as failed, one_sentence(out, no_room="; make room"):
        raise OSError(28, "No space left on device")
    assert str(failed.value) == "out: can't write there: no space left on device; make room"
    with pytest.raises(OutputFailedError) as failed, one_sentence(out, no_room="; make room"):
        raise PermissionError(13, "Permission denied")
    assert str(failed.value) == "out: can't write there: permission denied"
    with pytest.raises(OutputExistsError, match="choose"), one_sentence(out):
        raise OutputExistsError(out, "choose another")


WRITER = """
import sys
from itertools import count
from pathlib import Path
from edge_runtime.system.files import replacing, replacing_by_name, replacing_text, write_file
folder = Path(sys.argv[1])
for number in count(int(sys.argv[2])):
    write_file(folder / "bytes", b"%d\\n" % number * 5000, private=True, sync=number % 2 == 0)
    with replacing(folder / "stream", sync=False) as file:
        for _ in range(50):
            file.write(b"%d\\n" % number * 100)
    with replacing_text(folder / "text", sync=False) as file:
        for _ in range(50):
            file.write(f"{number}\\n" * 100)
    with replacing_by_name(folder / "library") as partial:
        partial.write_bytes(b"%d\\n" % number * 5000)
    print(number, flush=True)
"""


def test_a_writer_that_is_killed_leaves_the_old_or_the_new_content_and_nothing_for_good(tmp_path):
    generator, done, left = np.random.default_rng(0), 0, 0
    names = ["bytes", "library", "stream", "text"]
    for _ in range(15):
        delay_s = float(generator.uniform(0, 0.03))
        done = killed_in_its_work(WRITER, tmp_path, done + 1, delay_s=delay_s)
        for name in names:
            lines = (tmp_path / name).read_bytes().splitlines()
            assert len(lines) == 5000
            assert set(lines) <= {b"%d" % done, b"%d" % (done + 1)}
            assert len(set(lines)) == 1
        left += len(list(tmp_path.iterdir())) - len(names)
    assert left  # else no kill came in the middle of anything
    for name, write in zip(names, (write_file, by_name, by_stream, by_text), strict=True):
        write(tmp_path / name, b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == names
