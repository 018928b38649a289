"""Worklists of hospitals for tests: dcmtk's, and ones that answer what a test has them answer."""

import contextlib
import socket
import subprocess

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE, evt
from pynetdicom.sop_class import ModalityWorklistInformationFind

from edge_runtime.hospital.peers import Peer
from tests.edge_runtime.dcmtk import dcmtk
from tests.edge_runtime.hospital.objects import item
from tests.edge_runtime.hospital.receiving import wait_for


def entry(number, *, day="20261128", time="101500", name="Núñez^Ana", issuer="H", **tags):
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
    for keyword, value in tags.items():
        setattr(made, keyword, value)
    return made


@contextlib.contextmanager
def dcmtks_worklist(folder, entries):
    """Run dcmtk's worklist with entries; gives it as a peer."""
    (folder / "HOSPITAL").mkdir(parents=True)
    (folder / "HOSPITAL" / "lockfile").touch()
    for number, made in enumerate(entries):
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made.file_meta.MediaStorageSOPClassUID = "1.2.276.0.7230010.3.1.0.1"
        made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        made.preamble = bytes(128)
        made.save_as(folder / "HOSPITAL" / f"{number}.wl", enforce_file_format=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [dcmtk("wlmscpfs"), "--single-process", "-csk", "-dfp", str(folder), str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        wait_for(lambda: answers_at(port))
        try:
            yield Peer("HOSPITAL", "127.0.0.1", port)
        finally:
            run.terminate()


def answers_at(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


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
