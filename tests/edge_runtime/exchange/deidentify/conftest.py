"""What the tests of de-identification share."""

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms
from tests.edge_runtime.hospital.conftest import eye, jpeg, small_eye, wrapped  # noqa: F401


@pytest.fixture
def people():
    """Pseudonyms of a known key."""
    return Pseudonyms(bytes(range(32)))


@pytest.fixture
def deidentify(tmp_path):
    """Run the command into a folder ``out``, with a file of pseudonyms."""

    def run(*arguments, out="out"):
        known = ["--pseudonyms", tmp_path / "secret" / "pseudonyms.json"]
        given = ["dicom", "deidentify", *arguments, "--out", tmp_path / out, *known]
        return CliRunner().invoke(main, [*map(str, given)])

    return run
