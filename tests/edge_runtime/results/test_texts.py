"""The catalogues of texts: whole in every language, and no longer than the sheet has room for."""

import ast
import string

import pytest

from edge_runtime.contract import DISCLAIMER
from edge_runtime.explain.zones import ZONES
from edge_runtime.predict.familiarity import UNFAMILIAR
from edge_runtime.results.texts import LANGUAGES, texts
from edge_runtime.results.worklist import GROUPS
from tests.conftest import ROOT

LONGER, LETTERS = 1.6, 6  # times, or for a word letters, that a translation may be longer

OTHERS = [each for each in LANGUAGES if each != "en"]


def placeholders(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_has_the_same_texts_with_the_same_places_to_fill(language):
    english, other = texts("en").by_key, texts(language).by_key
    assert list(english) == list(other)
    for key, text in english.items():
        assert placeholders(other[key]) == placeholders(text), key


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_is_much_longer_than_the_english_so_that_the_sheet_holds(language):
    english, other = texts("en").by_key, texts(language).by_key
    long = {
        key: other[key]
        for key, text in english.items()
        if len(other[key]) > max(LONGER * len(text), len(text) + LETTERS)
    }
    assert long == {}


def clauses():
    """List why photos are ungradable, as photo/fault.py says it, with {n} for a number."""
    tree = ast.parse((ROOT / "edge_runtime" / "photo" / "fault.py").read_text("utf-8"))
    (found,) = (node for node in ast.walk(tree) if isinstance(node, ast.Dict))
    for key in found.keys:
        parts = key.values if isinstance(key, ast.JoinedStr) else [key]
        yield "".join(part.value if isinstance(part, ast.Constant) else "{n}" for part in parts)


def test_every_reason_to_give_no_class_is_in_the_catalogues():
    needed = {*clauses(), UNFAMILIAR}
    assert len(needed) == 13
    for language in LANGUAGES:
        keys = {key for key in texts(language).by_key if key.startswith("reason: ")}
        assert keys == {f"reason: {clause}" for clause in needed}
    for clause in needed:
        said = texts("en").reason(clause.replace("{n}", "300"))
        remedy = "" if ";" in clause else "; take it again"  # where the clause has none itself
        assert said == clause.replace("{n}", "300") + remedy
        assert texts("es").reason(clause.replace("{n}", "300")) != clause.replace("{n}", "300")
    assert "menos de 300 p" in texts("es").reason(next(clauses()).replace("{n}", "300"))


def test_a_reason_and_a_class_that_no_catalogue_has_are_told_as_they_are():
    assert texts("es").reason("it is a {cat} of 3 legs") == "it is a {cat} of 3 legs"
    assert texts("es").class_name("myopia") == "myopia"
    assert texts("es").class_name("diabetic_retinopathy") == "retinopatía diabética"


def test_the_english_says_what_the_rest_of_the_package_says():
    english = texts("en").by_key
    assert english["disclaimer"] == DISCLAIMER
    assert {key: english[f"group.{key}"] for key in (group.key for group in GROUPS)} == {
        group.key: group.mark for group in GROUPS
    }
    zones = {name: words for name, words in ZONES.items() if name != "outside"}
    assert {name: english[f"zone.{name}"] for name in zones} == zones
