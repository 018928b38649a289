"""Photos are found, and what can't be searched is said."""

import os
from pathlib import Path

import pytest

from edge_runtime.photo.beside import count_kinds
from edge_runtime.photo.find import find_photos, is_missing


def test_a_folder_that_cant_be_searched_is_listed_itself(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.jpg").touch()
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert find_photos([tmp_path]).photos == (tmp_path / "a.jpg", tmp_path / "closed")


def test_a_photo_named_twice_is_found_once(tmp_path):
    (tmp_path / "a.jpg").touch()
    assert find_photos([tmp_path / "a.jpg", tmp_path]).photos == (tmp_path / "a.jpg",)


def test_links_to_folders_in_a_circle_end(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "eye.jpg").touch()
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "self").symlink_to(tmp_path / "a" / "self")
    (tmp_path / "linked.jpg").symlink_to(tmp_path / "a" / "eye.jpg")
    found = find_photos([tmp_path])
    assert found.photos == (tmp_path / "linked.jpg", tmp_path / "a" / "eye.jpg")
    assert found.links == (tmp_path / "a" / "up",)
    assert found.unread == (tmp_path / "a" / "self",)  # it leads nowhere


def test_every_ending_of_a_jpeg_is_one(tmp_path):
    names = ("a.JFIF", "b.jfif", "c.jpe", "d.jpeg", "e.jpg")
    for name in names:
        (tmp_path / name).touch()
    assert find_photos([tmp_path]).photos == tuple(tmp_path / name for name in names)


def test_other_files_of_a_folder_are_told_apart_by_their_names(tmp_path):
    for name in ("a.jpg", "notes.txt", "table.xlsx", ".DS_Store", "noending", "THUMBS.DB", "b.DCM"):
        (tmp_path / name).touch()
    found = find_photos([tmp_path])
    assert found.photos == (tmp_path / "a.jpg",)
    assert found.unread == (tmp_path / "b.DCM", tmp_path / "noending")
    assert (found.beside, found.clutter) == (2, 2)
    # what is named outright isn't passed over
    named = [tmp_path / name for name in ("notes.txt", "noending", ".DS_Store")]
    found = find_photos([tmp_path, *named])
    assert found.photos == (tmp_path / "a.jpg", *named)
    assert found.unread == (tmp_path / "b.DCM",)
    assert (found.beside, found.clutter) == (1, 1)


def test_the_folders_of_systems_arent_searched(tmp_path):
    for name in ("__MACOSX", ".Trashes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "eye.jpg").touch()
    found = find_photos([tmp_path])
    assert (found.photos, found.clutter) == ((), 2)


def test_kinds_are_counted_with_the_unknown_last():
    names = ["a", "b.gif", "c.heif", "d.HEIC", "e.mov"]
    assert count_kinds(map(Path, names)) == "2 HEIC, 1 video, 2 of unknown kind"


@pytest.mark.parametrize(
    ("name", "missing"), [("gone.jpg", True), ("a.jpg/below", True), ("a.jpg", False),
                          ("to_nowhere", False), ("x" * 300, False)],
)  # fmt: skip
def test_only_where_nothing_stands_a_path_is_missing(tmp_path, name, missing):
    (tmp_path / "a.jpg").touch()
    (tmp_path / "to_nowhere").symlink_to("nowhere")
    assert is_missing(tmp_path / name) is missing


def test_a_photo_below_a_closed_folder_is_listed_and_the_others_too(tmp_path, monkeypatch):
    (tmp_path / "a.jpg").touch()
    stat = os.stat

    def refuse(path, *arguments, **options):
        if "locked" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", refuse)
    hidden = tmp_path / "locked" / "b.jpg"
    assert find_photos([hidden, tmp_path]).photos == (hidden, tmp_path / "a.jpg")
