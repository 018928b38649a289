"""Average maps are written into the bundle whose model they are of, and into no other."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from calibration.errors import ExplanationStoreError
from calibration.explanations.analysis.record_averages import record_averages
from calibration.explanations.explained import Explained
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.results.usual_evidence import averages_of
from tests.calibration.explanations.analysis.test_analyse import INFO, at_disc
from tests.calibration.explanations.made_eyes import RIGHT, mirrored, photo


@pytest.fixture
def bundle(exported, tmp_path):
    return load_bundle(shutil.copytree(exported, tmp_path / "bundle"))


def model_of(bundle):
    return next(iter(bundle.manifest.models))


def info_of(bundle):
    manifest = bundle.manifest
    (entry, *_) = manifest.models.values()
    sha256 = manifest.files[entry.file].sha256
    return replace(INFO, model_sha256=sha256, classes=manifest.classes)


def eyes(classes, count, *, label):
    """Eyes of persons of their own that are all taken for the first class, and look at the disc."""
    sides = [mirrored(RIGHT) if i % 2 else RIGHT for i in range(count)]
    maps = np.stack([np.stack([at_disc(side)] * len(classes)) for side in sides])
    photos = tuple(photo(2 * i, side, label) for i, side in enumerate(sides))
    answers = np.tile(np.eye(len(classes), dtype=np.float32)[0], (count, 1))
    return Explained(classes, photos, maps, answers, np.zeros((count, 8), np.float32))


def test_right_predictions_are_averaged_and_the_bundle_stays_what_it_was(bundle):
    classes = bundle.manifest.classes
    found = record_averages(eyes(classes, 12, label=classes[0]), info_of(bundle), bundle.path)
    after = load_bundle(bundle.path)
    assert found == {name: (0, 12 if name == classes[0] else 0) for name in classes}
    assert after.identity != bundle.identity
    changed = replace(after.manifest, average_maps=None, files=bundle.manifest.files)
    assert changed == bundle.manifest
    assert after.manifest.average_maps.trained == {}  # of these photos nobody knows the split
    assert list(averages_of(bundle, model_of(bundle))) == []
    assert list(averages_of(after, "another")) == []
    ((name, average),) = averages_of(after, model_of(bundle)).items()
    assert name == classes[0]
    _, column = np.unravel_index(np.nanargmax(average), average.shape)
    assert column > average.shape[1] / 2  # to the nose, where the disc is


def test_a_class_of_which_a_store_has_too_few_keeps_its_average(bundle):
    classes, info = bundle.manifest.classes, info_of(bundle)
    record_averages(eyes(classes, 14, label=classes[0]), info, bundle.path)
    first = averages_of(load_bundle(bundle.path), model_of(bundle))[classes[0]]
    other = eyes(classes, 12, label=classes[1])
    splits = ["train_dir"] * 9 + ["val_dir"] * 3
    photos = zip(other.photos, splits, strict=True)
    other = replace(other, photos=tuple(replace(each, split=split) for each, split in photos))
    answers = np.roll(other.probabilities, 1, axis=1)
    found = record_averages(replace(other, probabilities=answers), info, bundle.path)
    assert (found[classes[0]], found[classes[1]]) == ((14, 14), (0, 12))
    assert load_bundle(bundle.path).manifest.average_maps.trained == {classes[1]: 9}
    np.testing.assert_array_equal(
        averages_of(load_bundle(bundle.path), model_of(bundle))[classes[0]], first
    )


@pytest.mark.parametrize(
    ("count", "truth", "info", "cause"),
    [
        (12, 0, INFO, "has not the model 'int8' that the store was made with"),
        (9, 0, None, "in no class were 10 persons"),
        (12, 1, None, "in no class were 10 persons"),
    ],
)
def test_another_model_and_too_few_right_predictions_are_refused(bundle, count, truth, info, cause):
    classes = bundle.manifest.classes
    kept = eyes(classes, count, label=classes[truth])
    with pytest.raises(ExplanationStoreError, match=cause):
        record_averages(kept, info or info_of(bundle), bundle.path)
    assert load_bundle(bundle.path).identity == bundle.identity
