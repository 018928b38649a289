"""What the tests of the station share."""

import contextlib

import pytest

from edge_runtime import Classifier, load_bundle
from edge_runtime.station.arrivals import Arrivals
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.intake import Intake
from tests.edge_runtime.station.camps import Clock


@pytest.fixture(scope="session")
def classifier():
    return Classifier(load_bundle(), threads=1)


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def store(tmp_path):
    with contextlib.closing(CampStore(tmp_path / "data")) as opened:
        yield opened


@pytest.fixture
def intake(inbox, store, classifier):
    made = Intake(inbox, store, classifier)
    made.arrivals.clock = Clock()
    return made


@pytest.fixture
def arrivals(inbox):
    return Arrivals(inbox, clock=Clock())
