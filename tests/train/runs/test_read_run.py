"""A run folder that isn't whole or doesn't fit its model is refused, in one sentence."""

import json
import shutil

import pytest

from tests.train.commands.test_evaluate import refused


def test_a_run_whose_model_is_damaged_is_refused(tiny_run, dataset, tmp_path):
    run = shutil.copytree(tiny_run, tmp_path / "run")
    (run / "model.keras").write_bytes(b"no model")
    assert "model.keras can't be loaded by Keras" in refused(run, dataset)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "lacks options, classes"),
        ("{}", "lacks options, classes"),
    ],
)
def test_a_run_whose_config_is_damaged_is_refused(content, sentence, tiny_run, dataset, tmp_path):
    run = shutil.copytree(tiny_run, tmp_path / "run")
    (run / "config.json").write_text(content)
    assert sentence in refused(run, dataset)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("options", None, "has 'options' that isn't an object"),
        ("options", {"seed": "x"}, "has options that can't be: training option seed: x isn't"),
        ("options", {"patients": "("}, "has options that can't be: training option patients"),
        ("options", {"magic": 1}, "has options that can't be: unknown training option 'magic'"),
        ("classes", "cataract", "has 'classes' that isn't a list of texts"),
        ("classes", [{}, 1], "has 'classes' that isn't a list of texts"),
        ("classes", ["a", "b", "c", "d", "e"], "doesn't name the 4 classes of model.keras"),
        ("classes", ["a", "b", "c", "c"], "doesn't name the 4 classes of model.keras"),
        ("input_size", 64, "has 'input_size' that isn't a list of 2 whole numbers above zero"),
        ("input_size", [0, 0], "has 'input_size' that isn't a list of 2 whole numbers above zero"),
        ("input_size", [96, 96], "has another 'input_size' than model.keras"),
        ("dataset", [], "has 'dataset' that isn't an object"),
        ("dataset", {}, "lacks 'dataset.fingerprint'"),
        ("dataset", {"fingerprint": "", "photos": {}, "leaks": None}, "has 'dataset.leaks' that"),
        (
            "dataset",
            {"fingerprint": "", "photos": {"val_dir": "x"}},
            "has 'dataset.photos.val_dir'",
        ),
    ],
)
def test_a_run_whose_config_has_a_nonsense_value_is_refused(
    key, value, sentence, tiny_run, dataset, tmp_path
):
    run = shutil.copytree(tiny_run, tmp_path / "run")
    config = json.loads((run / "config.json").read_text("utf-8"))
    (run / "config.json").write_text(json.dumps(config | {key: value}))
    assert f"run: config.json {sentence}" in refused(run, dataset)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a,b\n1,2\n", None])
def test_a_run_whose_list_of_photos_is_damaged_is_refused(content, tiny_run, dataset, tmp_path):
    run = shutil.copytree(tiny_run, tmp_path / "run")
    whole = (run / "photos.csv").read_bytes()
    (run / "photos.csv").write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert "run: photos.csv " in refused(run, dataset)
