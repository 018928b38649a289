"""The log has the list of hashes that an export was handed out with, and no other one."""

import http.client
from contextlib import closing
from hashlib import sha256

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.station import at_work
from edge_runtime.station.at_work import HANDED_OUT, StationRefusedError, ask_station
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.logged import LOG
from edge_runtime.station.open_log import logged
from edge_runtime.tlog.examine import examine
from edge_runtime.tlog.writer import Log
from tests.edge_runtime.station.papers.slips import person
from tests.edge_runtime.station.web.served import served


@pytest.fixture
def data(tmp_path):
    """A camp that nobody is at work on."""
    with closing(CampStore(tmp_path / "data")) as store, logged(store):
        person(store)
    return tmp_path / "data"


@pytest.fixture
def client(data, tmp_path):
    """Its station at work."""
    with served(tmp_path) as client, logged(client.station.store):
        at_work.say_where(data, f"http://127.0.0.1:{client.port}/")
        yield client


def handed_out(data):
    """Give the hashes of exports that a log has."""
    return [each.of for each in examine(data / LOG).entries if each.kind == "export"]


def export(data, folder, *options):
    given = ["station", "export", folder, "--data", data, *options]
    return CliRunner().invoke(main, [*map(str, given)])


def commit(data, content):
    with Log(data / LOG) as log:
        return log.commit(content)


@pytest.mark.parametrize("is_at_work", [False, True])
@pytest.mark.parametrize("options", [(), ("--fhir",), ("--deidentify", "--pseudonyms")])
def test_an_export_is_logged_once_as_it_lies_on_the_stick(
    data, tmp_path, request, is_at_work, options
):
    client = request.getfixturevalue("client") if is_at_work else None
    secret = [tmp_path / "secret" / "p.json"] if "--pseudonyms" in options else []
    ran = export(data, tmp_path / "stick", *options, *secret)
    assert (tmp_path / "stick" / "SHA256SUMS").is_file(), ran.output
    sums = (tmp_path / "stick" / "SHA256SUMS").read_bytes()
    known = client.station.store.log.log.commit(sums) if client else commit(data, sums)
    assert handed_out(data) == [known]


def test_what_cant_be_logged_isnt_handed_out(data, client, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(client.station.store.log), "handed_out", full)
    ran = export(data, tmp_path / "stick")
    assert ran.exit_code == 1
    assert "disk" in ran.stderr
    assert not (tmp_path / "stick").exists()


def test_a_station_logs_nothing_for_others_and_no_list_that_broke_off(data, client):
    answer = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)
    with closing(answer):
        answer.request("POST", HANDED_OUT, b"x")
        assert answer.getresponse().status == 403
    asked = f"{HANDED_OUT}?sums={sha256(b'all of it').hexdigest()}"
    with pytest.raises(StationRefusedError, match="isn't whole"):
        list(ask_station(data, asked, b"all of"))
    assert handed_out(data) == []
    assert list(ask_station(data, asked, b"all of it")) == []
    assert len(handed_out(data)) == 1
