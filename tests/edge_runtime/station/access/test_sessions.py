"""Who is signed in stays so for twelve hours, over a restart, and not by another's token."""

import pytest

from edge_runtime.station.access import sessions as module
from edge_runtime.station.access.sessions import LASTS, Sessions
from edge_runtime.system.files import write_file


class Clock:
    def __init__(self):
        self.seconds = 1.7e9

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(tmp_path, clock):
    return Sessions(tmp_path, b"hash", clock)


def test_a_token_finds_its_session_and_no_other_does(opened):
    token = opened.begin("Ana")
    assert opened.find(token).name == "Ana"
    for other in ("", token[:-1], token + "x", opened.find(token).id, "\u00e9", "x" * 10_000):
        assert opened.find(other) is None


def test_sessions_outlive_a_restart_but_no_new_password(opened, tmp_path, clock):
    token = opened.begin("Ana")
    assert Sessions(tmp_path, b"hash", clock).find(token).name == "Ana"
    assert Sessions(tmp_path, b"other", clock).find(token) is None


def test_the_file_is_for_its_owner_and_holds_no_token(opened, tmp_path):
    token = opened.begin("Ana")
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert token.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    ("later", "lasts"),
    [(0, True), (LASTS - 1, True), (LASTS, False), (-3600, True), (-LASTS, False), (9e9, False)],
)
def test_a_session_ends_after_twelve_hours_whatever_happens_to_the_clock(
    opened, clock, later, lasts
):
    token = opened.begin("Ana")
    clock.seconds += later
    assert (opened.find(token) is not None) is lasts


def test_who_signs_out_is_out_after_a_restart_too(opened, tmp_path, clock):
    ana, bo = opened.begin("Ana"), opened.begin("Bo")
    opened.end(opened.find(ana))
    for each in (opened, Sessions(tmp_path, b"hash", clock)):
        assert each.find(ana) is None
        assert each.find(bo).name == "Bo"


def full_disk(*_, **__):
    raise OSError(28, "No space left on device")


def test_on_a_full_disk_one_can_sign_in_and_who_signs_out_stays_out(
    opened, tmp_path, clock, monkeypatch
):
    before = opened.begin("Ana")
    monkeypatch.setattr(module, "write_file", full_disk)
    assert opened.find(opened.begin("Bo")).name == "Bo"
    opened.end(opened.find(before))
    monkeypatch.setattr(module, "write_file", write_file)
    assert Sessions(tmp_path, b"hash", clock).find(before) is None


def test_a_damaged_file_has_signed_everybody_out(opened, tmp_path, clock):
    token = opened.begin("Ana")
    (file,) = tmp_path.iterdir()
    for damaged in (b"", b"[", b'{"password":1}', b"\xff", b"[" * 5000):
        file.write_bytes(damaged)
        assert Sessions(tmp_path, b"hash", clock).find(token) is None


def test_the_oldest_of_many_sessions_ends(opened):
    first, *_, last = [opened.begin(str(number)) for number in range(module._MOST + 1)]
    assert opened.find(first) is None
    assert opened.find(last)
