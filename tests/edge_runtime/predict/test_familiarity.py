"""A photo unlike those of training gets no class, and each photo says how like them it is."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from calibration.familiarity.drawn import KINDS, draw_picture
from edge_runtime import Classifier, load_bundle
from edge_runtime.bundle.bundle import write_bundle
from edge_runtime.bundle.familiarity import Familiarity, FamiliarityEntry, pack_familiarity
from edge_runtime.commands.main import main
from edge_runtime.errors import PhotoUngradableError
from edge_runtime.predict.familiarity import UNFAMILIAR
from tests.conftest import EXAMPLE_PHOTO


def knowing(source, target, *, residual_max):
    """Write a bundle whose training photographs all had the same features, at 0."""
    loaded = load_bundle(source)
    features = loaded.manifest.feature_shape[2]
    zeros = np.zeros(features, np.float32)
    familiarity = Familiarity(
        zeros, np.zeros((1, features), np.int8), np.ones(1, np.float32), residual_max,
        zeros, -1.0, 1.0, np.linspace(0, 2, 201, dtype=np.float32),
    )  # fmt: skip
    files = {name: loaded.path / name for name in loaded.manifest.files}
    entry = FamiliarityEntry("familiarity.npz", 100, 40)
    manifest = loaded.manifest.__class__(**{**vars(loaded.manifest), "familiarity": entry})
    write_bundle(target, manifest, files | {entry.file: pack_familiarity(familiarity)})
    return target


def test_a_photo_beyond_the_limit_is_refused_unless_the_gate_is_off(exported, tmp_path, photo_file):
    strict = knowing(exported, tmp_path / "strict", residual_max=1e-9)
    with pytest.raises(PhotoUngradableError, match="doesn't look like the fundus photographs"):
        Classifier(load_bundle(strict)).predict(photo_file)
    anyway = Classifier(load_bundle(strict), quality_gate=False).predict(photo_file)
    assert anyway.likeness.distance > 1
    assert anyway.fault == UNFAMILIAR


@pytest.mark.parametrize("gradients", ["exact", "fixed"])
def test_a_familiar_photo_says_how_familiar(gradients, exported, tmp_path, photo_file):
    mild = knowing(exported, tmp_path / "mild", residual_max=1e9)
    found = Classifier(load_bundle(mild), gradients=gradients).predict(photo_file)
    assert 0 <= found.likeness.distance < 1
    assert found.likeness.share == pytest.approx(1, abs=0.02)
    assert found.fault is None
    assert found.features.shape == (load_bundle(mild).manifest.feature_shape[2],)


def test_record_and_table_have_it(exported, tmp_path, photo_file):
    mild = knowing(exported, tmp_path / "mild", residual_max=1e9)
    command = ["predict", str(photo_file), "--bundle", str(mild), "--json"]
    result = CliRunner().invoke(main, [*command, "--out", str(tmp_path / "out")])
    assert set(json.loads(result.stdout)["familiarity"]) == {"share", "distance"}
    assert "familiarity" in (tmp_path / "out" / "results.csv").read_text("utf-8").splitlines()[0]
    page = next((tmp_path / "out" / "report").glob("*.html")).read_text("utf-8")
    assert "<tr><th>Familiarity</th>" in page


def test_a_bundle_without_it_says_nothing(exported, photo_file):
    assert Classifier(load_bundle(exported)).predict(photo_file).likeness is None


def is_refused(classifier, picture):
    try:
        classifier.predict(picture)
    except PhotoUngradableError:
        return True
    return False


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_packages_model_refuses_what_is_no_fundus(kind):
    """With another seed than the one that it learned from."""
    classifier, generator = Classifier(load_bundle()), np.random.default_rng(7)
    assert sum(is_refused(classifier, draw_picture(kind, generator)) for _ in range(6)) >= 5


def test_the_packages_model_knows_a_fundus():
    assert Classifier(load_bundle()).predict(EXAMPLE_PHOTO).likeness.share > 0.1
