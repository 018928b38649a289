"""Who sent a form that can't be taken is led back, and shown of whom the sentence speaks."""

import errno
import os

import pytest

from edge_runtime.station.events import PersonOpened
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.served import served, words


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as opened:
        opened.station.store.happen(
            PersonOpened(1, "K-7"), PersonOpened(2, "k 7"), PersonOpened(3, "K-8")
        )
        yield opened


def test_several_people_of_one_number_are_listed_to_choose_from(client):
    status, _, page = client.post("call", given_id="K_7", back="/")
    assert status == 400
    assert '<a href="/person/1">#1 K-7</a>' in page
    assert '<a href="/person/2">#2 k 7</a>' in page
    assert "here since" in page
    assert "/person/3" not in page


def test_whoever_has_a_number_that_is_taken_is_named(client):
    _, _, page = client.post("describe", person="1", given_id="K-8", back="/person/1")
    assert '<a href="/person/3">#3 K-8</a>' in page


@pytest.mark.parametrize(
    ("back", "led"),
    [("/person/3", "/person/3"), ("/follow-up", "/follow-up"), ("//evil.example", "/"),
     ("https://evil.example", "/")],
)  # fmt: skip
def test_it_leads_back_to_where_the_form_came_from_and_never_elsewhere(client, back, led):
    _, _, page = client.post("describe", person="3", birth_year="soon", back=back)
    assert f'<a href="{led}">Back to where you were</a>' in page
    assert "evil.example" not in page


def test_a_disk_that_takes_nothing_leads_back_to_where_one_was(client, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    added(client.station.store, "1_OD.jpg")
    monkeypatch.setattr(client.station.store, "happen", full)
    status, _, page = client.post("accept", photo="1", back="/person/1")
    assert status == 500
    assert "Nothing of it was kept" in words(page)
    assert '<a href="/person/1">Back to where you were</a>' in page
