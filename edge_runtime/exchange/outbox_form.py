"""The tables of the queue of what is to be sent, and what its rows are."""

from typing import Literal, NamedTuple, TypeAlias

from msgspec import Struct

from edge_runtime.hospital.tls import TlsFiles
from edge_runtime.results.sqlite_form import Form

#: Where the bytes of what isn't sent yet stand in the queue's folder, each called by its SHA-256.
CONTENT = "content"

#: The file in the queue's folder that says how it stands, for those who only look.
STANDING = "standing.json"

Kind: TypeAlias = Literal["dicom", "fhir"]
State: TypeAlias = Literal["waiting", "sent", "refused", "given up"]

_TABLES = """
CREATE TABLE peers (
  address TEXT PRIMARY KEY,     -- AE@HOST:PORT, or the base address of a FHIR server
  kind TEXT NOT NULL,           -- dicom or fhir
  settings TEXT NOT NULL,       -- JSON, see Peer; never a token
  tries INTEGER NOT NULL,       -- visits in a row that failed
  due REAL NOT NULL,            -- when it may be visited, in seconds since 1970
  said TEXT NOT NULL            -- why the last visit failed
) WITHOUT ROWID;
CREATE TABLE items (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  peer TEXT NOT NULL REFERENCES peers (address),
  identity TEXT NOT NULL,       -- the SOP Instance UID, or the bundle's identifier
  sha256 TEXT NOT NULL,         -- of the bytes
  size_bytes INTEGER NOT NULL,
  title TEXT NOT NULL,          -- what kind of thing it is, in words
  source TEXT NOT NULL,         -- the file's name; empty once it is sent
  state TEXT NOT NULL,          -- waiting, sent, refused, given up
  is_kept INTEGER NOT NULL,     -- 1 where the archive promised to keep it
  tries INTEGER NOT NULL,       -- of this one, that failed
  due REAL NOT NULL,            -- when it may be tried, in seconds since 1970
  said TEXT NOT NULL,           -- the peer's words, or why the last try failed
  at REAL NOT NULL,             -- when this row was written last, in seconds since 1970
  UNIQUE (peer, identity)
);
CREATE INDEX items_by_state ON items (state, peer);
"""

#: What a queue consists of ("FdOb").
FORM = Form(
    "outbox.sqlite", "queue of what is to be sent", 0x46644F62, 1, tuple(_TABLES.split(";\n")),
    busy="another process is sending from it; wait for it, or choose another --queue",
    remedy="keep this folder as it is and choose another --queue: what was sent before is sent "
    "again then, which archives take as the same",
)  # fmt: skip


class Peer(Struct, frozen=True):
    """Whom something is sent to. ``address`` is AE@HOST:PORT or the base address of a FHIR server.

    ``calling`` is the AE title by which we call, ``commitment_port`` where an archive may call us
    to say what it keeps, 0 for nowhere. ``token_file`` is where a server's token stands, "" for
    none, and ``is_plain_allowed`` tells whether HTTP without TLS may be used. ``tls`` is by what an
    archive is spoken to encrypted, None where it isn't.
    """

    kind: Kind
    address: str
    calling: str = ""
    commitment_port: int = 0
    token_file: str = ""
    is_plain_allowed: bool = False
    tls: TlsFiles | None = None


class Parcel(Struct, frozen=True):
    """A thing to send, before it is in the queue.

    ``identity`` is what the peer knows it by, ``sha256`` and ``size_bytes`` are of its bytes.
    ``may_change`` tells whether another content may come under one identity, as a record's does
    and a DICOM object's doesn't.
    """

    identity: str
    sha256: str
    size_bytes: int
    title: str
    source: str
    may_change: bool


class Item(NamedTuple):
    """A thing in the queue, as its row says."""

    number: int
    peer: str
    identity: str
    sha256: str
    size_bytes: int
    title: str
    source: str
    state: str
    is_kept: int
    tries: int
    due: float
    said: str
    at: float
