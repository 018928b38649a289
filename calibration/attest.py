"""Say in an in-toto statement what a calibration made of what."""

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from edge_runtime.bundle.attestation import Attestation, Resource
from edge_runtime.bundle.bundle import Bundle
from edge_runtime.bundle.manifest import Manifest
from edge_runtime.contract import MANIFEST
from edge_runtime.system.digest import sha256
from export.attest import Files, made, of_step, photographs
from train.runs.run_folder import MODEL


def of_calibration(
    source: Bundle,
    final: Manifest,
    files: Files,
    *,
    options: Mapping[str, object],
    keras: Path | None,
) -> Attestation:
    """Say of which bundle a calibration made the files of another.

    Args:
        source: The bundle that it began with.
        final: The manifest of the new one, whose figures are told.
        files: What it shall hold.
        options: What was asked for.
        keras: The run folder or Keras file that TFLite models were made of.
    """
    before = {name: entry.sha256 for name, entry in source.manifest.files.items()}
    made_of = [
        Resource(name, digest={"sha256": digest})
        for name, digest in {MANIFEST: source.identity, **before}.items()
    ]
    if keras is not None:
        file = keras / MODEL if keras.is_dir() else keras
        made_of.append(Resource(MODEL, digest={"sha256": sha256(file)}))
    if data := final.origin.dataset:
        made_of.append(photographs(data.fingerprint, data.photos))
    return of_step(
        "calibrate",
        made(files, before),
        options=options,
        made_of=made_of,
        measured=final,
        finished=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )
