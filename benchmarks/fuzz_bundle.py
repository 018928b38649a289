"""Fuzz the reading of a bundle whose files its own manifest vouches for, whatever is in them."""

import hashlib
import io
import json
import random
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_target import Target, changed_json, tried

from edge_runtime.bundle.average_maps import pack_average_maps, read_average_maps
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.bundle.familiarity import Familiarity, pack_familiarity
from edge_runtime.bundle.manifest import parse_manifest
from edge_runtime.bundle.provenance import provenance
from edge_runtime.bundle.sbom import _of_bundle  # all of a bill that comes from the bundle
from edge_runtime.contract import DEFAULT_BUNDLE, MANIFEST
from edge_runtime.errors import BundleInvalidError
from edge_runtime.system.codec import plain

_FEATURES = 4
_FILES = ("gradients.npz", "familiarity.npz", "average_maps.npz")


def bundle() -> Target:
    """Load a bundle and tell all of it; the first byte chooses what is in the input."""
    folder = Path(tempfile.mkdtemp()) / "b"
    files = _small_files()
    manifest = _small_manifest(files)
    whole = json.dumps(manifest).encode()

    def check(data: bytes) -> None:
        which = data[0] % 4 if data else 0
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        given = dict(files)
        if which:
            given[_FILES[which - 1]] = data[1:]
            changed = {**manifest, "files": _entries(given)}
            (folder / MANIFEST).write_text(json.dumps(changed), "utf-8")
        else:
            (folder / MANIFEST).write_bytes(data[1:])
        for name, content in given.items():
            (folder / name).write_bytes(content)
        tried(_tell, folder, refuses=BundleInvalidError)

    def mend(data: bytes, seed: int) -> bytes:
        return _mended(data, random.Random(seed), whole)

    seeds = [b"\0" + whole]
    seeds += [bytes([at]) + files[name] for at, name in enumerate(_FILES, 1)]
    return Target(check, seeds, mend=mend)


def _tell(folder: Path) -> None:
    found = load_bundle(folder)
    manifest = found.manifest
    assert parse_manifest(manifest.to_json()) == manifest
    assert [f"{about} {said}" for about, said in provenance(found)]
    assert json.dumps(plain(manifest))
    assert json.dumps(_of_bundle(found))
    for name in manifest.models:
        manifest.for_model(name)
    if manifest.average_maps:
        read_average_maps(folder, manifest.average_maps)
    if found.familiarity:
        with np.errstate(all="ignore"):
            found.familiarity.share_beyond(
                float(found.familiarity.distance(np.ones((1, _FEATURES)))[0])
            )


def _small_files() -> dict[str, bytes]:
    real = json.loads((DEFAULT_BUNDLE / MANIFEST).read_text("utf-8"))
    classes = real["classes"]
    generator = np.random.default_rng(0)
    gradients = io.BytesIO()
    np.savez_compressed(
        gradients, classes=np.array(classes),
        class_gradients=generator.normal(size=(len(classes), _FEATURES)).astype(np.float32),
    )  # fmt: skip
    familiarity = Familiarity(
        mean=np.zeros(_FEATURES, np.float32), directions=np.ones((2, _FEATURES), np.int8),
        scales=np.full(2, 0.01, np.float32), residual_max=1.0,
        weights=np.ones(_FEATURES, np.float32), offset=-1.0, slope=0.5,
        distances=np.linspace(0, 1, 5, dtype=np.float32),
    )  # fmt: skip
    maps = {name: np.eye(4, dtype=np.float32) for name in classes}
    packed = gradients.getvalue(), pack_familiarity(familiarity), pack_average_maps(maps)
    return {**dict(zip(_FILES, packed, strict=True)), "model.int8.onnx": b"no model"}


def _small_manifest(files: dict[str, bytes]) -> Any:
    """Make the manifest in the package one of a small bundle, with figures of one split."""
    found = json.loads((DEFAULT_BUNDLE / MANIFEST).read_text("utf-8"))
    found["files"] = _entries(files)
    found["feature_shape"] = [9, 9, _FEATURES]
    found["origin"]["notes"], found["origin"]["representative"] = "", {"seed": 0, "sha256": []}
    (model,) = found["models"].values()
    model["checks"] = {"validation": model["checks"]["validation"]}
    model["metrics"] = {"val_dir": model["metrics"]["val_dir"]}
    for name in ("by_source", "by_source_with_gate", "as_predicted"):
        model["metrics"]["val_dir"].pop(name, None)
    return found


def _entries(files: dict[str, bytes]) -> dict[str, Any]:
    return {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
        for name, content in files.items()
    }


def _mended(data: bytes, chance: random.Random, whole: bytes) -> bytes:
    """Change a value of a manifest or an array of an archive instead of bytes, half of the time."""
    if not data or chance.random() < 0.5:
        return data
    if data[0] % 4:
        return data[:1] + _other_archive(data[1:], chance)
    return data[:1] + changed_json(data[1:], chance, whole)


def _other_archive(data: bytes, chance: random.Random) -> bytes:
    """Pack an archive's members anew with one of them changed, so that its checksum is right."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(each.file_size for each in archive.infolist()) > 1 << 20:
                return data
            members = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    except Exception:  # whatever a damaged one makes it raise
        return data
    if not members:
        return data
    name = chance.choice([*members])
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(members[name]) + 1)
        put = chance.choice((b"\0", b"\xff", b"9", b"-1", b"O", b"V", b",", b"(", b"'", b""))
        members[name][at : at + chance.randint(0, 2)] = put
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in members.items():
            archive.writestr(each, bytes(content))
    return made.getvalue()
