"""The photographs of a store are found again, from wherever a command runs."""

import hashlib
import json
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from calibration.commands.explain import explain
from calibration.explanations.store.info import STORE_JSON, read_info
from calibration.explanations.store.read import read_store
from calibration.explanations.store.store import writing
from calibration.explanations.stored_field import file_of, not_found, stored_field
from tests.calibration.explanations.store.stored import INFO, stored
from tests.conftest import EXAMPLE_PHOTO

DIGEST = hashlib.sha256(EXAMPLE_PHOTO.read_bytes()).hexdigest()


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A folder with a photo and the store that was made in it, and another folder to work in."""
    home, away = tmp_path / "home", tmp_path / "away"
    for folder in (home / "photos", away):
        folder.mkdir(parents=True)
    shutil.copy(EXAMPLE_PHOTO, home / "photos" / "eye.jpg")
    monkeypatch.chdir(home)
    with writing(home / "s", replace(INFO, folder=str(home))) as store:
        store.add(stored(0, path="photos/eye.jpg", sha256=DIGEST))
    monkeypatch.chdir(away)
    return home, away


def test_a_relative_path_leads_to_its_photo_from_another_folder(places):
    home, _ = places
    (photo,) = read_store(home / "s").photos
    assert photo.path == "photos/eye.jpg"
    assert file_of(photo) == home / "photos" / "eye.jpg"
    assert stored_field(photo, size=(32, 32)).shape == (32, 32, 3)
    assert not_found([photo]) is None


def test_a_store_that_was_moved_with_its_photos_is_used_from_beside_them(places, monkeypatch):
    home, _ = places
    moved = home.rename(home.with_name("moved"))
    monkeypatch.chdir(moved)
    (photo,) = read_store(moved / "s").photos
    assert stored_field(photo, size=(32, 32)) is not None
    assert not_found([photo]) is None


def test_a_run_from_another_folder_adds_photos_that_are_found_too(places):
    home, away = places
    shutil.copy(EXAMPLE_PHOTO, away / "new.jpg")
    with writing(home / "s", replace(INFO, folder=str(away))) as store:
        store.add(stored(1, path="new.jpg", sha256=DIGEST))
    assert read_info(home / "s").folder == str(home)
    assert [file_of(photo) for photo in read_store(home / "s").photos] == [
        home / "photos" / "eye.jpg",
        away / "new.jpg",
    ]


def test_what_isnt_found_is_one_sentence_that_says_where_it_was_looked_for(places):
    home, away = places
    (home / "photos" / "eye.jpg").unlink()
    said = not_found(read_store(home / "s").photos)
    assert said.startswith(f"1 of 1 photographs aren't found from {home}, where the store was made")
    assert f"nor from {away}, such as eye.jpg" in said


def test_a_store_of_before_opens_and_its_photos_are_looked_for_from_here(places, monkeypatch):
    home, away = places
    info = json.loads((home / "s" / STORE_JSON).read_text())
    del info["folder"]
    (home / "s" / STORE_JSON).write_text(json.dumps(info))
    (photo,) = read_store(home / "s").photos
    assert f"from {away}, and the store doesn't say" in not_found([photo])
    monkeypatch.chdir(home)
    assert stored_field(photo, size=(32, 32)) is not None


@pytest.mark.parametrize("command", ["analyse", "failures", "consistency"])
def test_a_command_and_its_page_say_that_photos_arent_found(places, command):
    home, away = places
    (home / "photos" / "eye.jpg").unlink()
    done = CliRunner().invoke(
        explain, [command, str(home / "s"), "--out", str(away / "o"), "--resamples", "100"]
    )
    assert done.exit_code == 0, done.output
    assert "Warning: 1 of 1 photographs aren't found from" in done.stderr
    (page,) = (away / "o").glob("*.html")
    assert "1 of 1 photographs aren" in page.read_text("utf-8")
