"""Keep a validation: its page and record in a folder, its verdict in the bundle."""

import json
from dataclasses import replace
from pathlib import Path

from calibration.validation.attest import with_examinations
from calibration.validation.page import validation_page
from calibration.validation.record import ValidationRecord, as_predict_answers, cautions
from calibration.validation.validate import Validation
from edge_runtime.bundle.attestations import ATTESTATIONS, read_attestations, write_attestations
from edge_runtime.bundle.bundle import load_bundle, write_bundle
from edge_runtime.bundle.manifest import MANIFEST
from edge_runtime.bundle.thresholds import Thresholds
from edge_runtime.bundle.verdict import Verdict
from edge_runtime.errors import BundleInvalidError, OutputExistsError
from edge_runtime.system.codec import plain
from edge_runtime.system.folders import check_writable, new_folder
from export.model_card import MODEL_CARD, model_card

PAGE, RECORD = "validation.html", "validation.json"


def write_validation(validation: Validation, folder: Path) -> None:
    """Write ``validation.html`` and ``validation.json`` into a new folder, both or none.

    Raises:
        OutputExistsError: Something stands there.
        OutputFailedError: It can't be written.
    """
    check_folder(folder)
    with new_folder(folder) as partial:
        (partial / PAGE).write_text(validation_page(validation), "utf-8")
        (partial / RECORD).write_text(to_json(validation.record), "utf-8")


def check_folder(folder: Path) -> None:
    """Check that a validation can be written, and that nothing stands there.

    Raises:
        OutputExistsError: Something does.
        OutputFailedError: It can't be written.
    """
    check_writable(folder)
    if folder.exists():
        raise OutputExistsError(folder, "choose another folder for the validation")


def check_recordable(bundle_path: Path) -> None:
    """Check that a verdict can be written into a bundle, before the work that it takes.

    Raises:
        BundleInvalidError: The bundle, or what its steps stated, can't be read.
        OutputFailedError: It can't be written there.
    """
    check_writable(bundle_path)
    read_attestations(load_bundle(bundle_path))


def to_json(record: ValidationRecord) -> str:
    """Write a record as indented JSON, ending in a newline."""
    return json.dumps(plain(record), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def record_verdict(validation: Validation, bundle_path: Path) -> None:
    """Write the verdicts and the gates into the bundle's manifest, and its model card anew.

    Its statements say of each model what was found, and how.

    The whole bundle is written beside the old one and takes its place in one step, so that it is
    valid at every moment. Its identity changes, its models don't.

    Verdicts by other limits than these are dropped: a bundle has one set of limits.

    Raises:
        BundleInvalidError: It isn't the bundle that was validated, or its statements can't be read.
    """
    bundle = load_bundle(bundle_path)
    record = validation.record
    if bundle.identity != record.bundle.identity:
        raise BundleInvalidError(bundle_path, MANIFEST, "was changed since it was validated")
    models = dict(bundle.manifest.models)
    for name, entry in models.items():
        checks = dict(entry.checks)
        if name in record.models:
            own = bundle.manifest.for_model(name).thresholds
            checks["validation"] = plain(verdict(record, name, thresholds=own))
        elif record.gates != bundle.manifest.gates:
            checks.pop("validation", None)
        models[name] = replace(entry, checks=checks)
    verified = replace(bundle.manifest, models=models, gates=record.gates)
    files: dict[str, bytes | Path] = {name: bundle_path / name for name in verified.files}
    if MODEL_CARD in files:
        files[MODEL_CARD] = model_card(verified).encode()
    stated = with_examinations(record, bundle)
    files[ATTESTATIONS] = write_attestations(bundle_path, stated)
    write_bundle(bundle_path, verified, files, force=True)


def verdict(record: ValidationRecord, model: str, *, thresholds: Thresholds | None) -> Verdict:
    """Take what the manifest says of one model's validation, which judged these thresholds."""
    return Verdict(
        passed=record.models[model].passed,
        reference=str(record.original),
        photos=record.data.photos,
        gates=record.models[model].gates,
        created=record.created,
        reference_sha256=record.original.sha256,
        data=record.data.name,
        data_fingerprint=record.data.fingerprint,
        split=record.data.split,
        cautions=(*cautions(record), as_predict_answers(record.models[model])),
        thresholds={name: each.threshold for name, each in thresholds.classes.items()}
        if thresholds
        else {},
    )
