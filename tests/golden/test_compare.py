"""The golden test can fail: whatever changes in a record is noticed, but for what may move."""

import copy
import json

import pytest

from tests.golden.compare import differences
from tests.golden.normalise import read_text, types, without_figures
from tests.golden.test_golden import EXPECTED, GROUPS

OTHERS = {"default_bundle", "run_folder", "tiny_bundle"}


def record(group):
    return json.loads((EXPECTED / f"{group}.json").read_text("utf-8"))


@pytest.fixture
def expected():
    """What predict prints of one photo, as lines and as JSON, and a command's help."""
    text, photo = (record("predict")[name] for name in ("one photo", "one photo as JSON"))
    return {"text": text, "photo": photo, "help": record("help")["help of train"]}


def changed(expected, change):
    found = copy.deepcopy(expected)
    change(found)
    return differences(expected, found)


def moved(records, numbers, by):
    records["photo"]["stdout"][0][numbers]["normal"] += by


def replace(lines, old, new):
    assert any(old in line for line in lines)
    lines[:] = [line.replace(old, new) for line in lines]


CHANGES = {
    "a word": lambda r: replace(r["text"]["stdout"], "refer: no", "referral: no"),
    "a word of a sentence in JSON": lambda r: r["photo"]["stdout"][0].update(disclaimer="Enjoy."),
    "an exit code": lambda r: r["text"].update(exit=1),
    "a line more": lambda r: r["text"]["stderr"].append("Warning: new"),
    "a line less": lambda r: r["help"]["stdout"].pop(),
    "a missing key": lambda r: r["photo"]["stdout"][0].pop("caution"),
    "a new key": lambda r: r["photo"]["stdout"][0].update(extra=None),
    "the order of keys": lambda r: r["photo"]["stdout"][0].update(
        path=r["photo"]["stdout"][0].pop("path")
    ),
    "a kind": lambda r: r["photo"]["stdout"][0].update(confidence="0.87"),
    "a whole number": lambda r: r["photo"]["stdout"][0].update(photo_size=[1411, 1412]),
    "a probability": lambda r: moved(r, "probabilities", -0.06),
    "a logit": lambda r: moved(r, "logits", 0.6),
    "a familiarity": lambda r: r["photo"]["stdout"][0]["familiarity"].update(share=0.9),
    "a threshold": lambda r: r["photo"]["stdout"][0]["referral"].update(threshold=0.2223),
    "a percentage": lambda r: replace(r["text"]["stdout"], "96.3%", "90.1%"),
    "a default": lambda r: replace(r["help"]["stdout"], "0.0001; x>=0]", "0.0002; x>=0]"),
    "a limit": lambda r: replace(r["help"]["stdout"], "x<=0.99999", "x<=0.9999"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_noticed(name, expected):
    assert len(changed(expected, CHANGES[name])) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda r: None,
        lambda r: moved(r, "probabilities", -0.04),
        lambda r: moved(r, "logits", -0.4),
        lambda r: replace(r["text"]["stdout"], " 96.3%", " 92.2%"),
    ],
)
def test_what_another_processor_may_compute_is_no_change(change, expected):
    assert changed(expected, change) == []


def test_a_difference_names_its_scenario_and_its_place(expected):
    (told,) = changed(expected, CHANGES["an exit code"])
    assert told == ".text.exit: expected 0, found 1"


def test_a_probability_in_a_table_may_move_and_no_other_cell():
    row = "eye.png,ok,glaucoma,0.9961481094360352,3.4958111427840777e-07,overlays/0001-eye.png"
    assert differences(row, row.replace("0.9961481094360352", "0.9731281094360352")) == []
    assert differences(row, row.replace("0.9961481094360352", "0.9331281094360352"))
    assert differences(row, row.replace("0001", "0002"))


def test_no_record_is_left_that_nothing_is_compared_with():
    assert {file.stem for file in EXPECTED.iterdir()} == set(GROUPS) | OTHERS


def test_a_placeholder_stands_for_what_differs_and_nothing_else(tmp_path):
    text = f"normal  87.9%     176 ms  {tmp_path}/eye.png, schema 2, of {'0f' * 32}"
    shown = ["normal  87.9% <ms> ms  <work>/eye.png, schema 2, of <sha256>"]
    assert read_text(text, tmp_path, luck=False) == shown
    line = '{"times_ms": {"infer": 7.1}, "format": {"version": 2}, "confidence": 0.5}\n'
    (found,) = read_text(line, tmp_path, luck=False)
    assert found == {
        "times_ms": {"infer": "<times_ms>"}, "format": {"version": 2}, "confidence": 0.5,
    }  # fmt: skip


def test_of_what_is_luck_only_the_kinds_are_kept():
    assert types({"a": [0.1, 0.2, None], "b": 3, "notes": {"ece": "x"}}) == {
        "a": ["<float>", "<NoneType>"], "b": "<int>", "notes": "<notes>",
    }  # fmt: skip
    lines = ["| ECE | 0.438 (0.220 to 0.657) |", "- ece: few", "- groups: only 3", "- 3: dark"]
    assert without_figures(lines) == [
        "| ECE | <n> (<interval>) |", "- <notes on figures>", "- <n>: dark",
    ]  # fmt: skip


def test_a_whole_percentage_is_compared_as_it_is():
    assert len(differences(["a sensitivity of 90%"], ["a sensitivity of 91%"])) == 1
