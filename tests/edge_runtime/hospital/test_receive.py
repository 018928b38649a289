"""Objects that peers send: whole on the disk before they are told so, each once."""

import socket
import threading

import numpy as np
import pytest
from click.testing import CliRunner
from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import StorageCommitmentPushModel

from edge_runtime.commands.main import main
from edge_runtime.errors import OutputExistsError
from edge_runtime.hospital import guard, listener, received
from edge_runtime.hospital.commitment import INSTANCE, PUSH_MODEL
from edge_runtime.hospital.peers import Peer, PeerInvalidError, peer_of
from edge_runtime.hospital.receiver import Listening, Receiver
from tests.edge_runtime.hospital.objects import CT, OP8, make, save
from tests.edge_runtime.hospital.receiving import (
    UID,
    caller,
    coming_in,
    files_in,
    received_by,
    wait_for,
)


@pytest.fixture
def photo(small_eye):
    """Make an object of a number."""

    def of(number=1, **tags):
        made = make(small_eye, SOPInstanceUID=f"{UID}.{number}", **tags)
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
        return made

    return of


def test_an_object_is_kept_as_it_was_sent_with_the_rights_of_its_owner_alone(tmp_path, photo):
    with received_by(tmp_path / "in") as (receiver, kept, said):
        with caller(receiver.address[1]) as camera:
            assert camera.send_c_echo().Status == 0
            assert camera.send_c_store(photo()).Status == 0
            assert files_in(tmp_path / "in") == [f"{UID}.1.dcm"]
        (file,) = kept
        assert file.stat().st_mode & 0o777 == 0o600
        assert dcmread(file) == photo()
        assert said == coming_in(tmp_path / "in") == []


def test_the_disk_has_the_object_and_its_name_before_the_sender_is_told(
    tmp_path, photo, monkeypatch
):
    done = []
    for name in ("sync_file", "sync_folder"):
        real = getattr(received, name)
        monkeypatch.setattr(
            received, name, lambda path, name=name, real=real: (done.append(name), real(path))
        )
    with received_by(tmp_path / "in") as (receiver, _, _), caller(receiver.address[1]) as camera:
        assert camera.send_c_store(photo()).Status == 0
        assert done == ["sync_file", "sync_folder"]


def test_the_same_object_is_kept_once_and_another_one_of_its_uid_is_refused(tmp_path, photo):
    with received_by(tmp_path / "in") as (receiver, kept, said):
        for _ in range(2):
            with caller(receiver.address[1]) as camera:
                assert camera.send_c_store(photo()).Status == 0
        before = kept[0].read_bytes()
        with caller(receiver.address[1]) as camera:
            answer = camera.send_c_store(photo(ImageLaterality="L"))
        assert answer.Status == 0xC000
        assert answer.ErrorComment == "another object with this UID is kept already"
        assert said == [f"refused object {UID}.1 of 127.0.0.1: {answer.ErrorComment}"]
        assert (kept, kept[0].read_bytes()) == ([kept[0]], before)
        assert coming_in(tmp_path / "in") == []


def test_who_wrote_the_file_down_makes_no_other_object_of_it(tmp_path, photo):
    save(photo(), (folder := tmp_path / "in").parent / "a.dcm")
    folder.mkdir()
    (tmp_path / "a.dcm").rename(folder / f"{UID}.1.dcm")
    before = (folder / f"{UID}.1.dcm").read_bytes()
    with received_by(folder) as (receiver, kept, _), caller(receiver.address[1]) as camera:
        assert camera.send_c_store(photo()).Status == 0
        assert kept == []
    assert (folder / f"{UID}.1.dcm").read_bytes() == before


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ({"SOPClassUID": CT}, 0xA900),
        ({"SOPInstanceUID": "1.2.3"}, 0xA900),
        ({"SOPInstanceUID": "../../1"}, 0xC000),
    ],
)
def test_an_object_that_isnt_what_its_sender_said_is_refused(tmp_path, photo, tags, status):
    with received_by(tmp_path / "in") as (receiver, kept, _):
        with caller(receiver.address[1]) as camera:
            made = photo()
            for name, value in tags.items():
                setattr(made, name, value)
            answer = sent_as(camera, made, uid=tags.get("SOPInstanceUID") or f"{UID}.1")
        assert (answer.Status, kept) == (status, [])
        assert files_in(tmp_path / "in") == coming_in(tmp_path / "in") == []


def sent_as(camera, made, *, uid):
    """Send an object by another class or UID than it has."""
    from io import BytesIO

    from pynetdicom.dimse_primitives import C_STORE
    from pynetdicom.dsutils import encode

    request, (context,) = (
        C_STORE(),
        (cx for cx in camera.accepted_contexts if cx.abstract_syntax == OP8),
    )
    request.MessageID, request.Priority, request.AffectedSOPClassUID = 1, 2, OP8
    request.AffectedSOPInstanceUID = f"{UID}.1" if uid == "1.2.3" else uid
    request.DataSet = BytesIO(encode(made, False, True))
    camera._reactor_checkpoint.clear()
    camera.dimse.send_msg(request, context.context_id)
    _, answer = camera.dimse.get_msg(block=True)
    camera._reactor_checkpoint.set()
    return answer


def test_a_full_disk_is_said_and_nothing_is_kept(tmp_path, photo, monkeypatch):
    with received_by(tmp_path / "in") as (receiver, kept, _):
        monkeypatch.setattr(received, "free_bytes", lambda _: 1000)
        with caller(receiver.address[1]) as camera:
            assert camera.send_c_store(photo()).Status == 0xA700
        assert (kept, coming_in(tmp_path / "in")) == ([], [])
        monkeypatch.undo()
        with caller(receiver.address[1]) as camera:
            assert camera.send_c_store(photo()).Status == 0


@pytest.mark.parametrize("parts", [0, 2])
def test_a_disk_without_room_is_said_to_who_sends_much_and_nothing_more_is_written(
    tmp_path, monkeypatch, parts
):
    """Full at the beginning, or once some parts of the object have come."""
    asked = []

    def free(_):
        asked.append(1)
        return 1000 if len(asked) > 2 + parts else guard.SPARE

    for module in (received, guard):
        monkeypatch.setattr(module, "free_bytes", free if parts else lambda _: 1000)
    large = make(np.zeros((800, 800, 3), np.uint8), SOPInstanceUID=f"{UID}.1")
    with received_by(tmp_path / "in") as (receiver, kept, said):
        with caller(receiver.address[1]) as camera:
            answer = camera.send_c_store(large)
            assert (answer.Status, answer.ErrorComment) == (0xA700, "the disk is full")
            assert camera.send_c_echo().Status == 0
        assert (kept, coming_in(tmp_path / "in")) == ([], [])
        assert said == [f"refused object {UID}.1 of 127.0.0.1: the disk is full"]


def test_what_is_kept_is_said_to_be_though_nobody_reads_what_is_printed(tmp_path, photo):
    def gone(_):
        raise BrokenPipeError

    (folder := tmp_path / "in").mkdir()
    receiver = Receiver(folder, Listening(port=0), on_kept=gone, say=gone)
    thread = threading.Thread(target=receiver.serve)
    thread.start()
    try:
        with caller(receiver.address[1]) as camera:
            assert camera.send_c_store(photo()).Status == 0
        with caller(receiver.address[1]) as camera:
            assert camera.send_c_store(photo(ImageLaterality="L")).Status == 0xC000
    finally:
        receiver.stop()
        receiver.close()
        thread.join(20)
    assert files_in(folder) == [f"{UID}.1.dcm"]


def test_a_peer_of_ipv4_is_known_at_a_socket_for_both_kinds(tmp_path, photo):
    known = (Peer("CAMERA", "127.0.0.1"),)
    with received_by(tmp_path / "in", peers=known, host="::") as (receiver, kept, said):
        with caller(receiver.address[1]) as camera:
            assert camera.send_c_store(photo()).Status == 0
        with caller(receiver.address[1], title="OTHER") as camera:
            assert camera.is_rejected
    assert len(kept) == 1
    assert said[0].startswith("refused OTHER@127.0.0.1, who calls FUNDUSEDGE: ")


def test_an_object_that_is_too_large_ends_the_connection_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(listener, "most_bytes", lambda: 5000)
    with received_by(tmp_path / "in") as (receiver, kept, _):
        with caller(receiver.address[1]) as camera:
            large = make(np.zeros((400, 400, 3), np.uint8))  # more than one part of a message
            assert "Status" not in camera.send_c_store(large)
            wait_for(lambda: camera.is_aborted)
        wait_for(lambda: coming_in(tmp_path / "in") == [])
        with caller(receiver.address[1]) as camera:
            assert camera.send_c_echo().Status == 0
        assert kept == []


def test_only_who_is_on_the_list_may_send(tmp_path):
    known = Peer("CAMERA", "127.0.0.1"), Peer("ARCHIVE", "192.0.2.7", 104)
    with received_by(tmp_path / "in", peers=known) as (receiver, _, said):
        for title, called, is_taken in (
            ("CAMERA", "FUNDUSEDGE", True),
            ("ARCHIVE", "FUNDUSEDGE", False),  # from another's address
            ("STRANGER", "FUNDUSEDGE", False),
            ("CAMERA", "OTHER", False),
        ):
            with caller(receiver.address[1], title=title, called=called) as camera:
                assert (camera.is_established, camera.is_rejected) == (is_taken, not is_taken)
        assert len(said) == 3
    elsewhere = received_by(tmp_path / "in", peers=known[1:])
    with elsewhere as (receiver, _, said):
        for _ in range(2):
            with caller(receiver.address[1]) as camera:
                assert not camera.is_established  # not even a connection
        assert said == ["refused 127.0.0.1: its address isn't that of any --from"]


@pytest.mark.parametrize(
    "told", ["", "A", "A@", "@B", "A@B:0", "A@B:70000", "A@B:x", f"{17 * 'A'}@B", "A\\B@C", "A@b c"]
)
def test_what_is_no_peer_is_refused_in_a_sentence(told):
    with pytest.raises(PeerInvalidError, match=r"; |as ARCHIVE@"):
        peer_of(told)


def test_a_peer_is_read_as_people_write_it():
    assert peer_of("PACS@10.0.0.1:104") == Peer("PACS", "10.0.0.1", 104)
    assert peer_of("A B@[::1]") == Peer("A B", "::1", None)
    with pytest.raises(PeerInvalidError, match="port is missing"):
        peer_of("PACS@host", needs_port=True)


def test_two_receivers_of_one_folder_are_kept_apart(tmp_path):
    refused = pytest.raises(OutputExistsError, match="another receiver is at work there")
    with received_by(tmp_path / "in"), refused:
        Receiver(tmp_path / "in", Listening(port=0), on_kept=print, say=print)


def ask(camera, *objects):
    """Ask whether objects are kept."""
    question = Dataset()
    question.TransactionUID, question.ReferencedSOPSequence = "1.2.3.4", []
    for sop_class, uid in objects:
        each = Dataset()
        each.ReferencedSOPClassUID, each.ReferencedSOPInstanceUID = sop_class, uid
        question.ReferencedSOPSequence.append(each)
    status, _ = camera.send_n_action(question, 1, PUSH_MODEL, INSTANCE)
    return status.Status


def told_by(answers):
    """Give a handler that notes what is answered."""

    def note(event):
        information = event.event_information
        failed = {
            each.ReferencedSOPInstanceUID: each.FailureReason
            for each in information.get("FailedSOPSequence", [])
        }
        kept = [
            each.ReferencedSOPInstanceUID for each in information.get("ReferencedSOPSequence", [])
        ]
        answers.append((event.event_type, information.TransactionUID, kept, failed))
        return 0x0000, None

    return [(evt.EVT_N_EVENT_REPORT, note)]


@pytest.mark.parametrize("has_port", [False, True])
def test_who_asks_whether_objects_are_kept_is_told_the_truth(tmp_path, photo, has_port):
    answers, archive = [], AE("CAMERA")
    archive.add_supported_context(StorageCommitmentPushModel, scu_role=True, scp_role=True)
    heard = archive.start_server(("127.0.0.1", 0), block=False, evt_handlers=told_by(answers))
    port = heard.server_address[1] if has_port else None
    try:
        with received_by(tmp_path / "in", peers=(Peer("CAMERA", "127.0.0.1", port),)) as (
            receiver, kept, said,
        ):  # fmt: skip
            with caller(receiver.address[1], handlers=told_by(answers)) as camera:
                assert camera.send_c_store(photo(1)).Status == 0
                assert ask(camera, (OP8, f"{UID}.1")) == 0
                wait_for(lambda: answers)
                asked = (OP8, f"{UID}.1"), (OP8, f"{UID}.2"), (CT, f"{UID}.1"), (OP8, "../x")
                assert ask(camera, *asked) == 0
                wait_for(lambda: len(answers) == 2)
                kept[0].unlink()
                assert ask(camera, (OP8, f"{UID}.1")) == 0
                wait_for(lambda: len(answers) == 3)
                assert ask(camera) == 0x0115
            assert said == []
    finally:
        heard.shutdown()
    assert answers[0] == (1, "1.2.3.4", [f"{UID}.1"], {})
    assert answers[1][0] == 2
    assert answers[1][2] == [f"{UID}.1"]
    assert answers[1][3] == {f"{UID}.2": 0x0112, f"{UID}.1": 0x0119, "../x": 0x0112}
    assert answers[2] == (2, "1.2.3.4", [], {f"{UID}.1": 0x0112})


def test_connections_that_say_nothing_are_limited_in_number(tmp_path, monkeypatch):
    monkeypatch.setattr(listener, "_CONNECTIONS", 3)
    with received_by(tmp_path / "in") as (receiver, _, _):
        silent = [socket.create_connection(receiver.address, 10) for _ in range(3)]
        wait_for(lambda: sum("AcceptorThread" in t.name for t in threading.enumerate()) == 3)
        with socket.create_connection(receiver.address, 10) as further:
            assert further.recv(1) == b""
        for each in silent:
            each.close()

        def is_heard():
            with caller(receiver.address[1]) as camera:
                return camera.is_established

        wait_for(is_heard)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "::"], "say by --from who may send"),
        (["--from", "nonsense"], "a peer is written AE@HOST"),
        (["--from", "A@no-such-host.invalid"], "no such host is known here"),
        (["--ae-title", "A" * 17], "1 to 16 letters"),
        (["--host", "192.0.2.1", "--from", "A@127.0.0.1"], "can't listen there"),
        (["--tls-key", "x.pem"], "go together"),
        (["--tls-key", "x.pem", "--tls-certificate", "y.pem"], "can't be used for TLS"),
    ],
)
def test_what_cant_be_is_said_before_anything_is_heard(tmp_path, options, said):
    result = CliRunner().invoke(main, ["dicom", "receive", "--out", str(tmp_path / "in"), *options])
    assert result.exit_code in (1, 2)
    assert said in result.output + str(result.exception)
