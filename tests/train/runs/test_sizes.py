"""Phase 2 sees small pictures first, and goes on at the next size where it was."""

import csv

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from tests.tiny import tiny_backbone
from tests.train.fitting.test_resume import Killed, run_training
from train.errors import OptionInvalidError
from train.fitting import live
from train.network.model import copy_backbone
from train.runs.options import Options
from train.runs.sizes import read_sizes
from train.runs.state import Epoch, History

SMALL_FIRST = Options(
    weights="none", input_size=64, batch=8, variants=2, head_epochs=2, fine_epochs=4,
    head_learning_rate=1e-5, learning_rate=1e-3, sizes="32:0.25,48:0.5,64:1", allow_leaks=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("160", "sizes and shares such as"),
        ("160:x,224:1", "sizes and shares such as"),
        ("160:0.5:2,224:1", "sizes and shares such as"),
        ("160:0.5,224:0.5", "each share above the one before"),
        ("160:0,224:1", "each share above the one before"),
        ("160:0.5,224:0.9", "the last share 1"),
        ("160:nan,224:1", "each share above the one before"),
        ("160:0.5,192:1", "the last size that of --input-size, 224"),
        ("16:0.5,224:1", "no size below 32"),
        ("256:0.5,224:1", "or above --input-size, 224"),
    ],
)
def test_what_cant_be_meant_is_refused(text, cause):
    with pytest.raises(OptionInvalidError, match=cause):
        Options(sizes=text)


def test_too_few_epochs_for_the_sizes_are_refused():
    with pytest.raises(OptionInvalidError, match="--fine-epochs 1 are too few"):
        Options(sizes="160:0.5,224:1", fine_epochs=1)
    assert Options(sizes="160:0.5,224:1", fine_epochs=2).epochs_by_size == ((160, 1), (224, 2))


def test_sizes_end_where_their_share_does_and_the_last_has_an_epoch():
    text, found = "160:0.5,192:0.9,224:1", ((160, 5), (192, 9), (224, 10))
    assert read_sizes(text, input_size=224, epochs=10) == found
    assert read_sizes(text, input_size=224, epochs=4) == ((160, 2), (192, 3), (224, 4))
    with pytest.raises(ValueError, match="are too few"):
        read_sizes(text, input_size=224, epochs=3)
    assert read_sizes("", input_size=224, epochs=3) == ((224, 3),)
    assert Options(sizes="224:1", fine_epochs=0).epochs_by_size == ((224, 0),)
    assert Options().epochs_by_size == ((224, 10),)


def test_a_copy_for_another_size_has_the_weights_and_computes_the_same():
    backbone = tiny_backbone((64, 64))
    backbone.trainable = False
    copy = copy_backbone(backbone, 32)
    pixels = np.random.default_rng(0).uniform(-100, 100, (2, 32, 32, 3)).astype(np.float32)
    expected = tiny_backbone((32, 32))
    expected.set_weights(backbone.get_weights())
    np.testing.assert_allclose(
        copy.predict(pixels, verbose=0), expected.predict(pixels, verbose=0), rtol=1e-5
    )
    assert [layer.name for layer in copy.layers][1:] == [x.name for x in backbone.layers][1:]


def test_pictures_are_made_smaller_by_area():
    photos = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)
    means = photos.reshape(3, 32, 2, 32, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(live.resized(photos, 32), means, atol=0.51)  # rounded to grey levels


@pytest.fixture(scope="module")
def undisturbed(dataset, tmp_path_factory):
    run = tmp_path_factory.mktemp("sizes") / "run"
    seen = []
    original = live.fresh_variants

    def noting(images, options):
        seen.append(images.shape[1:3])
        return original(images, options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(live, "fresh_variants", noting)
        run_training(dataset, run, SMALL_FIRST)
    assert seen == [(32, 32), (48, 48), (64, 64)]
    return run


def rows_of(run):
    with (run / "history.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["phase"] == "fine"]


def test_every_size_has_its_epochs_and_one_schedule_holds_for_all(undisturbed):
    rows = rows_of(undisturbed)
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4"]
    rates = [float(row["learning_rate"]) for row in rows]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > 0.8e-3
    assert rates[-1] < 0.1e-3
    model = keras.saving.load_model(undisturbed / "model.keras", compile=False)
    assert model.input.shape == (None, 64, 64, 3)


def test_a_small_pictures_loss_is_compared_with_no_other(tmp_path):
    losses = [("head", 1.0), ("fine", 0.1), ("fine", 0.2), ("fine", 0.9), ("fine", 0.95)]
    rows = [Epoch(phase, 1, 0, 0, loss, 0, 0) for phase, loss in losses]
    small = {"small_epochs": 2}
    assert History(tmp_path, rows, **small).best() == 0.9
    assert History(tmp_path, rows[:3], **small).best() == 1.0
    assert not History(tmp_path, rows[:3], **small).ended("fine", epochs=9, patience=1)
    assert History(tmp_path, rows, **small).ended("fine", epochs=9, patience=1)
    assert not History(tmp_path, rows, **small).ended("fine", epochs=9, patience=2)
    assert History(tmp_path, rows).best() == 0.1


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_a_training_killed_at_any_size_goes_on_to_the_same_end(
    epoch, undisturbed, dataset, tmp_path, monkeypatch
):
    from train.runs import state

    original = state.History.write

    def write(self):
        original(self)
        if len(self.of("fine")) == epoch:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(state.History, "write", write)
        with pytest.raises(Killed):
            run_training(dataset, tmp_path / "run", SMALL_FIRST)
    run_training(dataset, tmp_path / "run", SMALL_FIRST, resume=True)
    for name in ("history.csv", "metrics.json"):
        assert (tmp_path / "run" / name).read_bytes() == (undisturbed / name).read_bytes()


def test_a_cluster_has_one_size(dataset, tmp_path):
    arguments = ["train", str(dataset), "--out", str(tmp_path / "run"), "--input-size", "64"]
    result = CliRunner().invoke(
        main, [*arguments, "--sizes", "32:0.5,64:1", "--strategy", "multiworker"]
    )
    assert result.exit_code == 2
    assert "--sizes goes with --strategy single only" in result.stderr
