"""The station opens itself to a network only with a password, and says where it is."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.commands.station_place import place_of, tell
from edge_runtime.predict import start
from edge_runtime.station.access.password import PASSWORD, read_password, set_password
from edge_runtime.station.web.server import Addresses, Place, addresses_of
from tests.conftest import ROOT

#: All addresses of this computer.
ALL = "0.0.0.0"  # noqa: S104


@pytest.fixture
def inbox(tmp_path):
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def ran(*arguments, told=None):
    return CliRunner().invoke(main, ["station", *map(str, arguments)], input=told)


def test_a_password_is_set_by_typing_it_twice(inbox):
    result = ran("password", "--inbox", inbox, told="730916\n730916\n")
    assert result.exit_code == 0, result.output
    assert "730916" not in result.output
    folder = inbox.with_name("inbox-station")
    assert read_password(folder).fits("730916")
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("12345\n", "too short: take at least 6 digits"),
        ("730916\n730917\n", "the two aren't the same, and nothing was changed"),
        ("000000\n", "the first that somebody would try"),
        ("Contrase\u00f1a1\n", "the first that somebody would try"),
        ("112233\n", "the first that somebody would try"),
    ],
)
def test_a_password_that_wont_do_changes_nothing(inbox, told, said):
    result = ran("password", "--inbox", inbox, told=told)
    assert result.exit_code == 1
    assert said in result.output
    assert not (inbox.with_name("inbox-station") / PASSWORD).exists()


def test_a_password_is_removed_on_request(inbox, tmp_path):
    set_password(tmp_path, "730916")
    assert ran("password", "--data", tmp_path, "--remove").exit_code == 0
    again = ran("password", "--data", tmp_path, "--remove")
    assert again.exit_code == 1
    assert "there is no password" in again.output
    assert ran("password").exit_code == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--host", ALL), "set one first with 'fundus-edge station password'"),
        (("--host", "::"), "the page has no password"),
        (("--host", "192.168.1.7"), "the page has no password"),
        (("--host", "camp.example"), "is no address"),
        (("--allow-host", "camp.example"), "need a password"),
        (("--tls-key", "key.pem"), "go together"),
    ],
)
def test_without_a_password_no_other_computer_comes_in(inbox, options, said, monkeypatch):
    monkeypatch.setattr(start, "begin_hashing", None)  # else it would serve
    result = ran("--inbox", inbox, *options)
    assert result.exit_code == 2
    assert said in result.output


def test_a_damaged_password_stops_the_station_before_anything_else(inbox, tmp_path):
    (tmp_path / PASSWORD).write_text("{")
    result = ran("--inbox", inbox, "--data", tmp_path)
    assert result.exit_code == 1
    assert "it is damaged; set a new password with" in result.output


def test_with_a_password_the_place_may_be_the_network(tmp_path):
    set_password(tmp_path, "730916")
    place = place_of(tmp_path, ALL, 1, "es", ("Camp.Example:80",), (None, None))
    assert place.reach.is_network
    assert place.names == {"camp.example"}
    assert not place_of(tmp_path, "localhost", 1, "es", (), (None, None)).reach.is_network


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Make a certificate, its key, the key under a passphrase, and a key of another."""
    folder = tmp_path_factory.mktemp("tls")
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 1 -subj /CN=camp",
        "rsa -aes128 -passout pass:abcd -in key.pem -out locked.pem",
        "genrsa -out other.pem 2048",
    ):
        line = ["/usr/bin/openssl", *command.split()]
        subprocess.run(line, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(
    ("cert", "key", "said"),
    [
        ("cert.pem", "locked.pem", "locked by a passphrase"),
        ("cert.pem", "other.pem", "give a certificate and its own key"),
        ("key.pem", "key.pem", "give a certificate and its own key"),
        ("none.pem", "key.pem", "none.pem: no such file"),
    ],
)
def test_a_certificate_that_cant_be_used_is_said_at_the_start(inbox, certificate, cert, key, said):
    files = "--tls-certificate", certificate / cert, "--tls-key", certificate / key
    result = ran("--inbox", inbox, *files)
    assert result.exit_code == 1
    assert said in result.output


@pytest.mark.parametrize(
    ("host", "here"),
    [(ALL, "http://127.0.0.1:8/"), ("::", "http://[::1]:8/"), ("10.0.0.7", "http://10.0.0.7:8/"),
     ("127.0.0.1", "http://127.0.0.1:8/")],
)  # fmt: skip
def test_the_station_says_where_it_is_opened_and_who_can_read_along(host, here, capsys):
    addresses = addresses_of(Place(host, 8, "en"), 8)
    assert addresses.here == here
    tell(addresses)
    out, err = capsys.readouterr()
    assert out.startswith(f"Open {here} in a browser on this computer.")
    assert ("read along" in err) is (host != "127.0.0.1")
    tell(Addresses("https://127.0.0.1:8/", ("https://10.0.0.7:8/",), True))
    out, err = capsys.readouterr()
    assert "Open https://10.0.0.7:8/ on another computer of this network." in out
    assert err == ""


def test_a_served_station_takes_only_https_and_a_secure_cookie(inbox, certificate):
    """From the command to the cookie, over TLS."""
    import http.client
    import ssl

    data = inbox.with_name("inbox-station")
    data.mkdir()
    set_password(data, "730916")
    code = "from edge_runtime.commands.process import run; run()"
    options = ["--tls-certificate", certificate / "cert.pem", "--tls-key", certificate / "key.pem"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, "station", "--inbox", inbox, "--port", "0", "--host",
         ALL, *options],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        said = process.stdout.readline()
        assert said.startswith("Open https://127.0.0.1:"), process.communicate()[1]
        port = int(said.split()[1].rstrip("/").rsplit(":", 1)[1])
        context = ssl.create_default_context(cafile=certificate / "cert.pem")
        context.check_hostname = False
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
        connection.request("POST", "/sign-in", "name=Ana&password=730916")
        answer = connection.getresponse()
        assert answer.status == 303
        cookies = answer.headers.get_all("set-cookie")
        connection.close()
        names = (f"__Host-station-{port}=", f"__Host-station-{port}-device=")
        assert all(any(each.startswith(name) for each in cookies) for name in names)
        assert all("; Secure" in each for each in cookies)
    finally:
        process.terminate()
        process.communicate(timeout=60)
