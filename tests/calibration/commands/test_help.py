"""What the help of a step says that it writes."""

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main


@pytest.mark.parametrize("step", ["export", "calibrate", "validate"])
def test_the_help_of_each_step_that_states_what_it_did_says_where(step):
    ran = CliRunner().invoke(main, [step, "--help"])
    assert ran.exit_code == 0
    assert "attestations.jsonl" in " ".join(ran.output.split())
