"""Say in in-toto statements what a validation found of each model."""

from typing import Literal

from calibration.validation.record import ModelRecord, ValidationRecord
from edge_runtime.bundle.attestation import (
    VALIDATE,
    Attestation,
    Examination,
    Resource,
    attest,
)
from edge_runtime.bundle.attestations import read_attestations
from edge_runtime.bundle.bundle import Bundle
from edge_runtime.bundle.verdict import GateVerdict
from edge_runtime.system.codec import plain
from export.attest import photographs, utc


def with_examinations(record: ValidationRecord, bundle: Bundle) -> tuple[Attestation, ...]:
    """Put what a validation found behind what a bundle's statements say already.

    There are as many as verdicts in the manifest: an older one of the same model goes, and all go
    that judged by other limits.

    Args:
        record: The validation.
        bundle: What was validated.

    Raises:
        BundleInvalidError: The statements that are there can't be read.
    """
    now = {entry.sha256 for entry in record.models.values()}
    same_limits = record.gates == bundle.manifest.gates
    kept = [
        each
        for each in read_attestations(bundle)
        if each.step != "validate"
        or (same_limits and not now & {subject.sha256 for subject in each.subjects})
    ]
    new = [_examination(record, name, bundle) for name in record.models]
    return (*kept, *new)


def _examination(record: ValidationRecord, name: str, bundle: Bundle) -> Attestation:
    found, original, data = record.models[name], record.original, record.data
    options = {"split": data.split, "gates": record.gates, "settings": plain(record.settings)}
    said = Examination(
        _result(found),
        (
            Resource("fundus-edge validate", VALIDATE, annotations=options),
            photographs(data.fingerprint, data.photos, data.split),
            Resource(
                "original",
                digest={"sha256": original.sha256},
                annotations={"format": original.format, "precision": original.precision},
            ),
        ),
        passed_tests=_named(found.gates, holds=True),
        warned_tests=tuple(gate.name for gate in found.gates if not gate.judged),
        failed_tests=_named(found.gates, holds=False),
        gates=found.gates,
        finished_on=utc(record.created),
        versions=record.versions,
    )
    file = bundle.manifest.models[name].file
    return attest((Resource(file, digest={"sha256": found.sha256}),), said)


def _result(found: ModelRecord) -> Literal["PASSED", "WARNED", "FAILED"]:
    """Say it in the words of the predicate, which has one for what wasn't judged whole."""
    if not found.passed:
        return "FAILED"
    return "PASSED" if all(gate.judged for gate in found.gates) else "WARNED"


def _named(gates: tuple[GateVerdict, ...], *, holds: bool) -> tuple[str, ...]:
    return tuple(gate.name for gate in gates if gate.judged and gate.holds == holds)
