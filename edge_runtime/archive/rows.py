"""Make the row of a photograph, from what it came to."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from edge_runtime.archive.hashes import digest
from edge_runtime.archive.place import Place
from edge_runtime.archive.schema import plain_text
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.prediction import Prediction
from edge_runtime.predict.record import ErrorRecord, GradedRecord, Record, to_json
from edge_runtime.predict.screening import Screened, chosen_classes, to_record
from edge_runtime.results.legend import draw_overlay
from edge_runtime.results.overlays import OVERLAYS, jpeg, plain_name
from edge_runtime.system.codec import plain
from edge_runtime.version import VERSION


class Wanted(Struct, frozen=True):
    """What is kept beside the records: ``maps`` in the rows, and ``overlays`` in a place."""

    choice: str = "top"
    maps: bool = False
    overlays: Place | None = None


def row_of(path: str, screened: Screened, classifier: Classifier, wanted: Wanted) -> dict[str, Any]:
    """Make a photo's row, but for what the listing knows of it.

    Args:
        path: As listed: no ``Path`` keeps the two slashes of a URL.
        screened: What it came to.
        classifier: What made it.
        wanted: What is kept beside the record.

    Raises:
        DestinationError: An overlay can't be written.
    """
    overlays = _write_overlays(path, screened, wanted)
    record = to_record(screened, classifier, choice=wanted.choice, overlays=overlays)
    row = _columns(_at(path, record))
    row["sha256"] = screened.sha256
    row["size"], row["modified"] = screened.stamp or (None, None)
    if wanted.maps and screened.prediction is not None:
        heat = screened.prediction.heatmap().values
        row["map"], row["map_width"] = heat.astype(np.float16).ravel(), heat.shape[1]
    return row


def _at(path: str, record: Record) -> Record:
    """Name the photo of a record as it was listed."""
    if "://" not in path:
        return record
    if isinstance(record, ErrorRecord):
        told = record.error.replace(str(Path(path)), path, 1)
        return replace(record, path=path, error=told)
    return replace(record, path=path)


def _columns(record: Record) -> dict[str, Any]:
    row: dict[str, Any] = {
        "path": plain_text(record.path),
        "bundle": record.bundle.identity,
        "version": VERSION,
        "status": record.status,
        "record": to_json(record),
    }
    if isinstance(record, GradedRecord):
        told = record.referral
        return row | {
            "class": record.class_name,
            "confidence": record.confidence,
            "probabilities": list(record.probabilities.items()),
            "refer": None if told is None else told.refer,
            "referral": None if told is None else json.dumps(plain(told)),
        }
    why = record.error if isinstance(record, ErrorRecord) else record.reason
    return row | {"reason": plain_text(why)}


def _write_overlays(path: str, screened: Screened, wanted: Wanted) -> Mapping[str, str]:
    """Write a photo's overlays, by names that are the same however often it is done."""
    prediction: Prediction | None = screened.prediction
    if wanted.overlays is None or prediction is None or screened.photo is None:
        return {}
    mark, files = digest(path).hex(), {}
    for name in chosen_classes(prediction, wanted.choice):
        file = f"_{OVERLAYS}/{mark[:2]}/{mark}-{plain_name(name)}.jpg"
        wanted.overlays.write(file, jpeg(draw_overlay(screened.photo, prediction, name)))
        files[name] = file
    return files
