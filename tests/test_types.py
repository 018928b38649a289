"""Who installs the wheel has the types of what it gives, checked by mypy as a user would."""

import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.test_rooms import ROOMS

RIGHT = """
from edge_runtime import Classifier, FundusError, Prediction, load_bundle

def name_of(photo: str) -> str:
    try:
        prediction: Prediction = Classifier(load_bundle(), threads=1).predict(photo)
    except FundusError as error:
        return str(error)
    rows: int = prediction.photo_size[0]
    return f"{prediction.class_name}, {prediction.confidence:.2f}, {rows} pixels high"
"""

#: Each wrong line with what it must be told.
WRONG = {
    "from edge_runtime import Clasifier": "attr-defined",
    "from edge_runtime import Classifier, load_bundle": "",
    'classifier = Classifier(load_bundle(), threads="two")': "arg-type",
    "classifier.predict(7)": "arg-type",
    'number: int = classifier.predict("eye.jpg").class_name': "assignment",
    'classifier.predict("eye.jpg").klass': "attr-defined",
    'classifier.predict("eye.jpg").heatmap().values + "high"': "operator",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built of this tree."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture
def check(wheel, tmp_path):
    """Run mypy on a program of a user whose environment has the wheel and numpy alone."""
    venv.create(tmp_path / "env", with_pip=False)
    (packages,) = (tmp_path / "env").glob("[Ll]ib/**/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        code = [name for name in archive.namelist() if name.endswith((".py", "py.typed"))]
        archive.extractall(packages, code)
    (packages / "numpy").symlink_to(Path(np.__file__).parent)

    def run(program):
        python = next((tmp_path / "env").glob("[Bbs]*/python*"))
        (tmp_path / "program.py").write_text(program)
        options = ["--strict", "--no-error-summary", "--python-executable", str(python)]
        ran = subprocess.run(
            [sys.executable, "-m", "mypy", *options, "program.py"],
            cwd=tmp_path, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert ran.stderr == ""
        found = re.findall(r"program.py:(\d+): error: .*\[([\w-]+)\]", ran.stdout)
        return {int(line): kind for line, kind in found}

    run.packages = packages
    return run


def test_every_package_in_the_wheel_says_that_it_has_types(wheel):
    with zipfile.ZipFile(wheel) as archive:
        marked = {name for name in archive.namelist() if name.endswith("py.typed")}
    assert marked == {f"{package}/py.typed" for package in ROOMS}


def test_a_users_program_is_checked_against_the_types_in_the_wheel(check):
    assert check(RIGHT) == {}
    told = {line: kind for line, kind in enumerate(WRONG.values(), 1) if kind}
    assert check("\n".join(WRONG)) == told


def test_without_its_marks_the_wheel_would_have_no_types(check):
    (check.packages / "edge_runtime" / "py.typed").unlink()
    assert set(check(RIGHT).values()) == {"import-untyped"}
