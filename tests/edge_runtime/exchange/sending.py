"""Archives and servers that take, refuse, hang and die, and what is sent to them."""

import contextlib
import http.server
import json
import socket
import threading
import time

import numpy as np
from click.testing import CliRunner
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, _config, evt
from pynetdicom.sop_class import StorageCommitmentPushModel

from edge_runtime.commands.main import main
from tests.edge_runtime.hospital.objects import OP8, make, save


def command(*arguments):
    """Run ``fundus-edge`` in this process."""
    return CliRunner().invoke(main, [*map(str, arguments)])


def write_object(folder, number, *, pixels=None, **tags):
    """Write a small object with a UID of its own."""
    data = make(np.full((4, 6, 3), number % 256, np.uint8) if pixels is None else pixels, **tags)
    uid = f"1.2.826.0.1.3680043.8.498.{number + 1}"
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = uid
    folder.mkdir(exist_ok=True)
    return save(data, folder / f"{number:04}.dcm")


def free_port():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


class Archive:
    """What an archive was sent: data sets by their UIDs, in the order in which they came."""

    def __init__(self):
        self.port, self.came, self.raw, self.calling = 0, [], [], []

    @property
    def peer(self):
        return f"ARCH@127.0.0.1:{self.port}"

    @property
    def uids(self):
        return [str(each.SOPInstanceUID) for each in self.came]


@contextlib.contextmanager
def archive(
    answer=lambda data, count: 0, *, classes=(OP8,), syntaxes=(ExplicitVRLittleEndian,),
    commit=None, calling=(), port=0, tls=None,
):  # fmt: skip
    """Serve as an archive; ``answer`` gives the status of what came, and of which one it is."""
    _config.STORE_RECV_CHUNKED_DATASET = False  # a receiver may have set it for all of the process
    entity, found = AE("ARCH"), Archive()
    for each in classes:
        entity.add_supported_context(each, list(syntaxes))
    if commit:
        entity.add_supported_context(StorageCommitmentPushModel)
    entity.require_calling_aet, entity.require_called_aet = list(calling), True

    def store(event):
        data = event.dataset
        data.file_meta = event.file_meta
        found.came.append(data)
        found.raw.append(event.request.DataSet.getvalue())
        found.calling.append(event.assoc.requestor.ae_title)
        status = answer(data, len(found.came))
        if status is None:
            event.assoc.abort()
            return 0xA700
        return status

    def asked(event):
        threading.Thread(target=commit, args=(event.assoc, event.action_information)).start()
        return 0, None

    handlers = [(evt.EVT_C_STORE, store), (evt.EVT_N_ACTION, asked)]
    server = entity.start_server(
        ("127.0.0.1", port), block=False, evt_handlers=handlers, ssl_context=tls
    )
    found.port = server.server_address[1]
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def socket_server(speak):
    """Listen, and have ``speak`` do with each connection what it likes."""
    listening, ended = socket.create_server(("127.0.0.1", 0)), threading.Event()
    listening.settimeout(0.1)

    def serve():
        while not ended.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            threading.Thread(target=speak, args=(connection, ended), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        ended.set()
        thread.join()
        listening.close()


def hangs(connection, ended):
    """Take a connection, and never say anything."""
    with connection:
        ended.wait(60)


def drips(connection, ended):
    """Answer a byte at a time."""
    with connection, contextlib.suppress(OSError):
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: " + b"a" * 1000:
            connection.send(bytes([byte]))
            if ended.wait(0.05):
                return


def cuts(connection, ended):
    """Begin to answer, and leave."""
    connection.recv(100)
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    connection.close()


class FhirServer:
    """A server of FHIR that answers as it is told, and keeps what it was asked."""

    def __init__(self, answers, port):
        self.asked, self.bodies, self._answers = [], [], list(answers)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                outer.bodies.append(self.rfile.read(length))
                outer.asked.append((self.path, dict(self.headers)))
                answers = outer._answers
                status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
                body = body(outer.bodies[-1]) if callable(body) else body
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/fhir"


@contextlib.contextmanager
def fhir_server(*answers, port=0):
    """Serve FHIR; the last answer is given again and again."""
    found = FhirServer(answers, port)
    thread = threading.Thread(target=found.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.server.shutdown()
        found.server.server_close()
        thread.join()


def took(*statuses, **changes):
    """Make a server's answer for a transaction: a status for each entry."""
    entry = [{"response": {"status": each, **changes}} for each in statuses]
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entry}


TAKEN = (200, {}, lambda asked: took(*("201 Created" for _ in json.loads(asked)["entry"])))


def outcome(status, *diagnostics, **headers):
    """Make a server's refusal."""
    issues = [{"severity": "error", "diagnostics": each} for each in diagnostics]
    return status, headers, {"resourceType": "OperationOutcome", "issue": issues}


def write_bundle(path, *, value="1", text="a", **changes):
    """Write a small transaction."""
    entry = {
        "resource": {"resourceType": "Basic", "id": text},
        "request": {"method": "POST", "url": "Basic", "ifNoneExist": f"identifier=u|{value}"},
    }
    bundle = {
        "resourceType": "Bundle", "type": "transaction",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{value}"},
        "entry": [entry], **changes,
    }  # fmt: skip
    path.write_text(json.dumps(bundle), "utf-8")
    return path


def eventually(is_so, *, most_s=20):
    """Wait until something is so."""
    until = time.monotonic() + most_s
    while not is_so():
        assert time.monotonic() < until, "it never became so"
        time.sleep(0.02)
