"""Put a placeholder for what differs from run to run or from machine to machine, and no more.

Paths, hashes, dates, versions and durations get one everywhere. Where figures hang on how the tiny
model of the tests happened to learn ("luck"), only their types are kept.
"""

import json
import re
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

_IN_TEXT = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "<sha256>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^\s\",]*"), "<date>"),
    (re.compile(r" *\b\d+ ms\b"), " <ms> ms"),
    (re.compile(r"(?m)^INFO: Created TensorFlow Lite.*\n"), ""),  # LiteRT's own, by processor
    (re.compile(r"\b\d{4,}(?= bytes)|(?<=bytes, not )\d+"), "<n>"),
    (re.compile(r"(?<=fingerprint `)[0-9a-f]+"), "<start of sha256>"),
    (re.compile(r"(?<=goes wrong at )line \d\d+, column \d+"), "<place>"),
    (re.compile(r"(?<=,)near copy: .*"), "near copy: <photos>"),  # which of many is near by a hair
    (re.compile(r"(?<=fundus-edge, version )\S+"), "<version>"),
)

#: What a key holds that no two machines share. Versions of a format are numbers and stay.
_BY_KEY = {"angle": "<degrees>", "onnxruntime": "<version>"}

#: Below these keys machine and luck decide even what kind a value is.
_ANY_KIND = {"conditions", "intervals", "reliability"}

_NOTES = "notes"  # sentences on figures, by the figure's name: which are there is luck

_NUMBER = re.compile(r"\d+(?:\.\d+)*(?:e[+-]?\d+)?")
_INTERVAL = re.compile(r"\((?:-|<n> to <n>)\)")
_ON_A_FIGURE = re.compile(
    r"- (accuracy|balanced_accuracy|macro_\w+|recall|precision|f1|auroc|ece|nll|brier|groups)\b"
)


def read_text(text: str, work: Path, *, luck: bool) -> Any:
    """Read what was printed: a JSON value if it is one, else its lines, of which some are JSON."""
    text = _in_text(text, work)
    if text.startswith("{\n"):
        return _value(json.loads(text), luck=luck)
    lines = text.splitlines()
    if text.startswith('{"'):
        return [_value(json.loads(line), luck=luck) for line in lines]
    return without_figures(lines) if luck else lines


def read_file(path: Path, work: Path, *, luck: bool) -> Any:
    """Read a file; of pictures, pages and what stands in the records too, that it is there."""
    if path.suffix not in (".json", ".jsonl", ".csv", ".md") or path.parent.name == "people":
        return "<there>"
    text = path.read_text("utf-8")
    if luck and path.suffix == ".csv":
        head, *rows = text.splitlines()
        return [head, f"<{len(rows)} rows>"]
    return read_text(text, work, luck=luck)


def _in_text(text: str, work: Path) -> str:
    text = text.replace(str(work), "<work>").replace(str(ROOT), "<root>")
    for pattern, placeholder in _IN_TEXT:
        text = pattern.sub(placeholder, text)
    return text


def _value(value: Any, *, luck: bool) -> Any:
    return types(value) if luck else without_machine(value)


def without_machine(value: Any, key: str = "") -> Any:
    """Replace durations, versions and the like in a JSON value, by their keys."""
    if isinstance(value, dict):
        if key in ("times_ms", "versions"):
            return dict.fromkeys(value, f"<{key}>")
        return {name: without_machine(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [without_machine(item) for item in value]
    if key == "version" and isinstance(value, str):
        return "<version>"
    return _BY_KEY.get(key, value)


def types(value: Any) -> Any:
    """Keep the keys of a JSON value, and of its values only what kind they are.

    Of a list each different kind of item is shown once.
    """
    if isinstance(value, dict):
        return {
            name: "<notes>" if name == _NOTES and isinstance(item, dict)
            else keys_alone(item) if name in _ANY_KIND
            else types(item)
            for name, item in value.items()
        }  # fmt: skip
    if isinstance(value, list):
        kinds: list[Any] = []
        for item in value:
            if (kind := types(item)) not in kinds:
                kinds.append(kind)
        return kinds
    return f"<{type(value).__name__}>"


def keys_alone(value: Any) -> Any:
    """Keep the keys of a JSON value, and of its values nothing."""
    if isinstance(value, dict):
        return {
            name: "<notes>" if name == _NOTES else keys_alone(item) for name, item in value.items()
        }
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [keys_alone(value[0])]
    return "<any>"


def without_figures(lines: list[str]) -> list[str]:
    """Hide every number of a text, and which figures have notes."""
    shown: list[str] = []
    for line in lines:
        hidden = _INTERVAL.sub("(<interval>)", _NUMBER.sub("<n>", line))
        if _ON_A_FIGURE.match(line):
            hidden = "- <notes on figures>"
        if hidden != "- <notes on figures>" or hidden not in shown[-1:]:
            shown.append(hidden)
    return shown


#: In the tiny bundle's manifest and its run's config: what the machine's arithmetic decides.
_LUCK = {"metrics", "checks", "fidelity", "size_bytes"}


def manifest_without_luck(value: Any, key: str = "") -> Any:
    """Keep a manifest exactly, but for its figures, sizes, hashes, dates and versions."""
    if key in _LUCK:
        return types(value)
    if isinstance(value, dict) and key != "versions":
        return {name: manifest_without_luck(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [manifest_without_luck(item) for item in value]
    if isinstance(value, str):
        return _in_text(value, Path("<work>"))
    return without_machine(value, key)
