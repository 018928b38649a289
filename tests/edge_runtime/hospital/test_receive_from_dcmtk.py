"""What dcmtk's own programs send is taken, however it is written, and nothing of it is lost."""

import re
import socket
import subprocess

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from edge_runtime.hospital.read import decode_dicom
from tests.edge_runtime.dcmtk import dcmtk
from tests.edge_runtime.hospital.objects import (
    CT,
    LOSSLESS,
    jpeg_of,
    jpegs,
    lossless_jpeg,
    make,
    save,
)
from tests.edge_runtime.hospital.receiving import (
    UID,
    Process,
    coming_in,
    files_in,
    needs_dcmtk,
    wait_for,
)

pytestmark = needs_dcmtk

#: By which option storescu offers each transfer syntax.
OPTIONS = {
    ImplicitVRLittleEndian: "-xi", ExplicitVRLittleEndian: "-xe", ExplicitVRBigEndian: "-xb",
    DeflatedExplicitVRLittleEndian: "-xd", JPEGBaseline8Bit: "-xy", JPEGExtended12Bit: "-xx",
    JPEGLosslessSV1: "-xs", JPEGLSLossless: "-xt", JPEGLSNearLossless: "-xu",
    JPEG2000Lossless: "-xv", JPEG2000: "-xw", RLELossless: "-xr",
}  # fmt: skip


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    process = Process(tmp_path_factory.mktemp("receiver") / "in")
    yield process
    assert process.end() == 0
    assert "Traceback" not in process.said()


def tool(name, receiver, *arguments):
    command = [dcmtk(name), "-aec", "FUNDUSEDGE", *arguments[:-1], "127.0.0.1", str(receiver.port)]
    return subprocess.run(
        [*map(str, command), *map(str, arguments[-1])], capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


def written(pixels, syntax, number):
    """Write an object by a transfer syntax."""
    made = make(pixels, SOPInstanceUID=f"{UID}.{number}")
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    if syntax in (JPEGBaseline8Bit, JPEGExtended12Bit):
        return jpegs(made, jpeg_of(pixels), syntax=syntax)
    if syntax == LOSSLESS:
        return jpegs(made, lossless_jpeg(pixels), syntax=syntax)
    if syntax in (JPEGLSLossless, JPEG2000Lossless, RLELossless):
        made.compress(syntax, generate_instance_uid=False)
    elif syntax == JPEGLSNearLossless:
        made.compress(syntax, jls_error=3, generate_instance_uid=False)
    elif syntax == JPEG2000:
        made.compress(syntax, j2k_cr=[5], generate_instance_uid=False)
    else:
        made.file_meta.TransferSyntaxUID = syntax
    return made


def test_its_echo_is_answered(receiver):
    assert tool("echoscu", receiver, []).returncode == 0
    assert tool("echoscu", receiver, "-aet", "X", []).returncode == 0


@pytest.mark.parametrize("syntax", OPTIONS, ids=lambda syntax: syntax.name)
def test_each_transfer_syntax_that_is_read_is_taken_as_it_is(receiver, small_eye, tmp_path, syntax):
    number = 100 + list(OPTIONS).index(syntax)
    source = save(written(small_eye, syntax, number), tmp_path / "a.dcm")
    sent = tool("storescu", receiver, OPTIONS[syntax], [source])
    assert sent.returncode == 0, sent.stdout + sent.stderr
    kept = receiver.folder / f"{UID}.{number}.dcm"
    assert dcmread(kept).file_meta.TransferSyntaxUID == syntax
    assert np.array_equal(decode_dicom(kept).pixels, decode_dicom(source).pixels)


def test_other_kinds_of_objects_are_refused(receiver, small_eye, tmp_path):
    save(make(small_eye, sop_class=CT), tmp_path / "ct.dcm")
    before = files_in(receiver.folder)
    assert tool("storescu", receiver, [tmp_path / "ct.dcm"]).returncode != 0
    assert files_in(receiver.folder) == before


def many(small_eye, folder, count):
    """Write many objects; some take a moment to send."""
    folder.mkdir()
    large = np.tile(small_eye, (12, 12, 1))
    return [
        save(written(large, ExplicitVRLittleEndian, 1000 + n), folder / f"{n:03}.dcm")
        for n in range(count)
    ]


def acknowledged(said):
    """Name the files that storescu says were taken."""
    parts = re.split(r"Sending file: ", said)[1:]
    return {part.split("\n")[0].strip() for part in parts if "Response (Success)" in part}


def test_many_in_one_association_and_the_same_ones_again_are_each_there_once(
    receiver, small_eye, tmp_path
):
    files = many(small_eye, tmp_path / "many", 100)
    for _ in range(2):
        sent = tool("storescu", receiver, "-v", files)
        assert sent.returncode == 0
        assert len(acknowledged(sent.stdout + sent.stderr)) == 100
    kept = [
        each for each in files_in(receiver.folder) if re.fullmatch(rf"{UID}\.1\d\d\d\.dcm", each)
    ]
    assert len(kept) == 100
    assert coming_in(receiver.folder) == []


@pytest.mark.parametrize("after", [1, 40, 120])
def test_nothing_that_was_acknowledged_is_lost_by_a_kill(small_eye, tmp_path, after):
    files = many(small_eye, tmp_path / "many", 200)
    receiver = Process(tmp_path / "in")
    command = [dcmtk("storescu"), "-v", "-aec", "FUNDUSEDGE", "127.0.0.1", receiver.port, *files]
    with (tmp_path / "sent.txt").open("w") as log:
        sending = subprocess.Popen([*map(str, command)], stdout=log, stderr=log)
        wait_for(lambda: len(files_in(tmp_path / "in")) >= after)
        receiver.end(kill=True)
        sending.wait(60)
    done = acknowledged((tmp_path / "sent.txt").read_text())
    kept = {each: (tmp_path / "in" / each).read_bytes() for each in files_in(tmp_path / "in")}
    names = {str(each): f"{UID}.{1000 + n}.dcm" for n, each in enumerate(files)}
    assert after - 1 <= len(done) < 200
    assert {names[each] for each in done} <= kept.keys()
    assert len(kept) <= len(done) + 1  # of the last one the answer was lost
    again = Process(tmp_path / "in")
    try:
        assert coming_in(tmp_path / "in") == []
        sent = tool("storescu", again, files)
        assert sent.returncode == 0, sent.stderr
    finally:
        assert again.end() == 0
    assert len(files_in(tmp_path / "in")) == 200
    assert all((tmp_path / "in" / name).read_bytes() == data for name, data in kept.items())
    for number, file in enumerate(files):
        assert dcmread(tmp_path / "in" / f"{UID}.{1000 + number}.dcm") == dcmread(file)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Make certificates, each its own authority: the receiver's, a camera's, and a stranger's."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("receiver", "camera", "stranger"):
        files = f"-keyout {name}.key -out {name}.pem"
        line = f"req -x509 -newkey rsa:2048 -nodes {files} -days 1 -subj /CN={name}"
        subprocess.run(
            ["/usr/bin/openssl", *line.split()], cwd=folder, check=True, capture_output=True
        )
    return folder


def test_encrypted_only_who_has_a_known_certificate_is_heard(certificates, small_eye, tmp_path):
    of, source = certificates, save(make(small_eye), tmp_path / "a.dcm")
    receiver = Process(
        tmp_path / "in", "--tls-certificate", of / "receiver.pem", "--tls-key",
        of / "receiver.key", "--tls-peers", of / "camera.pem",
    )  # fmt: skip
    try:
        assert tool("storescu", receiver, [source]).returncode != 0  # not encrypted
        assert files_in(receiver.folder) == []
        with socket.create_connection((receiver.host, receiver.port)):  # says nothing
            for name, is_heard in (("stranger", False), ("camera", True)):
                own = "+tls", of / f"{name}.key", of / f"{name}.pem", "+cf", of / "receiver.pem"
                sent = tool("storescu", receiver, *own, [source])
                assert (sent.returncode == 0) == is_heard, sent.stderr
                assert len(files_in(receiver.folder)) == is_heard
    finally:
        assert receiver.end() == 0
    assert "Traceback" not in receiver.said()
