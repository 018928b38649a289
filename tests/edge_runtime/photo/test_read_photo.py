"""A file is read if it is one, and at no more cost than its size."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.photo.decode import decode, read_photo
from tests.conftest import EXAMPLE_PHOTO

NARROW = """
import re, resource, sys
from pathlib import Path
from edge_runtime.photo.decode import decode, read_photo
held = int(re.search(r"VmSize:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) << 10
resource.setrlimit(resource.RLIMIT_AS, (held + (200 << 20),) * 2)
print(decode(read_photo(Path(sys.argv[1]), max_pixels=int(sys.argv[2]))).size)
"""


@pytest.mark.parametrize("max_pixels", [100_000_000, 10**30])
def test_reading_a_photo_reserves_no_more_than_the_photo(max_pixels):
    """Where memory is limited by ``ulimit -v``, what is reserved counts, used or not."""
    ran = subprocess.run(
        [sys.executable, "-c", NARROW, str(EXAMPLE_PHOTO), str(max_pixels)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.stdout == "(1411, 1411)\n", ran.stderr


def test_an_empty_and_a_missing_file_are_told_apart(tmp_path):
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(PhotoUnreadableError, match="empty"):
        read_photo(tmp_path / "empty.jpg")
    with pytest.raises(PhotoNotFoundError, match="no such file; check the name"):
        read_photo(tmp_path / "none.jpg")


@pytest.mark.parametrize(
    ("may", "sentence"), [(True, "a folder and no photo; name"), (False, "can't be searched")]
)
def test_a_folder_is_refused(tmp_path, monkeypatch, may, sentence):
    monkeypatch.setattr(os, "access", lambda path, mode: may)  # the tests' user may do everything
    with pytest.raises(PhotoUnreadableError, match=sentence):
        read_photo(tmp_path)


def test_a_link_that_leads_nowhere_is_called_one(tmp_path):
    (tmp_path / "eye.jpg").symlink_to(tmp_path / "gone.jpg")
    with pytest.raises(PhotoUnreadableError, match="a link to a file that isn't there"):
        read_photo(tmp_path / "eye.jpg")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(13, "Permission denied"), "permission denied; change the file's perm"),
        (OSError(5, "Input/output error"), "input/output error; the disk or card may be failing"),
        (OSError(40, "Too many levels of symbolic links"), "too many levels of symbolic links"),
    ],
)
def test_a_file_that_the_system_refuses_comes_with_a_remedy(tmp_path, monkeypatch, error, sentence):
    def refuse(*arguments, **options):
        raise error

    (tmp_path / "eye.jpg").touch()
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PhotoUnreadableError, match=sentence):
        read_photo(tmp_path / "eye.jpg")


@pytest.mark.parametrize("renamed", ["eye.png", "eye.txt", "eye"])
def test_a_renamed_file_is_read_by_its_content(tmp_path, renamed):
    (tmp_path / renamed).write_bytes(EXAMPLE_PHOTO.read_bytes())
    assert decode(read_photo(tmp_path / renamed)).size == (1411, 1411)


def test_a_pipe_and_a_device_are_refused_rather_than_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path / "pipe.jpg", Path("/dev/zero")):
        with pytest.raises(PhotoUnreadableError, match="not a file but a device or a pipe"):
            read_photo(path)


def test_a_file_too_large_for_the_limit_isnt_read(tmp_path):
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(1 << 40)  # a hole: it takes no room
    with pytest.raises(PhotoUnreadableError, match="too many for a photo"):
        read_photo(tmp_path / "huge.jpg")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (Path.touch, "the file is empty; copy it again from the camera's card, or take the photo"),
        (
            lambda path: path.symlink_to("nowhere"),
            "a link to a file that isn't there; put the file itself there",
        ),
        (os.mkfifo, "not a file but a device or a pipe; name a photo's file"),
    ],
    ids=["empty", "link", "pipe"],
)
def test_the_sentence_says_what_an_operator_can_do(tmp_path, make, sentence):
    make(tmp_path / "a.jpg")
    with pytest.raises(PhotoUnreadableError, match=sentence):
        read_photo(tmp_path / "a.jpg")
