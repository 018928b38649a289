"""A command that sends ends soon after its time is up, whoever hangs, and loses nothing by that."""

import time

import pytest

from edge_runtime.exchange import outcome, patience
from edge_runtime.exchange.patience import patience_left
from tests.edge_runtime.exchange.sending import (
    TAKEN,
    archive,
    command,
    drips,
    fhir_server,
    hangs,
    socket_server,
    write_bundle,
    write_object,
)

# pynetdicom leaves it to the collector to close a socket that found nobody
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(patience, "LEAST_S", 1.0)
    monkeypatch.setattr(outcome, "_FIRST_S", 0.05)


@pytest.fixture
def send(tmp_path):
    """Send what there is; gives what was said and how many seconds that took."""

    def run(what, *arguments, wait=0):
        begun = time.monotonic()
        queue = "--queue", tmp_path / "queue", "--wait", wait
        result = command(what, "send", *queue, *arguments)
        return result, time.monotonic() - begun

    return run


@pytest.fixture
def three(tmp_path):
    for number in range(3):
        write_object(tmp_path / "study", number)
    return tmp_path / "study"


def test_an_answer_is_waited_for_until_the_time_is_up_and_a_while_at_least():
    now = time.monotonic()
    assert patience_left(60, now + 1000) == 60
    assert patience_left(60, now + 30) == pytest.approx(30, abs=1)
    assert patience_left(60, now - 5) == 1.0
    assert patience_left(0.5, now) == 0.5


@pytest.mark.parametrize("wait", [0, 3])
def test_an_archive_that_never_answers_is_left_when_the_time_is_up(send, three, wait):
    with archive(lambda data, count: time.sleep(20) or 0) as found:
        result, took_s = send("dicom", three, "--peer", found.peer, wait=wait)
    assert "waits: there was no answer within" in result.stderr
    assert "3 waiting" in result.stderr
    assert wait < took_s < wait + 6


@pytest.mark.parametrize("speak", [hangs, drips])
def test_what_takes_the_call_and_says_nothing_is_left_likewise(send, three, tmp_path, speak):
    bundle = write_bundle(tmp_path / "a.json")
    with socket_server(speak) as port:
        _, dicom_s = send("dicom", three, "--peer", f"ARCH@127.0.0.1:{port}")
        _, fhir_s = send("fhir", bundle, "--to", f"http://127.0.0.1:{port}/fhir")
    assert max(dicom_s, fhir_s) < 6


def test_who_answers_is_sent_all_of_it_though_the_time_is_up(send, three, tmp_path):
    with archive(lambda data, count: time.sleep(0.5) or 0) as found:
        result, took_s = send("dicom", three, "--peer", found.peer)
    assert (result.exit_code, len(found.came)) == (0, 3)
    assert took_s > 1.5
    with fhir_server(TAKEN) as server:
        assert (
            send("fhir", write_bundle(tmp_path / "a.json"), "--to", server.address)[0].exit_code
            == 0
        )


def test_an_answer_that_wasnt_waited_for_costs_sending_once_more_under_the_same_uid(send, tmp_path):
    file = write_object(tmp_path / "study", 1)
    with archive(lambda data, count: (time.sleep(2.5) if count == 1 else None) or 0) as found:
        first, _ = send("dicom", file, "--peer", found.peer)
        assert first.exit_code == 1
        time.sleep(0.2)
        again, _ = send("dicom")
    assert again.exit_code == 0, again.output
    assert len(found.uids) == 2
    assert len(set(found.uids)) == 1
