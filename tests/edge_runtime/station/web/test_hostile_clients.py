"""Clients that guess, flood, dawdle or pretend get nowhere, and hinder nobody who is signed in."""

import socket
import threading
import time

import pytest

from edge_runtime.station.access.attempts import HERE
from edge_runtime.station.access.owner import MEETING, OWNER
from edge_runtime.station.at_work import EXPORT
from edge_runtime.station.web import connections
from tests.edge_runtime.station.camps import Clock
from tests.edge_runtime.station.web.served import words
from tests.edge_runtime.station.web.signing_in import TOLD


def test_a_thousand_wrong_passwords_are_hardly_looked_at_and_hinder_nobody(guest, monkeypatch):
    looked_at = []
    monkeypatch.setattr(type(guest.door.password), "fits",
                        lambda self, told: looked_at.append(told) or told == TOLD)  # fmt: skip
    guest.door.attempts.clock = Clock()
    guest.sign_in(TOLD)
    cookie, guest.cookie = guest.cookie, None
    for number in range(1000):
        status, headers, text = guest.sign_in(str(number))
        assert status == (403 if number < 5 else 429)
    assert "Too many wrong passwords. Wait" in words(text)
    assert 1 <= int(headers["retry-after"]) <= 300
    assert len(looked_at) < 20
    assert guest.sign_in(TOLD)[0] == 429
    assert guest.ask("GET", "/", cookie=cookie)[0] == 200
    guest.come_from("192.168.1.10")
    assert guest.sign_in(TOLD)[0] == 303
    guest.come_from(HERE)
    assert guest.sign_in(TOLD)[0] == 303


def test_who_signed_in_before_gets_in_while_many_addresses_guess(guest):
    guest.door.attempts.clock = Clock()
    assert guest.sign_in(TOLD)[0] == 303
    device, guest.cookie = guest.device, None
    for number in range(28):
        guest.come_from(f"10.9.0.{number}")
        guest.sign_in("guess")
    guest.come_from("192.168.1.9")
    assert guest.sign_in(TOLD)[0] == 429
    guest.door.attempts.waiting = 8
    guest.cookie = device
    assert guest.sign_in(TOLD)[0] == 303
    assert guest.device == device
    for other in (device[:-1], f"{device.partition('=')[0]}="):
        guest.cookie = other
        assert guest.sign_in(TOLD)[0] == 429
    guest.cookie = device  # which waits for its own wrong ones
    assert [guest.sign_in("x")[0] for _ in range(6)] == [403] * 5 + [429]
    guest.door.attempts.waiting = 0
    assert guest.ask("GET", "/", cookie=device)[0] == 401


def test_wrong_passwords_from_many_addresses_slow_each_other_but_not_this_computer(
    guest, monkeypatch
):
    monkeypatch.setattr(type(guest.door.password), "fits", lambda self, told: told == TOLD)
    answers, guest.door.attempts.clock = [], Clock()
    for number in range(100):
        guest.door.attempts.clock.wait(0.1)
        guest.come_from(f"10.0.0.{number}")
        answers.append(guest.sign_in("x")[0])
    assert answers.count(403) <= 24  # 20, and one after 1, 2, 4 and 8 of the 10 s
    guest.come_from(HERE)
    assert guest.sign_in(TOLD)[0] == 303


def test_passwords_are_looked_at_one_after_the_other_and_pages_are_served_meanwhile(
    guest, monkeypatch
):
    at_work, most = [], []

    def slow(self, told):
        at_work.append(told)
        most.append(len(at_work))
        time.sleep(0.2)
        at_work.remove(told)
        return False

    guest.sign_in(TOLD)
    monkeypatch.setattr(type(guest.door.password), "fits", slow)
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(guest.sign_in("x")[0])) for _ in range(20)
    ]
    for each in threads:
        each.start()
    begun = time.monotonic()
    guest.get("/")
    assert time.monotonic() - begun < 1
    for each in threads:
        each.join()
    assert max(most) == 1
    assert statuses.count(429) >= 10


def test_a_body_that_is_too_long_and_headers_that_are_are_refused(locked):
    assert locked.ask("POST", "/sign-in", "name=" + "x" * 20_000)[0] == 413
    assert locked.ask("GET", "/sign-in", cookie="x" * 100_000)[0] in (400, 431)
    assert locked.ask("GET", "/sign-in?" + "x" * 100_000)[0] in (400, 431)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 401), ("localhost", 401), ("CAMP.example.:8000", 401),
        (socket.gethostname(), 401), (f"{socket.gethostname().partition('.')[0]}.local:1", 401),
        ("elsewhere.example", 421),
        ("192.168.1.7", 421), ("192.168.1.7.nip.io", 421), ("127.0.0.1.elsewhere.example", 421),
        ("", 421), ("a:b:c", 421), ("camp.example@elsewhere.example", 421), ("[", 421),
    ],
)  # fmt: skip
def test_on_a_network_only_known_names_lead_here(locked, host, status):
    assert locked.ask("GET", "/", host=host)[0] == status


def test_the_address_at_which_a_request_came_in_leads_here(locked):
    assert locked.door.knows("192.168.1.7", "192.168.1.7")
    assert locked.door.knows("192.168.1.7", "::ffff:192.168.1.7")
    assert locked.door.knows("fe80::1", "fe80::1%eth0")
    assert not locked.door.knows("192.168.1.7", "192.168.1.8")


def test_no_word_of_a_proxy_is_believed(locked):
    locked.sign_in("x")
    before = dict(locked.door.attempts._each)
    locked.sign_in("x")
    locked.ask("POST", "/sign-in", "name=A&password=x", x_forwarded_for="10.9.9.9",
               x_forwarded_proto="https", forwarded="for=10.9.9.9")  # fmt: skip
    assert locked.door.attempts._each.keys() == before.keys() == {HERE}


def test_the_owner_of_the_folder_comes_in_by_a_proof_for_two_files_alone(locked):
    asked = f"{EXPORT}?day=x"
    assert locked.ask("POST", asked, **locked.as_owner(asked))[0] == 400  # let in, and no day
    for path in ("/camp.csv", "/", "/do/call"):
        for method in ("GET", "POST"):
            assert locked.ask(method, path, **locked.as_owner(path, method))[0] == 401
    assert locked.ask("GET", EXPORT, **locked.as_owner(EXPORT, "GET"))[0] == 401
    key = (locked.station.store.folder / "station.key").read_text()
    for told in ("", key, f"{key} {key}", locked.station.token, "\u00e9"):
        assert locked.ask("POST", EXPORT, **{OWNER: told})[0] == 401
    for nonce in ("", "short", "x" * 65, "%0a" * 30):
        assert locked.ask("GET", f"{MEETING}?nonce={nonce}")[0] == 400


def test_a_client_that_sends_slowly_or_nothing_is_let_go(locked, monkeypatch):
    monkeypatch.setattr(connections, "REQUEST_S", 0.5)
    for sent in (b"", b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"POST /sign-in HTTP/1.1\r\n"
                 b"Host: localhost\r\nContent-Length: 100\r\n\r\nname="):  # fmt: skip
        with socket.create_connection(("127.0.0.1", locked.port), timeout=10) as opened:
            opened.sendall(sent)
            begun = time.monotonic()
            assert is_gone(opened)
            assert 0.3 < time.monotonic() - begun < 5


def is_gone(opened):
    """Tell whether the other side has ended a connection, in order or not."""
    try:
        while opened.recv(1000):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def test_one_other_computer_has_a_bounded_number_of_connections(locked, monkeypatch):
    monkeypatch.setattr(connections, "who_asks", lambda _: "192.168.1.9")
    opened = []
    try:
        for _ in range(connections.MOST_OF_ONE + 5):
            each = socket.create_connection(("127.0.0.1", locked.port), timeout=10)
            opened.append(each)
        time.sleep(0.3)
        monkeypatch.setattr(connections, "who_asks", lambda _: "192.168.1.10")
        assert locked.ask("GET", "/sign-in")[0] == 200
        for each in opened:
            each.settimeout(0.05)
        gone = sum(map(is_gone, opened))
        assert gone == 5
    finally:
        for each in opened:
            each.close()
