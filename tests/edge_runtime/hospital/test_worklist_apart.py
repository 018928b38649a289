"""A worklist that is asked in a process of its own: what it answers, and that it can be ended."""

import datetime
import socket
import subprocess
import sys
import threading
import time

import pytest

from edge_runtime.hospital import worklist_apart as module
from edge_runtime.hospital.peers import UNKNOWN_HOST, Peer
from edge_runtime.hospital.worklist_apart import Answer, WorklistApart, WorklistOf
from tests.edge_runtime.hospital.receiving import PATIENCE_S, needs_dcmtk
from tests.edge_runtime.hospital.worklists import dcmtks_worklist, entry, worklist_of

DAY = datetime.date(2026, 11, 28)


def apart(peer, **options):
    return WorklistApart(WorklistOf(peer, "CAMP", **options))


@needs_dcmtk
def test_dcmtks_worklist_answers_as_it_does_to_the_command(tmp_path):
    entries = (
        entry(1, time="113000"),
        entry(2, name="Yamada^Tarou=山田^太郎"),
        entry(3, day="20261129"),
    )
    with dcmtks_worklist(tmp_path, entries) as peer:
        answer = apart(peer, modality="OP").ask(DAY)
        nobody = apart(peer, modality="CT").ask(DAY)
    assert [each.patient_id for each in answer.scheduled] == ["P2", "P1"]
    assert answer.scheduled[0].birth_year == 1950
    assert (answer.is_cut_off, answer.trouble) == (False, "")
    assert nobody == Answer()


def test_a_hundred_thousand_answers_are_a_thousand():
    made = entry(1)
    with worklist_of(lambda: ((0xFF00, made) for _ in range(100_000))) as peer:
        answer = apart(peer).ask(DAY)
    assert (len(answer.scheduled), answer.is_cut_off) == (1000, True)


@pytest.mark.filterwarnings("ignore:Invalid value", "ignore:The value length", "ignore:The PN")
def test_huge_values_control_signs_and_other_letters_than_are_claimed_harm_nothing():
    huge = entry(1, name="\x1b[31m" + "W" * 50_000, RequestedProcedureDescription="\x00\r\n")
    wrong = entry(2, SpecificCharacterSet="ISO_IR 192")
    wrong.PatientName = b"N\xfa\xf1ez^Ana"  # Latin-1
    wrong.PatientID = "<script>\u202e"
    with worklist_of(lambda: iter([(0xFF00, huge), (0xFF00, wrong)])) as peer:
        answer = apart(peer).ask(DAY)
    assert answer.trouble == ""
    assert all(len(each.name) <= 200 for each in answer.scheduled)
    texts = [
        str(getattr(each, name)) for each in answer.scheduled for name in each.__struct_fields__
    ]
    assert all(text.isprintable() for text in texts)
    assert {each.patient_id for each in answer.scheduled} == {"P1", "<script>"}


def test_what_cant_be_learnt_is_said_in_a_clause():
    with worklist_of(lambda: iter([(0xA700, None)])) as peer:
        assert apart(peer).ask(DAY).trouble == "it answered with 0xa700; ask there what is wrong"
    assert "nobody answers there" in apart(peer).ask(DAY).trouble


@pytest.mark.parametrize("host", ["no-such-host.invalid", "no..such", "n" * 70])
def test_a_host_that_isnt_known_is_said_to_be_so(host):
    assert apart(Peer("X", host, 104)).ask(DAY).trouble == UNKNOWN_HOST


def test_one_that_never_answers_is_ended_at_once():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        asked = apart(Peer("RIS", "127.0.0.1", deaf.getsockname()[1]))
        said = []
        thread = threading.Thread(target=lambda: said.append(asked.ask(DAY)))
        thread.start()
        with deaf.accept()[0]:
            begun = time.monotonic()
            asked.end()
            thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert time.monotonic() - begun < 5  # where the library would wait for 15 s
    assert said[0].trouble
    assert asked.ask(DAY).trouble  # nor is it asked again


def test_one_that_never_answers_is_given_up_after_a_while(monkeypatch):
    monkeypatch.setattr(module, "AT_MOST", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        answer = apart(Peer("RIS", "127.0.0.1", deaf.getsockname()[1])).ask(DAY)
    assert answer == Answer(trouble=module.SLOW)


def test_who_asks_doesnt_load_what_speaks_dicom():
    ran = subprocess.run(
        [sys.executable, "-c", "import sys, edge_runtime.hospital.worklist_apart; "
         "print({'pydicom', 'pynetdicom'} & {*sys.modules})"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout == "set()\n"
