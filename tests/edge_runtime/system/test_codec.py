"""What isn't as its type says is told by the key and by what it must be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta, Struct

from edge_runtime.system.codec import parse, plain, read


class Part(Struct, frozen=True):
    name: str
    share: Annotated[float, Meta(ge=0, le=1, description="0 to 1")] = 0.5


@dataclass(frozen=True)
class Whole:
    count: int
    kind: Literal["", "a", "b"] = ""
    size: Annotated[tuple[int, int], Meta(description="a list of 2 whole numbers")] = (1, 1)
    parts: Mapping[str, Part] = field(default_factory=dict)
    row: tuple[Part, ...] = ()
    note: str | None = None
    is_good: bool = True
    rest: Mapping[str, Any] = field(default_factory=dict)


GOOD = {
    "count": 3, "kind": "b", "size": [2, 3], "parts": {"x": {"name": "n", "share": 1}},
    "row": [{"name": "m"}], "note": None, "is_good": False, "rest": {"y": [1, {}]},
}  # fmt: skip


def test_a_value_is_read_and_written_back():
    found = read(GOOD, Whole)
    assert found == Whole(
        3, "b", (2, 3), {"x": Part("n", 1.0)}, (Part("m"),), None, False, {"y": [1, {}]}
    )
    assert read(plain(found), Whole) == found


def test_what_has_a_default_may_be_absent():
    assert read({"count": 1}, Whole) == Whole(1)


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"count": "3"}, "has 'count' that isn't a whole number"),
        ({"count": 3.0}, "has 'count' that isn't a whole number"),
        ({"count": True}, "has 'count' that isn't a whole number"),
        ({"kind": "c"}, "has 'kind' that is none of a, b"),
        ({"size": [2]}, "has 'size' that isn't a list of 2 whole numbers"),
        ({"size": [2, "3"]}, "has 'size' that isn't a list of 2 whole numbers"),
        ({"parts": []}, "has 'parts' that isn't an object"),
        ({"parts": {"x": 1}}, "has 'parts.x' that isn't an object"),
        ({"parts": {"x": {}}}, "lacks 'parts.x.name'"),
        ({"parts": {"x": {"name": None}}}, "has 'parts.x.name' that isn't text"),
        (
            {"parts": {"ok": {"name": ""}, "x": {"name": "", "share": 2}}},
            "has 'parts.x.share' that isn't 0 to 1",
        ),
        ({"row": {}}, "has 'row' that isn't a list"),
        ({"row": [{"name": 1}]}, "has 'row.name' that isn't text"),
        ({"row": [1]}, "has 'row' that isn't an object"),
        ({"note": 5}, "has 'note' that isn't text"),
        ({"is_good": 1}, "has 'is_good' that isn't true or false"),
        ({"rest": 1}, "has 'rest' that isn't an object"),
    ],
)
def test_the_clause_names_the_key_and_what_was_expected(change, clause):
    with pytest.raises(ValueError, match=r"^(has|lacks|is) ") as caught:
        read(GOOD | change, Whole)
    assert str(caught.value) == clause


def test_a_key_that_is_missing_is_named_with_the_place_of_the_whole():
    with pytest.raises(ValueError, match=r"^lacks 'models.a.count'$"):
        read({}, Whole, at="models.a")


@pytest.mark.parametrize("raw", [[], None, 3, "text"])
def test_what_is_no_object_is_told(raw):
    with pytest.raises(ValueError, match=r"^is not a JSON object$"):
        read(raw, Whole)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ('{"a": NaN}', "has the number NaN, which isn't finite"),
        ('{"a": -Infinity}', "has the number -Infinity, which isn't finite"),
        ('{"a": 1e999}', "has the number 1e999, which isn't finite"),
        ('{"a": ' + "9" * 30 + "}", "has the number " + "9" * 20 + "..., which is too large"),
        ('{"a": }', "is not JSON (it goes wrong at line 1, column 7)"),
        (b"\xff", "is not JSON (it is no text in UTF-8)"),
        ("[" * 200_000, "is not JSON (it is nested too deeply)"),
    ],
)
def test_json_that_says_nothing_a_file_can_mean_is_refused(text, clause):
    with pytest.raises(ValueError, match=r"^(has|lacks|is) ") as caught:
        parse(text)
    assert str(caught.value) == clause
