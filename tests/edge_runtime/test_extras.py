"""What isn't installed is named with a command that a user has, never with a registry's name."""

import re
import sys

import pytest

from edge_runtime.errors import MissingExtraError
from edge_runtime.extras import install_command
from tests.conftest import ROOT


@pytest.mark.parametrize("extra", ["hospital", "station", "trust", "deep-jpeg"])
def test_in_a_clone_it_is_the_command_of_the_documents(extra):
    said = f'pip install -c constraints.txt ".[{extra}]"'
    assert install_command(extra) == said
    assert str(MissingExtraError(extra, "pydicom")).endswith(f"in a clone: {said}")


def test_on_a_station_that_was_carried_there_it_is_packed_and_installed_again(
    tmp_path, monkeypatch
):
    prefix = tmp_path / "releases" / "20261128-120000-1"
    prefix.mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(prefix))
    assert install_command("hospital").startswith("pip install")
    (tmp_path / "current").symlink_to(prefix)
    pack, install = install_command("hospital").split("; ")
    assert pack.endswith("/pack.sh FOLDER --dicom")
    assert (ROOT / pack.split()[1]).is_file()
    assert install == "sudo sh FOLDER/install.sh"


def test_nothing_tells_anybody_to_install_the_program_from_a_registry():
    written = [*ROOT.glob("docs/*.md"), ROOT / "README.md"]
    for package in ("edge_runtime", "train", "export", "calibration"):
        written += (ROOT / package).rglob("*.py")
    found = [each for each in written if re.search(r"install .?fundus-edge", each.read_text())]
    assert found == []
