"""Every command that keeps something keeps it where it is told."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.errors import FundusError
from train.copies import groups

COMMANDS = {
    "audit": ["DATASET"],
    "split": ["DATASET", "--out", "OUT"],
    "train": ["DATASET", "--out", "OUT", "--weights", "none"],
    "evaluate RUN": ["RUN", "DATASET", "--resamples", "100"],
    "evaluate BUNDLE": ["BUNDLE", "DATASET", "--resamples", "100"],
    "calibrate": ["BUNDLE", "--data", "DATASET", "--out", "OUT"],
    "validate": ["BUNDLE", "--data", "DATASET"],
}


@pytest.fixture
def asked(monkeypatch):
    """The caches that photos were looked for in."""
    found, read_facts = [], groups.read_facts

    def noted(photos, *, cache=None, **options):
        found.append(cache)
        return read_facts(photos, **options)

    monkeypatch.setattr(groups, "read_facts", noted)
    return found


@pytest.mark.parametrize(
    ("options", "variable", "expected"),
    [
        ([], "variable", "variable"),
        ([], "", None),
        (["--cache", "named"], "variable", "named"),
        (["--no-cache"], "variable", None),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_the_photos_facts_are_kept_where_the_option_or_the_variable_says(
    command, options, variable, expected, asked, dataset, tiny_run, exported, tmp_path, monkeypatch
):
    def stop(*_arguments, **_options):
        raise FundusError("far enough: all photos are grouped")

    monkeypatch.setattr("calibration.calibrate.make_int8", stop)
    monkeypatch.setattr("calibration.validation.validate.open_reference", stop)
    monkeypatch.setenv("FUNDUS_EDGE_CACHE", variable)
    places = {"DATASET": dataset, "RUN": tiny_run, "BUNDLE": exported, "OUT": tmp_path / "out"}
    arguments = [str(places.get(each, each)) for each in COMMANDS[command]]
    CliRunner().invoke(main, [command.split()[0], *arguments, *options])
    assert len(asked) == (3 if command == "calibrate" else 1)
    assert set(asked) == {expected and Path(expected)}


@pytest.mark.parametrize(
    "command", ["audit", "split", "train", "evaluate", "calibrate", "validate", "predict",
                "benchmark"],
)  # fmt: skip
def test_the_help_says_where_caches_are_and_an_empty_name_is_none(command):
    shown = " ".join(CliRunner().invoke(main, [command, "--help"]).stdout.split())
    assert "[default: $FUNDUS_EDGE_CACHE, empty for none; else fundus-edge in the user" in shown
    assert "--no-cache Keep nothing, and use nothing that was kept." in shown
    refused = CliRunner().invoke(main, [command, "--cache", ""])
    assert refused.exit_code == 2
    assert "an empty name is no path" in refused.stderr
