"""A bundle says how well its models tell the diseases within each source, with the gate too."""

from dataclasses import replace

import numpy as np
import pytest
from msgspec import UNSET
from sklearn.metrics import roc_auc_score

from calibration.int8.measure import reached_metrics
from calibration.models.evaluation_set import make_evaluation_set
from calibration.models.model_under_test import Outputs
from edge_runtime import load_bundle
from edge_runtime.bundle.metrics import Metrics
from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.photo.decode import decode_photo, read_photo
from edge_runtime.photo.quality import measure
from edge_runtime.photo.round_field import round_field
from edge_runtime.results.page import _within_sources as report_line
from edge_runtime.system.codec import plain, read
from export.card_by_source import card_by_source
from export.model_card import _metrics
from tests.calibration.compare.test_by_source import CLASSES, GLAUCOMA, NORMAL, sourced
from train.metrics.classification import evaluate
from train.metrics.intervals import Bootstrap

SIZE = (64, 64)


@pytest.fixture(scope="module")
def case(dataset):
    """Photos of two sources, of one the other class alone is known; answers drawn at random."""
    photos = list(sourced(dataset).splits["val_dir"])
    photos[0] = replace(photos[0], label=None, excluded=GLAUCOMA)
    data = make_evaluation_set(sourced(dataset), "val_dir", tuple(photos), CLASSES)
    generator = np.random.default_rng(3)
    logits = generator.normal(size=(len(photos), 4))
    known, other = (
        Outputs(logits[rows], logits[rows], np.zeros((0, 4, 2, 2), np.float32), 0)
        for rows in (slice(None, -1), slice(-1, None))
    )
    return data, known, other


def measured(case, limits):
    data, known, other = case
    manifest = replace(
        load_bundle().manifest, temperature=1.0, thresholds=None, quality=limits, input_size=SIZE
    )
    return reached_metrics(replace(known, others=other), data, manifest, Bootstrap(500))


def test_figures_by_source_are_of_all_photos_and_of_those_that_the_gate_lets_pass(case):
    data, known, other = case
    brightness = sorted(
        measure(round_field(pixels, size=SIZE), pixels).brightness
        for pixels in (decode_photo(read_photo(each.path), path=each.path) for each in data.photos)
    )
    limits = QualityLimits(brightness_max=brightness[-3])
    found, faults = measured(case, limits), data.faults(SIZE, limits)
    assert 0 < found.gate.ungradable < len(faults)
    assert found.gate.ungradable == sum(fault is not None for fault in faults)
    for within, photos in (
        (found.by_source, len(faults)),
        (found.by_source_with_gate, faults.count(None)),
    ):
        assert sum(source.photos for source in within.sources.values()) == photos
    of_source = np.array(data.truth.sources) == "b"
    score = np.concatenate([each.calibrated(1.0).probabilities for each in (known, other)])[
        :, GLAUCOMA
    ]
    member = of_source & np.isin(data.truth.labels, (GLAUCOMA, NORMAL))
    expected = roc_auc_score(data.truth.labels[member] == GLAUCOMA, score[member])
    entry = found.by_source.sources["b"].diseases["glaucoma"]
    assert entry.auroc.value == pytest.approx(expected)


def test_a_gate_that_refuses_all_leaves_no_figures_behind_it(case):
    found = measured(case, QualityLimits(brightness_min=255))
    assert found.gate.share == 1
    assert found.by_source_with_gate is UNSET
    assert "quality gate" not in "".join(card_by_source(found))


def test_card_and_report_show_them(case):
    found = measured(case, QualityLimits())
    about, table, means = card_by_source(found)
    assert f"refuses {found.gate.ungradable} of 12 photographs" in about
    heads, _, *rows = table.splitlines()
    assert "behind the gate" in heads
    assert all(row.count("|") == heads.count("|") for row in rows)
    value = found.by_source_with_gate.mean_within_sources["glaucoma"].value
    assert f"glaucoma {value:.2f}" in report_line(read(plain(found), Metrics))
    assert means.startswith("Mean AUROC within sources: ")
    bare = replace(found, by_source=UNSET, by_source_with_gate=UNSET, gate=UNSET)
    assert card_by_source(bare) == []
    assert report_line(bare) == ""


def test_a_class_without_a_photo_has_a_dash():
    found = evaluate(np.eye(2, dtype=np.float32)[[0, 0]], np.zeros(2, int), ("glaucoma", "normal"))
    assert "| normal | 0 | - | - | 0 | 0 |" in _metrics("title", found)


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ({"value": "x"}, "value' that isn't a number"),
        ({"sources": None}, "sources' that isn't a whole number"),
        ({"interval": [1]}, "interval' that isn't null or two numbers"),
        ({"interval": ["a", "b"]}, "interval' that isn't null or two numbers"),
    ],
)
def test_a_manifest_whose_figures_no_report_could_show_is_refused(row, cause, case):
    raw = plain(measured(case, QualityLimits()))
    assert read(raw, Metrics).by_source
    raw["by_source"]["mean_within_sources"]["glaucoma"].update(row)
    with pytest.raises(ValueError, match=cause):
        read(raw, Metrics, at="models.m.metrics.val_dir")
