"""Take fields of known types from what a JSON file holds, or say which one isn't so."""

import math
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def finite(text: str) -> float:
    """Read a number; JSON has no NaN nor infinity, though Python's reader takes them.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"has the number {text[:20]}, which isn't finite")
    return value


def whole(text: str) -> int:
    """Read a whole number that fits a float and a file size; JSON has no bound.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    if len(text) > 19:
        raise ValueError(f"has the number {text[:20]}..., which is too large")
    return int(text)


_KIND_NAMES = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    dict: "an object",
    list: "a list",
}


def take(raw: Mapping[str, Any], key: str, kind: type[T], prefix: str = "") -> T:
    """Take a value of exactly this type; a whole number will do for a number.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    if key not in raw:
        raise ValueError(f"lacks '{prefix}{key}'")
    value = raw[key]
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise ValueError(f"has '{prefix}{key}' that isn't {_KIND_NAMES[kind]}")
    return value


def texts(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Take a list of texts that aren't empty.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    values = raw.get(key)
    if not isinstance(values, list) or not all(type(v) is str and v for v in values):
        raise ValueError(f"has '{key}' that isn't a list of texts")
    return tuple(values)


def sizes(raw: Mapping[str, Any], key: str, length: int) -> tuple[int, ...]:
    """Take a list of so many whole numbers above zero.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    values = raw.get(key)
    if (
        not isinstance(values, list)
        or len(values) != length
        or not all(type(v) is int and v > 0 for v in values)
    ):
        raise ValueError(f"has '{key}' that isn't a list of {length} whole numbers above zero")
    return tuple(values)


def numbers(raw: Mapping[str, Any], key: str) -> Mapping[str, float]:
    """Take an object of numbers, empty where the key is missing: older bundles don't have it.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    entries = take(raw, key, dict) if key in raw else {}
    return {name: take(entries, name, float, f"{key}.") for name in entries}


def objects(raw: Mapping[str, Any], key: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Take an object of objects, as pairs of name and object.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    entries = take(raw, key, dict)
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            raise ValueError(f"has '{key}.{name}' that isn't an object")
    return list(entries.items())
