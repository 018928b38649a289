"""A station with a password, for the tests of its pages."""

import pytest

from edge_runtime.station.access.door import Reach
from edge_runtime.station.access.password import set_password
from edge_runtime.station.web import sign_in
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.served import served
from tests.edge_runtime.station.web.signing_in import TOLD


@pytest.fixture(scope="module")
def locked_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("station")
    (folder / "data").mkdir()
    set_password(folder / "data", TOLD)
    return folder


@pytest.fixture
def locked(locked_folder):
    reach = Reach(is_network=True, names=frozenset({"camp.example"}))
    with served(locked_folder, reach=reach) as client:
        if not client.station.store.camp.photos:
            added(client.station.store, "P1_OD.jpg", 0.9)
        yield client


@pytest.fixture
def guest(locked, monkeypatch):
    """A client that comes from another computer."""
    who = ["192.168.1.9"]
    real = sign_in.who_asks
    monkeypatch.setattr(
        sign_in, "who_asks", lambda _, device: real(None, device) if device else who[0]
    )
    locked.come_from = lambda address: who.__setitem__(0, address)
    return locked
