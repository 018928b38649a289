"""What phase 2 trains, in float32 and in bfloat16."""

import csv
import json

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from tests.tiny import tiny_backbone
from tests.train.fitting.test_resume import Killed, kill_at, run_training
from train.fitting import run as training
from train.fitting.trained import what_trains
from train.network.model import backbone_of, build_model, unfreeze
from train.runs.options import AUTO, BFLOAT16, FLOAT32, Options

OPTIONS = Options(
    weights="none", input_size=64, batch=8, variants=2, head_epochs=1, fine_epochs=3,
    learning_rate=1e-3, precision=BFLOAT16, allow_leaks=True,
)  # fmt: skip


def classifier(size=64):
    model = build_model(
        classes=2, size=(size, size), weights="none", backbone=tiny_backbone((size, size))
    )
    unfreeze(model, stage="conv5")
    return model


def test_in_float32_the_model_itself_is_trained_at_its_size():
    model = classifier()
    assert what_trains(model, Options(precision=FLOAT32), size=64).model is model
    assert what_trains(model, Options(precision=FLOAT32), size=32).model is not model


@pytest.mark.parametrize("size", [32, 64])
def test_a_twin_in_bfloat16_trains_the_same_layers_and_answers_nearly_the_same(size):
    model = classifier()
    twin = what_trains(model, OPTIONS, size=size).model
    own = [each.path for each in backbone_of(model).trainable_variables if "conv" in each.path]
    assert len(backbone_of(twin).trainable_variables) == len(own) > 0
    assert twin.output.dtype == model.output.dtype == "float32"
    pixels = np.random.default_rng(0).uniform(0, 255, (8, size, size, 3)).astype(np.float32)
    expected = classifier(size)
    expected.set_weights(model.get_weights())
    np.testing.assert_allclose(twin(pixels), expected(pixels), atol=0.02)  # 8 bits a rounding


def test_what_a_twin_learned_is_given_to_the_model():
    model = classifier()
    trained = what_trains(model, OPTIONS, size=64)
    for variable in trained.model.trainable_variables:
        variable.assign(variable * 1.2 + 0.01)
    pixels = np.random.default_rng(0).uniform(0, 255, (8, 64, 64, 3)).astype(np.float32)
    before = np.array(model(pixels))
    trained.give_back()
    after, twins = np.array(model(pixels)), np.array(trained.model(pixels))
    assert np.abs(after - before).max() > 0.1
    np.testing.assert_allclose(after, twins, atol=0.02)


@pytest.fixture(scope="module", params=[0.0, 8.0], ids=["photos", "kept features"])
def run(request, dataset, tmp_path_factory):
    """Train on photos anew in each epoch, and on what the frozen stages made of them."""
    folder = tmp_path_factory.mktemp("bfloat16") / "run"
    run_training(dataset, folder, Options(**vars(OPTIONS) | {"cache_gb": request.param}))
    return folder


def fine_rows(run):
    with (run / "history.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["phase"] == "fine"]


def test_a_training_in_bfloat16_saves_a_float32_model_that_has_learned(run, dataset):
    losses = [float(row["loss"]) for row in fine_rows(run)]
    assert losses[-1] < losses[0]
    model = keras.saving.load_model(run / "model.keras", compile=False)
    assert {variable.dtype for variable in backbone_of(model).variables} == {"float32"}
    assert {layer.compute_dtype for layer in backbone_of(model).layers} == {"float32"}
    begun = tiny_backbone((64, 64))
    changed = {
        layer.name.partition("_")[0]
        for layer in begun.layers
        if layer.weights
        for old, new in zip(
            layer.get_weights(), backbone_of(model).get_layer(layer.name).get_weights(), strict=True
        )
        if not np.array_equal(old, new)
    }
    assert changed == {"conv5"}
    assert json.loads((run / "config.json").read_text())["options"]["precision"] == BFLOAT16


def test_a_killed_training_in_bfloat16_goes_on_and_ends_at_the_same_place(
    dataset, tmp_path, monkeypatch
):
    options = Options(**vars(OPTIONS) | {"cache_gb": 0.0})
    run_training(dataset, tmp_path / "whole", options)
    with monkeypatch.context() as patched:
        kill_at(patched, tmp_path / "killed", 17)
        with pytest.raises(Killed):
            run_training(dataset, tmp_path / "killed", options)
    assert 0 < len(fine_rows(tmp_path / "killed")) < 3
    run_training(dataset, tmp_path / "killed", options, resume=True)
    assert fine_rows(tmp_path / "killed") == fine_rows(tmp_path / "whole")


@pytest.mark.parametrize(
    ("asked", "backend", "can", "settled"),
    [
        (AUTO, "tensorflow", True, BFLOAT16),
        (AUTO, "tensorflow", False, FLOAT32),
        (AUTO, "jax", True, FLOAT32),
        (BFLOAT16, "jax", False, BFLOAT16),
        (FLOAT32, "tensorflow", True, FLOAT32),
    ],
)
def test_auto_is_settled_by_the_backend_and_the_processor(
    asked, backend, can, settled, monkeypatch
):
    monkeypatch.setattr(training, "computes_bfloat16", lambda: can)
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    assert training._settle(Options(precision=asked), None).precision == settled


@pytest.mark.parametrize(("can", "settled"), [(True, BFLOAT16), (False, FLOAT32)])
def test_a_run_says_what_auto_came_to_and_goes_on_in_it(
    can, settled, dataset, tmp_path, monkeypatch
):
    monkeypatch.setattr(training, "computes_bfloat16", lambda: can)
    options = Options(**vars(OPTIONS) | {"precision": AUTO, "fine_epochs": 1, "cache_gb": 0.0})
    run_training(dataset, tmp_path / "run", options)
    content = json.loads((tmp_path / "run" / "config.json").read_text())
    assert content["options"]["precision"] == settled


def test_a_run_of_before_goes_on_in_float32(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "computes_bfloat16", lambda: True)
    options = Options(**vars(OPTIONS) | {"precision": FLOAT32, "fine_epochs": 1, "cache_gb": 0.0})
    run_training(dataset, tmp_path / "run", options)
    config = tmp_path / "run" / "config.json"
    content = json.loads(config.read_text())
    del content["options"]["precision"]
    config.write_text(json.dumps(content))
    auto = Options(**vars(options) | {"precision": AUTO})
    assert run_training(dataset, tmp_path / "run", auto, resume=True)


def test_several_machines_train_in_float32_alone(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "computes_bfloat16", lambda: True)
    assert training._settle(Options(), workers=object()).precision == FLOAT32
    ran = CliRunner().invoke(
        main,
        ["train", str(dataset), "--out", str(tmp_path / "run"), "--strategy", "multiworker",
         "--precision", "bfloat16"],
    )  # fmt: skip
    assert ran.exit_code == 2
    assert "--precision bfloat16 goes with --strategy single only" in ran.output
