"""Which choices are accepted, from a command line or a file."""

import json
from dataclasses import asdict, fields

import pytest
from click.testing import CliRunner

from edge_runtime.errors import UnknownNameError
from train.commands.train import train
from train.errors import OptionInvalidError
from train.runs.options import Options, options_from


def test_the_defaults_are_valid_and_survive_json():
    assert options_from(json.loads(json.dumps(asdict(Options())))) == Options()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"batch": 0}, "training option batch: 0 isn't at least 1"),
        ({"batch": "32"}, "training option batch: 32 isn't a whole number"),
        ({"batch": True}, "training option batch: True isn't a whole number"),
        ({"learning_rate": None}, "training option learning_rate: None isn't a number"),
        (
            {"learning_rate": float("nan")},
            "learning_rate: nan isn't a finite number",
        ),
        ({"learning_rate": float("inf")}, "learning_rate: inf isn't a finite number"),
        ({"allow_leaks": 1}, "allow_leaks: 1 isn't true or false"),
        ({"patients": "("}, r"patients: \( isn't usable"),
        ({"augmentation": 3}, "training option augmentation: 3 isn't from 0 to 2"),
        ({"optimizer": "lion"}, "optimizer: lion isn't one of adamw, adam, sgd"),
        ({"epochs": 3}, "unknown training option 'epochs': choose one of weights, input_size"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_refused(values, sentence):
    with pytest.raises((OptionInvalidError, UnknownNameError), match=sentence):
        options_from(values)


def test_a_whole_number_will_do_for_a_number():
    assert options_from({"augmentation": 1}) == Options(augmentation=1.0)


def test_every_choice_is_an_option_with_its_default_and_help():
    shown = " ".join(CliRunner().invoke(train, ["--help"]).output.split())
    for each in fields(Options):
        _, _, rest = shown.partition(f"--{each.name.replace('_', '-')} ")
        text, _, default = rest.partition(" [default: ")
        assert each.metadata["help"] in text
        # A long default is broken over lines.
        shown_default = default.replace(" ", "")
        assert each.default is False or shown_default.startswith(str(each.default))


def choices_of(monkeypatch, arguments):
    seen = {}
    monkeypatch.setattr(
        "train.fitting.run.train_run", lambda *paths, **rest: seen.update(rest) or {}
    )
    result = CliRunner().invoke(train, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return seen["options"]


def test_a_configuration_is_replayed_and_options_replace_its_choices(monkeypatch, tmp_path):
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"options": {"batch": 7, "seed": 3}, "classes": ["a"]}))
    arguments = ["data", "--out", str(tmp_path / "run"), "--config", str(file)]
    assert choices_of(monkeypatch, arguments) == Options(batch=7, seed=3)
    # An option that is given counts even when it is the default.
    given = [*arguments, "--batch", "32"]
    assert choices_of(monkeypatch, given) == Options(batch=32, seed=3)


def test_the_options_alone_are_a_configuration_too(monkeypatch, tmp_path):
    file = tmp_path / "choices.json"
    file.write_text(json.dumps({"batch": 7}))
    arguments = ["data", "--out", str(tmp_path / "run"), "--config", str(file)]
    assert choices_of(monkeypatch, arguments) == Options(batch=7)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "no such file"),
        ("{", "isn't JSON"),
        ("[]", "options: None isn't a JSON object"),
        ('{"options": 3}', "options: 3 isn't a JSON object"),
        ('{"surprise": 3}', "unknown training option 'surprise'"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(content, sentence, tmp_path):
    from edge_runtime.commands.main import main

    file = tmp_path / "config.json"
    if content is not None:
        file.write_text(content)
    result = CliRunner().invoke(
        main, ["train", "data", "--out", str(tmp_path / "run"), "--config", str(file)]
    )
    assert result.exit_code == 1
    assert sentence in result.output
    assert not (tmp_path / "run").exists()
