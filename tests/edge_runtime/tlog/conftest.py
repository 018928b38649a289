"""What the tests of logs share: small logs, and what somebody does to them."""

import shutil

import pytest

from edge_runtime.tlog.entry import Thing
from edge_runtime.tlog.writer import Log


def contents(count, start=0):
    return [b"record %d" % number for number in range(start, start + count)]


def add(folder, things, run=""):
    """Open a log, add things, and close it; give the text of its checkpoint then."""
    with Log(folder) as log:
        for each in things:
            log.append(Thing("photo", each, run=run))
    return (folder / "checkpoint").read_bytes()


@pytest.fixture(scope="session")
def _made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "log"
    older = add(folder, contents(40))
    middle = add(folder, contents(260, 40))
    add(folder, contents(40, 300))
    return folder, older, middle


@pytest.fixture
def log(_made, tmp_path):
    """A log of 341 entries, one of them the log's beginning; its own checkpoint is of all."""
    shutil.copytree(_made[0], tmp_path / "log")
    return tmp_path / "log"


@pytest.fixture
def older(_made, tmp_path):
    """Checkpoints of it that somebody kept: of 41 and of 301 entries."""
    (tmp_path / "older").write_bytes(_made[1])
    (tmp_path / "middle").write_bytes(_made[2])
    return tmp_path / "older", tmp_path / "middle"
