"""What a model tells within each source, beside what it seems to tell over all of them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from edge_runtime.bundle.metrics import BySource
from edge_runtime.bundle.thresholds import Thresholds
from edge_runtime.system.codec import read
from tests.conftest import as_json
from train.data.contrasts import contrasts
from train.data.dataset import LabelledPhoto
from train.data.truth import truth_of
from train.evaluation import by_source as by_source_module
from train.evaluation.report_table import report_table
from train.metrics.classification import evaluate
from train.metrics.intervals import Bootstrap

CLASSES = ("cataract", "glaucoma", "normal")
CATARACT, GLAUCOMA, NORMAL, NOT_GLAUCOMA = range(4)


def by_source(*arguments, **options):
    """Measure, and write it as a file holds it."""
    return as_json(by_source_module.by_source(*arguments, **options))


def truth_from(*parts):
    """Describe photos by (source, kind, count)."""
    return truth_of(
        [
            LabelledPhoto(
                "photo", None if kind == NOT_GLAUCOMA else kind,
                GLAUCOMA if kind == NOT_GLAUCOMA else None, source=source,
            )
            for source, kind, count in parts
            for _ in range(count)
        ]
    )  # fmt: skip


@pytest.fixture(scope="module")
def case():
    """Three sources with seeded, half-right predictions: two photos a group, except at the end."""
    truth = truth_from(
        ("hospital", CATARACT, 20), ("hospital", GLAUCOMA, 15), ("hospital", NORMAL, 40),
        ("clinic", GLAUCOMA, 24), ("clinic", NOT_GLAUCOMA, 30),
        ("bus", CATARACT, 7),
    )  # fmt: skip
    generator = np.random.default_rng(3)
    count = len(truth.labels)
    shown = np.eye(3)[np.where(truth.known, truth.labels, NORMAL)]
    probabilities = generator.dirichlet([1, 1, 1], count) + 0.6 * shown
    probabilities = (probabilities / probabilities.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities, truth, np.arange(count) // 2


@pytest.fixture(scope="module")
def found(case):
    return by_source(*case, CLASSES, bootstrap=Bootstrap(200))


def test_auroc_sensitivity_and_specificity_are_those_of_scikit_learn_and_of_counting(case, found):
    probabilities, truth, _ = case
    top = probabilities.argmax(axis=1)
    here = np.array(truth.sources) == "hospital"
    for name, disease in (("cataract", CATARACT), ("glaucoma", GLAUCOMA)):
        entry = found["sources"]["hospital"]["diseases"][name]
        ill, well = here & (truth.labels == disease), here & (truth.labels == NORMAL)
        both = ill | well
        expected = roc_auc_score(ill[both], probabilities[both, disease])
        assert entry["auroc"]["value"] == pytest.approx(expected)
        assert entry["sensitivity"]["value"] == pytest.approx((top[ill] == disease).mean())
        assert entry["specificity"]["value"] == pytest.approx((top[well] == NORMAL).mean())
        assert entry["specificity_is"] == "named normal"
        assert (entry["photos"], entry["photos_against"]) == (ill.sum(), 40)
        low, high = entry["auroc"]["interval"]
        assert low < expected < high


def test_where_a_source_has_no_healthy_eyes_those_without_the_disease_stand_in(case, found):
    probabilities, truth, _ = case
    entry = found["sources"]["clinic"]["diseases"]["glaucoma"]
    spared = truth.excluded == GLAUCOMA
    ill = (truth.labels == GLAUCOMA) & (np.array(truth.sources) == "clinic")
    both = ill | spared
    assert entry["against"] == "!glaucoma"
    assert entry["auroc"]["value"] == pytest.approx(
        roc_auc_score(ill[both], probabilities[both, GLAUCOMA])
    )
    assert entry["specificity_is"] == "not named glaucoma"
    assert entry["specificity"]["value"] == pytest.approx(
        (probabilities[spared].argmax(axis=1) != GLAUCOMA).mean()
    )


def test_where_a_source_has_healthy_eyes_no_others_stand_in():
    truth = truth_from(("bus", GLAUCOMA, 3), ("bus", NORMAL, 2), ("bus", NOT_GLAUCOMA, 4))
    (contrast,) = contrasts(truth, CLASSES)
    assert contrast.against == "normal"
    np.testing.assert_array_equal(contrast.negative, truth.labels == NORMAL)


def test_photos_and_classes_are_counted_by_source(found):
    clinic = found["sources"]["clinic"]
    assert list(found["sources"]) == ["bus", "clinic", "hospital"]
    assert clinic["by_class"] == {"!glaucoma": 30, "glaucoma": 24}
    assert (clinic["photos"], clinic["groups"]) == (54, 28)  # the first half is of another group
    assert clinic["healthy_named_healthy"] is None
    hospital = found["sources"]["hospital"]
    assert hospital["healthy_named_healthy"] == hospital["diseases"]["glaucoma"]["specificity"]


def test_a_disease_with_nothing_beside_it_has_a_sensitivity_alone(found):
    entry = found["sources"]["bus"]["diseases"]["cataract"]
    assert entry["auroc"] == entry["specificity"] == {"value": None, "interval": None}
    assert entry["sensitivity"]["value"] is not None
    assert "no photograph" in found["notes"]["bus.cataract.auroc"]


def test_intervals_that_rest_on_few_groups_say_so(found):
    assert found["notes"]["hospital.glaucoma"] == (
        "only 8 groups: its intervals are likely too narrow"
    )


def test_the_mean_within_sources_is_over_those_that_can_tell(found):
    of = {name: entry["diseases"] for name, entry in found["sources"].items()}
    mean = found["mean_within_sources"]
    assert mean["cataract"]["sources"] == 1
    assert mean["cataract"]["value"] == of["hospital"]["cataract"]["auroc"]["value"]
    assert mean["glaucoma"]["sources"] == 2
    both = [of[name]["glaucoma"]["auroc"] for name in ("hospital", "clinic")]
    assert mean["glaucoma"]["value"] == pytest.approx(np.mean([each["value"] for each in both]))
    widths = [np.ptp(each["interval"]) for each in (mean["glaucoma"], *both)]
    assert widths[0] < max(widths[1:])  # two independent sources say more than the poorer one


def test_a_model_that_only_tells_cameras_apart_is_found_out():
    """Glaucoma comes mostly from one camera, and the model knows nothing but the camera."""
    truth = truth_from(
        ("one", GLAUCOMA, 450), ("one", NORMAL, 50), ("two", GLAUCOMA, 50), ("two", NORMAL, 450)
    )
    generator = np.random.default_rng(0)
    score = (np.array(truth.sources) == "one") * 0.8 + generator.uniform(0, 0.1, 1000)
    probabilities = np.stack([np.zeros(1000), score, 1 - score], axis=1)
    found = by_source(probabilities, truth, np.arange(1000), CLASSES, bootstrap=Bootstrap(100))
    assert evaluate(probabilities, truth.labels, CLASSES).auroc["glaucoma"] > 0.85
    # Three standard errors of a mean of two chance figures of 50 photos against 450.
    assert found["mean_within_sources"]["glaucoma"]["value"] == pytest.approx(0.5, abs=0.1)


def test_without_a_healthy_class_each_is_told_from_the_rest_of_its_source(case):
    probabilities, truth, groups = case
    found = by_source(probabilities, truth, groups, ("a", "b", "c"), bootstrap=Bootstrap(100))
    assert found["healthy"] is None
    hospital = found["sources"]["hospital"]
    assert hospital["healthy_named_healthy"] is None
    assert list(hospital["diseases"]) == ["a", "b", "c"]
    here = np.array(truth.sources) == "hospital"
    expected = roc_auc_score(truth.labels[here] == 2, probabilities[here, 2])
    assert hospital["diseases"]["c"]["auroc"]["value"] == pytest.approx(expected)
    assert (
        found["sources"]["clinic"]["diseases"]["b"]["photos_against"] == 30
    )  # those that aren't b
    metrics = evaluate(probabilities[:75], truth.labels[:75], ("a", "b", "c"))
    table = report_table(replace(metrics, by_source=read(found, BySource)), title="t")
    assert "No class is that of healthy eyes" in table


def test_at_a_referral_threshold_the_score_is_that_of_any_disease(case):
    probabilities, truth, groups = case
    thresholds = {
        "no_referral": ["normal"], "sensitivity": 0.9,
        "classes": {"cataract": {"threshold": 0.5}, "glaucoma": {"threshold": 0.7}},
    }  # fmt: skip
    found = by_source(
        probabilities,
        truth,
        groups,
        CLASSES,
        thresholds=read(thresholds, Thresholds),
        bootstrap=Bootstrap(100),
    )
    entry = found["sources"]["hospital"]["diseases"]["glaucoma"]["at_threshold"]
    here = np.array(truth.sources) == "hospital"
    score = probabilities[:, :2].sum(axis=1, dtype=np.float64)
    assert entry["threshold"] == 0.7
    ill, well = here & (truth.labels == GLAUCOMA), here & (truth.labels == NORMAL)
    assert entry["sensitivity"]["value"] == pytest.approx((score[ill] >= 0.7).mean())
    assert entry["specificity"]["value"] == pytest.approx((score[well] < 0.7).mean())


def test_photos_without_a_source_have_no_figures_by_source():
    truth = truth_from(("", GLAUCOMA, 3), ("", NORMAL, 3))
    assert by_source(np.full((6, 3), 1 / 3), truth, np.arange(6), CLASSES) is None
    assert contrasts(truth, CLASSES)[0].negative.sum() == 3


def test_a_source_without_a_name_stands_beside_the_others():
    truth = truth_from(("", GLAUCOMA, 3), ("", NORMAL, 3), ("clinic", NORMAL, 2))
    found = by_source(
        np.full((8, 3), 1 / 3), truth, np.arange(8), CLASSES, bootstrap=Bootstrap(100)
    )
    assert found["sources"][""]["diseases"]["glaucoma"]["auroc"]["value"] == 0.5
    metrics = evaluate(np.full((8, 3), 1 / 3), truth.labels, CLASSES)
    table = report_table(replace(metrics, by_source=read(found, BySource)), title="t")
    assert "| (no source) | glaucoma | 3 / 3 | normal | 0.500 (-) |" in table


def test_a_source_has_the_same_figures_whatever_stands_beside_it(case, found):
    probabilities, truth, groups = case
    here = np.array(truth.sources) == "clinic"
    alone = by_source(
        probabilities[here], truth.part(here), groups[here], CLASSES, bootstrap=Bootstrap(200)
    )
    assert alone["sources"]["clinic"] == found["sources"]["clinic"]


def test_perfect_telling_has_no_interval_for_its_auroc_and_exact_ones_for_its_shares():
    truth = truth_from(("clinic", GLAUCOMA, 5), ("clinic", NORMAL, 5))
    probabilities = np.eye(3)[truth.labels]
    entry = by_source(probabilities, truth, np.arange(10), CLASSES, bootstrap=Bootstrap(100))
    disease = entry["sources"]["clinic"]["diseases"]["glaucoma"]
    assert disease["auroc"] == {"value": 1.0, "interval": None}
    # Clopper and Pearson, five of five: the fifth root of a fortieth.
    assert disease["sensitivity"] == {"value": 1.0, "interval": [pytest.approx(0.025**0.2), 1.0]}
    assert "the bootstrap can't tell" in entry["notes"]["clinic.glaucoma.auroc"]


def test_the_report_has_the_sources_first_and_a_caption_over_the_rest(case, found):
    probabilities, truth, groups = case
    known = truth.known
    metrics = evaluate(
        probabilities[known],
        truth.labels[known],
        CLASSES,
        groups=groups[known],
        bootstrap=Bootstrap(100),
    )
    table = report_table(replace(metrics, by_source=read(found, BySource)), title="val_dir")
    lines = table.splitlines()
    caption = next(line for line in lines if "mix the cameras of 3 sources" in line)
    assert (
        lines.index("### By source")
        < lines.index(caption)
        < lines.index(next(line for line in lines if line.startswith("| accuracy")))
    )
    entry = found["sources"]["clinic"]["diseases"]["glaucoma"]["auroc"]
    row = "| clinic | glaucoma | 24 / 30 | !glaucoma | "
    low, high = entry["interval"]
    assert f"{row}{entry['value']:.3f} ({low:.3f} to {high:.3f}) |" in table
    assert "106 photographs" in table
    assert "Of 30 more only a class that they aren't is known" in table
    assert {line.count("|") for line in lines if line.startswith("| hospital | ")} == {8, 9}
    json.dumps(found, allow_nan=False)


def test_one_source_alone_mixes_nothing(case):
    probabilities, truth, groups = case
    here = np.array(truth.sources) == "hospital"
    found = by_source(
        probabilities[here], truth.part(here), groups[here], CLASSES, bootstrap=Bootstrap(100)
    )
    metrics = evaluate(probabilities[here], truth.labels[here], CLASSES)
    assert "mix the cameras" not in report_table(
        replace(metrics, by_source=read(found, BySource)), title="t"
    )
