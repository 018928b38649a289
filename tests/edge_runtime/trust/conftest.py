"""What the tests of trust share: keys, and a small folder that is signed."""

from pathlib import Path
from typing import NamedTuple

import pytest

from edge_runtime.trust.private_keys import make_key, open_key, public_file, read_private_key
from edge_runtime.trust.public_keys import read_keys
from edge_runtime.trust.sign import sign_folder
from edge_runtime.trust.verify import Trusted

#: The files of the small folder, one of them in a folder and one empty.
FILES = {"manifest.json": b'{"a": 1}\n', "model.onnx": bytes(range(64)), "more/empty": b""}


class Signer(NamedTuple):
    """A key: the files of its halves, the private one opened, and who trusts it."""

    secret: Path
    public: Path
    private: object
    trusted: Trusted


def signer(path, kind="P-256"):
    make_key(path, None, kind=kind)
    private = open_key(path, read_private_key(path), None)
    public = public_file(path)
    return Signer(path, public, private, Trusted(read_keys([public])))


@pytest.fixture(autouse=True)
def own_states(tmp_path, monkeypatch):
    """What the tests run is remembered apart from what this computer's user ran."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "own states"))


@pytest.fixture(scope="session")
def key(tmp_path_factory):
    return signer(tmp_path_factory.mktemp("keys") / "clinic")


@pytest.fixture(scope="session")
def other(tmp_path_factory):
    return signer(tmp_path_factory.mktemp("keys") / "other")


@pytest.fixture(scope="session")
def third(tmp_path_factory):
    return signer(tmp_path_factory.mktemp("keys") / "third")


@pytest.fixture
def states(tmp_path):
    """The file in which a device remembers what was said of keys."""
    return tmp_path / "states" / "keys.json"


def small_folder(path):
    for name, content in FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


@pytest.fixture
def folder(tmp_path, key):
    """A small folder that is signed with ``key``."""
    made = small_folder(tmp_path / "small")
    sign_folder(made, key.private)
    return made
