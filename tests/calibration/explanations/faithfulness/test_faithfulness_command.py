"""``fundus-edge explain faithfulness`` from photos to a page."""

import json
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from calibration.commands.explain import explain
from calibration.errors import NoLogitsError
from calibration.explanations.faithfulness.faithfulness import FaithOptions
from calibration.explanations.faithfulness.run import run_faithfulness
from edge_runtime.contract import DISCLAIMER
from tests.conftest import EXAMPLE_PHOTO
from tests.data import data_folder


def run(*arguments):
    return CliRunner().invoke(explain, ["faithfulness", *map(str, arguments)])


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Three photos that are graded, and a black one, which is refused."""
    folder = tmp_path_factory.mktemp("photos")
    shutil.copy(EXAMPLE_PHOTO, folder / "a.jpg")
    source = sorted((data_folder() / "eye-disease-dataset" / "val_dir" / "normal").glob("*.jpg"))
    for name, photo in zip(("b.jpg", "c.jpg"), source, strict=False):
        shutil.copy(photo, folder / name)
    cv2.imwrite(str(folder / "dark.png"), np.zeros((300, 300, 3), np.uint8))
    return folder


@pytest.fixture(scope="module")
def told(photos, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "faith"
    result = run(photos, "--steps", 2, "--draws", 1, "--threads", 2, "--out", out, "--json")
    assert result.exit_code == 0, result.output
    return result, out


def test_three_photos_and_the_packages_bundle_give_a_page_and_figures(told, photos):
    result, out = told
    record = json.loads((out / "faithfulness.json").read_text("utf-8"))
    assert json.loads(result.stdout) == record
    assert record["result"]["photos"] == 3
    assert [each["path"].rpartition("/")[2] for each in record["left_out"]] == ["dark.png"]
    assert len(record["result"]["measures"]) == 10
    assert len(record["randomisation"]["depths"]) == 19
    assert record["not_randomised"] is None
    page = (out / "faithfulness.html").read_text("utf-8")
    assert DISCLAIMER in page
    assert "soft blots" in page
    assert "corrected p, than random" in page
    assert page.count("data:image/svg+xml") == 10
    assert "dark.png" in page
    assert DISCLAIMER in result.stderr


def test_what_is_printed_has_every_verdict_and_the_photo_that_was_refused(
    photos, told, monkeypatch
):
    from calibration.explanations.faithfulness import run as faithfulness_run
    from calibration.explanations.faithfulness.report import FaithReport
    from edge_runtime.system.codec import read

    record = json.loads((told[1] / "faithfulness.json").read_text("utf-8"))
    monkeypatch.setattr(
        faithfulness_run, "run_faithfulness", lambda *_, **__: read(record, FaithReport)
    )
    result = run(photos)
    assert result.exit_code == 0, result.output
    for each in record["result"]["measures"]:
        assert f"  {each['name']}, {each['scale']} (" in result.stdout
    assert record["randomisation"]["verdict"] in result.stdout
    assert re.search(r"Left out: .*dark.png: ungradable: .", result.stderr)


def test_a_photo_that_cannot_be_read_is_exit_status_1_after_all_others(
    photos, told, monkeypatch, tmp_path
):
    from dataclasses import replace

    from calibration.explanations.faithfulness import run as faithfulness_run
    from calibration.explanations.faithfulness.eyes import read_eyes
    from calibration.explanations.faithfulness.report import FaithReport
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.predict.classifier import Classifier
    from edge_runtime.system.codec import read

    damaged = tmp_path / "damaged.jpg"
    damaged.write_bytes(b"\xff\xd8\xff")
    _, left_out = read_eyes(
        Classifier(load_bundle()), [damaged, photos / "dark.png", photos / "none.jpg"],
        people={}, limit=3, seed=0,
    )  # fmt: skip
    assert [each.unreadable for each in left_out] == [True, False, True]

    record = read(json.loads((told[1] / "faithfulness.json").read_text("utf-8")), FaithReport)
    record = replace(record, left_out=left_out)
    monkeypatch.setattr(faithfulness_run, "run_faithfulness", lambda *_, **__: record)
    result = run(photos, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert re.search(r"Left out: .*damaged.jpg: ", result.stderr)
    assert "damaged.jpg" in (tmp_path / "out" / "faithfulness.html").read_text("utf-8")


def test_a_folder_that_cannot_be_written_is_said_before_the_work(photos, monkeypatch):
    from calibration.explanations.faithfulness import run as faithfulness_run

    monkeypatch.setattr(
        faithfulness_run, "run_faithfulness", lambda *_, **__: pytest.fail("worked first")
    )
    result = run(photos, "--out", "/proc/out")
    assert result.exit_code == 1
    assert "/proc" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--bundle", "nowhere"), "nowhere: no bundle here"),
        (("--model", "huge"), "unknown model 'huge'"),
        (("--original", "elsewhere"), "there is no 'elsewhere'; name by --original an ONNX model"),
        (("--limit", "1"), "Invalid value for '--limit'"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(photos, arguments, sentence):
    result = run(photos, *arguments)
    assert result.exit_code != 0
    assert sentence in (result.output + str(result.exception))


def test_photos_that_are_all_refused_and_folders_without_any_are_said(photos, tmp_path):
    refused = run(photos / "dark.png")
    assert "no photo is left to measure anything on: " in str(refused.exception)
    assert "no photo found in" in run(tmp_path).output


def test_a_folder_that_exists_is_not_written_over(photos, tmp_path):
    result = run(photos, "--out", tmp_path)
    assert result.exit_code == 1
    assert "already exists" in str(result.exception)


def test_a_model_without_logits_is_refused():
    session = SimpleNamespace(name="tflite-int8", outputs={"probabilities", "last_conv"})
    classifier = SimpleNamespace(bundle=None, session=session)
    with pytest.raises(NoLogitsError, match="probabilities alone"):
        run_faithfulness(
            classifier, [], [], original=None, limit=2, options=FaithOptions(), progress=None
        )


def test_no_framework_is_imported():
    code = (
        "import sys, calibration.explanations.faithfulness.run, "
        "calibration.explanations.faithfulness.page\n"
        "print(sorted({'tensorflow', 'keras', 'torch'} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
