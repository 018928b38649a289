"""What tests of the runtime share."""

import shutil

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main


@pytest.fixture
def predict(exported):
    """Run ``predict`` in this process, on the tiny bundle."""

    def run(*arguments, bundle=exported):
        command = ["predict", *map(str, arguments), "--bundle", str(bundle)]
        return CliRunner().invoke(main, command)

    return run


@pytest.fixture
def photos(dataset, tmp_path):
    """A folder of three good photos and a broken one between them."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, kind in (("a", "normal"), ("b", "glaucoma"), ("d", "diabetic_retinopathy")):
        source = sorted((dataset / "test_dir" / kind).iterdir())[0]
        shutil.copy(source, folder / f"{name}.jpg")
    (folder / "c.jpg").write_bytes((folder / "a.jpg").read_bytes()[:3000])
    return folder
