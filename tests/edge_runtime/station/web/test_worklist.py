"""The worklist has whom somebody looks for, and nobody who is there by a slip of the finger."""

import re

import pytest

from edge_runtime.station.events import PersonDescribed
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.served import served


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as client:
        yield client


def titles(client, asked=""):
    return re.findall(r"<strong>([^<]+)</strong>", client.get(f"/worklist{asked}"))


@pytest.mark.parametrize(
    ("search", "found"),
    [("munoz", "P-17"), ("p18", "P-18"), ("unal+ayse", "P-18"), ("%232", "P-18")],
)
def test_a_person_is_found_by_what_one_types_in_a_hurry(client, search, found):
    store = client.station.store
    for name in ("1_OD.jpg", "2_OD.jpg"):
        added(store, name)
    store.happen(PersonDescribed(1, "P-17", "Ana Muñoz"), PersonDescribed(2, "P-18", "Ayşe Ünal"))
    assert [each.partition(" ")[0] for each in titles(client, f"?q={search}")] == [found]
