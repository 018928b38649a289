"""Who is to be photographed, asked of dcmtk's worklist and of ones that lie."""

import contextlib
import datetime
import json
import re
import socket
import subprocess
import threading

import pytest
from click.testing import CliRunner
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE, evt
from pynetdicom.sop_class import ModalityWorklistInformationFind

from edge_runtime.commands.main import main
from edge_runtime.hospital import worklist as module
from edge_runtime.hospital.calling import PeerSilentError
from edge_runtime.hospital.peers import Peer
from edge_runtime.hospital.worklist import Scheduled, worklist
from tests.edge_runtime.dcmtk import dcmtk
from tests.edge_runtime.hospital.objects import item
from tests.edge_runtime.hospital.receiving import needs_dcmtk, wait_for

DAY = datetime.date(2026, 11, 28)


def entry(number, *, day="20261128", time="101500", name="Núñez^Ana", issuer="H"):
    """Make what a worklist has of a person."""
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.AccessionNumber, made.PatientName, made.PatientID = f"A{number}", name, f"P{number}"
    made.IssuerOfPatientID, made.PatientBirthDate, made.PatientSex = issuer, "19500101", "F"
    made.StudyInstanceUID = generate_uid(entropy_srcs=[str(number)])
    made.RequestedProcedureID, made.RequestedProcedureDescription = f"R{number}", "Fundus"
    step = item(
        Modality="OP", ScheduledStationAETitle="CAMERA", ScheduledProcedureStepStartDate=day,
        ScheduledProcedureStepStartTime=time, ScheduledPerformingPhysicianName="X",
        ScheduledProcedureStepDescription="Both eyes", ScheduledProcedureStepID=f"S{number}",
    )  # fmt: skip
    made.ScheduledProcedureStepSequence = [step]
    return made


@pytest.fixture
def hospital(tmp_path):
    """Run dcmtk's worklist with three persons, two of them of the day; gives its port."""
    folder = tmp_path / "lists" / "HOSPITAL"
    folder.mkdir(parents=True)
    (folder / "lockfile").touch()
    entries = entry(1, time="113000"), entry(2), entry(3, day="20261129")
    for number, made in enumerate(entries):
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made.file_meta.MediaStorageSOPClassUID = "1.2.276.0.7230010.3.1.0.1"
        made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        made.preamble = bytes(128)
        made.save_as(folder / f"{number}.wl", enforce_file_format=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [dcmtk("wlmscpfs"), "--single-process", "-csk", "-dfp", str(folder.parent), str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        wait_for(lambda: answers_at(port))
        yield port
        run.terminate()


def answers_at(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@needs_dcmtk
def test_dcmtks_worklist_is_read_by_day_the_first_to_come_first(hospital):
    peer = f"HOSPITAL@127.0.0.1:{hospital}"
    run = CliRunner().invoke(main, ["dicom", "worklist", "--peer", peer, "--date", "2026-11-28"])
    assert run.exit_code == 0, run.output
    assert run.stdout.splitlines() == [
        "2026-11-28 10:15\tH/P2\tNúñez Ana\tOP\tBoth eyes",
        "2026-11-28 11:30\tH/P1\tNúñez Ana\tOP\tBoth eyes",
    ]
    any_day = ["dicom", "worklist", "--peer", peer, "--date", "any", "--json", "--modality", "OP"]
    lines = [json.loads(each) for each in CliRunner().invoke(main, any_day).stdout.splitlines()]
    assert [each["patient_id"] for each in lines] == ["P2", "P1", "P3"]
    assert lines[0]["accession"] == "A2"
    assert re.fullmatch(r"[\d.]+", lines[0]["study_uid"])
    none = CliRunner().invoke(main, ["dicom", "worklist", "--peer", peer, "--date", "2001-01-01"])
    assert (none.exit_code, none.stdout) == (0, "")
    assert "Nobody is scheduled" in none.stderr


@contextlib.contextmanager
def worklist_of(answers):
    """Run a worklist that gives these answers; gives it as a peer."""
    entity = AE("HOSPITAL")
    entity.add_supported_context(ModalityWorklistInformationFind)
    server = entity.start_server(
        ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_FIND, lambda _: answers())]
    )
    try:
        yield Peer("HOSPITAL", "127.0.0.1", server.server_address[1])
    finally:
        server.shutdown()


def test_more_than_a_days_work_is_cut_off(monkeypatch):
    monkeypatch.setattr(module, "MOST", 7)

    def endless():
        number = 0
        while True:
            number += 1
            yield 0xFF00, entry(number)

    with worklist_of(endless) as peer:
        found, is_cut_off = worklist(peer, ae_title="X", day=DAY)
    assert (len(found), is_cut_off) == (7, True)


def test_what_an_answer_doesnt_say_is_empty():
    odd = entry(2, day="", name="", time="")
    with pytest.warns(UserWarning, match="Invalid value"):
        odd.ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartTime = "99"
    only = Dataset()
    only.PatientID = "\x1b[31m7"

    def answers():
        yield 0xFF00, odd
        yield 0xFF01, only

    with worklist_of(answers) as peer:
        found, _ = worklist(peer, ae_title="X", day=None)
    assert Scheduled("", "[31m7", "", "", "", "", "", "") in found
    assert {each.time for each in found} == {""}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (lambda: iter([(0xFF00, entry(1)), (0xA700, None)]), "answered with 0xa700"),
        (lambda: iter([(0xC001, None)]), "answered with 0xc001"),
    ],
)
def test_a_worklist_that_fails_is_said(answers, said):
    with worklist_of(answers) as peer, pytest.raises(PeerSilentError, match=said):
        worklist(peer, ae_title="X", day=DAY)


def test_who_cant_be_reached_or_hangs_up_is_said_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]

        def hang_up():
            deaf.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(PeerSilentError, match="; "):
            worklist(Peer("A", "127.0.0.1", port), ae_title="X", day=DAY)
        thread.join()
    with pytest.raises(PeerSilentError, match="nobody answers there"):
        worklist(Peer("A", "127.0.0.1", port), ae_title="X", day=DAY)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--peer", "A@B"], "port is missing"),
        (["--peer", "A@127.0.0.1:1", "--date", "yesterday"], "neither today nor any"),
        (["--peer", "A@127.0.0.1:1", "--ae-title", ""], "1 to 16 letters"),
    ],
)
def test_what_cant_be_asked_is_said(options, said):
    result = CliRunner().invoke(main, ["dicom", "worklist", *options])
    assert result.exit_code in (1, 2)
    assert said in result.output + str(result.exception)


@pytest.mark.parametrize(
    ("time", "start"),
    [("101512.5", "T10:15"), ("101512", "T10:15"), ("1015", "T10:15"), ("09", "T09:00"), ("", ""),
     ("99", ""), ("1", ""), ("10:15:12", ""), ("soon", "")],
)  # fmt: skip
def test_a_start_is_as_exact_as_it_can_be_read(time, start):
    assert module._when("20261128", time) == f"2026-11-28{start}"
    assert module._when("", time) == ""
