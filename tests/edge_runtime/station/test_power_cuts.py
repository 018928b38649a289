"""A station whose power is cut at any moment has lost and torn nothing that it said it had.

It runs once under strace; its calls are replayed on a model of a disk to a random moment, and what
the disk would have then is opened. Ten moments, or as many as the variable FUNDUS_EDGE_CUTS says:

    FUNDUS_EDGE_CUTS=100 pytest tests/edge_runtime/station/test_power_cuts.py
"""

import contextlib
import os
import sqlite3
from dataclasses import dataclass

import numpy as np
import pytest

from edge_runtime.errors import StoreInvalidError
from edge_runtime.station.camp_form import CAMP_PICTURES, FORM
from edge_runtime.station.camp_store import CampStore
from edge_runtime.system.codec import to_line
from tests.edge_runtime.station.camps import jpeg
from tests.edge_runtime.station.disk_model import Disk
from tests.edge_runtime.station.system_calls import Replay, traced
from tests.edge_runtime.station.test_station_kills import check_whole, expected_pictures

PHOTOS = 12
CUTS = int(os.environ.get("FUNDUS_EDGE_CUTS", "10"))

#: Takes photographs in while an operator decides, is ended and started again; what it has taken it
#: says on stdout, once it has it. The last argument is what is left out, to see the test fail.
STATION = """
import os, stat, sys, threading
from pathlib import Path
from edge_runtime import Classifier, load_bundle
from edge_runtime.station import arrivals, intake
from edge_runtime.station import camp_store
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PersonCalled, PersonDescribed, ResultAccepted, Undone
from edge_runtime.station.intake import Intake
from edge_runtime.system import files
from edge_runtime.system.codec import to_line
arrivals.SETTLED = intake._PAUSE = 0  # all of the files are whole
inbox, data = map(Path, sys.argv[1:3])
count, left_out = int(sys.argv[3]), sys.argv[4]
fsync = os.fsync
if left_out == "the sync of a file":
    os.fsync = lambda h: stat.S_ISDIR(os.fstat(h).st_mode) and fsync(h)
if left_out == "the sync of a folder":
    os.fsync = lambda h: stat.S_ISDIR(os.fstat(h).st_mode) or fsync(h)

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def opened():
    store = CampStore(data)
    store._ask("PRAGMA wal_autocheckpoint = 30")  # pages: several times, with so few photographs
    if left_out == "the sync of a row":
        store._ask("PRAGMA synchronous = OFF")
    store.watch(lambda: say("photos", len(store.camp.photos)))
    return store

def happen(store, *events):
    for each in store.happen(*events, by="A"):
        say("event", each.number, to_line(each.event))

def operate(store, stop):
    number = 0
    while not stop.wait(0.03):
        number += 1
        photos = len(store.camp.photos)
        if not photos:
            continue
        photo = number % photos + 1
        person = store.camp.told[photo].person
        if number % 3 == 0:
            happen(store, PersonDescribed(person, f"N{number}", "x" * (number * 97 % 5000)))
        elif number % 3 == 1:
            happen(store, PersonCalled(person), ResultAccepted(photo))
        else:
            happen(store, Undone(len(store.camp.history)))

store, stop = opened(), threading.Event()
taking = Intake(inbox, store, Classifier(load_bundle(), threads=1))
operator = threading.Thread(target=operate, args=(store, stop))
operator.start()
while len(store.camp.photos) < count:
    taking.sweep()
stop.set()
operator.join()
store.close()
store = opened()
happen(store, PersonCalled(1))
happen(store, PersonCalled(None))
"""


@dataclass(frozen=True)
class Run:
    """What a station asked of its files; ``folder`` is where its data stood."""

    folder: object
    calls: list


def station_run(folder, left_out=""):
    """Run a station to its end."""
    (folder / "inbox").mkdir()
    (folder / "disk").mkdir()
    kinds = ("normal", "glaucoma", "diabetic_retinopathy")
    for number in range(PHOTOS):
        data = jpeg(number, kinds[number % 3], size=(160, 200))
        (folder / "inbox" / f"{number // 2}_{('OD', 'OS')[number % 2]}.jpg").write_bytes(data)
    arguments = folder / "inbox", folder / "disk" / "data", PHOTOS, left_out
    return Run(folder / "disk", traced(STATION, *arguments, log=folder / "log"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return station_run(tmp_path_factory.mktemp("station"))


def cut(run, kind, seed, place):
    """Cut a station's power at a random moment, and write down what its disk has then.

    Returns:
        What it had said by then, and its files as it had seen them.
    """
    draw = np.random.default_rng([seed, kind == "ext4"])
    counted = Replay(Disk(run.folder), kind)
    moments = [number for number, call in enumerate(run.calls) if counted.do(call)]
    replay = Replay(Disk(run.folder), kind)
    for call in run.calls[: int(draw.choice(moments)) + 1]:
        replay.do(call)
    for name, content in replay.disk.after_a_cut(kind, draw).items():
        there = place / name.relative_to(run.folder)
        if content is None:
            there.mkdir()
        else:
            there.write_bytes(content)
    return replay.said, replay.disk.names


def check_kept(run, kind, seed, place):
    """See that after a loss of power all is there that was acknowledged; count how much it was."""
    place.mkdir()
    said, names = cut(run, kind, seed, place)
    photos = [int(line.split()[1]) for line in said if line.startswith("photos ")]
    events = [line.split(" ", 2)[1:] for line in said if line.startswith("event ")]
    data = place / "data"
    if (data / FORM.file).exists():
        check_whole(data, at_least=max(photos, default=0))
    else:  # it hadn't begun
        assert not photos
    with contextlib.closing(CampStore(data)) as store:
        history = {each.number: to_line(each.event) for each in store.camp.history}
        assert [*history] == [*range(1, len(history) + 1)]
        for number, event in events:
            assert history.get(int(number)) == event
        for name in expected_pictures(store):
            written = names[run.folder / "data" / CAMP_PICTURES / name].content
            assert (data / CAMP_PICTURES / name).read_bytes() == written, name
    return len(events) + max(photos, default=0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["worst", "ext4"])
def test_a_station_whose_power_is_cut_keeps_all_that_it_said_it_had(run, kind, tmp_path):
    kept = [check_kept(run, kind, seed, tmp_path / f"{seed}") for seed in range(CUTS)]
    assert len({*kept}) >= min(CUTS, 30) / 3  # else it was cut at the same few moments


def is_lost(run, seed, place):
    """Tell whether a loss of power took something, by whichever check."""
    try:
        check_kept(run, "worst", seed, place)
    except (AssertionError, StoreInvalidError, sqlite3.DatabaseError):
        return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize("left_out", ["the sync of a row", "the sync of a file",
                                      "the sync of a folder"])  # fmt: skip
def test_the_proof_fails_where_a_sync_is_left_out(left_out, tmp_path):
    run = station_run(tmp_path, left_out)
    assert any(is_lost(run, seed, tmp_path / f"{seed}") for seed in range(60))
