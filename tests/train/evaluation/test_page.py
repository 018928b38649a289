"""The page of an evaluation is one file with what a user gets, and what was measured on what."""

import datetime
import re
from dataclasses import replace

import pytest

from edge_runtime import load_bundle
from edge_runtime.bundle.bundle import write_bundle
from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.bundle.thresholds import ClassThreshold, Thresholds
from edge_runtime.contract import DISCLAIMER
from edge_runtime.version import VERSION
from train.evaluation.evaluate_bundle import evaluate_bundle
from train.evaluation.evaluate_run import evaluate_run
from train.evaluation.options import EvaluationOptions
from train.evaluation.page import evaluation_page, shown_time
from train.metrics.intervals import Bootstrap

DISEASES = ("cataract", "diabetic_retinopathy", "glaucoma")


@pytest.fixture(scope="module")
def of_bundle(exported, dataset, tmp_path_factory):
    """An evaluation of the tiny bundle with thresholds, its folder, and the bundle's identity."""
    folder = tmp_path_factory.mktemp("page")
    manifest = load_bundle(exported).manifest
    limits = {name: ClassThreshold(0.2 + 0.2 * at) for at, name in enumerate(DISEASES)}
    changed = replace(
        manifest,
        thresholds=Thresholds(("normal",), 0.9, limits),
        quality=QualityLimits(sharpness_min=0.3),  # above the drawn cataracts'
    )
    files = {name: exported / name for name in manifest.files}
    write_bundle(folder / "bundle", changed, files)
    options = EvaluationOptions(out=folder / "out", bootstrap=Bootstrap(100))
    found = evaluate_bundle(folder / "bundle", dataset, options=options)
    return found, folder / "out", load_bundle(folder / "bundle").identity


def test_the_page_of_a_bundle_needs_no_other_file_and_says_what_it_is_of(of_bundle):
    found, out, identity = of_bundle
    page = (out / "evaluation.html").read_text("utf-8")
    assert page.count('src="') == page.count('src="data:image/png;base64,') == 5
    assert {path.stem for path in out.glob("*.png")} == {
        "confusion", "roc", "reliability", "referral", "worst_errors",
    }  # fmt: skip
    assert "http" not in page
    assert f"identity {identity[:12]}" in page
    assert identity in page
    assert f"fundus-edge {VERSION}" in page
    assert "ONNX Runtime" in page
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d", page)
    assert page.count(DISCLAIMER) == 2
    assert "and that leaks: the model was trained on copies" in page
    assert found.dataset.fingerprint in page


def test_what_a_user_gets_stands_before_what_is_measured_without_the_gate(of_bundle):
    found, out, _ = of_bundle
    page = (out / "evaluation.html").read_text("utf-8")
    every = found.as_predicted.every
    assert every.no_answer == found.gate.ungradable > 0
    assert f"<b>{every.no_answer}</b>get no answer, refused by the quality gate" in page
    assert f"{every.of_answered.value:.1%}" in page
    assert page.index("What a user gets") < page.index("All photos, without the quality gate")
    assert "<th>no answer</th>" in page
    assert "eyes that need a referral: referred" in page
    table = (out / "metrics.md").read_text("utf-8")
    assert "As `predict` answers:" in table
    assert f"| all | 12 | {every.no_answer} | " in table


def test_a_run_has_a_page_too_without_a_gate(tiny_run, dataset, tmp_path):
    options = EvaluationOptions(out=tmp_path / "out", bootstrap=Bootstrap(100))
    evaluate_run(tiny_run, dataset, options=options)
    page = (tmp_path / "out" / "evaluation.html").read_text("utf-8")
    assert "<th>run</th><td>tiny</td>" in page
    assert "quality gate" not in page
    assert "expected calibration error" in page
    for split in ("val_dir", "test_dir"):  # as the training wrote it
        assert (tiny_run / f"evaluation_{split}" / "evaluation.html").is_file()


def test_markup_in_a_name_is_text(of_bundle):
    found, _, _ = of_bundle
    mark = "<script>"
    bundle = type(found.bundle)(mark, found.bundle.identity)
    page = evaluation_page(replace(found, bundle=bundle, title=mark), {})
    assert mark not in page
    assert page.count("&lt;script&gt;") == 4


def test_a_time_is_written_with_its_zone():
    zone = datetime.timezone(datetime.timedelta(hours=-3))
    moment = datetime.datetime(2026, 11, 27, 14, 5, 9, tzinfo=zone)
    assert shown_time(moment) == "2026-11-27 14:05 -03:00"
    assert shown_time(moment.astimezone(datetime.timezone.utc)) == "2026-11-27 17:05 +00:00"
