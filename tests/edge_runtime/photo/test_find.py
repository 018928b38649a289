"""Photos are found, and what can't be searched is said."""

import os
from pathlib import Path

from edge_runtime.photo.find import find_photos


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


def test_every_ending_of_a_jpeg_is_one(tmp_path):
    names = ("a.JFIF", "b.jfif", "c.jpe", "d.jpeg", "e.jpg")
    for name in names:
        (tmp_path / name).touch()
    assert find_photos([tmp_path]).photos == tuple(tmp_path / name for name in names)


def test_other_files_of_a_folder_are_counted_but_not_the_hidden_ones(tmp_path):
    for name in ("a.jpg", "notes.txt", "table.xlsx", ".DS_Store", "noending"):
        (tmp_path / name).touch()
    assert find_photos([tmp_path]).passed_over == 3
    # what is named outright isn't passed over
    assert find_photos([tmp_path, tmp_path / "notes.txt"]).passed_over == 2


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
