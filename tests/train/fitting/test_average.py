"""The moving average of the weights is what is validated and kept."""

import csv
from dataclasses import replace

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from tests.train.fitting.test_resume import CACHED, Killed, kill_at, run_training
from train.data.dataset import load_photos, read_dataset
from train.fitting.average import Averaged, averaged
from train.fitting.phase import make_optimizer
from train.runs.options import Options

# A head that has hardly begun, so that phase 2 has the best epoch.
AVERAGED = replace(CACHED, ema=0.5, head_learning_rate=1e-5, learning_rate=1e-3)


def line(ema: float) -> keras.Model:
    """Make a model of one weight, 0, that goes down by 1 in each step."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.layers[0].kernel.assign([[0.0]])
    optimizer = keras.optimizers.SGD(1.0, use_ema=ema > 0, ema_momentum=ema or 0.99)
    model.compile(optimizer, lambda y, outputs: outputs, jit_compile=False)
    return model


def weight(model: keras.Model) -> float:
    return float(model.layers[0].get_weights()[0][0, 0])


class Watch(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, float]] = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(("step", weight(self.model)))

    def on_test_batch_end(self, batch, logs=None):
        self.seen.append(("test", weight(self.model)))

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(("end", weight(self.model)))


def test_the_average_is_in_place_while_validating_and_nowhere_else():
    model, watch = line(0.5), Watch()
    one = np.ones((1, 1), np.float32)
    model.fit(
        one, one, validation_data=(one, one), epochs=3, verbose=0, callbacks=[Averaged(), watch]
    )
    # Weights -1, -2, -3; their average begins with the first: -1, -1.5, -2.25.
    assert watch.seen == [
        ("step", -1), ("test", -1), ("end", -1), ("step", -2), ("test", -1.5), ("end", -2),
        ("step", -3), ("test", -2.25), ("end", -3),
    ]  # fmt: skip


def test_the_weights_come_back_also_after_an_error():
    model = line(0.5)
    one = np.ones((1, 1), np.float32)
    for _ in range(2):
        model.train_on_batch(one, one)
    seen = []

    def fail():
        with averaged(model):
            seen.append(weight(model))
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert seen == [-1.5]
    assert weight(model) == -2


@pytest.mark.parametrize("name", ["adamw", "adam", "sgd"])
def test_phase_2_alone_keeps_an_average_and_only_if_asked(name):
    options = Options(optimizer=name, ema=0.9)
    assert make_optimizer(options, 1e-3, steps=9, averaged=True).use_ema
    assert make_optimizer(options, 1e-3, steps=9, averaged=True).ema_momentum == 0.9
    assert not make_optimizer(options, 1e-3, steps=9).use_ema
    assert not make_optimizer(Options(optimizer=name), 1e-3, steps=9, averaged=True).use_ema


@pytest.fixture(scope="module")
def undisturbed(dataset, tmp_path_factory):
    run = tmp_path_factory.mktemp("averaged") / "run"
    run_training(dataset, run, AVERAGED)
    return run


def rows_of(run):
    with (run / "history.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_saved_model_is_the_one_that_was_validated(undisturbed, dataset):
    rows = rows_of(undisturbed)
    best = min(rows, key=lambda row: float(row["val_loss"]))
    assert best["phase"] == "fine"
    model = keras.saving.load_model(undisturbed / "model.keras", compile=False)
    photos = read_dataset(dataset).splits["val_dir"]
    probabilities = model.predict(load_photos(photos, size=(64, 64)), verbose=0)
    wanted = np.eye(4, dtype=np.float32)[[photo.label for photo in photos]]
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=AVERAGED.label_smoothing)
    # Phase 2 works on half precision: 11 bits of each activation.
    assert float(loss(wanted, probabilities)) == pytest.approx(float(best["val_loss"]), abs=5e-3)


def test_the_average_changes_what_is_validated_and_not_what_is_trained(
    undisturbed, dataset, tmp_path
):
    run_training(dataset, tmp_path / "plain", replace(AVERAGED, ema=0.0))
    with_it, without = rows_of(undisturbed), rows_of(tmp_path / "plain")
    assert [row["loss"] for row in with_it] == [row["loss"] for row in without]
    fine = [at for at, row in enumerate(with_it) if row["phase"] == "fine"]
    assert all(with_it[at]["val_loss"] != without[at]["val_loss"] for at in fine)


# Files in order as in test_resume: from the second epoch of phase 2 on.
@pytest.mark.parametrize("rename", [28, 30])
def test_a_killed_training_goes_on_with_its_average(
    rename, undisturbed, dataset, tmp_path, monkeypatch
):
    with monkeypatch.context() as patched:
        kill_at(patched, tmp_path, rename)
        with pytest.raises(Killed):
            run_training(dataset, tmp_path / "run", AVERAGED)
    assert any(row["phase"] == "fine" for row in rows_of(tmp_path / "run"))
    run_training(dataset, tmp_path / "run", AVERAGED, resume=True)
    for name in ("history.csv", "metrics.json"):
        assert (tmp_path / "run" / name).read_bytes() == (undisturbed / name).read_bytes()


def test_a_cluster_has_no_average(dataset, tmp_path):
    arguments = ["train", str(dataset), "--out", str(tmp_path / "run"), "--ema", "0.9"]
    result = CliRunner().invoke(main, [*arguments, "--strategy", "multiworker"])
    assert result.exit_code == 2
    assert "--ema goes with --strategy single only" in result.stderr
