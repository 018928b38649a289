"""``fhir send`` to servers that take, refuse, hang, cut, and send us elsewhere."""

import datetime
import email.utils
import functools
import json
import ssl
import subprocess
import sys
import time

import pytest

from edge_runtime.exchange import fhir_send, outcome
from edge_runtime.exchange.outbox import Outbox
from tests.conftest import ROOT
from tests.edge_runtime.exchange.record_server import RecordServer
from tests.edge_runtime.exchange.sending import (
    TAKEN,
    command,
    cuts,
    drips,
    eventually,
    fhir_server,
    free_port,
    hangs,
    socket_server,
    took,
    write_bundle,
)  # fmt: skip
from tests.edge_runtime.exchange.sending import (
    outcome as refusal,
)

TOKEN = "s3cret-t0ken"  # noqa: S105 - of nothing


@pytest.fixture
def send(tmp_path):
    """Run ``fhir send`` on a queue of the test's own."""

    def run(*arguments, wait=0):
        return command("fhir", "send", "--queue", tmp_path / "queue", "--wait", wait, *arguments)

    return run


@pytest.fixture
def hasty(monkeypatch):
    """Wait for servers, and between tries, for moments only."""
    monkeypatch.setattr(outcome, "_FIRST_S", 0.05)
    monkeypatch.setattr(fhir_send, "deliver", functools.partial(fhir_send.deliver, patience_s=1.0))


@pytest.fixture
def bundle(tmp_path):
    return write_bundle(tmp_path / "bundle.json")


@pytest.fixture
def token_file(tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    return file


def queue_of(tmp_path):
    opened = Outbox(tmp_path / "queue")
    try:
        return opened.items(), opened.rows(tuple[float, str], "SELECT due, said FROM peers")
    finally:
        opened.close()


def test_a_bundle_is_sent_once_as_it_is(send, bundle):
    with fhir_server(TAKEN) as server:
        first, again = (send(bundle, "--to", server.address) for _ in range(2))
    assert (first.exit_code, again.exit_code) == (0, 0), first.output
    assert server.bodies == [bundle.read_bytes()]
    ((path, headers),) = server.asked
    assert path == "/fhir"
    assert headers["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert "Authorization" not in headers
    assert "sent  FHIR bundle urn:ietf:rfc:3986|urn:uuid:1" in first.stdout
    assert "In the queue: 1 sent before." in again.stderr


def test_a_bundle_that_says_something_new_of_the_same_is_sent_too(send, bundle):
    with fhir_server(TAKEN) as server:
        send(bundle, "--to", server.address)
        write_bundle(bundle, text="b")
        assert send(bundle, "--to", server.address).exit_code == 0
    assert len(server.bodies) == 2


def test_a_folder_gives_its_bundles_and_nothing_else(send, tmp_path):
    folder = tmp_path / "people"
    folder.mkdir()
    for value in ("1", "2"):
        write_bundle(folder / f"{value}.json", value=value)
    (folder / "report.json").write_text('{"person": "P1"}')
    (folder / "page.html").write_text("<p>")
    with fhir_server(TAKEN) as server:
        assert send(folder, "--to", server.address).exit_code == 0
    assert len(server.bodies) == 2


def test_the_token_goes_to_the_server_and_nowhere_else(
    send, bundle, token_file, tmp_path, monkeypatch
):
    echo = refusal(422, f"the token {TOKEN} is no good for P1")
    with fhir_server(TAKEN, echo) as server:
        sent = send(bundle, "--to", server.address, "--token-file", token_file)
        other = write_bundle(tmp_path / "b.json", value="2")
        monkeypatch.setenv("FUNDUS_EDGE_FHIR_TOKEN", TOKEN)
        told = send(other, "--to", server.address)
    assert [headers["Authorization"] for _, headers in server.asked] == [f"Bearer {TOKEN}"] * 2
    assert "refused: it refused it (status 422): the token ... is no good for P1" in told.stderr
    assert TOKEN not in sent.output + told.output
    kept = b"".join(each.read_bytes() for each in (tmp_path / "queue").rglob("*") if each.is_file())
    assert TOKEN.encode() not in kept


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no token: one word of ASCII is expected"),
        ("two words", "no token"),
        ("a\r\nX-Header: b", "no token"),
        ("é", "no token"),
        ("a" * 9000, "no token"),
        (None, "the token can't be read: no such file"),
    ],
)
def test_a_token_that_is_none_is_said_before_anything_is_kept(send, bundle, tmp_path, text, words):
    file = tmp_path / "token"
    if text is not None:
        file.write_text(text)
    result = send(bundle, "--to", "http://127.0.0.1:1/fhir", "--token-file", file)
    assert result.exit_code == 1
    assert words in result.stderr
    assert not (tmp_path / "queue").exists()


@pytest.mark.parametrize(
    ("answer", "words", "state"),
    [
        (refusal(400, "no such code", "and no eye"), "(status 400): no such code; and no eye",
         "refused"),
        (refusal(422), "it refused it (status 422)", "refused"),
        (refusal(412, "two of them"), "it refused it (status 412): two of them", "refused"),
        ((501, {}, b"<html>"), "it refused it (status 501)", "refused"),
        (refusal(500, "oops"), "waits: it couldn't work on it (status 500): oops", "waiting"),
        (refusal(409), "waits: it couldn't work on it (status 409)", "waiting"),
        (refusal(503), "it has no time now (status 503)", "waiting"),
        (refusal(401), "it doesn't take the token, or wants one (status 401)", "waiting"),
        (refusal(403), "it doesn't let us write there (status 403)", "waiting"),
        (refusal(404), "there is no FHIR server at this address (status 404)", "waiting"),
        ((200, {}, b"<html>sign in</html>"), "what answers there isn't a FHIR server", "waiting"),
        ((200, {}, {"resourceType": "Patient"}), "what answers there isn't a FHIR", "waiting"),
        ((200, {}, b""), "what answers there isn't a FHIR server", "waiting"),
        ((200, {}, b"[" * 10**6), "what answers there isn't a FHIR server", "waiting"),
        ((422, {}, {"issue": [{"details": 1}, 2, {"diagnostics": "a\x00\x1b\nb" * 999}]}),
         "(status 422): a b", "refused"),
        ((200, {}, took("422 Unprocessable", outcome=refusal(422, "no such code")[2])),
         "it took it, but not entry 1 (status 422 Unprocessable): no such code", "refused"),
        ((200, {}, took("2000")), "it took it, but not entry 1 (status 2000)", "refused"),
        ((200, {}, took(None)), "it took it, but not entry 1 (status none)", "refused"),
        ((200, {}, took("4\x1b" * 9999, outcome=refusal(422, "a" * 9999)[2])),
         "it took it, but not entry 1 (status 4 4", "refused"),
        ((200, {}, took() | {"entry": [1]}), "but not entry 1 (status none)", "refused"),
        ((200, {}, took()), "it answered for 0 of 1 entries", "refused"),
        ((200, {}, took() | {"entry": {"a": 1}}), "it answered for 0 of 1 entries", "refused"),
        ((200, {}, took("201", "201")), "it answered for 2 of 1 entries", "refused"),
    ],
)  # fmt: skip
def test_what_a_server_answers_is_told_and_kept(send, bundle, tmp_path, answer, words, state):
    with fhir_server(answer) as server:
        result = send(bundle, "--to", server.address)
    assert words in result.stderr
    assert "\x1b" not in result.output
    assert result.exit_code == 1
    ((item,), _) = queue_of(tmp_path)
    assert item.state == state
    assert len(item.said) <= 350


@pytest.mark.parametrize(
    ("said", "least_s", "most_s"),
    [
        ("120", 118, 121),
        (lambda: email.utils.format_datetime(
            datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=200)
        ), 190, 201),
        ("999999999999", 3590, 3601),
        ("soon", 0, 3),
        ("-5", 0, 3),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 3),
        ("9" * 10**4, 0, 3601),
    ],
)  # fmt: skip
def test_a_server_that_says_when_to_come_again_is_asked_then(
    send, bundle, tmp_path, said, least_s, most_s
):
    after = said() if callable(said) else said
    with fhir_server(refusal(429, **{"Retry-After": after})) as server:
        send(bundle, "--to", server.address)
        begun = time.time()
        assert len(server.bodies) == 1
    (_, ((due, words),)) = queue_of(tmp_path)
    assert least_s <= due - begun <= most_s
    assert words == "it has no time now (status 429)"


def test_a_server_that_is_busy_for_a_moment_is_waited_for(send, bundle, hasty):
    with fhir_server(refusal(503), refusal(429), refusal(500), TAKEN) as server:
        result = send(bundle, "--to", server.address, wait=20)
    assert result.exit_code == 0, result.output
    assert len(server.bodies) == 4
    assert len(set(server.bodies)) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirection_is_followed_and_no_token_goes_elsewhere(send, bundle, token_file, status):
    with fhir_server(TAKEN) as other:
        elsewhere = f"{other.address}?t={TOKEN}"
        with fhir_server((status, {"Location": elsewhere}, b"")) as server:
            result = send(bundle, "--to", server.address, "--token-file", token_file)
    assert other.asked == []
    assert f"it sends us on to {other.address}?t=..., which isn't followed" in result.stderr
    assert TOKEN not in result.output


@pytest.mark.parametrize(
    ("speak", "words"),
    [
        (hangs, "there was no answer within 1 seconds"),
        (drips, "there was no answer within 1 seconds"),
        (cuts, "the connection was lost on the way"),
    ],
)
def test_a_server_that_hangs_drips_or_cuts_is_left_after_a_while(
    send, bundle, hasty, tmp_path, speak, words
):
    with socket_server(speak) as port:
        begun = time.monotonic()
        result = send(bundle, "--to", f"http://127.0.0.1:{port}")
    assert words in result.stderr
    assert time.monotonic() - begun < 6
    ((item,), _) = queue_of(tmp_path)
    assert (item.state, item.tries) == ("waiting", 1)


def test_an_answer_without_end_is_left(send, bundle, hasty, monkeypatch):
    monkeypatch.setattr("edge_runtime.exchange.http_post._MOST_ANSWER", 1000)
    with fhir_server((200, {}, b"x" * 10**5)) as server:
        result = send(bundle, "--to", server.address)
    assert "it answered with more than" in result.stderr


def test_nobody_there_and_no_such_name_are_said(send, bundle):
    port = free_port()
    nobody = send(bundle, "--to", f"http://127.0.0.1:{port}")
    unknown = send(bundle, "--to", "https://no-such.invalid/fhir")
    assert f"nothing answers at 127.0.0.1, port {port}; is it on?" in nobody.stderr
    assert "no-such.invalid isn't known on this network" in unknown.stderr


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("record.example/fhir", "no address of a server"),
        ("ftp://record.example", "no address of a server"),
        ("https://", "no address of a server"),
        ("https://a.example/fhir?x=1", "no address of a server"),
        ("https://a.example/fh ir", "no address of a server"),
        ("https://a.example/\r\nX: y", "no address of a server"),
        ("https://a.example:99999/", "none of a server"),
        ("https://[::1", "none of a server"),
        ("https://joe:pass@a.example/fhir", "has a name or password in it; use --token-file"),
        ("http://record.example/fhir", "without TLS anybody on the network reads along"),
    ],
)
def test_an_address_that_is_none_or_open_to_all_is_refused(send, bundle, tmp_path, address, words):
    result = send(bundle, "--to", address)
    assert result.exit_code == 1
    assert words in result.stderr
    assert "pass" not in result.stderr.replace("password", "")
    assert not (tmp_path / "queue").exists()


def test_a_token_is_never_sent_without_tls_to_another_computer(send, bundle, token_file):
    result = send(
        bundle, "--to", "http://record.invalid", "--allow-http", "--token-file", token_file
    )
    assert "a token isn't sent without TLS; use https" in result.stderr
    allowed = send(bundle, "--to", "http://record.invalid", "--allow-http")
    assert "record.invalid isn't known on this network" in allowed.stderr


@pytest.fixture
def certificate(tmp_path):
    """A certificate for localhost that nobody vouches for, and its key."""
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",  # noqa: S607
         "-addext", "subjectAltName=DNS:localhost", "-days", "2", "-out", files[0], "-keyout",
         files[1]], check=True, capture_output=True,
    )  # fmt: skip
    return files


def test_a_certificate_counts_only_where_the_system_trusts_it(
    send, bundle, certificate, tmp_path, monkeypatch
):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with fhir_server(TAKEN) as server:
        server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
        port = server.server.server_address[1]
        refused = send(bundle, "--to", f"https://localhost:{port}/fhir")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        by_number = send(bundle, "--to", f"https://127.0.0.1:{port}/fhir")
        command("fhir", "queue", "--retry", tmp_path / "queue")
        taken = send(bundle, "--to", f"https://localhost:{port}/fhir")
    assert "its certificate isn't to be trusted (self-signed certificate)" in refused.stderr
    assert "its certificate isn't to be trusted (IP address mismatch" in by_number.stderr
    assert "sent  FHIR bundle" in taken.stdout
    assert len(server.bodies) == 1


def test_a_server_without_tls_is_said(send, bundle):
    with fhir_server(TAKEN) as server:
        result = send(bundle, "--to", server.address.replace("http:", "https:"))
    assert "something answers there, but without TLS; check the address" in result.stderr


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"resourceType": "Patient"}, "it is no FHIR bundle"),
        ({"type": "batch"}, "a bundle of another type than 'transaction'"),
        ({"entry": []}, "a bundle without entries"),
        ({"entry": [1]}, "entry 1 that neither makes nor updates anything"),
        ({"entry": [{"request": {"method": "DELETE", "url": "B/1"}}]}, "entry 1 that neither"),
        ({"entry": [{"request": {"method": "POST", "url": "Basic"}}]},
         "entry 1 that would be made again each time it is sent"),
    ],
)  # fmt: skip
def test_a_bundle_that_couldnt_be_sent_twice_is_refused(send, tmp_path, changes, words):
    bundle = write_bundle(tmp_path / "a.json", **changes)
    result = send(bundle, "--to", "http://127.0.0.1:1")
    assert result.exit_code == 1
    assert f"{bundle}: not sent: it " in result.stderr
    assert words in result.stderr


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 10**5, b"\xff", b"null", b'{"a": NaN}'])
def test_what_is_no_json_is_a_sentence(send, tmp_path, data):
    file = tmp_path / "a.json"
    file.write_bytes(data)
    result = send(file, "--to", "http://127.0.0.1:1")
    assert result.exit_code == 1
    assert f"{file}: not sent: it " in result.stderr


def test_a_bundle_may_update_and_need_no_identifier(send, tmp_path):
    entry = {"resource": {}, "request": {"method": "PUT", "url": "Basic?identifier=u|1"}}
    bundle = write_bundle(tmp_path / "a.json", entry=[entry], identifier=None)
    with fhir_server(TAKEN) as server:
        result = send(bundle, "--to", server.address)
    assert "sent  FHIR bundle sha256:" in result.stdout


def test_a_sender_that_is_killed_between_the_answer_and_its_note_sends_the_same_again(
    bundle, tmp_path
):
    kill = (
        "import os, signal; from edge_runtime.exchange import outbox; "
        "outbox.Outbox.note = lambda *_: os.kill(os.getpid(), signal.SIGKILL); "
        "from edge_runtime.commands.process import run; run()"
    )
    arguments = ["fhir", "send", bundle, "--queue", tmp_path / "queue", "--to"]
    with fhir_server(TAKEN) as server:
        ran = subprocess.run(
            [sys.executable, "-c", kill, *map(str, arguments), server.address], cwd=ROOT,
            check=False, capture_output=True,
        )  # fmt: skip
        assert ran.returncode == -9
        eventually(lambda: len(server.bodies) == 1)
        bundle.unlink()
        result = command("fhir", "send", "--queue", tmp_path / "queue")
    assert result.exit_code == 0, result.output
    assert len(server.bodies) == 2
    assert json.loads(server.bodies[0]) == json.loads(server.bodies[1])
    assert not result.stderr.startswith("Error")


def test_bundles_of_results_that_come_twice_make_each_thing_once(send, hospital, tmp_path):
    made = command("fhir", "report", hospital / "out", "--out", tmp_path / "bundles")
    assert made.exit_code == 0, made.output
    with fhir_server(TAKEN) as server:
        result = send(tmp_path / "bundles", "--to", server.address)
        again = send(tmp_path / "bundles", "--to", server.address)
    assert (result.exit_code, again.exit_code) == (0, 0), result.output
    assert len(server.bodies) == len(list((tmp_path / "bundles").iterdir())) > 3
    record = RecordServer()
    assert all(record.take(body) for body in server.bodies)
    assert not any(record.take(body) for body in server.bodies)
