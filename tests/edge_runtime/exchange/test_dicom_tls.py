"""What is sent and asked encrypted: with whom, and what is said where that can't be."""

import contextlib
import datetime
import socket
import ssl
import struct
import subprocess

import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    ModalityWorklistInformationFind,
    StorageCommitmentPushModel,
    Verification,
)

from edge_runtime.exchange.commitment import _INSTANCE
from edge_runtime.hospital.peers import Peer
from edge_runtime.hospital.tls import TlsFiles, _fault, noted_faults
from edge_runtime.hospital.worklist_apart import Answer, WorklistApart, WorklistOf
from tests.edge_runtime.certificates import make_certificate
from tests.edge_runtime.dcmtk import dcmtk
from tests.edge_runtime.exchange.sending import (
    archive,
    command,
    free_port,
    hangs,
    socket_server,
    write_object,
)  # fmt: skip
from tests.edge_runtime.hospital.receiving import Process, files_in, needs_dcmtk, wait_for

# pynetdicom leaves it to the collector to close a socket that found nobody
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def of(tmp_path_factory):
    """A folder of certificates: the archive's, one of another name, ours, and a stranger's."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("archive", "us", "stranger"):
        make_certificate(folder, name)
    make_certificate(folder, "elsewhere", of="DNS:elsewhere.example")
    make_certificate(folder, "locked", locked=True)
    return folder


@pytest.fixture
def send(tmp_path):
    """Send an object; gives what the command said."""
    file = write_object(tmp_path / "study", 1)

    def run(port, *options):
        peer = "--peer", f"ARCH@127.0.0.1:{port}"
        queue = "--queue", tmp_path / "queue", "--wait", 0
        return command("dicom", "send", file, *peer, *queue, *options)

    return run


def trusting(of, ours="us", authority="archive"):
    """Give the options for a peer that wants a certificate of ours."""
    mine = ["--tls-certificate", of / f"{ours}.pem", "--tls-key", of / f"{ours}.key"]
    return ["--tls", "--tls-ca", of / f"{authority}.pem", *(mine if ours else [])]


def answers_at(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def storescp(folder, *options):
    """Run dcmtk's archive; gives its port."""
    folder.mkdir()
    port = free_port()
    run = [dcmtk("storescp"), *options, "-aet", "ARCH", "-od", folder, "-d", port]
    with (folder.parent / "storescp.txt").open("w") as log:
        process = subprocess.Popen([*map(str, run)], stdout=log, stderr=log)
    try:
        wait_for(lambda: answers_at(port))
        yield port
    finally:
        process.terminate()
        process.wait(20)


def secure(of, name="archive"):
    return "+tls", of / f"{name}.key", of / f"{name}.pem", "+cf", of / "us.pem"


@needs_dcmtk
def test_dcmtks_archive_takes_what_comes_encrypted_and_refuses_strangers(send, of, tmp_path):
    with storescp(tmp_path / "in", *secure(of)) as port:
        plain, nobody = send(port), send(port, *trusting(of, ""))
        stranger = send(port, *trusting(of, "stranger"))
        assert files_in(tmp_path / "in") == []
        known = send(port, *trusting(of))
    assert "check the port, and whether it wants --tls" in plain.stderr
    for each in (nobody, stranger):
        assert "it doesn't take our certificate, or wants one (--tls-certificate" in each.stderr
        assert each.exit_code == 1
    assert known.exit_code == 0, known.output
    assert len(files_in(tmp_path / "in")) == 1


@needs_dcmtk
def test_nothing_goes_to_an_archive_that_isnt_who_it_should_be(send, of, tmp_path):
    with storescp(tmp_path / "in", *secure(of)) as port:
        other = send(port, *trusting(of, authority="stranger"))
        untold = send(port, "--tls")
    for each in (other, untold):
        assert "its certificate isn't to be trusted (self-signed certificate)" in each.stderr
    with storescp(tmp_path / "named", *secure(of, "elsewhere")) as port:
        named = send(port, *trusting(of, authority="elsewhere"))
    assert "its certificate is of another name or address; write that" in named.stderr
    assert files_in(tmp_path / "in") == files_in(tmp_path / "named") == []


@needs_dcmtk
def test_an_archive_without_tls_is_said(send, of, tmp_path):
    with storescp(tmp_path / "in") as port:
        result = send(port, *trusting(of))
    assert "it broke off before it spoke encrypted; check the port, and that it" in result.stderr
    assert files_in(tmp_path / "in") == []


def test_our_own_receiver_takes_what_comes_encrypted(of, tmp_path):
    receiver = Process(
        tmp_path / "in", "--tls-certificate", of / "archive.pem", "--tls-key", of / "archive.key",
        "--tls-peers", of / "us.pem",
    )  # fmt: skip
    file = write_object(tmp_path / "study", 1)
    arguments = ["dicom", "send", file, "--queue", tmp_path / "queue", "--wait", 0]
    try:
        peer = "--peer", f"FUNDUSEDGE@127.0.0.1:{receiver.port}"
        refused = command(*arguments, *peer, *trusting(of, "stranger"))
        assert "it doesn't take our certificate" in refused.stderr
        taken = command(*arguments, *peer, *trusting(of))
    finally:
        assert receiver.end() == 0
    assert taken.exit_code == 0, taken.output
    assert len(files_in(tmp_path / "in")) == 1


def tls_of(of, name="archive"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(of / f"{name}.pem", of / f"{name}.key")
    return context


def test_what_waits_goes_encrypted_later_too(send, of, tmp_path):
    port = free_port()
    assert "nothing answers" in send(port, *trusting(of)).stderr
    queue = "--queue", tmp_path / "queue"
    assert command("dicom", "queue", *queue[1:], "--retry").exit_code == 0
    with archive(port=port) as plain:
        result = command("dicom", "send", *queue, "--wait", 0)
    assert "without TLS" in result.stderr
    assert plain.came == []
    command("dicom", "queue", *queue[1:], "--retry")
    with archive(port=port, tls=tls_of(of)) as found:
        assert command("dicom", "send", *queue, "--wait", 0).exit_code == 0
    assert len(found.came) == 1


def test_what_waits_encrypted_doesnt_go_in_plain_text_because_somebody_forgot_an_option(
    send, of, tmp_path
):
    port = free_port()
    assert "nothing answers" in send(port, *trusting(of)).stderr
    with archive(port=port) as plain:
        result = send(port)
        assert result.exit_code == 1
        assert "what is for it goes encrypted, as was said before; give --tls" in result.stderr
        assert plain.came == []
        assert "--no-tls needs --peer, and no --tls" in send(port, "--tls", "--no-tls").stderr
        assert send(port, "--no-tls").exit_code == 0
        assert len(plain.came) == 1
        assert send(port).exit_code == 0  # as was said last


@pytest.mark.parametrize("title", ["archive", "stranger"])
def test_an_archive_says_encrypted_what_it_keeps(send, of, title):
    port, told = free_port(), []

    def commit(_, asked):
        answer = pydicom.Dataset()
        answer.TransactionUID = asked.TransactionUID
        answer.ReferencedSOPSequence = asked.ReferencedSOPSequence
        entity = AE("ARCH")
        entity.add_requested_context(StorageCommitmentPushModel)
        with socket.create_connection(("127.0.0.1", port)):  # says nothing, and is in nobody's way
            context = ssl.create_default_context(cafile=of / "us.pem")
            context.load_cert_chain(of / f"{title}.pem", of / f"{title}.key")
            noted_faults(context)  # which closes what failed
            call = entity.associate(
                "127.0.0.1", port, ae_title="FUNDUSEDGE", tls_args=(context, "127.0.0.1"),
                ext_neg=[build_role(StorageCommitmentPushModel, scp_role=True)],
            )  # fmt: skip
            told.append(call.is_established)
            if call.is_established:
                call.send_n_event_report(answer, 1, StorageCommitmentPushModel, _INSTANCE)
                call.release()

    with archive(tls=tls_of(of), commit=commit) as found:
        options = [*trusting(of), "--commitment-port", port]
        result = send(found.port, *options)
    assert told == [title == "archive"]
    assert ("kept  " in result.stdout) == (title == "archive")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tls-ca", "a.pem"], "need --tls"),
        (["--tls", "--tls-key", "a.key"], "go together"),
        (["--tls", "--tls-ca", "none.pem"], "none.pem: can't be used for TLS: No such file"),
        (["--tls", "--tls-ca", "us.key"], "us.key: can't be used for TLS"),
        (["--tls", "--tls-certificate", "us.pem", "--tls-key", "archive.key"], "can't be used"),
        (["--tls", "--tls-certificate", "locked.pem", "--tls-key", "locked.key"], "passphrase"),
        (["--tls", "--commitment-port", "11"], "to call back it needs a certificate of ours"),
    ],
)
def test_what_cant_be_encrypted_is_said_before_anything_is_kept(
    send, of, tmp_path, options, said, monkeypatch
):
    monkeypatch.chdir(of)
    result = send(104, *options)
    assert result.exit_code in (1, 2)
    assert said in result.output + str(result.exception)
    assert not (tmp_path / "queue" / "outbox.sqlite").exists()


@contextlib.contextmanager
def worklist(tls=None):
    """Serve an empty worklist; gives its port."""
    entity = AE("RIS")
    entity.add_supported_context(ModalityWorklistInformationFind, ExplicitVRLittleEndian)
    entity.add_supported_context(Verification)
    server = entity.start_server(
        ("127.0.0.1", 0), block=False, ssl_context=tls,
        evt_handlers=[(evt.EVT_C_FIND, lambda _: iter([(0x0000, None)]))],
    )  # fmt: skip
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def test_a_worklist_is_asked_encrypted(of):
    def ask(port, *options):
        result = command("dicom", "worklist", "--peer", f"RIS@127.0.0.1:{port}", *options)
        return result.output + str(result.exception)

    with worklist(tls_of(of)) as port:
        assert "Nobody is scheduled." in ask(port, "--tls", "--tls-ca", of / "archive.pem")
        assert "isn't to be trusted" in ask(port, "--tls", "--tls-ca", of / "stranger.pem")
    with worklist() as port:
        assert "but without TLS" in ask(port, "--tls", "--tls-ca", of / "archive.pem")


def test_the_stations_worklist_is_asked_encrypted_in_its_process_apart(of):
    def ask(port, authority):
        files = TlsFiles(authority=str(of / authority))
        peer = Peer("RIS", "127.0.0.1", port)
        return WorklistApart(WorklistOf(peer, "CAMP", tls=files)).ask(datetime.date(2026, 11, 28))

    with worklist(tls_of(of)) as port:
        assert ask(port, "archive.pem") == Answer()
        assert "isn't to be trusted" in ask(port, "stranger.pem").trouble
        assert "can't be used for TLS" in ask(port, "none.pem").trouble
    with worklist() as port:
        assert "without TLS" in ask(port, "archive.pem").trouble


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--worklist-tls-ca", "a.pem"], "need --worklist-tls"),
        (["--worklist-tls"], "needs --worklist"),
        (
            ["--worklist-tls", "--worklist-tls-key", "us.key"],
            "--worklist-tls-certificate and --worklist-tls-key go together",
        ),
        (["--worklist-tls", "--worklist-tls-ca", "none.pem"], "can't be used for TLS"),
    ],
)
def test_what_of_a_stations_worklist_cant_be_encrypted_is_said_at_the_start(
    of, tmp_path, options, said, monkeypatch
):
    monkeypatch.chdir(of)
    (tmp_path / "in").mkdir()
    result = command(
        "station", "--inbox", tmp_path / "in", "--data", tmp_path / "data", "--port", 0, *options
    )
    assert result.exit_code in (1, 2)
    assert said in result.output + str(result.exception)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (10, "check this computer's clock"),
        (20, "give its authority's by --tls-ca"),
        (99, "ask there which one"),
    ],
)
def test_why_a_certificate_isnt_trusted_is_told_with_what_to_do(code, remedy):
    error = ssl.SSLCertVerificationError()
    error.verify_code, error.verify_message = code, "it is so."
    assert f"isn't to be trusted (it is so); {remedy}" in _fault(error).clause


def test_who_hangs_in_the_handshake_is_left_after_a_while(of, monkeypatch):
    monkeypatch.setattr("edge_runtime.hospital.calling._PATIENCE", 1)
    with socket_server(hangs) as port:
        given = ["--peer", f"RIS@127.0.0.1:{port}", "--tls", "--tls-ca", of / "archive.pem"]
        result = command("dicom", "worklist", *given)
    assert "it takes too long to begin encrypted; check the network" in result.output


def leaves(connection, _):
    """Take a connection, and break it off."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.recv(1)
    connection.close()


@pytest.mark.parametrize(
    ("speak", "said"), [(hangs, "takes too long to begin"), (leaves, "broke off before it spoke")]
)
def test_what_may_pass_in_the_handshake_is_tried_again_soon(
    send, of, tmp_path, monkeypatch, speak, said
):
    monkeypatch.setattr("edge_runtime.exchange.associate._CONNECT_S", 1.0)
    with socket_server(speak) as port:
        result = send(port, *trusting(of))
    assert said in result.stderr
    assert "without TLS" not in result.stderr
    assert "the next try is due within 1 min" in result.stderr
