"""A training that was interrupted goes on, and ends where it would have ended."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.errors import OutputExistsError, OutputFailedError
from tests.tiny import tiny_backbone
from train.errors import RunInvalidError, TrainingDivergedError, TrainingStoppedError
from train.fitting.run import train_run
from train.runs.options import Options
from train.runs.state import load_history

CACHED = Options(
    weights="none", input_size=64, batch=8, variants=2, head_epochs=3, fine_epochs=3,
    head_learning_rate=1e-2, learning_rate=1e-3, seed=3, allow_leaks=True,
)  # fmt: skip
LIVE = Options(
    weights="none", input_size=64, batch=8, variants=2, head_epochs=2, fine_epochs=3,
    head_learning_rate=1e-2, learning_rate=1e-3, seed=3, cache_gb=0.0, allow_leaks=True,
)  # fmt: skip


class Killed(BaseException):
    """Ends a training without a chance to do anything about it."""


def run_training(dataset: Path, run: Path, options: Options, *, resume: bool = False):
    backbone = tiny_backbone((64, 64))
    return train_run(dataset, run, options=options, resume=resume, backbone=backbone)


def kill_at(monkeypatch, folder: Path, rename: int) -> None:
    """Make the n-th file that is put in its place in a folder the thing that doesn't happen."""
    count = 0

    def counted(original):
        def act(self, target):
            nonlocal count
            count += folder in self.parents
            if count == rename and folder in self.parents:
                raise Killed
            return original(self, target)

        return act

    monkeypatch.setattr(Path, "replace", counted(Path.replace))
    monkeypatch.setattr(Path, "rename", counted(Path.rename))


@pytest.fixture(scope="module")
def undisturbed(dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    for name, options in (("cached", CACHED), ("live", LIVE)):
        run_training(dataset, folder / name, options)
    return folder


# Renames in order: config, the folder that it stands in, history, features (3 each, 1 each without
# a cache), best head, state and history of each epoch, then the model, and the same for the epochs
# of phase 2.
@pytest.mark.parametrize(
    ("kind", "rename"),
    [
        ("cached", 1), ("cached", 2), ("cached", 3), ("cached", 5), ("cached", 16),
        ("cached", 21), ("cached", 28), ("live", 14), ("live", 18), ("live", 21),
    ],
)  # fmt: skip
def test_a_killed_training_goes_on_and_ends_at_the_same_place(
    kind, rename, undisturbed, dataset, tmp_path, monkeypatch
):
    options = CACHED if kind == "cached" else LIVE
    with monkeypatch.context() as patched:
        kill_at(patched, tmp_path, rename)
        with pytest.raises(Killed):
            run_training(dataset, tmp_path / "run", options)
    run_training(dataset, tmp_path / "run", options, resume=True)
    for name in ("history.csv", "metrics.json"):
        assert (tmp_path / "run" / name).read_bytes() == (undisturbed / kind / name).read_bytes()
    left = {path.name for path in (tmp_path / "run").iterdir()}
    assert left == {path.name for path in (undisturbed / kind).iterdir()}


def test_kill_9_in_phase_2_is_survived(undisturbed, dataset, tmp_path):
    script = (
        "from pathlib import Path\n"
        "from tests.train.fitting.test_resume import CACHED, run_training\n"
        f"run_training(Path({str(dataset)!r}), Path({str(tmp_path / 'run')!r}), CACHED)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[3], stderr=subprocess.DEVNULL
    )
    history = tmp_path / "run" / "history.csv"
    deadline = time.monotonic() + 120
    while not (history.exists() and b"fine" in history.read_bytes()):
        assert process.poll() is None, "the training ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    run_training(dataset, tmp_path / "run", CACHED, resume=True)
    for name in ("history.csv", "metrics.json"):
        assert (tmp_path / "run" / name).read_bytes() == (
            undisturbed / "cached" / name
        ).read_bytes()


@pytest.mark.parametrize("moment", ["features", "head", "fine"])
def test_ctrl_c_keeps_the_best_model_and_says_how_to_go_on(
    moment, undisturbed, dataset, tmp_path, monkeypatch
):
    import train.fitting.feature_cache
    import train.fitting.progress

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    original = train.fitting.progress.EpochLines.on_epoch_end

    def after_an_epoch(self, epoch, logs=None):
        original(self, epoch, logs)
        if self._phase == moment:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if moment == "features":
            patched.setattr(train.fitting.feature_cache, "augment", interrupt)
        else:
            patched.setattr(train.fitting.progress.EpochLines, "on_epoch_end", after_an_epoch)
        expected = "no model yet" if moment == "features" else "best model so far is model.keras"
        sentence = f"stopped; .*{expected}.*--resume goes on"
        with pytest.raises(TrainingStoppedError, match=sentence) as caught:
            run_training(dataset, tmp_path / "run", CACHED)
    assert caught.value.exit_status == 130
    assert (tmp_path / "run" / "model.keras").exists() == (moment != "features")
    run_training(dataset, tmp_path / "run", CACHED, resume=True)
    for name in ("history.csv", "metrics.json"):
        assert (tmp_path / "run" / name).read_bytes() == (
            undisturbed / "cached" / name
        ).read_bytes()


def test_an_existing_run_is_not_written_over(undisturbed, dataset):
    with pytest.raises(OutputExistsError, match="--resume"):
        run_training(dataset, undisturbed / "cached", CACHED)


def test_a_run_that_another_training_began_meanwhile_is_left_to_it(dataset, tmp_path, monkeypatch):
    run = tmp_path / "run"
    monkeypatch.setattr("train.fitting.run.check_stage", lambda *_: run.mkdir())
    with pytest.raises(OutputExistsError):
        run_training(dataset, run, CACHED)
    assert list(run.iterdir()) == []


def test_a_complete_run_is_left_as_it_is(undisturbed, dataset):
    run = undisturbed / "cached"
    (run / "state").mkdir()  # killed between the metrics and the end
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()}
    results = run_training(dataset, run, CACHED, resume=True)
    assert set(results) == {"val_dir", "test_dir"}
    assert not (run / "state").exists()
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_resume_begins_a_run_that_is_not_there_yet(dataset, tmp_path):
    options = replace(LIVE, head_epochs=1, fine_epochs=0)
    assert run_training(dataset, tmp_path / "run", options, resume=True)


def test_a_folder_without_a_run_has_nothing_to_go_on_with(dataset, tmp_path):
    with pytest.raises(RunInvalidError, match=r"no config\.json"):
        run_training(dataset, tmp_path, CACHED, resume=True)


def test_a_run_does_not_go_on_with_other_choices_or_photos(dataset, tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        kill_at(patched, tmp_path, 9)
        with pytest.raises(Killed):
            run_training(dataset, tmp_path / "run", CACHED)
    with pytest.raises(RunInvalidError, match="with other options: head_epochs, cache_gb"):
        run_training(dataset, tmp_path / "run", LIVE, resume=True)
    other = Path(shutil.copytree(dataset, tmp_path / "other"))
    next(iter((other / "train_dir" / "normal").iterdir())).unlink()
    with pytest.raises(RunInvalidError, match="was begun with other photos"):
        run_training(other, tmp_path / "run", CACHED, resume=True)


def begun(dataset, tmp_path, monkeypatch, rename: int = 17) -> Path:
    with monkeypatch.context() as patched:
        kill_at(patched, tmp_path, rename)
        with pytest.raises(Killed):
            run_training(dataset, tmp_path / "run", CACHED)
    return tmp_path / "run"


@pytest.mark.parametrize(
    "damage",
    [lambda data: b"", lambda data: b"PK\x03\x04 no archive",
     lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1])
     + data[len(data) // 2 + 1 :]],
    ids=["empty", "no archive", "a flipped bit"],
)  # fmt: skip
def test_a_damaged_state_is_refused(damage, dataset, tmp_path, monkeypatch):
    state = begun(dataset, tmp_path, monkeypatch) / "state" / "state.npz"
    state.write_bytes(damage(state.read_bytes()))
    with pytest.raises(RunInvalidError, match=r"can't be read: .*train anew") as refused:
        run_training(dataset, tmp_path / "run", CACHED, resume=True)
    assert str(refused.value).count("can't be read") == 1


@pytest.mark.parametrize("rows", ["no json", '{"a": 1}', "[1, 2]", '[{"phase": "fine"}]'])
def test_a_history_that_is_none_is_refused(rows, tmp_path):
    (tmp_path / "state").mkdir()
    np.savez(tmp_path / "state" / "state.npz", np.array(rows))
    with pytest.raises(RunInvalidError, match=r"state\.npz (can't be read|holds no history)"):
        load_history(tmp_path)


def test_the_command_says_that_an_empty_folder_has_nothing_to_go_on_with(dataset, tmp_path):
    result = CliRunner().invoke(main, ["train", str(dataset), "--out", str(tmp_path), "--resume"])
    assert result.exit_code == 1
    assert "no config.json to go on with: remove it and train anew" in result.stderr


@pytest.mark.parametrize("name", ["*.npz", "variant_1.half.npy"])
@pytest.mark.parametrize("share", [0, 0.5])
def test_what_was_computed_and_is_cut_off_is_computed_again(
    name, share, undisturbed, dataset, tmp_path, monkeypatch
):
    cache = begun(dataset, tmp_path, monkeypatch) / "state" / "cache"
    files = list(cache.glob(name))
    assert files
    for file in files:
        data = file.read_bytes()
        file.write_bytes(data[: int(len(data) * share)])
    run_training(dataset, tmp_path / "run", CACHED, resume=True)
    history = (tmp_path / "run" / "history.csv").read_bytes()
    assert history == (undisturbed / "cached" / "history.csv").read_bytes()


def test_a_configuration_that_lacks_its_dataset_is_refused(dataset, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(RunInvalidError, match="can't be gone on with"):
        run_training(dataset, tmp_path, CACHED, resume=True)


def test_a_full_disk_is_one_sentence(dataset, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OutputFailedError, match=r"no space left on device: a variant .* 0\.0 GB"):
        run_training(dataset, tmp_path / "run", CACHED)


def test_a_training_that_diverges_is_stopped(dataset, tmp_path):
    with pytest.raises(TrainingDivergedError, match="phase head, epoch 1, isn't a number"):
        run_training(dataset, tmp_path / "run", replace(CACHED, head_learning_rate=1e30))
