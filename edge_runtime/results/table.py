"""Write a record as a row of ``results.csv``."""

from collections.abc import Sequence

from edge_runtime.bundle.referral import yes_or_no
from edge_runtime.predict.record import ErrorRecord, Record, UngradableRecord

Cell = str | float | None

_FORMULA = tuple("=+-@\t\r")  # what a cell that spreadsheets compute begins with


def table_heads(classes: Sequence[str]) -> list[str]:
    """Name the columns for a bundle's classes."""
    return [
        *("path", "status", "class", "confidence", "caution", "refer", "refer_why"),
        *(f"p_{name}" for name in classes),
        *("overlay", "error", "reason", "disclaimer"),
    ]


def table_row(record: Record, classes: Sequence[str]) -> list[Cell]:
    """Write a record in the columns of ``table_heads``; None is an empty cell."""
    return [_no_formula(cell) for cell in _cells(record, classes)]


def _cells(record: Record, classes: Sequence[str]) -> list[Cell]:
    start: list[Cell] = [record.path, record.status]
    if isinstance(record, ErrorRecord):
        return [*start, *[None] * (5 + len(classes)), "", record.error, None, record.disclaimer]
    if isinstance(record, UngradableRecord):
        return [*start, *[None] * (5 + len(classes)), "", None, record.reason, record.disclaimer]
    decision = record.referral
    return [
        *start,
        record.class_name,
        record.confidence,
        record.caution,
        None if decision is None else yes_or_no(decision.refer),
        None if decision is None else decision.why,
        *(record.probabilities[name] for name in classes),
        " ".join(explanation.overlay or "" for explanation in record.explanations),
        None,
        None,
        record.disclaimer,
    ]


def _no_formula(cell: Cell) -> Cell:
    """Keep a spreadsheet from running a file's name: ``./=x.jpg`` is the file ``=x.jpg`` too."""
    return f"./{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA else cell
