"""What else lies in an inbox, and an inbox that isn't as it should be."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from edge_runtime.photo.find import STORE
from edge_runtime.station.arrivals import SETTLED, Arrivals
from edge_runtime.station.camp_store import CampStore
from tests.edge_runtime.station.test_arrivals import PHOTO, later, settled


def test_what_is_no_photograph_is_listed_and_what_means_nothing_is_passed_over(arrivals, inbox):
    (inbox / "__MACOSX").mkdir()
    (inbox / "sub").mkdir()
    for name in ("eye.heic", "scan.dcm", "sub/film.mp4", "strange.xyz", "noending",
                 ".hidden.jpg", "Thumbs.db", "desktop.ini", "__MACOSX/a.jpg", "list.csv",
                 "notes.txt", "b.jpg.tmp", "c.crdownload", "d.jpg.filepart"):  # fmt: skip
        (inbox / name).write_bytes(PHOTO)
    assert settled(arrivals) == []
    assert sorted(map(str, arrivals.unread)) == [
        "eye.heic", "noending", "scan.dcm", "strange.xyz", "sub/film.mp4",
    ]  # fmt: skip
    assert arrivals.still_coming() == ()
    (inbox / "eye.heic").unlink()
    [*arrivals.sweep()]
    assert Path("eye.heic") not in arrivals.unread


def test_every_kind_that_is_read_is_found_whatever_its_letters(arrivals, inbox):
    names = ["a.jpg", "b.JPEG", "c.jpe", "d.jfif", "e.PNG", "f.tif", "g.TIFF", "h.bmp", "i.webp"]
    for name in names:
        (inbox / name).write_bytes(PHOTO)
    assert sorted(settled(arrivals)) == names


def test_an_inbox_that_is_gone_is_an_error_and_goes_on_when_it_is_back(arrivals, inbox):
    (inbox / "a.jpg").write_bytes(PHOTO)
    [*arrivals.sweep()]
    inbox.rename(inbox.with_name("away"))
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            arrivals.sweep()
    inbox.with_name("away").rename(inbox)
    (inbox / "b.jpg").write_bytes(PHOTO[::-1])
    assert settled(arrivals) == ["a.jpg", "b.jpg"]


def test_an_inbox_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "inbox").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        Arrivals(tmp_path / "inbox").sweep()


def test_names_that_are_no_utf8_are_found_and_remembered(arrivals, inbox):
    name = os.fsdecode(b"Mu\xf1oz_OD.jpg")
    (inbox / name).write_bytes(PHOTO)
    assert settled(arrivals) == [name]
    assert settled(arrivals) == []


def test_a_folder_that_is_closed_or_a_link_is_listed(arrivals, inbox, tmp_path, monkeypatch):
    for folder in (inbox / "closed", inbox / "open", tmp_path / "elsewhere"):
        folder.mkdir()
        (folder / "a.jpg").write_bytes(PHOTO)
    (inbox / "link").symlink_to(tmp_path / "elsewhere")
    scan = os.scandir

    def refuse(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        assert settled(arrivals) == ["open/a.jpg"]
        assert list(map(str, arrivals.unread)) == ["link"]
        assert [*arrivals.refused()] == [Path("closed")]
        assert "permission denied" in arrivals.refused()[Path("closed")]
    assert settled(arrivals) == ["closed/a.jpg"]
    assert arrivals.refused() == {}


def test_a_link_to_a_file_that_is_not_there_is_passed_over_until_it_is(arrivals, inbox, tmp_path):
    (inbox / "a.jpg").symlink_to(tmp_path / "away.jpg")
    assert settled(arrivals) == []
    (tmp_path / "away.jpg").write_bytes(PHOTO)
    assert settled(arrivals) == ["a.jpg"]


def test_the_pictures_of_a_run_or_a_camp_within_the_inbox_are_no_photographs(arrivals, inbox):
    """Else each would be taken in, and make further ones without end."""
    with closing(CampStore(inbox / "camp")):
        (inbox / "camp" / "pictures" / "000001-photo.jpg").write_bytes(PHOTO)
    (inbox / "results" / "overlays").mkdir(parents=True)
    (inbox / "results" / STORE).touch()
    (inbox / "results" / "overlays" / "0001.jpg").write_bytes(PHOTO)
    assert settled(arrivals) == []
    assert sorted(map(str, arrivals.unread)) == ["camp", "results"]


def test_in_an_inbox_that_is_the_camps_own_folder_only_photographs_are_found(arrivals, inbox):
    with closing(CampStore(inbox)):
        (inbox / "pictures" / "000001-photo.jpg").write_bytes(PHOTO)
        (inbox / "a.jpg").write_bytes(PHOTO)
        assert settled(arrivals) == ["a.jpg"]


def test_a_clock_that_is_set_back_delays_nothing(arrivals, inbox):
    (inbox / "a.jpg").write_bytes(PHOTO)
    os.utime(inbox / "a.jpg", (4e9, 4e9))  # a copy from the year 2096
    (inbox / "b.jpg").write_bytes(PHOTO)
    os.utime(inbox / "b.jpg", (0, 0))
    [*arrivals.sweep()]
    assert later(arrivals, after_s=SETTLED) == ["b.jpg", "a.jpg"]
