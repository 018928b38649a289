"""``dicom send`` to archives that take, refuse, hang, answer slowly, and die in the middle."""

import functools
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSLossless,
    RLELossless,
)
from pynetdicom import AE, build_context, build_role, evt

from edge_runtime.exchange import outcome, store_scu
from edge_runtime.exchange.outbox import Outbox
from edge_runtime.hospital.read import decode_dicom
from tests.conftest import ROOT
from tests.edge_runtime.dcmtk import dcmtk
from tests.edge_runtime.exchange.conftest import objects
from tests.edge_runtime.exchange.sending import (
    archive,
    command,
    cuts,
    eventually,
    free_port,
    hangs,
    socket_server,
    write_object,
)  # fmt: skip
from tests.edge_runtime.hospital.objects import CT, OP8, jpeg_of, jpegs, make, save
from tests.edge_runtime.profiles import ADOBE_RGB

SCP = dcmtk("storescp")

# pynetdicom leaves it to the collector to close a socket that found nobody
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

needs_dcmtk = pytest.mark.skipif(
    SCP is None and os.environ.get("FUNDUS_EDGE_DCMTK") != "required",
    reason="dcmtk isn't installed (apt install dcmtk)",
)


@pytest.fixture
def small_eye(eyes):
    """Pixels of an eye, small."""
    return cv2.resize(eyes["L"], (48, 48), interpolation=cv2.INTER_AREA)


@pytest.fixture
def send(tmp_path):
    """Run ``dicom send`` on a queue of the test's own."""

    def run(*arguments, wait=0):
        return command("dicom", "send", "--queue", tmp_path / "queue", "--wait", wait, *arguments)

    return run


@pytest.fixture
def hasty(monkeypatch):
    """Wait for peers, and between tries, for moments only."""
    monkeypatch.setattr(outcome, "_FIRST_S", 0.05)
    quick = functools.partial(store_scu.deliver, patience_s=1.0)
    monkeypatch.setattr(store_scu, "deliver", quick)


@pytest.fixture
def three(tmp_path):
    """A folder of three objects."""
    for number in range(3):
        write_object(tmp_path / "study", number)
    return tmp_path / "study"


def items(folder):
    opened = Outbox(folder)
    try:
        return opened.items()
    finally:
        opened.close()


def test_a_folder_is_sent_once_and_each_object_as_it_is(send, three):
    (three / "notes.txt").write_text("no object")
    (three / ".hidden.dcm").write_bytes((three / "0000.dcm").read_bytes())
    with archive() as found:
        first = send(three, "--peer", found.peer, "--ae-title", "EDGE")
        again = send(three, three / "0000.dcm", "--peer", found.peer, "--ae-title", "EDGE")
    assert (first.exit_code, again.exit_code) == (0, 0), first.output
    assert len(found.came) == 3
    assert set(found.calling) == {"EDGE"}
    assert "In the queue: 3 new." in first.stderr
    assert "In the queue: 3 sent before." in again.stderr
    assert first.stdout.count("sent  Ophthalmic Photography 8 Bit Image 1.2.826.0.1") == 3
    for raw, file in zip(found.raw, sorted(three.glob("0*.dcm")), strict=True):
        assert file.read_bytes().endswith(raw)
        assert len(raw) > 300


def test_what_waits_is_sent_without_naming_it_again(send, three):
    port = free_port()
    lost = send(three, "--peer", f"ARCH@127.0.0.1:{port}")
    assert lost.exit_code == 1
    assert f"nothing answers at 127.0.0.1, port {port}; is it on?" in lost.stderr
    assert "?." not in lost.stderr
    assert "3 waiting" in lost.stderr
    shutil.rmtree(three)
    with archive(port=port) as found:
        time.sleep(2.1)  # the first pause
        assert send().exit_code == 0
    assert len(set(found.uids)) == 3


def test_an_archive_that_comes_up_meanwhile_is_waited_for(send, three, hasty):
    port, holder = free_port(), []

    def comes_up(delay_s):
        time.sleep(delay_s)
        with archive(port=port) as found:
            holder.append(found)
            eventually(lambda: len(found.came) == 3)
            time.sleep(0.3)

    thread = threading.Thread(target=comes_up, args=(1.0,))
    thread.start()
    result = send(three, "--peer", f"ARCH@127.0.0.1:{port}", wait=30)
    thread.join()
    assert result.exit_code == 0, result.output
    assert len(set(holder[0].uids)) == 3


@pytest.mark.parametrize(
    ("status", "words", "state"),
    [
        (0xB000, "(it changed some of what the object says)", None),
        (0x0111, "(it was there already)", None),
        (0xA701, "waits: it has no room for it now (status A701)", "waiting"),
        (0x0110, "waits: it couldn't work on it (status 0110)", "waiting"),
        (0xA900, "refused: the object isn't as its class wants it (status A900)", "refused"),
        (0xC123, "refused: it can't make sense of the object (status C123)", "refused"),
        (0x0122, "refused: it doesn't take objects of this class (status 0122)", "refused"),
        (0x0124, "refused: we aren't allowed to store there (status 0124)", "refused"),
        (0x0FFF, "refused: it refused it (status 0FFF)", "refused"),
    ],
)
def test_what_an_archive_answers_is_told_and_kept(send, three, tmp_path, status, words, state):
    with archive(lambda data, count: status if count == 1 else 0) as found:
        result = send(three, "--peer", found.peer)
    assert len(found.came) == 3  # the others go on
    assert words in result.output
    assert result.exit_code == (0 if state is None else 1)
    left = items(tmp_path / "queue")
    assert [(each.state, each.identity) for each in left] == (
        [] if state is None else [(state, found.uids[0])]
    )


def test_a_peers_own_words_are_told(send, three):
    answer = pydicom.Dataset()
    answer.Status, answer.ErrorComment = 0xC000, "disk of doom"
    with archive(lambda data, count: answer) as found:
        result = send(three, "--peer", found.peer)
    assert "can't make sense of the object (status C000): disk of doom" in result.stderr


def test_an_archive_that_doesnt_know_us_is_asked_again_later(send, three, tmp_path):
    with archive(calling=["OTHERS"]) as found:
        result = send(three, "--peer", found.peer)
        wrong = send(three, "--peer", found.peer.replace("ARCH", "ARCHIVE"))
    assert "doesn't know our AE title 'FUNDUSEDGE'; have it entered there" in result.stderr
    assert "it doesn't answer to the AE title 'ARCHIVE'" in wrong.stderr
    assert {each.state for each in items(tmp_path / "queue")} == {"waiting"}
    assert "due within 5 min" in result.stderr


def test_an_object_of_a_class_that_isnt_taken_is_refused_and_others_go(send, three, tmp_path):
    write_object(three, 9, sop_class=CT)
    with archive() as found:
        result = send(three, "--peer", found.peer)
    assert len(found.came) == 3
    assert "refused: it takes no objects of the class CT Image" in result.stderr
    with archive(classes=(CT,)) as only:
        result = send(three, "--peer", only.peer)
    assert len(only.came) == 1
    assert result.stderr.count("refused: it takes no objects of the class Ophthalmic") == 3


def compressed(syntax, pixels):
    """Make an object whose pixels are compressed, or written, in some way."""
    if syntax in (JPEG2000Lossless, JPEGLSLossless, RLELossless):
        data = make(pixels)
        data.compress(syntax, generate_instance_uid=False)
        return data
    if syntax in (JPEGBaseline8Bit, JPEGExtended12Bit):
        return jpegs(make(pixels, photometric="YBR_FULL_422"), jpeg_of(pixels), syntax=syntax)
    return make(pixels, syntax=syntax)


@pytest.mark.parametrize("wanted", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize(
    "syntax",
    [
        ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian,
        JPEG2000Lossless, JPEGLSLossless, RLELossless,
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_grey", [False, True])
def test_an_archive_that_wants_it_plain_gets_the_same_pixels_under_the_same_uid(
    send, tmp_path, small_eye, syntax, wanted, is_grey
):
    pixels = small_eye[..., 0].astype(np.uint16) * 257 if is_grey else small_eye
    file = save(compressed(syntax, pixels), tmp_path / "a.dcm")
    with archive(syntaxes=[wanted]) as found:
        result = send(file, "--peer", found.peer)
    assert result.exit_code == 0, result.output
    (came,), told = found.came, pydicom.dcmread(file)
    assert came.file_meta.TransferSyntaxUID == wanted
    assert came.SOPInstanceUID == told.SOPInstanceUID
    assert np.array_equal(came.pixel_array, pixels)
    pixel_tags = ("PixelData", "PlanarConfiguration", "PhotometricInterpretation")
    for each in (came, told):
        each.file_meta = None
        for tag in pixel_tags:
            if tag in each:
                delattr(each, tag)
    assert came == told
    assert [each.name for each in (tmp_path / "queue" / "content").iterdir()] == []


@pytest.mark.parametrize("frames", [1, 2])
@pytest.mark.parametrize(("is_grey", "profile"), [(False, b""), (True, b""), (False, ADOBE_RGB)])
def test_a_jpeg_is_plain_for_an_archive_that_wants_it_so_and_the_same_for_predict(
    send, tmp_path, small_eye, frames, is_grey, profile
):
    pixels = small_eye[..., 0] if is_grey else small_eye
    marker = b"ICC_PROFILE\0\1\1" + profile
    told = b"\xff\xe2" + (len(marker) + 2).to_bytes(2, "big") + marker if profile else b""
    made = [jpeg_of(each) for each in (pixels, pixels // 2)][:frames]
    made = [each[:2] + told + each[2:] for each in made]
    photometric = "MONOCHROME2" if is_grey else "YBR_FULL_422"
    data = jpegs(make([pixels] * frames, photometric=photometric), *made)
    file = save(data, tmp_path / "a.dcm")
    with archive() as found:
        result = send(file, "--peer", found.peer)
    assert result.exit_code == 0, result.output
    (came,) = found.came
    assert came.SOPInstanceUID == pydicom.dcmread(file).SOPInstanceUID
    assert came.PhotometricInterpretation == ("MONOCHROME2" if is_grey else "RGB")
    assert came.LossyImageCompression == "01"
    assert came.get("ICCProfile", b"")[: len(profile)] == profile
    plain = save(came, tmp_path / "plain.dcm")
    for at in range(frames):
        one, other = (Path(f"{each}#{at + 1}") if frames > 1 else each for each in (file, plain))
        assert np.array_equal(decode_dicom(one).pixels, decode_dicom(other).pixels)


def test_a_grey_jpeg_with_a_profile_is_refused(send, tmp_path, small_eye):
    told = b"\xff\xe2" + (14 + 3 + 2).to_bytes(2, "big") + b"ICC_PROFILE\0\1\1abc"
    one = jpeg_of(small_eye[..., 0])
    data = jpegs(make(small_eye[..., 0]), one[:2] + told + one[2:])
    with archive() as found:
        result = send(save(data, tmp_path / "a.dcm"), "--peer", found.peer)
    assert "has grey tones with a profile" in result.stderr
    assert found.came == []


def test_jpegs_of_several_profiles_in_one_object_are_refused(send, tmp_path, small_eye):
    told = b"\xff\xe2" + (14 + 3 + 2).to_bytes(2, "big") + b"ICC_PROFILE\0\1\1abc"
    one = jpeg_of(small_eye)
    data = jpegs(make([small_eye] * 2, photometric="YBR_FULL_422"), one, one[:2] + told + one[2:])
    with archive() as found:
        result = send(save(data, tmp_path / "a.dcm"), "--peer", found.peer)
    assert "has frames of several colour profiles" in result.stderr
    assert found.came == []


@pytest.mark.parametrize(
    ("syntax", "name"),
    [(JPEGExtended12Bit, "JPEG Extended"), (ExplicitVRBigEndian, "Explicit VR Big Endian")],
)
def test_what_isnt_unpacked_goes_as_it_is_or_not(send, tmp_path, small_eye, syntax, name):
    file = save(compressed(syntax, small_eye), tmp_path / "a.dcm")
    with archive() as plain, archive(syntaxes=[syntax]) as other:
        refused, taken = send(file, "--peer", plain.peer), send(file, "--peer", other.peer)
    assert plain.came == []
    assert f"it doesn't take {name}" in refused.stderr
    assert "and what is written so isn't unpacked here; export it anew" in refused.stderr
    assert "sent  " in taken.stdout
    assert other.came[0].file_meta.TransferSyntaxUID == syntax


def test_a_bomb_is_refused_before_it_is_unpacked(send, tmp_path, small_eye):
    data = compressed(RLELossless, small_eye)
    data.Rows = data.Columns = 60_000
    file = save(data, tmp_path / "a.dcm")
    with archive() as found:
        result = send(file, "--peer", found.peer)
    assert found.came == []
    assert "unpacks to more than can be" in result.stderr


@pytest.mark.parametrize(
    ("speak", "words"),
    [
        (hangs, "something answered there, but not as an archive does; check the port"),
        (cuts, "something answered there, but not as an archive does; check the port"),
    ],
)
def test_what_answers_and_is_no_archive_is_said(send, three, hasty, speak, words):
    with socket_server(speak) as port:
        begun = time.monotonic()
        result = send(three, "--peer", f"ARCH@127.0.0.1:{port}")
    assert words in result.stderr
    assert time.monotonic() - begun < 20
    assert result.exit_code == 1


def test_an_archive_that_hangs_at_one_object_holds_the_others_up_for_a_while_only(
    send, three, hasty, tmp_path
):
    def answer(data, count):
        if data.SOPInstanceUID.endswith(".2"):  # the second
            time.sleep(4)
        return 0

    with archive(answer) as found:
        result = send(three, "--peer", found.peer, wait=8)
    assert "waits: there was no answer within 1 seconds" in result.stderr
    assert len(set(found.uids)) == 3
    (left,) = items(tmp_path / "queue")
    assert (left.identity[-2:], left.state) == (".2", "waiting")


def test_an_archive_that_stops_reading_in_the_middle_is_left_after_a_while(send, tmp_path, hasty):
    file = write_object(tmp_path, 1, pixels=np.zeros((3000, 3000, 3), np.uint8))  # 27 MB
    deaf, entity = threading.Event(), AE("ARCH")
    entity.add_supported_context(OP8, ExplicitVRLittleEndian)
    handlers = [
        (evt.EVT_PDU_RECV, lambda event: type(event.pdu).__name__ == "P_DATA_TF" and deaf.wait(30))
    ]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    begun = time.monotonic()
    result = send(file, "--peer", f"ARCH@127.0.0.1:{server.server_address[1]}")
    took_s = time.monotonic() - begun
    deaf.set()
    server.shutdown()
    assert "waits: the connection was lost on the way" in result.stderr
    assert took_s < 15  # patience counts from the last byte that went


def test_an_archive_that_answers_slowly_is_waited_for(send, three, hasty):
    with archive(lambda data, count: time.sleep(0.6) or 0) as found:
        assert send(three, "--peer", found.peer).exit_code == 0
    assert len(found.came) == 3


def test_a_connection_that_ends_in_the_middle_loses_nothing_and_sends_nothing_twice(
    send, three, hasty
):
    with archive(lambda data, count: None if count == 2 else 0) as found:
        result = send(three, "--peer", found.peer, wait=30)
    assert result.exit_code == 0, result.output
    assert "the connection was lost on the way" in result.stderr
    assert sorted(set(found.uids)) == sorted({found.uids[0], *found.uids})
    assert len(found.uids) == 4  # the one whose answer was lost came twice, under one UID
    assert len(set(found.uids)) == 3


def commits(kept, *, other=False):
    """Make an archive's answer that it keeps the first ones, and not the others."""

    def answer(association, asked):
        time.sleep(0.2)
        told = pydicom.Dataset()
        told.TransactionUID = "1.2.3" if other else asked.TransactionUID
        told.ReferencedSOPSequence = asked.ReferencedSOPSequence[:kept]
        lost = asked.ReferencedSOPSequence[kept:]
        for each in lost:
            each.FailureReason = 0x0112
        if lost:
            told.FailedSOPSequence = lost
        association.send_n_event_report(
            told, 2 if lost else 1, "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"
        )

    return answer


def test_an_archive_that_answers_for_what_it_keeps_is_asked(send, three, tmp_path):
    with archive(commit=commits(2)) as found:
        result = send(three, "--peer", found.peer)
    assert result.stdout.count("kept  ") == 2
    assert "it took it, and now says that it doesn't keep it: it has no such object" in (
        result.stderr
    )
    assert result.exit_code == 1
    (left,) = items(tmp_path / "queue")
    assert left.state == "refused"
    assert "1 refused, 2 sent (2 of them promised to be kept)" in result.stderr


def calls_back(port, *, title="ARCH", called="FUNDUSEDGE"):
    """Make an archive's answer that comes by a connection to us."""

    def answer(_, asked):
        told = pydicom.Dataset()
        told.TransactionUID = asked.TransactionUID
        told.ReferencedSOPSequence = asked.ReferencedSOPSequence
        commitment = "1.2.840.10008.1.20.1"
        made = AE(title).associate(
            "127.0.0.1", port, [build_context(commitment)], called,
            ext_neg=[build_role(commitment, scp_role=True)],
        )  # fmt: skip
        if made.is_established:
            made.send_n_event_report(told, 1, commitment, "1.2.840.10008.1.20.1.1")
            made.release()

    return answer


@pytest.mark.parametrize(
    ("options", "kept"),
    [({}, 3), ({"title": "OTHER"}, 0), ({"called": "OTHER"}, 0)],
    ids=["the archive", "who has another name", "who means another"],
)
def test_the_archive_alone_may_call_back_to_say_what_it_keeps(
    send, three, monkeypatch, options, kept
):
    monkeypatch.setattr("edge_runtime.exchange.commitment.WAIT_FOR_CALL_S", 2.0)
    port = free_port()
    with archive(commit=calls_back(port, **options)) as found:
        result = send(three, "--peer", found.peer, "--commitment-port", port)
    assert result.exit_code == 0, result.output
    assert result.stdout.count("kept  ") == kept
    with socket.socket() as closed:
        assert closed.connect_ex(("127.0.0.1", port)) != 0


def test_a_port_that_is_taken_is_said_and_what_is_sent_is_sent(send, three):
    with archive(commit=lambda *_: None) as found:
        result = send(three, "--peer", found.peer, "--commitment-port", found.port)
    assert f"port {found.port}, at which it may say what it keeps, can't be had: " in result.stderr
    assert "3 sent" in result.stderr


def test_an_answer_to_another_question_keeps_nothing(send, three, monkeypatch):
    monkeypatch.setattr("edge_runtime.exchange.commitment.WAIT_S", 0.7)
    with archive(commit=commits(3, other=True)) as found:
        result = send(three, "--peer", found.peer)
    assert result.exit_code == 0
    assert "kept" not in result.output


@pytest.mark.parametrize(
    ("peer", "words"),
    [
        ("ARCH", "expected AE@HOST:PORT"),
        ("ARCH@host", "expected AE@HOST:PORT"),
        ("ARCH@host:0", "expected AE@HOST:PORT"),
        ("ARCH@host:65536", "expected AE@HOST:PORT"),
        ("ARCH@ho st:104", "expected AE@HOST:PORT"),
        ("@host:104", "no AE title"),
        ("SEVENTEEN_LETTERS@host:104", "no AE title"),
        ("A\\B@host:104", "no AE title"),
        ("ARCH@no-such.invalid:104", "no-such.invalid isn't known on this network"),
        ("ARCH@no..such:104", "no..such isn't known on this network"),
    ],
)
def test_a_peer_that_is_none_is_said(send, three, peer, words):
    result = send(three, "--peer", peer)
    assert result.exit_code == 1
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_files_need_a_peer_and_nothing_is_sent_without_one(send, three, tmp_path):
    result = send(three)
    assert result.exit_code == 2
    assert "--peer is missing" in result.stderr
    assert not (tmp_path / "queue").exists()
    assert send().exit_code == 0  # there is nothing to send


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda data: b"\xff\xd8\xff" + data, "isn't a DICOM file; dicom wrap makes one"),
        (lambda data: data[:140], "is damaged: it doesn't say how it is written"),
        (lambda data: data[:140] + b"\xff" * 99, "the DICOM file is damaged"),
        (lambda data: data[:300], "the DICOM file is damaged"),
        (lambda data: data.replace(b"8.498.1\0", b"8.498.x\0"), "doesn't say by UIDs what it is"),
        (lambda data: data.replace(b"8.498.1\0", b"8.498.2\0", 1), "its head names another object"),
        (lambda data: b"", "isn't a DICOM file"),
    ],
)
def test_a_file_that_is_none_is_named_and_the_others_go(send, three, spoil, words):
    file = three / "0000.dcm"
    file.write_bytes(spoil(file.read_bytes()))
    with archive() as found:
        result = send(file, three / "0001.dcm", three / "gone.dcm", "--peer", found.peer)
    assert len(found.came) == 1, result.output
    assert result.exit_code == 1
    assert f"{file}: not sent: " in result.stderr
    assert words in result.stderr
    assert f"{three / 'gone.dcm'}: no such file" in result.stderr


def test_what_is_wrong_with_the_copy_in_the_queue_is_said(send, three, tmp_path):
    port = free_port()
    send(three, "--peer", f"ARCH@127.0.0.1:{port}")
    copy = next((tmp_path / "queue" / "content").iterdir())
    copy.write_bytes(b"")
    with archive(port=port) as found:
        time.sleep(2.1)
        result = send()
    assert len(found.came) == 2
    assert "its copy in the queue is damaged; send it once more" in result.stderr


def test_the_queue_says_in_plain_words_what_waits_and_what_was_refused(send, three, tmp_path):
    queue = tmp_path / "queue"
    none = command("dicom", "queue", queue)
    assert none.exit_code == 1
    assert "no queue here" in none.stderr
    with archive(lambda data, count: 0xC000 if count == 1 else 0xA700) as found:
        send(three, "--peer", found.peer)
        listed = command("dicom", "queue", queue)
        lines = listed.stdout.splitlines()
        assert len(lines) == 3
        assert lines[0].startswith(f"1  refused  {found.peer}  Ophthalmic Photography 8 Bit Image")
        assert "0000.dcm" in lines[0]
        assert lines[1].endswith("(1 try): it has no room for it now (status A700)")
        assert "2 waiting, 1 refused" in listed.stderr
        assert '"state": "refused"' in command("fhir", "queue", queue, "--json").stdout
        assert "1 taken out" in command("dicom", "queue", queue, "--remove", "1").stderr
        assert command("dicom", "queue", queue, "--remove", "1").exit_code == 1
        assert "2 to be tried at once" in command("dicom", "queue", queue, "--retry").stderr
    assert {each.tries for each in items(queue)} == {0}


def test_who_looks_while_another_sends_sees_how_it_stands(send, three, tmp_path):
    send(three, "--peer", f"ARCH@127.0.0.1:{free_port()}")
    at_work = Outbox(tmp_path / "queue")
    looked = command("dicom", "queue", tmp_path / "queue")
    changed = command("dicom", "queue", tmp_path / "queue", "--retry")
    second = send(three, "--peer", "ARCH@127.0.0.1:104")
    at_work.close()
    assert looked.exit_code == 0
    assert "Another process is sending from it now.\nQueue" in looked.stderr
    assert "3 waiting" in looked.stderr
    for result in (changed, second):
        assert result.exit_code == 1
        assert "another process is sending from it; wait for it" in result.stderr


RUN = "from edge_runtime.commands.process import run; run()"


def test_a_sender_that_is_killed_sends_the_rest_and_nothing_under_another_uid(tmp_path):
    for number in range(40):
        write_object(tmp_path / "study", number)
    run = [sys.executable, "-c", RUN, "dicom", "send", tmp_path / "study", "--queue",
           tmp_path / "queue", "--peer"]  # fmt: skip
    with archive(lambda data, count: time.sleep(0.02) or 0) as found:
        for stop in (1, 12, 25):
            with subprocess.Popen(
                [*map(str, run), found.peer], cwd=ROOT, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as sender:  # fmt: skip
                eventually(lambda stop=stop: len(found.came) >= stop)
                sender.kill()
        result = command(*run[3:], found.peer)
    assert result.exit_code == 0, result.output
    assert len(set(found.uids)) == 40
    assert len(found.uids) <= 40 + 3  # one at most for each kill


@needs_dcmtk
def test_dcmtks_archive_takes_all_of_it(send, three, tmp_path):
    port, folder = free_port(), tmp_path / "archive"
    folder.mkdir()
    with subprocess.Popen([SCP or "storescp", "-od", folder, str(port)]) as scp:
        time.sleep(0.5)
        result = send(three, "--peer", f"STORESCP@127.0.0.1:{port}", wait=20)
        scp.terminate()
    assert result.exit_code == 0, result.output
    assert len(list(folder.iterdir())) == 3
    for file in folder.iterdir():
        assert pydicom.dcmread(file).PatientID == "P1"


@needs_dcmtk
def test_reports_with_all_that_they_refer_to_come_to_dcmtks_archive(send, reports, tmp_path):
    port, folder = free_port(), tmp_path / "archive"
    folder.mkdir()
    with subprocess.Popen([SCP or "storescp", "+xa", "-od", folder, str(port)]) as scp:
        time.sleep(0.5)
        result = send(reports, "--peer", f"STORESCP@127.0.0.1:{port}", wait=20)
        scp.terminate()
    assert result.exit_code == 0, result.output
    assert "Comprehensive SR" in result.stdout
    sent = sorted(str(pydicom.dcmread(file).SOPInstanceUID) for file in reports.rglob("*.dcm"))
    came = sorted(str(pydicom.dcmread(file).SOPInstanceUID) for file in folder.iterdir())
    assert came == sorted({*sent})
    assert len(came) > 10


@needs_dcmtk
def test_dcmtks_archive_as_it_starts_by_itself_gets_the_pictures_too(send, reports, tmp_path):
    port, folder = free_port(), tmp_path / "archive"
    folder.mkdir()
    with subprocess.Popen([SCP or "storescp", "-od", folder, str(port)]) as scp:
        time.sleep(0.5)
        result = send(reports / "J2", "--peer", f"STORESCP@127.0.0.1:{port}", wait=20)
        scp.terminate()
    assert result.exit_code == 0, result.output
    came = {data.SOPInstanceUID: data for data in objects(folder, "*").values()}
    sent = {data.SOPInstanceUID: data for data in objects(reports / "J2").values()}
    assert came.keys() == sent.keys()
    assert len(came) > 10
    for uid, data in came.items():
        assert not data.file_meta.TransferSyntaxUID.is_compressed
        if "PixelData" in data:
            assert data.PhotometricInterpretation == "RGB"
            assert data.LossyImageCompression == "01"
            assert data.get("BurnedInAnnotation") == sent[uid].get("BurnedInAnnotation")


@needs_dcmtk
def test_dcmtks_archive_that_is_killed_on_the_way_has_each_object_once(tmp_path):
    for number in range(60):
        write_object(tmp_path / "study", number)
    port, folder = free_port(), tmp_path / "archive"
    folder.mkdir()
    run = [sys.executable, "-c", RUN, "dicom", "send", tmp_path / "study", "--queue",
           tmp_path / "queue", "--peer", f"ANY@127.0.0.1:{port}", "--wait", "60"]  # fmt: skip
    serve = [SCP or "storescp", "-od", str(folder), str(port)]
    with subprocess.Popen([*map(str, run)], cwd=ROOT, stdout=subprocess.DEVNULL) as sender:
        for stop in (5, 20, 40):
            with subprocess.Popen(serve) as scp:
                eventually(lambda stop=stop: len(list(folder.iterdir())) >= stop)
                scp.kill()
        with subprocess.Popen(serve) as scp:
            try:
                assert sender.wait(60) == 0
            finally:
                scp.terminate()
    uids = {str(pydicom.dcmread(file).SOPInstanceUID) for file in folder.iterdir()}
    assert len(uids) == len(list(folder.iterdir())) == 60


def test_only_sending_loads_what_speaks_dicom(tmp_path):
    code = (
        "import sys; from edge_runtime.commands.main import main; "
        "main(['dicom', '--help'], standalone_mode=False); "
        "print(sorted({'pydicom', 'pynetdicom', 'sqlite3'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def test_objects_of_many_classes_take_several_connections(send, tmp_path, monkeypatch):
    monkeypatch.setattr(store_scu, "_MOST_CONTEXTS", 4)
    for number, sop_class in enumerate((OP8, CT, OP8, CT)):
        write_object(tmp_path / "study", number, sop_class=sop_class)
    with archive(classes=(OP8, CT)) as found:
        assert send(tmp_path / "study", "--peer", found.peer).exit_code == 0
    assert len(set(found.uids)) == 4
