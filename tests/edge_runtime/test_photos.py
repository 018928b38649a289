"""Photos are found, and what can't be searched is said."""

import os
from pathlib import Path

from edge_runtime.photos import find_photos


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
