"""What was taken stays known by its UID: moved away, written otherwise, and after a kill."""

import sqlite3
import subprocess
import threading

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from edge_runtime.hospital import alike, known, received
from edge_runtime.hospital.alike import Likeness, are_alike, likeness_of
from edge_runtime.hospital.guard import COMING
from edge_runtime.hospital.known import FILE, Known, KnownInvalidError
from tests.edge_runtime.dcmtk import dcmtk
from tests.edge_runtime.hospital.objects import (
    LOSSLESS,
    item,
    jpeg_of,
    jpegs,
    lossless_jpeg,
    make,
    save,
)
from tests.edge_runtime.hospital.receiving import (
    PATIENCE_S,
    UID,
    caller,
    files_in,
    needs_dcmtk,
    received_by,
)

SYNTAXES = [
    ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian, RLELossless,
    JPEGLSLossless, JPEG2000Lossless, LOSSLESS,
]  # fmt: skip
ANOTHER = "another object with this UID is kept already"


def written(pixels, syntax, **tags):
    """Write an object of all kinds of values, of one UID, by a transfer syntax."""
    made = make(pixels, SOPInstanceUID=f"{UID}.1", PatientComments="Ñandú  ", **tags)
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.SpecificCharacterSet = "ISO_IR 192"
    made.WindowCenter, made.WindowWidth = ["127.50", "100"], ["255.0", "200"]
    made.AnatomicRegionSequence = [item(CodeValue="81745001", CodeMeaning="Eye")]
    made["AnatomicRegionSequence"].is_undefined_length = syntax == RLELossless
    made.private_block(0x0099, "MAKER", create=True).add_new(0x01, "LO", "Serial 12")
    made.private_block(0x0099, "MAKER").add_new(0x02, "UL", 70_000)
    if syntax == JPEGBaseline8Bit:
        return jpegs(made, jpeg_of(pixels), syntax=syntax)
    if syntax == LOSSLESS:
        return jpegs(made, lossless_jpeg(pixels), syntax=syntax)
    if syntax in (RLELossless, JPEGLSLossless, JPEG2000Lossless):
        made.compress(syntax, generate_instance_uid=False)
    made.file_meta.TransferSyntaxUID = syntax
    return made


def sent(port, made, path):
    """Send an object as its file is; gives the status and the comment."""
    file = save(made, path)
    with caller(port, syntaxes=[made.file_meta.TransferSyntaxUID]) as camera:
        answer = camera.send_c_store(file)
    return int(answer.Status), str(answer.get("ErrorComment", ""))


@pytest.fixture
def eye(small_eye):
    return np.ascontiguousarray(small_eye[:48, :64])


def move(folder):
    """Take the file away, as a station with --archive does."""
    (file,) = folder.glob("*.dcm")
    return file.rename(folder.parent / "archive.dcm")


def test_another_content_of_a_known_uid_is_refused_once_the_first_was_moved(tmp_path, eye):
    folder = tmp_path / "in"
    with received_by(folder) as (receiver, kept, _):
        port = receiver.address[1]
        assert sent(port, written(eye, ExplicitVRLittleEndian), tmp_path / "a")[0] == 0
        move(folder)
        other = written(eye // 2, ExplicitVRLittleEndian)
        assert sent(port, other, tmp_path / "b") == (0xC000, ANOTHER)
    with received_by(folder) as (receiver, again, _):  # and by one that began later
        assert sent(receiver.address[1], other, tmp_path / "b") == (0xC000, ANOTHER)
    assert (len(kept), again, files_in(folder)) == (1, [], [])


def test_the_same_object_is_there_again_once_the_first_was_taken_away(tmp_path, eye):
    folder = tmp_path / "in"
    with received_by(folder) as (receiver, kept, _):
        for _ in range(2):
            made = written(eye, ExplicitVRLittleEndian)
            assert sent(receiver.address[1], made, tmp_path / "a")[0] == 0
            assert files_in(folder) == [f"{UID}.1.dcm"]
            move(folder)
    assert len(kept) == 2


@pytest.mark.parametrize("is_moved", [False, True])
@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_the_same_object_written_otherwise_is_taken_as_known(tmp_path, eye, syntax, is_moved):
    folder = tmp_path / "in"
    first, second = (written(eye, each) for each in (ExplicitVRLittleEndian, syntax))
    with received_by(folder) as (receiver, kept, said):
        port = receiver.address[1]
        assert sent(port, first, tmp_path / "a") == (0, "")
        before = move(folder) if is_moved else kept[0]
        content = before.read_bytes()
        assert sent(port, second, tmp_path / "b") == (0, "")
        changed = written(eye, syntax, PatientID="P2")
        assert sent(port, changed, tmp_path / "c") == (0xC000, ANOTHER)
        darker = written(eye // 2 * 2, syntax)
        assert sent(port, darker, tmp_path / "d") == (0xC000, ANOTHER)
    assert before.read_bytes() == content
    assert (len(kept), len(said)) == (1 + is_moved, 1)


@needs_dcmtk
@pytest.mark.parametrize("told", [None, "made by hand"])
def test_what_dcmtk_compressed_without_loss_is_taken_as_known(tmp_path, eye, told):
    folder, file = tmp_path / "in", tmp_path / "a"
    first = written(eye, ExplicitVRLittleEndian)
    if told:
        first.DerivationDescription = told
    with received_by(folder) as (receiver, kept, said):
        port = receiver.address[1]
        assert sent(port, first, file) == (0, "")
        again = str(tmp_path / "b")
        subprocess.run([dcmtk("dcmcjpeg"), file, again], check=True, timeout=PATIENCE_S)
        second = dcmread(again)
        assert "Lossless JPEG" in second.DerivationDescription
        assert sent(port, second, tmp_path / "c") == (0, "")
        second.PatientComments = "of another"
        assert sent(port, second, tmp_path / "d") == (0xC000, ANOTHER)
    assert (len(kept), len(said)) == (1, 1)


def test_what_loses_something_is_known_by_its_bytes_alone(tmp_path, eye):
    folder = tmp_path / "in"
    first = written(eye, JPEGBaseline8Bit)
    plain = written(eye, ExplicitVRLittleEndian)
    with received_by(folder) as (receiver, _, _):
        port = receiver.address[1]
        assert sent(port, first, tmp_path / "a")[0] == 0
        assert sent(port, first, tmp_path / "a")[0] == 0
        assert sent(port, plain, tmp_path / "b") == (0xC000, ANOTHER)
    likeness = likeness_of(tmp_path / "a", limit=1 << 20)
    assert (likeness.said, likeness.pixels) == ("", "")


@pytest.mark.parametrize("bits", [10, 16])
def test_grey_tones_of_several_frames_are_compared_by_the_bits_in_use(tmp_path, eye, bits):
    grey = eye[..., 0].astype(np.uint16) << bits - 8
    kinds = []
    for number, syntax in enumerate((ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless)):
        made = written([grey, grey // 2], syntax, bits=bits)
        kinds.append(likeness_of(save(made, tmp_path / str(number)), limit=1 << 20))
    assert are_alike(kinds[0], kinds[1])
    assert are_alike(kinds[0], kinds[2])
    assert len({each.written for each in kinds}) == 3


def test_what_is_large_isnt_unpacked_to_be_compared(tmp_path, eye, monkeypatch):
    monkeypatch.setattr(alike, "_MOST_PIXELS", 1000)
    monkeypatch.setattr(alike, "stored_frame", None)
    file = save(written(eye, RLELossless), tmp_path / "a")
    assert likeness_of(file, limit=1 << 20).pixels == ""


def test_the_disk_knows_an_object_after_its_file_and_before_its_sender_is_told(
    tmp_path, eye, monkeypatch
):
    done = []
    for of, name in ((received, "sync_file"), (received, "sync_folder"), (Known, "add")):
        real = getattr(of, name)
        monkeypatch.setattr(
            of, name, lambda *given, name=name, real=real: (done.append(name), real(*given))
        )
    with received_by(tmp_path / "in") as (receiver, _, _):
        assert sent(receiver.address[1], written(eye, RLELossless), tmp_path / "a")[0] == 0
        assert done == ["sync_file", "sync_folder", "add"]


def test_what_is_unpacked_holds_no_other_object_up(tmp_path, eye, monkeypatch):
    """Nor does who asks for a UID wait meanwhile."""
    real, begun, goes_on = alike.stored_frame, threading.Event(), threading.Event()

    def slow(*given):
        begun.set()
        assert goes_on.wait(PATIENCE_S)
        return real(*given)

    monkeypatch.setattr(alike, "stored_frame", slow)
    answers = []
    with received_by(tmp_path / "in") as (receiver, kept, _):
        port = receiver.address[1]
        first = threading.Thread(
            target=lambda: answers.append(sent(port, written(eye, RLELossless), tmp_path / "a"))
        )
        first.start()
        try:
            assert begun.wait(PATIENCE_S)
            other = written(eye, JPEGBaseline8Bit)
            other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = f"{UID}.2"
            assert sent(port, other, tmp_path / "b")[0] == 0
            assert [each.name for each in kept] == [f"{UID}.2.dcm"]
        finally:
            goes_on.set()
            first.join(PATIENCE_S)
    assert answers == [(0, "")]


def test_an_object_is_hashed_once_though_it_comes_again_written_otherwise(
    tmp_path, eye, monkeypatch
):
    hashed, real = [], alike.written_of

    def noted(file):
        hashed.append(file.name)
        return real(file)

    for of in (alike, received):
        monkeypatch.setattr(of, "written_of", noted)
    with received_by(tmp_path / "in") as (receiver, _, _):
        port = receiver.address[1]
        for syntax, lies_there in ((ExplicitVRLittleEndian, 0), (RLELossless, 2)):
            assert sent(port, written(eye, syntax), tmp_path / "a")[0] == 0
            assert hashed.count(f"{UID}.1.dcm") == lies_there
            assert len(hashed) - lies_there == 1
            hashed.clear()


def test_of_two_that_come_at_once_under_one_uid_one_is_kept(tmp_path, eye):
    folder, ready = tmp_path / "in", threading.Barrier(4)
    answers = []
    with received_by(folder) as (receiver, kept, _):

        def send(number):
            made = written(eye // (1 + number % 2), JPEGBaseline8Bit)
            ready.wait(PATIENCE_S)
            answers.append(sent(receiver.address[1], made, tmp_path / f"{number}")[0])

        threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(PATIENCE_S)
    assert sorted(answers) == [0, 0, 0xC000, 0xC000]
    assert (len(kept), files_in(folder)) == (1, [f"{UID}.1.dcm"])


def test_a_list_that_cant_be_written_is_told_to_the_sender_who_may_send_again(
    tmp_path, eye, monkeypatch
):
    def full(*_):
        raise OSError(28, "No space left on device")

    made = written(eye, RLELossless)
    with received_by(tmp_path / "in") as (receiver, kept, said):
        with monkeypatch.context() as broken:
            broken.setattr(Known, "add", full)
            answer = sent(receiver.address[1], made, tmp_path / "a")
            assert answer == (0xA700, "no space left on device")
        assert sent(receiver.address[1], made, tmp_path / "a")[0] == 0
    assert files_in(tmp_path / "in") == [f"{UID}.1.dcm"]
    assert len(said) == 1
    assert kept == []  # it lay there already


def test_of_more_objects_than_are_known_the_first_are_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(known, "MOST", 3)
    made = Known(tmp_path)
    for number in range(5):
        made.add(f"1.{number}", Likeness(str(number)))
    made.add("1.4", Likeness("other"))  # it stays what it was
    assert [made.of(f"1.{number}") for number in range(5)] == [
        None, None, Likeness("2"), Likeness("3"), Likeness("4"),
    ]  # fmt: skip
    made.close()
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"no database at all" * 100, None])
def test_a_list_that_is_none_is_refused_in_a_sentence(tmp_path, content):
    file = tmp_path / "in" / COMING / FILE
    file.parent.mkdir(parents=True)
    if content:
        file.write_bytes(content)
    else:
        with sqlite3.connect(file) as other:
            other.execute("PRAGMA application_id = 7")
    with pytest.raises(KnownInvalidError, match="move it away"), received_by(tmp_path / "in"):
        pass
