"""Tell how two records differ: words, keys, their order and whole numbers exactly, others nearly.

The default bundle computes in integers of 8 bits, and processors round those sums in different
ways: a probability may move by a few hundredths and a logit by a few tenths. The field of view is
found by OpenCV, whose builds round differently: by less than a pixel or so. All other numbers are
settings, and equal but for how a decimal fraction is written.
"""

import difflib
import re
from typing import Any

#: By the end of a number's place in the record, the most by which it may move.
TOLERANCES = (
    (re.compile(r"\.logits\.\w+$|\.evidence_logits$"), 0.5),
    (re.compile(r"\.field_of_view\.\w+$"), 1.5),  # pixels
    (re.compile(r"\.(confidence|score|evidence_outside)$|\.probabilities\.\w+$"), 0.05),
    (re.compile(r"\.familiarity\.share$"), 0.03),
    (re.compile(r"\.familiarity\.distance$"), 0.01),
    (re.compile(r"\.completeness_gap$"), 1e-3),
    (re.compile(r"\.confounds\.[\w.]+( \w+)?$"), 0.05),  # shares of 20 photos: one may move
)
SETTING = 1e-9

#: A number in a text that was measured: a percentage with a decimal, or one with many decimals.
_MEASURED = re.compile(r" *(\d+\.\d%|\d(?:\.\d+)?e-\d+|\d+\.\d{6,})")
_IN_TEXT = 0.05


def differences(expected: Any, found: Any, where: str = "") -> list[str]:
    """List how a record differs from the one expected, each with its place; nothing if equal."""
    if type(expected) is not type(found):
        return [f"{where}: expected {expected!r}, found {found!r}"]
    if isinstance(expected, dict):
        return _in_object(expected, found, where)
    if isinstance(expected, list):
        return _in_list(expected, found, where)
    if isinstance(expected, float):
        same = abs(expected - found) <= _tolerance(where)
    elif isinstance(expected, str):
        same = _same_text(expected, found)
    else:
        same = expected == found
    return [] if same else [f"{where}: expected {expected!r}, found {found!r}"]


def _in_object(expected: dict[str, Any], found: dict[str, Any], where: str) -> list[str]:
    told = [f"{where}.{key}: missing" for key in expected if key not in found]
    told += [f"{where}.{key}: new" for key in found if key not in expected]
    if not told and list(expected) != list(found):
        told.append(f"{where}: expected the order {list(expected)}, found {list(found)}")
    for key, value in expected.items():
        if key in found:
            told += differences(value, found[key], f"{where}.{key}")
    return told


def _in_list(expected: list[Any], found: list[Any], where: str) -> list[str]:
    if len(expected) != len(found):
        before, after = (list(map(str, items)) for items in (expected, found))
        changed = difflib.unified_diff(before, after, "expected", "found", n=0, lineterm="")
        return ["\n    ".join([f"{where}: other lines", *changed])]
    return [
        told
        for number, (one, other) in enumerate(zip(expected, found, strict=True))
        for told in differences(one, other, f"{where}[{number}]")
    ]


def _tolerance(where: str) -> float:
    return next((limit for pattern, limit in TOLERANCES if pattern.search(where)), SETTING)


def _same_text(expected: str, found: str) -> bool:
    one, other = _MEASURED.split(expected), _MEASURED.split(found)
    return one[::2] == other[::2] and all(
        a.endswith("%") == b.endswith("%") and abs(_number(a) - _number(b)) <= _IN_TEXT
        for a, b in zip(one[1::2], other[1::2], strict=True)
    )


def _number(text: str) -> float:
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)
