"""Write a record as a row of ``results.csv``."""

from collections.abc import Mapping, Sequence

from edge_runtime.bundle.referral import yes_or_no
from edge_runtime.predict.record import (
    ErrorRecord,
    GradedRecord,
    Record,
    UngradableRecord,
    no_formula,
)
from edge_runtime.version import VERSION

Cell = str | float | None


def table_heads(classes: Sequence[str]) -> list[str]:
    """Name the columns for a bundle's classes."""
    return [
        *("path", "status", "class", "confidence", "caution", "refer", "refer_why"),
        *(f"p_{name}" for name in classes),
        *("overlay", "error", "reason", "disclaimer"),
        *(
            "model",
            "bundle_identity",
            "version",
            "time",
            "quality",
            "familiarity",
            "evidence_outside",
            "validation",
            "read_as",
        ),
    ]


def table_row(record: Record, *, finished: str) -> Mapping[str, Cell]:
    """Write a record's cells by column; None and what isn't there are empty cells.

    Args:
        record: The record.
        finished: When the photo was done, in ISO 8601 with the offset from UTC.
    """
    cells: dict[str, Cell] = {
        "path": record.path,
        "status": record.status,
        "disclaimer": record.disclaimer,
        "model": record.model.name,
        "bundle_identity": record.bundle.identity,
        "validation": record.model.validation,
        "version": VERSION,  # a run is gone on with by the version that began it alone
        "time": finished,
    }
    if isinstance(record, ErrorRecord):
        cells["error"] = record.error
    else:
        cells["read_as"] = "; ".join(record.read_as)
    if isinstance(record, UngradableRecord):
        cells |= {"reason": record.reason, "quality": record.reason}
    elif isinstance(record, GradedRecord):
        cells |= {
            "class": record.class_name,
            "confidence": record.confidence,
            "caution": record.caution,
            "quality": None if "quality" in record.times_ms else "not checked",
            "familiarity": record.familiarity.share if record.familiarity else None,
            "evidence_outside": _outside(record),
            "overlay": " ".join(each.overlay or "" for each in record.explanations),
            **{f"p_{name}": share for name, share in record.probabilities.items()},
        }
        if record.referral is not None:
            cells |= {"refer": yes_or_no(record.referral.refer), "refer_why": record.referral.why}
    return {
        column: no_formula(cell) if isinstance(cell, str) else cell
        for column, cell in cells.items()
    }


def _outside(record: GradedRecord) -> float | None:
    """Give the share of the class's evidence outside of the eye; None if another is explained."""
    found = {each.class_name: each.evidence_outside for each in record.explanations}
    return found.get(record.class_name)
