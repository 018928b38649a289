"""With a password nothing is shown or done without a session, whoever asks however."""

import http.client
import time
from urllib.parse import urlencode

import pytest

from edge_runtime.station.access.password import PASSWORD, set_password
from edge_runtime.station.access.sessions import LASTS
from tests.edge_runtime.station.web.served import served, words
from tests.edge_runtime.station.web.signing_in import TOLD

PAGES = ("/", "/worklist", "/files", "/day", "/settings", "/person/1", "/slip/1", "/camp.csv",
         "/referrals.csv", "/picture/1/photo.jpg", "/picture/1/small.jpg", "/events", "/nothing",
         "/sign-in/x", "/static", "/static%2f..%2fcamp.csv", "//", "/SIGN-IN",
         "/sign-in/../camp.csv",
         "/picture/../camp.sqlite", "/picture/%2e%2e/camp.sqlite", "/.", "/sign-in%2f")  # fmt: skip


def test_without_a_session_nothing_is_shown(locked):
    secrets = (b"P1_OD", b"glaucoma", locked.station.token.encode(), b"inbox", b"data-state")
    own = f"station-{locked.port}="
    for path in PAGES:
        for cookie in (
            "",
            "station=1",
            "x" * 3000,
            own,
            f"{own}{'a' * 43}",
            f'{own}"\\"',
            "\u00e9=;",
        ):
            headers = {"cookie": cookie} if cookie else {}
            for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS"):
                if method == "POST" and path.startswith("/sign-in"):
                    continue
                status, _, text = locked.ask(method, path, **headers)
                assert status in (401, 404), (method, path, cookie)
                assert not any(secret in text.encode() for secret in secrets)


def test_a_browser_is_led_to_the_page_to_sign_in_and_back(locked):
    status, headers, _ = locked.ask("GET", "/person/1", accept="text/html,*/*")
    assert (status, headers["location"]) == (303, "/sign-in?back=/person/1")
    page = locked.get(headers["location"])
    assert "not a validated diagnostic tool" in words(page)
    assert 'name="back" value="/person/1"' in page
    status, headers, _ = locked.sign_in(TOLD, back="/person/1")
    assert (status, headers["location"]) == (303, "/person/1")
    assert "glaucoma" in locked.get("/person/1")
    assert locked.ask("GET", "/sign-in?back=/day")[1]["location"] == "/day"


def test_the_page_to_sign_in_tells_nothing_of_the_camp(locked):
    page = locked.get("/sign-in")
    assert "P1" not in page
    assert "data-state" not in page
    assert locked.station.token not in page


def test_the_cookie_is_for_this_station_alone(locked):
    cookie = locked.sign_in(TOLD)[1]["set-cookie"]
    name, *marks = cookie.split("; ")
    assert name.startswith(f"station-{locked.port}=")
    assert {each.lower() for each in marks} == {
        "httponly", "samesite=strict", "path=/", f"max-age={LASTS}"
    }  # fmt: skip


def test_whoever_is_signed_in_sees_pages_that_no_browser_keeps(locked):
    locked.sign_in(TOLD)
    for path in ("/", "/camp.csv", "/picture/1/photo.jpg"):
        assert locked.ask("GET", path)[1]["cache-control"] == "no-store"
    assert locked.ask("GET", "/static/station.js")[1]["cache-control"] == "no-cache"


def test_what_somebody_decides_is_kept_with_their_name(locked):
    locked.sign_in(TOLD, "  <b>Mar\u00eda</b>  L. ")
    assert locked.post("accept", photo="1")[0] == 303
    assert locked.station.store.camp.history[-1].by == "<b>Mar\u00eda</b> L."
    assert "<b>Mar" not in locked.get("/")
    assert "&lt;b&gt;Mar\u00eda&lt;/b&gt; L." in locked.get("/")


def test_a_form_needs_the_token_of_its_own_session(locked):
    locked.sign_in(TOLD, "Bo")
    of_bo = locked.token
    locked.cookie = locked.token = None
    locked.sign_in(TOLD, "Ana")
    before = len(locked.station.store.camp.history)
    for token in (of_bo, locked.station.token, "", locked.cookie, locked.token[:-1]):
        assert locked.post("accept", token=token, photo="1")[0] == 403
        assert locked.ask("POST", "/sign-out", urlencode({"token": token}))[0] == 403
    origin = "http://camp.elsewhere.example"
    body = urlencode({"token": locked.token, "photo": "1"})
    for origin in (
        "http://elsewhere.example",
        "null",
        "http://[",
        f"http://127.0.0.1:{locked.port}.x",
    ):
        assert locked.ask("POST", "/do/accept", body, origin=origin)[0] == 403
    assert len(locked.station.store.camp.history) == before
    assert locked.post("accept", photo="1")[0] == 303


def test_a_form_of_whoever_isnt_signed_in_changes_nothing(locked):
    before = len(locked.station.store.camp.history)
    assert locked.post("accept", photo="1")[0] == 401
    body = urlencode({"token": locked.station.token, "photo": "1"})
    status, headers, _ = locked.ask("POST", "/do/accept", body, accept="text/html")
    assert (status, headers["location"]) == (303, "/sign-in?unsent=1")
    assert "what you sent was not kept" in locked.get(headers["location"])
    assert len(locked.station.store.camp.history) == before


def test_who_signs_out_is_out_and_the_old_cookie_opens_nothing(locked):
    locked.sign_in(TOLD)
    status, headers, _ = locked.ask("POST", "/sign-out", urlencode({"token": locked.token}))
    assert (status, headers["location"]) == (303, "/sign-in")
    assert headers["clear-site-data"] == '"cache"'
    assert "Max-Age=0" in headers["set-cookie"]
    assert locked.ask("GET", "/")[0] == 401


@pytest.mark.parametrize("how", ["sign out", "new password", "first password"])
def test_the_news_end_with_the_session_within_two_seconds(tmp_path, how):
    (tmp_path / "data").mkdir()
    if how != "first password":
        set_password(tmp_path / "data", TOLD)
    with served(tmp_path) as client:
        if how != "first password":
            client.sign_in(TOLD)
        connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=20)
        connection.request("GET", "/events", headers={"cookie": client.cookie or ""})
        answer = connection.getresponse()
        assert answer.readline().startswith(b"data: ")
        if how == "sign out":
            client.ask("POST", "/sign-out", urlencode({"token": client.token}))
        else:
            set_password(tmp_path / "data", "730916")
        begun = time.monotonic()
        assert b"data" not in answer.read()
        assert time.monotonic() - begun < 2
        connection.close()


def test_a_session_outlives_a_restart(locked_folder):
    with served(locked_folder) as client:
        client.sign_in(TOLD)
        cookie = client.cookie.partition("=")[2]
    with served(locked_folder) as client:
        client.cookie = f"station-{client.port}={cookie}"
        client.get("/")


def test_a_new_password_counts_at_once_and_signs_everybody_out(tmp_path):
    with served(tmp_path) as client:
        client.get("/")
        set_password(tmp_path / "data", TOLD)
        assert client.ask("GET", "/")[0] == 401
        client.sign_in(TOLD)
        set_password(tmp_path / "data", "730916")
        assert client.ask("GET", "/")[0] == 401
        assert client.sign_in(TOLD)[0] == 403
        assert client.sign_in("730916")[0] == 303


def test_a_password_that_is_gone_or_damaged_opens_nothing(tmp_path):
    (tmp_path / "data").mkdir()
    set_password(tmp_path / "data", TOLD)
    with served(tmp_path) as client:
        client.sign_in(TOLD)
        (tmp_path / "data" / PASSWORD).unlink()
        client.get("/")
        client.cookie = None
        assert client.ask("GET", "/")[0] == 401
        (tmp_path / "data" / PASSWORD).write_bytes(b"{}")
        for path in ("/", "/sign-in", "/camp.csv"):
            status, _, text = client.ask("GET", path)
            assert status == 503
            assert "it is damaged; set a new password with" in text
        set_password(tmp_path / "data", "730916")
        assert client.sign_in("730916")[0] == 303


def test_a_name_is_needed_and_is_cut(locked):
    assert locked.sign_in(TOLD, " ")[0] == 400
    assert locked.cookie is None
    locked.sign_in(TOLD, "x" * 5000)
    locked.post("accept", photo="1")
    assert locked.station.store.camp.history[-1].by == "x" * 60


def test_signing_in_from_another_page_is_refused(locked):
    body = urlencode({"password": TOLD, "name": "Ana"})
    for origin in ("http://elsewhere.example", "null"):
        assert locked.ask("POST", "/sign-in", body, origin=origin)[0] == 403
    for back in ("//elsewhere.example", "http://elsewhere.example", "/sign-in", "javascript:x"):
        locked.cookie = None
        assert locked.sign_in(TOLD, back=back)[1]["location"] == "/"
