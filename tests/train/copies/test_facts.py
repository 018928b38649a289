"""What is read of a photo, and what is kept of it."""

import dataclasses
import os
import shutil
import stat
from pathlib import Path

import cv2
import numpy as np
import pytest
from make_fundus import draw_fundus

from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from tests.train.copied_photos import write
from train.copies import facts as module
from train.copies.facts import Facts, read_facts


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photos" / "eye.png"
    write(path, draw_fundus("normal", seed=3))
    return path


def same(first, second):
    """Compare facts, arrays and all."""
    ours, theirs = dataclasses.asdict(first), dataclasses.asdict(second)
    arrays, others = ours.pop("descriptor"), theirs.pop("descriptor")
    return ours == theirs and all(np.array_equal(arrays[key], others[key]) for key in arrays)


def forbid_measuring(monkeypatch):
    def measure(*_):
        raise AssertionError("it was measured again")

    monkeypatch.setattr(module, "_measure", measure)


def test_what_is_kept_is_what_was_read(photo, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    (first,) = read_facts([photo], cache=cache)
    forbid_measuring(monkeypatch)
    (second,) = read_facts([photo], cache=cache)
    assert same(first, second)


def test_a_renamed_photo_is_found_in_the_cache(photo, tmp_path, monkeypatch):
    read_facts([photo], cache=tmp_path / "cache")
    forbid_measuring(monkeypatch)
    moved = photo.rename(photo.with_name("other.jpg"))
    assert isinstance(read_facts([moved], cache=tmp_path / "cache")[0], Facts)


@pytest.mark.parametrize(
    "damage", ["empty", "cut", "flipped", "other arrays", "wrong shape", "nan"]
)
def test_a_damaged_entry_is_measured_again_and_mended(damage, photo, tmp_path):
    cache = tmp_path / "cache"
    (first,) = read_facts([photo], cache=cache)
    (entry,) = cache.rglob("*.npz")
    data = entry.read_bytes()
    with np.load(entry) as file:
        arrays = dict(file)
    if damage == "empty":
        entry.write_bytes(b"")
    elif damage == "cut":
        entry.write_bytes(data[: len(data) // 2])
    elif damage == "flipped":
        middle = len(data) // 2
        entry.write_bytes(data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :])
    elif damage == "other arrays":
        np.savez(entry, something=np.zeros(3))
    elif damage == "wrong shape":
        np.savez(entry, **{**arrays, "patch": arrays["patch"][:5]})
    else:
        np.savez(entry, **{**arrays, "numbers": arrays["numbers"] * np.nan})
    (second,) = read_facts([photo], cache=cache)
    assert same(first, second)
    with np.load(entry) as file:
        assert set(file) == set(arrays)


def test_an_entry_whose_header_threads_spoiled_is_measured_again(photo, tmp_path, monkeypatch):
    (first,) = read_facts([photo], cache=tmp_path / "cache")

    def load(*_arguments, **_options):
        raise SystemError("AST constructor recursion depth mismatch")

    monkeypatch.setattr(module.np, "load", load)
    (second,) = read_facts([photo], cache=tmp_path / "cache")
    assert same(first, second)


def test_an_entry_of_another_version_isnt_looked_at(photo, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    read_facts([photo], cache=cache)
    monkeypatch.setattr(module, "CACHE_VERSION", module.CACHE_VERSION + 1)
    forbid_measuring(monkeypatch)
    with pytest.raises(AssertionError, match="measured again"):
        read_facts([photo], cache=cache)


def test_a_cache_that_cant_be_written_costs_nothing_but_time(photo, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert isinstance(read_facts([photo], cache=blocked)[0], Facts)


def test_without_a_cache_nothing_is_written(photo, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    read_facts([photo])
    assert sorted(tmp_path.rglob("*")) == before


def test_unreadable_photos_leave_their_error_in_their_place(photo, tmp_path):
    empty, text = tmp_path / "empty.jpg", tmp_path / "text.jpg"
    empty.touch()
    text.write_text("no photo")
    shares = []
    found = read_facts(
        [empty, photo, text, tmp_path / "gone.jpg", tmp_path],
        on_share=shares.append,
    )
    kinds = [type(each) for each in found]
    assert kinds == [
        PhotoUnreadableError, Facts, PhotoUnreadableError, PhotoNotFoundError, PhotoUnreadableError,
    ]  # fmt: skip
    assert shares == [0.2, 0.4, 0.6, 0.8, 1]


def test_what_is_kept_is_for_its_owner_only(photo, tmp_path):
    cache = tmp_path / "cache"
    before = os.umask(0)
    try:
        read_facts([photo], cache=cache)
    finally:
        os.umask(before)
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700  # so that the runtime trusts it too
    (entry,) = cache.rglob("*.npz")
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600


def page():
    paper = np.full((400, 300, 3), 250, np.uint8)
    for line in range(14):
        cv2.putText(paper, "findings of the eye", (10, 30 + 26 * line), 0, 0.7, (0, 0, 0), 1)
    return paper


def scene():
    picture = np.full((300, 400, 3), (110, 160, 220), np.uint8)
    picture[180:] = (60, 140, 50)
    return picture


@pytest.mark.parametrize(
    ("picture", "is_fundus"),
    [
        (draw_fundus("normal", seed=1), True),
        (draw_fundus("cataract", seed=1), True),
        (draw_fundus("glaucoma", seed=1)[40:200, 80:240], True),  # no frame at all
        (page(), False),
        (scene(), False),
        (np.zeros((200, 200, 3), np.uint8), False),
        (np.full((200, 200, 3), (200, 90, 40), np.uint8), False),
    ],
    ids=["normal", "cataract", "cut out", "document", "scene", "black", "one colour"],
)
def test_pictures_that_are_no_fundus_photos_are_told_apart(picture, is_fundus, tmp_path):
    write(tmp_path / "it.png", picture)
    (found,) = read_facts([tmp_path / "it.png"])
    assert found.is_fundus == is_fundus


def test_two_readers_of_one_cache_dont_disturb_each_other(photo, tmp_path):
    copies = [Path(shutil.copy(photo, photo.with_name(f"{n}.png"))) for n in range(12)]
    found = read_facts(copies, cache=tmp_path / "cache")
    assert all(same(found[0], each) for each in found)
    assert len([path for path in (tmp_path / "cache").rglob("*") if path.is_file()]) == 1
