"""Fuzz what is read of signatures, keys and notices about them, and of logs."""

import random
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from fuzz_target import Target, changed_json, check_sentence, tried

from edge_runtime.errors import FundusError
from edge_runtime.tlog import checkpoint, entry, note, proof
from edge_runtime.tlog.examine import examine, read_public_key
from edge_runtime.tlog.growth import prove_growth, read_growth
from edge_runtime.tlog.stored import StoredLog
from edge_runtime.tlog.tiles import from_bundle, to_bundle
from edge_runtime.tlog.writer import Log
from edge_runtime.trust import envelope, notice, private_keys, public_keys, remembered, statement
from edge_runtime.trust.releases import Release, highest_releases
from edge_runtime.trust.sign import sign_folder
from edge_runtime.trust.signed_file import read_signed_file
from edge_runtime.trust.standing import Notice, find_standing
from edge_runtime.trust.statement import Statement
from edge_runtime.trust.verify import Trusted, verify_folder

_SHA = "ab" * 32


def signature() -> Target:
    """Read an input as each file that is about signatures."""
    folder = Path(tempfile.mkdtemp())
    model, file, key = folder / "model", folder / "file", folder / "key"
    model.mkdir()
    (model / "a.json").write_bytes(b"{}")
    private_keys.make_key(key, None)
    private = private_keys.open_key(key, private_keys.read_private_key(key), None)
    public = sign_folder(model, private, release=Release(3, "2026-11-28", "2027-01-01"))
    trusted, given = Trusted((public,)), (public,)
    signed = read_signed_file(model / "model.sig")

    def check(data: bytes) -> None:
        file.write_bytes(data)
        for read in (envelope.read_envelope, statement.read_statement, notice.read_notice):
            _clause(read, data)
        for read in (
            lambda: verify_folder(model, trusted, signature=file),
            lambda: public_keys.read_keys([file]),
            lambda: private_keys.open_key(file, private_keys.read_private_key(file), None),
            lambda: highest_releases(file),
            lambda: remembered.recall_standing(given, (), file),
            lambda: find_standing(given, [Notice(file, _signed(private, data))]),
        ):
            tried(read, refuses=FundusError)

    rotation = notice.write_rotation(notice.Rotation(_SHA, public, 3, signed="2026-11-28"))
    revocation = notice.write_revocation(notice.Revocation(2, (_SHA,), "2026-11-28"), {_SHA: "k"})
    texts = [
        (model / "model.sig").read_bytes(), signed.payload, rotation, revocation,
        statement.write_statement("m", Statement({"a/b": _SHA}, release=Release(1, "2026-11-28"))),
        b'{"schema":1,"highest":{"m":3},"signed":"2026-11-28"}',
        b'{"schema":1,"rotations":["{}"],"revoked":{"%s":{"number":1,"revoked":["%s"]}}}'
        % (_SHA.encode(), _SHA.encode()),
    ]  # fmt: skip

    def mend(data: bytes, seed: int) -> bytes:
        chance = random.Random(seed)
        return changed_json(data, chance, chance.choice(texts)) if seed % 2 else data

    seeds = [*texts, key.read_bytes(), (folder / "key.pub").read_bytes()]
    words = (b'"\\ud800"', b"[[[[[[[[", b"null", b"1e400", b"-----BEGIN ", _SHA.encode())
    return Target(check, seeds, words, mend)


def _signed(private: "private_keys.PrivateKey", data: bytes) -> envelope.Envelope:
    """Let the trusted key say an input."""
    hint = private_keys.public_of(private).hint
    return envelope.Envelope(data, private_keys.signature_of(private, data), hint)


def log() -> Target:
    """Read an input as each file of a log; the first byte chooses which, or the reader."""
    work = Path(tempfile.mkdtemp())
    whole, folder = work / "whole", work / "log"
    with Log(whole) as made:
        for number in range(300):
            made.append(entry.Thing("photo", b"%d" % number))
        given = made.checkpoint()
        made.append(entry.Thing("end", b"x"))
        grown = prove_growth(StoredLog(whole), given, made.checkpoint())
        proved = proof.prove(StoredLog(whole), 280, given, salt=_SHA)
    names = sorted(str(each.relative_to(whole)) for each in whole.rglob("*") if each.is_file())

    def check(data: bytes) -> None:
        which, rest = data[0] if data else 0, data[1:]
        if which < 128:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(whole, folder)
            (folder / names[which % len(names)]).write_bytes(rest)
            tried(_examined, folder, given, refuses=FundusError)
        for read in (note.parse_note, checkpoint.parse_checkpoint, entry.from_bytes):
            _clause(read, rest)
        found, taken = from_bundle(rest)
        assert to_bundle(found) == rest[:taken]
        (work / "file").write_bytes(rest)
        for read in (_proved, _grown, read_public_key, checkpoint.read_checkpoint):
            tried(read, work / "file", refuses=FundusError)

    seeds = [bytes([at]) + (whole / name).read_bytes()[:4000] for at, name in enumerate(names)]
    seeds += [b"\xff" + proved, b"\xff" + grown, b"\xff" + given.note.to_bytes()]
    seeds.append(b"\xff" + StoredLog(whole).entry(280))
    return Target(check, seeds, words=(b"\n\n", "\u2014 ".encode(), b"c2sp.org/tlog-proof@v1\n"))


def _examined(folder: Path, given: checkpoint.Checkpoint) -> None:
    said = examine(folder, [given])
    for each in (*said.findings, *said.unfit, *said.notes):
        check_sentence(each)
    with Log(folder) as opened:
        opened.append(entry.Thing("end", b"x"))
        assert list(opened.entries())


def _proved(file: Path) -> None:
    found = proof.read_proof(file)
    found.holds()
    found.is_of(b"1")


def _grown(file: Path) -> None:
    found = read_growth(file)
    found.why_not(found.checkpoint)


def _clause(read: Callable[[bytes], object], data: bytes) -> None:
    """Call a reader that refuses by a ValueError, which others make a sentence of."""
    with suppress(ValueError):
        read(data)
