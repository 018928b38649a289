"""What `benchmarks/fuzz.py` found, each as the smallest input that shows it: one sentence now."""

import base64
import io
import json
import zipfile

import numpy as np
import pytest

from edge_runtime.bundle.average_maps import (
    AverageMapsEntry,
    pack_average_maps,
    read_average_maps,
)
from edge_runtime.bundle.manifest import parse_manifest
from edge_runtime.contract import DEFAULT_BUNDLE, MANIFEST
from edge_runtime.errors import FundusError
from edge_runtime.tlog.checkpoint import parse_checkpoint
from edge_runtime.tlog.entry import Thing
from edge_runtime.tlog.key import KEY
from edge_runtime.tlog.writer import Log
from edge_runtime.trust.remembered import recall_standing
from tests.edge_runtime.fuzzing import check_sentence


def said_of(read):
    """Give the sentence with which something refuses; any other error is the find again."""
    with pytest.raises(FundusError) as caught:
        read()
    check_sentence(caught.value)
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_what_is_remembered_cant_write_to_a_terminal_through_the_name_of_a_key(tmp_path):
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"schema": 1, "revoked": {"a\x1b[2J\b": {"number": "x"}}}))
    said = said_of(lambda: recall_standing((), (), file))
    assert "a\\x1b[2J\\x08" in said


@pytest.mark.parametrize("spoilt", [b"MC4", b"A" * 65, b"=", b"MC4CAQAwBQYDK2VwBCH="])
def test_a_logs_key_that_isnt_base64_is_told(tmp_path, spoilt):
    with Log(tmp_path) as log:
        log.append(Thing("photo", b"x"))
    (tmp_path / KEY).write_bytes(
        b"-----BEGIN PRIVATE KEY-----\n" + spoilt + b"\n-----END PRIVATE KEY-----\n"
    )
    assert "it isn't the key of a log" in said_of(lambda: Log(tmp_path))


def spoilt_archive(packed, old, new):
    """Change the header of an archive's arrays, with its checksums right."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(made, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name).replace(old, new))
    return made.getvalue()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"(2, 4, 4), ", b"(49 4, 4   "),  # a bracket that nobody closes: tokenize.TokenError
        (b"(2, 4, 4), ", b"(2, 4, 1e9),"),
        (b"(2, 4, 4), ", b"(2, -4, -4),"),
        (b"'|u1'", b"'|O1'"),
        (b"'|u1'", b"[[[[["),
    ],
)
def test_an_array_whose_header_isnt_one_is_told(tmp_path, old, new):
    maps = {"a": np.eye(4, dtype=np.float32), "b": np.eye(4, dtype=np.float32)}
    packed = pack_average_maps(maps)
    spoilt = spoilt_archive(packed, old, new.ljust(len(old)))
    assert spoilt_archive(packed, b"", b"") != spoilt
    (tmp_path / "maps.npz").write_bytes(spoilt)
    entry = AverageMapsEntry("maps.npz", "m", dict.fromkeys(maps, 3))
    said_of(lambda: read_average_maps(tmp_path, entry))


def test_a_manifest_of_an_older_version_is_written_anew():
    """One whose models don't tell thresholds of their own couldn't be, as by validate --record."""
    raw = json.loads((DEFAULT_BUNDLE / MANIFEST).read_text("utf-8"))
    for model in raw["models"].values():
        del model["thresholds"], model["temperature"], model["target"]
    manifest = parse_manifest(json.dumps(raw))
    assert parse_manifest(manifest.to_json()) == manifest


@pytest.mark.parametrize("mark", ["\x9b31m", "\u202e", "\u200d"])
def test_a_checkpoint_whose_names_arent_printable_is_none(mark):
    """The note itself is shown to be copied, so it can't be shown with escapes."""
    root = base64.b64encode(bytes(32)).decode()
    signed = base64.b64encode(bytes(68)).decode()
    for origin, name in ((f"log{mark}", "log"), ("log", f"log{mark}")):
        note = f"{origin}\n3\n{root}\n\n\u2014 {name} {signed}\n"
        with pytest.raises(ValueError, match="is no "):
            parse_checkpoint(note.encode())
    assert parse_checkpoint(f"log\n3\n{root}\n\n\u2014 log {signed}\n".encode()).size == 3
