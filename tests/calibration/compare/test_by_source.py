"""A validation compares model and original within each source of the photos."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from msgspec import UNSET
from sklearn.metrics import roc_auc_score

from calibration.compare.by_source import by_source_rows, paired_by_source
from calibration.models import evaluation_set as evaluation_set_module
from calibration.models.ask import ask
from calibration.models.evaluation_set import make_evaluation_set
from calibration.models.model_under_test import open_model
from calibration.validation.options import Settings, ValidationOptions
from calibration.validation.page import validation_page
from calibration.validation.validate import validate_bundle
from edge_runtime import load_bundle
from edge_runtime.commands.main import main
from train.data.dataset import LabelledPhoto, read_dataset
from train.data.truth import truth_of
from train.evaluation.by_source import by_source
from train.metrics.intervals import Bootstrap

CLASSES = ("cataract", "diabetic_retinopathy", "glaucoma", "normal")
GLAUCOMA, NORMAL = 2, 3
DRAWS = Bootstrap(200)


@pytest.fixture(scope="module")
def case():
    """Two sources, one with healthy eyes; the model is the original with noise."""
    photos = [LabelledPhoto("p", kind, source="b") for kind in [GLAUCOMA] * 20 + [NORMAL] * 30]
    photos += [LabelledPhoto("p", GLAUCOMA, source="a")] * 15
    photos += [LabelledPhoto("p", None, excluded=GLAUCOMA, source="a")] * 25
    truth = truth_of(photos)
    generator = np.random.default_rng(5)
    shown = np.eye(4)[np.where(truth.known, truth.labels, NORMAL)]
    original = generator.dirichlet([1] * 4, len(photos)) + 0.4 * shown
    model = original + generator.uniform(0, 0.3, original.shape)
    sums = [outputs / outputs.sum(axis=1, keepdims=True) for outputs in (original, model)]
    return (*sums, truth, np.arange(len(photos)) // 2)


def sourced(dataset, **options):
    """A dataset whose photos are of two sources in turn, one of them in each class."""
    found = read_dataset(dataset, **options)
    return replace(
        found,
        splits={
            name: tuple(replace(p, source="ab"[at % 2]) for at, p in enumerate(photos))
            for name, photos in found.splits.items()
        },
    )


def test_both_areas_are_those_of_scikit_learn_and_the_difference_is_theirs(case):
    original, model, truth, groups = case
    found = paired_by_source(original, model, truth, groups, CLASSES, DRAWS)
    of = np.array(truth.sources)
    for source, negative in (("b", truth.labels == NORMAL), ("a", truth.excluded == GLAUCOMA)):
        entry = found.sources[source]["glaucoma"]
        ill, well = (of == source) & (truth.labels == GLAUCOMA), (of == source) & negative
        both = ill | well
        expected = [roc_auc_score(ill[both], p[both, GLAUCOMA]) for p in (original, model)]
        assert [entry.original, entry.model] == pytest.approx(expected)
        assert entry.difference == pytest.approx(expected[1] - expected[0])
        low, high = entry.interval
        assert low < entry.difference < high
    mean = found.mean_within_sources["glaucoma"]
    parts = [found.sources[name]["glaucoma"] for name in "ab"]
    assert mean.sources == 2
    assert mean.difference == pytest.approx(np.mean([part.difference for part in parts]))


def test_what_is_hard_for_both_cancels_out(case):
    """Drawn together, their difference is surer than either of them."""
    original, _, truth, groups = case
    slightly = original + np.random.default_rng(0).uniform(0, 0.1, original.shape)
    paired = paired_by_source(original, slightly, truth, groups, CLASSES, DRAWS)
    alone = by_source(original, truth, groups, CLASSES, bootstrap=DRAWS)
    difference = paired.sources["b"]["glaucoma"]
    itself = alone.sources["b"].diseases["glaucoma"].auroc
    assert difference.original == pytest.approx(itself.value)
    assert np.ptp(difference.interval) < np.ptp(itself.interval) / 2
    same = paired_by_source(original, original, truth, groups, CLASSES, DRAWS)
    assert same.sources["b"]["glaucoma"].difference == 0


def test_a_disease_with_nothing_beside_it_has_no_figures():
    truth = truth_of([LabelledPhoto("p", GLAUCOMA, source="a")] * 3)
    outputs = np.full((3, 4), 0.25)
    found = paired_by_source(outputs, outputs, truth, np.arange(3), CLASSES, DRAWS)
    assert found.sources["a"]["glaucoma"].model is None
    assert found.mean_within_sources == {}
    assert by_source_rows(found)[0][4:] == ("-",) * 4


def test_without_sources_there_is_nothing_by_source():
    truth = truth_of([LabelledPhoto("p", GLAUCOMA), LabelledPhoto("p", NORMAL)])
    outputs = np.full((2, 4), 0.25)
    assert paired_by_source(outputs, outputs, truth, np.arange(2), CLASSES, DRAWS) is UNSET
    assert by_source_rows(UNSET) == []


def test_an_exam_asks_photos_of_which_only_another_class_is_known_by_source_alone(
    exported, dataset
):
    photos = list(sourced(dataset).splits["val_dir"])
    photos[0] = replace(photos[0], label=None, excluded=GLAUCOMA, source="c")
    photos[7] = replace(photos[7], source="c")
    classes = CLASSES[::-1]  # the answers' order isn't the dataset's
    data = make_evaluation_set(read_dataset(dataset), "val_dir", tuple(photos), classes)
    assert len(data.photos) == len(data.labels) == len(data.groups) == 11
    assert [classes[label] for label in data.labels] == [CLASSES[p.label] for p in data.photos]
    assert classes[data.truth.excluded[-1]] == "glaucoma"
    assert data.truth.names(classes)[-1] == "!glaucoma"
    tested = open_model(load_bundle(exported), "float32", threads=1)
    said = ask(tested, data, others=True)
    found = paired_by_source(
        said.everyone(), said.everyone(), data.truth, data.all_groups, classes, DRAWS
    )
    entry = found.sources["c"]["glaucoma"]
    assert (entry.against, entry.photos, entry.photos_against) == ("!glaucoma", 1, 1)
    own, spared = said.probabilities[6, 1], said.others.probabilities[0, 1]
    assert entry.model == float(own > spared)


def test_record_page_and_console_have_the_sources(exported, dataset, monkeypatch, tmp_path):
    monkeypatch.setattr(evaluation_set_module, "read_dataset", sourced)
    quick = ValidationOptions(settings=Settings(rounds=3, processes=1, resamples=50))
    found = validate_bundle(exported, dataset, options=quick)
    entry = found.record.models["float32-tflite"].by_source
    assert set(entry.sources) == {"a", "b"}
    assert set(entry.mean_within_sources) == set(CLASSES) - {"normal"}
    page = validation_page(found)
    assert "AUROC of the original" in page
    assert "mix the cameras of 2 sources" in page
    result = CliRunner().invoke(
        main, ["validate", str(exported), "--data", str(dataset), "--rounds", "3"]
    )
    assert result.exit_code == 0, result.output
    assert "  mean within sources: glaucoma: AUROC " in result.stdout
    assert "  a: glaucoma from normal: AUROC " in result.stdout


def test_a_page_without_sources_says_nothing_of_them(exported, dataset):
    quick = ValidationOptions(settings=Settings(rounds=3, processes=1, resamples=50))
    page = validation_page(validate_bundle(exported, dataset, options=quick))
    assert "told from" not in page
    assert "cameras" not in page
