"""The station's command serves by itself, and gives way to the commands below it."""

import pytest
from click.testing import CliRunner

from edge_runtime.commands import station as module
from edge_runtime.commands.main import main


def test_an_option_before_another_command_is_an_error_and_not_ignored(monkeypatch):
    monkeypatch.setitem(module.COMMANDS, "audit", "train.commands.audit")
    result = CliRunner().invoke(main, ["station", "--port", "1", "audit", "x"])
    assert result.exit_code == 2
    assert "--port stands before audit" in result.output


@pytest.mark.parametrize("command", [("station", "nonsense"), ("explain", "nonsense")])
def test_a_command_that_is_none_is_named(command):
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert "No such command 'nonsense'" in result.output
