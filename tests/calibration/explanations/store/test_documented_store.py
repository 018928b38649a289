"""What docs/explanation-store.md says of a store is so, and its programs run."""

import re
import subprocess
import sys

import pytest

from calibration.explanations.store.info import INDEX, PARTS, STORE_JSON
from calibration.explanations.store.parts import ARRAYS
from calibration.explanations.store.row import COLUMNS, QUALITY
from calibration.explanations.store.store import writing
from tests.calibration.explanations.store.stored import INFO, stored
from tests.conftest import ROOT

DOCUMENT = (ROOT / "docs" / "explanation-store.md").read_text("utf-8")


@pytest.fixture
def run(tmp_path):
    """Run a program of the document beside a store of six photos, one of them refused."""
    with writing(tmp_path / "STORE", INFO) as store:
        for number in range(6):
            store.add(stored(number, fault="the photo is blurred" if number == 2 else None))

    def run(name):
        (program,) = re.findall(rf"<!-- {name} -->\n```python\n(.*?)```", DOCUMENT, re.DOTALL)
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return run


def test_the_program_for_numpy_reads_a_store(run):
    said = run("store-numpy")
    assert said.startswith("(6, 2, 3, 4)\nglaucoma [[")
    mean = sum(stored(number).maps[0] for number in range(6) if number != 2) / 5
    assert f"{mean[0, 0]:.3f}".rstrip("0") in said


def test_the_program_for_pandas_reads_a_store(run):
    head, _, row = run("store-pandas").splitlines()
    assert head.split() == ["confidence", "evidence"]
    share = sum(float(stored(number).probabilities.max()) for number in range(6)) / 6
    assert row.split()[0] == "glaucoma"
    assert float(row.split()[1]) == pytest.approx(share, abs=1e-5)


def test_the_program_for_this_package_reads_a_store(run):
    assert run("store-package") == "(6, 2, 3, 4) normal test_dir\n(6, 2, 3, 4)\n"


def test_the_document_names_each_file_array_and_column():
    named = set(re.findall(r"`([\w./]+)`", DOCUMENT))
    assert {STORE_JSON, INDEX, f"{PARTS}/00001.h5", "explanations.h5", *ARRAYS} <= named
    assert set(COLUMNS) - set(QUALITY) <= named
    assert "quality_" in named
