"""The station's texts are whole in every language, and each is used."""

import re

import pytest

from edge_runtime.predict.familiarity import UNFAMILIAR
from edge_runtime.results.texts import LANGUAGES, texts
from edge_runtime.station.advice import ORDER
from edge_runtime.station.web.frame import TEXTS
from tests.conftest import ROOT
from tests.edge_runtime.results.test_texts import clauses, placeholders

OTHERS = [each for each in LANGUAGES if each != "en"]


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_has_the_same_texts_with_the_same_places_to_fill(language):
    english, other = texts("en", TEXTS).by_key, texts(language, TEXTS).by_key
    assert list(english) == list(other)
    for key, text in english.items():
        assert placeholders(other[key]) == placeholders(text), key


def test_the_stations_texts_take_no_key_of_the_reports():
    both = len(texts("en", TEXTS).by_key)
    assert both > len(texts("en").by_key) + 80
    assert all(texts("en", TEXTS).by_key[key] == text for key, text in texts("en").by_key.items())


def test_every_advice_and_every_reason_for_it_has_its_words():
    english = texts("en", TEXTS).by_key
    assert all(f"advice.{advice}" in english for advice in ORDER)
    source = (ROOT / "edge_runtime" / "station" / "advice.py").read_text("utf-8")
    whys = set(re.findall(r'"(result|operator|no-result|set-aside|none)"', source))
    assert whys == {"result", "operator", "no-result", "set-aside", "none"}
    assert all(f"eye.why.{why}" in english for why in whys)
    for advice in ORDER:
        assert f"why.{advice}" in english or f"why.{advice}.other" in english


def test_every_reason_to_give_no_class_has_a_hint_what_to_do():
    keys = {key for key in texts("en", TEXTS).by_key if key.startswith("hint: ")}
    assert keys == {f"hint: {clause}" for clause in {*clauses(), UNFAMILIAR}}


def test_every_text_is_used():
    room = ROOT / "edge_runtime" / "station"
    used = " ".join(
        path.read_text("utf-8") for path in room.rglob("*") if path.suffix in (".py", ".jinja")
    )
    own = texts("en", TEXTS).by_key.keys() - texts("en").by_key.keys()
    made = ("advice.", "why.", "eye.why.", "the.", "nav.", "happened.", "decision.", "files.",
            "label.", "stage.", "look.", "familiarity.", "fault: ",
            "hint: ", "ask: ", "expected.", "trouble.", "cause.", "hint.", "drift.",
            "merger: ")  # fmt: skip
    assert {
        key
        for key in own
        if not key.startswith(made) and f'"{key.removesuffix(".one")}"' not in used
    } == set()
