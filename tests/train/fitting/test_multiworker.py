"""Two workers on this machine train as one."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.train.labels import usual_labels
from train.errors import ClusterError
from train.fitting.batches import Batches
from train.fitting.multiworker import Workers, connect
from train.network.source_loss import SourceLoss, accuracy

ROOT = Path(__file__).parents[3]


def small_model() -> keras.Model:
    keras.utils.set_random_seed(0)
    features = keras.Input((8,))
    hidden = keras.layers.Dense(16, "relu")(features)
    model = keras.Model(features, keras.layers.Dense(4)(hidden))
    model.compile(
        keras.optimizers.Adam(1e-2),
        SourceLoss(whole_share=0.3, label_smoothing=0.1),
        metrics=[accuracy()],
        jit_compile=False,
    )
    return model


def small_batches(share: np.ndarray, *, batch: int) -> tuple[Batches, Batches]:
    features = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)
    classes = features[:, :4].argmax(axis=1)
    labels = usual_labels(classes, 4)
    labels[::3, 4] = labels[::3, 0]  # a source that holds the last three classes
    weights = np.array([0.5, 1, 2, 1], np.float32)[classes]
    mine = features[share]
    choices = {"weights": weights[share], "batch": batch, "seed": None}
    return (
        Batches(lambda chosen, *_: mine[chosen], labels[share], **choices),
        Batches(lambda chosen, *_: features[chosen], labels, weights=weights, batch=64, seed=None),
    )


# Each worker's part of a batch, together, is the batch of one process.
_SMALL = """
import sys
from tests.train.fitting.test_multiworker import *
workers = connect()
with workers.strategy.scope():
    model = small_model()
history = keras.callbacks.History()
batches, validation = small_batches(workers.share(64), batch=8)
workers.fit(model, batches, validation_data=validation, initial_epoch=0, epochs=3,
            callbacks=[history])
np.savez(sys.argv[1], *model.get_weights(), **{k: np.array(v) for k, v in history.history.items()})
"""

_TRAINING = """
import sys
from tests.train.fitting.test_multiworker import *
from train.runs.options import Options
from train.fitting.run import train_run
workers = connect()
options = Options(weights="none", input_size=64, batch=8, variants=2, head_epochs=2, fine_epochs=2,
                  allow_leaks=True)
from tests.tiny import tiny_backbone
with workers.strategy.scope():
    backbone = tiny_backbone((64, 64))
results = train_run(Path(sys.argv[2]), Path(sys.argv[1]), options=options, backbone=backbone,
                    workers=workers)
print(sorted(results))
"""


def run_workers(script: str, arguments: list[list[str]], cwd: Path) -> list[str]:
    sockets = [socket.socket() for _ in arguments]
    for each in sockets:
        each.bind(("localhost", 0))
    cluster = {"worker": [f"localhost:{each.getsockname()[1]}" for each in sockets]}
    for each in sockets:
        each.close()
    processes = []
    errors = [cwd / f"stderr{index}" for index in range(len(arguments))]
    for index, values in enumerate(arguments):
        task = {"cluster": cluster, "task": {"type": "worker", "index": index}}
        environment = os.environ | {"TF_CONFIG": json.dumps(task), "PYTHONPATH": str(ROOT)}
        with errors[index].open("w") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-c", script, *values], cwd=cwd, env=environment, text=True,
                stdout=subprocess.PIPE, stderr=stderr,
            )  # fmt: skip
        processes.append(process)
    try:
        outputs = [process.communicate(timeout=300)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    for process, path in zip(processes, errors, strict=True):
        assert process.returncode == 0, path.read_text()[-3000:]
    return outputs


def test_two_workers_fit_as_one_process_does(tmp_path: Path) -> None:
    run_workers(_SMALL, [[str(tmp_path / "0.npz")], [str(tmp_path / "1.npz")]], tmp_path)
    model = small_model()
    batches, validation = small_batches(np.arange(64), batch=16)
    alone = model.fit(batches, validation_data=validation, epochs=3, shuffle=False, verbose=0)
    with np.load(tmp_path / "0.npz") as first, np.load(tmp_path / "1.npz") as second:
        assert set(alone.history) <= set(first.files)
        for name in first.files:
            np.testing.assert_array_equal(first[name], second[name])
        for at, weight in enumerate(model.get_weights()):
            # Two sums of eight instead of one of sixteen: float32 rounding, over twelve steps.
            np.testing.assert_allclose(first[f"arr_{at}"], weight, atol=1e-5)
        for name, values in alone.history.items():
            np.testing.assert_allclose(first[name], values, atol=1e-5)


def test_two_workers_make_one_run_folder(dataset: Path, tmp_path: Path) -> None:
    run = tmp_path / "runs" / "run"
    outputs = run_workers(_TRAINING, [[str(run), str(dataset)]] * 2, tmp_path)
    assert "['test_dir', 'val_dir']" in outputs[0]
    assert outputs[1].strip().endswith("[]")
    assert [path.name for path in run.parent.iterdir()] == ["run"]
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["val_dir"]["photos"] == 12
    rows = (run / "history.csv").read_text().splitlines()
    assert [row.split(",")[:2] for row in rows[1:]] == [
        ["head", "1"], ["head", "2"], ["fine", "1"], ["fine", "2"],
    ]  # fmt: skip
    assert keras.saving.load_model(run / "model.keras", compile=False).count_params() > 0


@pytest.mark.parametrize(("examples", "count"), [(8, 2), (9, 2), (10, 3), (3, 3)])
def test_all_workers_have_as_many_examples_and_none_is_left_out(examples, count):
    shares = [Workers(None, index, count).share(examples) for index in range(count)]
    assert len({len(share) for share in shares}) == 1
    assert set(np.concatenate(shares)) == set(range(examples))


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "TF_CONFIG: it isn't set; each worker needs its cluster and its task"),
        ("{", "it can't be read"),
        ('{"cluster": {"worker": ["a:1"]}}', "it has no 'task'"),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}', "its task"),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "ps", "index": 0}}', "its task"),
        ('{"cluster": [], "task": []}', "it can't be read"),
    ],
)
def test_a_cluster_that_is_not_described_is_refused(value, sentence, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if value is not None:
        monkeypatch.setenv("TF_CONFIG", value)
    with pytest.raises(ClusterError, match=sentence):
        connect()
