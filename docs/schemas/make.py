"""Write the JSON schemas of what the package writes from its types, beside this file.

python docs/schemas/make.py
"""

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec

from calibration.validation.record import ValidationRecord
from edge_runtime.bundle.manifest import Manifest
from edge_runtime.predict.record import Record
from edge_runtime.results.structured_report import PersonReport
from edge_runtime.station.camp_report import CampReport

#: What each file is about.
TYPES = {
    "record.schema.json": Record,
    "person.schema.json": PersonReport,
    "camp-person.schema.json": CampReport,
    "manifest.schema.json": Manifest,
    "validation.schema.json": ValidationRecord,
}


def schema_text(kind: Any) -> str:
    """Write a type's schema as indented JSON, its descriptions in one line each."""
    schema = msgspec.json.schema(kind)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(_in_lines(schema), indent=2, ensure_ascii=False) + "\n"


def _in_lines(part: Any) -> Any:
    """Join the lines of each paragraph of a description, and leave msgspec's hints for it out."""
    if isinstance(part, list):
        return [_in_lines(each) for each in part]
    if not isinstance(part, dict):
        return part
    done = {key: _in_lines(value) for key, value in part.items() if key != "discriminator"}
    if isinstance(thresholds := done.get("thresholds"), dict) and "anyOf" in thresholds:
        thresholds["anyOf"].append({"type": "object", "maxProperties": 0})  # as none are written
    if isinstance(done.get("description"), str):
        paragraphs = inspect.cleandoc(done["description"]).split("\n\n")
        done["description"] = "\n\n".join(" ".join(each.split()) for each in paragraphs)
    return done


if __name__ == "__main__":
    for name, kind in TYPES.items():
        (Path(__file__).parent / name).write_text(schema_text(kind), "utf-8")
