"""A station that is killed at any moment has lost nothing that it said it had, and halved nothing.

Ten kills, or as many as the variable FUNDUS_EDGE_KILLS says:

    FUNDUS_EDGE_KILLS=200 pytest tests/edge_runtime/station/test_station_kills.py
"""

import contextlib
import os
import sqlite3

import cv2
import numpy as np
import pytest

from edge_runtime import Classifier, load_bundle
from edge_runtime.station.camp_form import CAMP_PICTURES, FORM
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.intake import OVERLAY, PHOTO, SMALL, Intake
from tests.edge_runtime.killing import killed_in_its_work
from tests.edge_runtime.station.camps import Clock, jpeg

PHOTOS = 30
KILLS = int(os.environ.get("FUNDUS_EDGE_KILLS", "10"))

#: Takes photographs in until it is killed, and says after each change how many it has.
STATION = """
import sys
from pathlib import Path
from edge_runtime import Classifier, load_bundle
from edge_runtime.station import arrivals, intake
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.intake import Intake
arrivals.SETTLED = intake._PAUSE = 0  # all of the files are whole
inbox, data = map(Path, sys.argv[1:3])
classifier = Classifier(load_bundle(), threads=1)
store = CampStore(data)
store.watch(lambda: print(len(store.camp.photos), flush=True))
if sys.argv[3] == "at once":
    store.tell()
Intake(inbox, store, classifier).run()
"""


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    kinds = ("normal", "glaucoma", "diabetic_retinopathy")
    for number in range(PHOTOS - 1):
        data = jpeg(number, kinds[number % 3], size=(160, 200))
        (folder / f"{number // 2}_{('OD', 'OS')[number % 2]}.jpg").write_bytes(data)
    cv2.imwrite(str(folder / "dark_OD1.png"), np.zeros((160, 200, 3), np.uint8))
    return folder


def expected_pictures(store):
    return {
        store.picture(photo.number, name).name
        for photo in store.camp.photos.values()
        for name in (PHOTO, SMALL, *([OVERLAY] if photo.class_name else []))
    }


def names_in(folder):
    return {file.name for file in folder.iterdir()}


def check_whole(data, *, at_least):
    """See that what a killed station left is whole, and count its photographs."""
    with contextlib.closing(sqlite3.connect(data / FORM.file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    with contextlib.closing(CampStore(data)) as store:
        camp, count = store.camp, len(store.camp.photos)
        assert count >= at_least
        assert [*camp.photos] == [*range(1, count + 1)]
        assert len({photo.path for photo in camp.photos.values()}) == count
        assert camp.told.keys() == camp.photos.keys()
        assert {each.photo for each in store.seen()} == camp.photos.keys()
        for number in camp.photos:
            assert store.record_of(number).path.endswith(camp.photos[number].path)
        for name in expected_pictures(store):
            assert cv2.imread(str(data / CAMP_PICTURES / name)) is not None, name
        for file in (data / CAMP_PICTURES).iterdir():
            assert int(file.name.lstrip(".")[:6]) <= count + 1  # of the one that it was at
    return count


@pytest.mark.slow
def test_killed_again_and_again_a_station_loses_doubles_and_halves_nothing(inbox, tmp_path):
    generator = np.random.default_rng(0)
    camps, count, found = 1, 0, []
    for kill in range(KILLS):
        data = tmp_path / f"data-{camps}"
        first = "at once" if kill % 3 == 0 else "with a photograph"
        delay_s = float(generator.uniform(0, 0.3))
        said = killed_in_its_work(STATION, inbox, data, first, delay_s=delay_s)
        before, count = count, check_whole(data, at_least=max(said, count))
        found.append(count - before)
        if count == PHOTOS:
            camps, count = camps + 1, 0
    assert sum(each > 0 for each in found) >= KILLS / 2  # else it was hardly at work
    data = tmp_path / f"data-{camps}"
    with contextlib.closing(CampStore(data)) as store:
        intake = Intake(inbox, store, Classifier(load_bundle(), threads=1))
        intake.arrivals.clock = Clock()
        for _ in range(PHOTOS):
            intake.sweep()
            intake.arrivals.clock.wait(1)
        assert {photo.path for photo in store.camp.photos.values()} == names_in(inbox)
        assert names_in(data / CAMP_PICTURES) == expected_pictures(store)
