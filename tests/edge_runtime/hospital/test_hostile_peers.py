"""Peers that lie, stop in between or send nonsense: nothing ends, grows or stays behind."""

import contextlib
import os
import random
import socket
import threading
import time

import pytest

from tests.edge_runtime.hospital.objects import make
from tests.edge_runtime.hospital.receiving import (
    UID,
    Process,
    caller,
    coming_in,
    files_in,
    wait_for,
)

TURNS = int(os.environ.get("FUNDUS_EDGE_FUZZ", "1"))
MOST_MB = 300  # of the whole process, of which libraries are about 120


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    process = Process(tmp_path_factory.mktemp("receiver") / "in")
    yield process
    assert process.end() == 0
    assert "Traceback" not in process.said()


@pytest.fixture(scope="module")
def spoken(receiver):
    """Record all that a camera says that asks, stores and asks whether it is kept."""
    said = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as between:
        thread = threading.Thread(target=relay, args=(between, receiver.port, said))
        thread.start()
        import numpy as np

        with caller(between.getsockname()[1]) as camera:
            assert camera.send_c_echo().Status == 0
            made = make(np.zeros((40, 40), np.uint8), SOPInstanceUID=f"{UID}.1")
            assert camera.send_c_store(made).Status == 0
        thread.join(20)
    return bytes(said)


def relay(between, port, said):
    near, _ = between.accept()
    with near, socket.create_connection(("127.0.0.1", port)) as far:
        back = threading.Thread(target=pipe, args=(far, near))
        back.start()
        pipe(near, far, said)
        back.join(20)


def pipe(source, sink, said=None):
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            if said is not None:
                said += data
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def say(receiver, call, rest=b""):
    """Call, wait for an answer, say the rest, and hear until the other side ends."""
    opened = socket.create_connection(("127.0.0.1", receiver.port), 10)
    with opened as connection, contextlib.suppress(OSError):
        connection.sendall(call)
        if rest:
            connection.settimeout(1)
            with contextlib.suppress(TimeoutError):
                connection.recv(1 << 16)
            connection.settimeout(20)
            connection.sendall(rest)
        connection.settimeout(20)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 16):
            pass


def parts_of(spoken):
    """Part what was spoken into the call and the rest."""
    end = 6 + int.from_bytes(spoken[2:6], "big")
    return spoken[:end], spoken[end:]


def still_answers(receiver):
    def is_heard():
        with caller(receiver.port) as camera:
            return camera.is_established and camera.send_c_echo().get("Status") == 0

    wait_for(is_heard)
    wait_for(lambda: coming_in(receiver.folder) == [])
    assert receiver.peak_mb() < MOST_MB


NONSENSE = {
    "nothing": b"", "one byte": b"\0", "http": b"GET / HTTP/1.0\r\n\r\n",
    "an empty call": b"\1\0\0\0\0\0", "empty data": b"\4\0\0\0\0\0",
    "data before a call": b"\4\0\0\0\0\4\0\0\0\0", "an abort": b"\7\0\0\0\0\4\0\0\0\0",
    "a release": b"\5\0\0\0\0\4\0\0\0\0", "ones": b"\xff" * 5000,
    "a long call": b"\1\0\xff\xff\xff\xff" + bytes(9),
}  # fmt: skip


@pytest.mark.parametrize("data", NONSENSE.values(), ids=NONSENSE)
def test_what_is_no_call_is_hung_up_on(receiver, data):
    say(receiver, data)
    still_answers(receiver)


def test_a_length_of_gigabytes_is_not_waited_for_nor_kept(receiver, spoken):
    for begin, kind in ((b"", b"\1"), (parts_of(spoken)[0], b"\4")):
        opened = socket.create_connection(("127.0.0.1", receiver.port), 10)
        with opened as connection, contextlib.suppress(OSError):
            connection.sendall(begin)
            if begin:
                assert connection.recv(1) == b"\2"
            connection.sendall(kind + b"\0\xff\xff\xff\xff")
            for _ in range(64):
                connection.sendall(bytes(1 << 20))
            pytest.fail("64 MB of a part of 4 GB were taken")
    still_answers(receiver)


def test_what_is_spoken_and_then_cut_off_anywhere_leaves_nothing(receiver, spoken):
    call, rest = parts_of(spoken)
    for cut in range(1, len(rest), max(1, len(rest) // (40 * TURNS))):
        say(receiver, call, rest[:cut])
    for cut in range(1, len(call), len(call) // 20):
        say(receiver, call[:cut])
    still_answers(receiver)
    assert files_in(receiver.folder) == [f"{UID}.1.dcm"]


def test_spoilt_words_end_a_connection_and_nothing_else(receiver, spoken):
    rng = random.Random(17)
    for turn in range(200 * TURNS):
        call, rest = map(bytearray, parts_of(spoken))
        spoilt = rest if turn % 4 else call
        for _ in range(rng.choice([1, 1, 2, 8, 40])):
            at = rng.randrange(min(len(spoilt), 900))
            match rng.randrange(4):
                case 0:
                    spoilt[at] = rng.randrange(256)
                case 1:
                    spoilt[at : at + 4] = b"\xff\xff\xff\xff"
                case 2:
                    del spoilt[at : at + rng.randrange(1, 30)]
                case 3:
                    spoilt[at:at] = spoilt[at : at + rng.randrange(1, 300)]
        say(receiver, bytes(call), bytes(rest))
    still_answers(receiver)
    kept = (receiver.folder / f"{UID}.1.dcm").read_bytes()
    assert kept.count(bytes(1600)) == 1  # as it was first


def test_a_camera_that_never_waits_for_an_answer_is_answered_or_hung_up_on(receiver, spoken):
    call, rest = parts_of(spoken)
    echo = rest[: 6 + int.from_bytes(rest[2:6], "big")]
    say(receiver, call, 5000 * echo)
    still_answers(receiver)


def test_commands_that_never_end_are_not_kept_in_memory(receiver, spoken):
    piece = b"\1\1" + bytes(60000)  # of context 1, a command, not the last
    part = b"\4\0" + (len(piece) + 4).to_bytes(4, "big") + len(piece).to_bytes(4, "big") + piece
    say(receiver, parts_of(spoken)[0], 6000 * part)
    still_answers(receiver)


def test_a_hundred_that_hang_up_at_once_keep_nobody_out(receiver):
    began = time.monotonic()
    for _ in range(100):
        socket.create_connection(("127.0.0.1", receiver.port), 10).close()
    still_answers(receiver)
    assert time.monotonic() - began < 8  # and not until the time for a call is over
