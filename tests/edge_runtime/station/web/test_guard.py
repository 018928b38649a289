"""Nothing gets in but what this computer's own pages send, and pages may do nothing else."""

import pytest

from edge_runtime.station.access.door import Door
from edge_runtime.station.access.hosts import is_loopback
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.served import served


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with served(tmp_path_factory.mktemp("station")) as client:
        added(client.station.store)
        yield client


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("localhost", True), ("[::1]", True),
        ("192.0.2.1", False), ("192.168.1.7", False), ("camp.example", False), ("", False),
        ("localhost.example", False), ("::", False),
    ],
)  # fmt: skip
def test_only_addresses_that_no_other_computer_reaches_are_own(host, is_own):
    assert is_loopback(host) is is_own


@pytest.mark.parametrize("host", ["camp.example", "camp.example:8000", "10.0.0.1", "a:b:c", "["])
def test_a_name_that_leads_here_from_elsewhere_is_refused(client, host):
    status, headers, text = client.ask("GET", "/", host=host)
    assert status == 421
    assert "this computer alone" in text
    assert "content-security-policy" in headers


def test_every_answer_forbids_what_isnt_the_stations(client):
    for path in ("/", "/static/station.js", "/nothing", "/picture/1/photo.jpg"):
        _, headers, _ = client.ask("HEAD", path)
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
    page = client.get("/person/1")
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick" not in page


def test_a_form_without_the_token_changes_nothing(client):
    before = len(client.station.store.camp.history)
    for token in ("", "x" * 43, client.station.token[:-1], client.station.token + "x", "\u00e9"):
        status, _, text = client.post("retake", token=token, photo="1")
        assert status == 403
        assert "open the page again" in text
    assert len(client.station.store.camp.history) == before


def test_a_form_from_another_origin_changes_nothing(client):
    body = f"token={client.station.token}&photo=1"
    here = f"http://127.0.0.1:{client.port}"
    before = len(client.station.store.camp.history)
    for origin in ("http://camp.example", "null", "http://127.0.0.1:1"):
        assert client.ask("POST", "/do/accept", body, origin=origin)[0] == 403
    assert len(client.station.store.camp.history) == before
    assert client.ask("POST", "/do/accept", body, origin=here)[0] == 303


def test_a_form_that_is_too_long_is_refused(client):
    assert client.post("retake", photo="1", reason="x" * 20_000)[0] == 413


def test_a_form_leads_back_to_a_page_of_the_station_alone(client):
    for back in ("http://camp.example/", "//camp.example/", "javascript:alert(1)", "person", ""):
        status, headers, _ = client.post("accept", photo="1", back=back)
        assert status == 303
        assert headers["location"].startswith("/?done=")
    assert client.post("accept", photo="1", back="/person/1")[1]["location"].startswith(
        "/person/1?"
    )


def test_no_file_but_the_stations_own_is_given(client):
    for path in ("/static/../app.py", "/static/%2e%2e%2fapp.py", "/static/", "/picture/1/x.jpg",
                 "/picture/1/..%2f..%2fcamp.sqlite.jpg", "/picture/99/photo.jpg", "/do/unknown",
                 "/camp.sqlite", "/person/99", "/person/x"):  # fmt: skip
        assert client.ask("GET", path)[0] in (404, 405), path


def test_the_token_outlives_a_restart_and_is_for_its_owner_alone(tmp_path):
    first = Door(tmp_path).token_of(None)
    assert Door(tmp_path).token_of(None) == first
    assert len(first) >= 43
    assert (tmp_path / "station.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "station.key").write_text("short")
    assert len(Door(tmp_path).token_of(None)) >= 43


DATA = ("/export.zip?day=", "/camp.csv", "/referrals.csv", "/slip/1.pdf", "/person/1.json",
        "/picture/1/photo.jpg", "/events")  # fmt: skip


@pytest.mark.parametrize("path", DATA)
def test_another_page_cant_have_the_browser_fetch_what_is_handed_out(client, path):
    host = f"http://127.0.0.1:{client.port}"
    for headers in (
        {"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"},
        {"sec_fetch_site": "same-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"},
        {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"},
        {"sec_fetch_site": "x"}, {"origin": "null"}, {"origin": "http://elsewhere.example"},
        {"referer": "http://elsewhere.example/a"}, {"referer": f"{host}.elsewhere.example/"},
        {"origin": host, "referer": "http://["},
    ):  # fmt: skip
        for method in ("HEAD", "GET"):
            assert client.ask(method, path, **headers)[0] == 403, headers
        assert "Another page" in client.ask("GET", path, **headers)[2]
    for headers in (
        {}, {"sec_fetch_site": "same-origin", "sec_fetch_dest": "image"},
        {"sec_fetch_site": "none", "sec_fetch_dest": "document"},
        {"referer": f"{host}/day"}, {"origin": host},
    ):  # fmt: skip
        assert client.ask("HEAD", path, **headers)[0] in (200, 404, 405), headers


def test_a_link_of_another_page_leads_to_a_page_and_no_other_page_frames_it(client):
    led = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    for path in ("/", "/worklist", "/settings"):
        client.get(path, sec_fetch_dest="document", **led)
        client.get(path, referer="http://elsewhere.example/")
        assert client.ask("GET", path, sec_fetch_dest="iframe", **led)[0] == 403
    client.get("/static/station.css", **led)
