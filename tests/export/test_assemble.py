"""An export makes a whole bundle or nothing."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from make_fundus import write_dataset

import export.convert
import export.parity
from edge_runtime.bundle.attestations import ATTESTATIONS
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.bundle.manifest import MANIFEST
from edge_runtime.contract import DISCLAIMER, LOGITS, PREPROCESSING
from edge_runtime.errors import OutputExistsError
from export.errors import ParityError
from export.export_run import export_run
from export.model_card import MODEL_CARD
from export.parity import Arrays, Parity, Run
from tests.conftest import as_json
from train.errors import RunInvalidError
from train.runs.config import RunConfig, TrainedDataset
from train.runs.options import Options


def texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.items() for part in item for text in texts_in(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts_in(part)]
    return [value] if isinstance(value, str) else []


def test_the_bundle_loads_and_says_what_it_is(exported: Path) -> None:
    manifest = load_bundle(exported).manifest
    assert manifest.name == "tiny"
    assert manifest.classes == ("cataract", "diabetic_retinopathy", "glaucoma", "normal")
    assert manifest.input_size == (64, 64)
    assert manifest.feature_shape == (8, 8, 32)
    assert manifest.default_model == "float32"
    assert {name: entry.format for name, entry in manifest.models.items()} == {
        "float32": "onnx",
        "float32-tflite": "tflite",
    }
    assert set(manifest.files) == {
        "model.onnx",
        "model.tflite",
        "gradients.npz",
        MODEL_CARD,
        ATTESTATIONS,
    }


def test_both_models_carry_their_parity_over_the_validation_photos(exported: Path) -> None:
    for entry in load_bundle(exported).manifest.models.values():
        assert entry.checks["parity"]["photos"] == 12
        for quantity in ("probabilities", "logits", "last_conv", "cam", "completeness"):
            limit = getattr(export.parity.LIMITS, quantity)
            assert 0 <= entry.checks["parity"][quantity] <= limit


def test_the_metrics_are_those_of_the_run(exported: Path, tiny_run: Path) -> None:
    trained = json.loads((tiny_run / "metrics.json").read_text(encoding="utf-8"))
    measured = load_bundle(exported).manifest.models["float32"].metrics
    assert set(measured) == {"val_dir", "test_dir"}
    for split, metrics in measured.items():
        assert as_json(metrics.confusion) == trained[split]["confusion"]


def test_the_class_gradients_fit_and_their_fidelity_is_a_correlation(exported: Path) -> None:
    bundle = load_bundle(exported)
    assert bundle.class_gradients.shape == (4, 32)
    assert bundle.class_gradients.dtype == np.float32
    assert np.ptp(bundle.class_gradients) > 0
    gradients = bundle.manifest.gradients
    assert gradients.calibration_photos == 32
    fidelity = as_json(gradients.fidelity)
    assert fidelity.pop("photos") == 12
    assert len(fidelity) == 3
    assert all(-1 <= figure <= 1 for figure in fidelity.values())
    assert (
        fidelity["correlation_predicted_class_p05"]
        <= fidelity["correlation_predicted_class_median"]
    )


def test_the_manifest_holds_no_path_of_the_machine_that_made_it(
    exported: Path, tiny_run: Path, dataset: Path
) -> None:
    content = (exported / MANIFEST).read_text(encoding="utf-8")
    for path in (dataset, tiny_run, exported, Path.home()):
        assert str(path) not in content
    for text in texts_in(json.loads(content)):
        assert not re.search(r"(^|\s)(/|[A-Za-z]:\\)", text), text


def test_the_origin_names_the_data_the_options_and_the_tools(exported: Path) -> None:
    origin = load_bundle(exported).manifest.origin
    assert origin.dataset
    assert origin.dataset.name == "procedural"
    assert origin.training["head_epochs"] == 3
    assert {"fundus-edge", "tensorflow", "keras", "onnx", "tf2onnx"} <= set(origin.versions)


def test_the_model_card_has_the_disclaimer_and_every_recall(exported: Path) -> None:
    card = (exported / MODEL_CARD).read_text(encoding="utf-8")
    assert DISCLAIMER in card
    for split, metrics in load_bundle(exported).manifest.models["float32"].metrics.items():
        section = card.partition(f"### float32 on {split} (12 photographs)")[2].partition("###")[0]
        for name, recall in metrics.recall.items():
            assert f"| {name} | 3 | {recall:.3f} |" in section


def test_the_weights_file_is_named_without_its_folder_and_the_notes_are_kept() -> None:
    config = RunConfig(
        Options(weights="/elsewhere/weights.h5"), ("a", "b"), (64, 64), PREPROCESSING,
        TrainedDataset(path="/elsewhere/data", name="data", fingerprint="f", photos={}), {},
    )  # fmt: skip
    origin = export.export_run._origin(
        config, {"weights": "/elsewhere/weights.h5"}, "Known: nothing."
    )
    assert origin.training == {"weights": "weights.h5"}
    assert as_json(origin.dataset) == {"name": "data", "fingerprint": "f", "photos": {}}
    assert origin.notes == "Known: nothing."


def test_an_onnx_file_that_misses_parity_leaves_nothing_behind(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No difference is below zero, so every export misses this.
    unreachable = Parity(0, 1e-5, -1.0, 1e-4, 1e-4, 1e-4)
    monkeypatch.setattr(export.parity, "LIMITS", unreachable)
    with pytest.raises(ParityError, match=r"model\.onnx differs .*: logits .*no bundle was"):
        export_run(tiny_run, tmp_path / "bundles" / "tiny")
    assert list(tmp_path.iterdir()) == []


def test_a_tflite_file_that_misses_parity_leaves_nothing_behind_either(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted_run(model: bytes) -> Run:
        true = export.parity.tflite_run(model)

        def run(images: npt.NDArray[np.uint8]) -> Arrays:
            outputs = true(images)
            return outputs | {LOGITS: outputs[LOGITS] + np.float32(0.01)}

        return run

    monkeypatch.setattr(export.convert, "tflite_run", shifted_run)
    with pytest.raises(ParityError, match=r"model\.tflite differs .*: logits"):
        export_run(tiny_run, tmp_path / "tiny")
    assert list(tmp_path.iterdir()) == []


def test_other_data_than_the_runs_is_refused(tiny_run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_dataset(other, per_split={"train_dir": 1, "val_dir": 1}, seed=9)
    with pytest.raises(RunInvalidError, match=r"was trained on other data than .*other"):
        export_run(tiny_run, tmp_path / "bundle", data=other)
    assert not (tmp_path / "bundle").exists()


def test_a_bundle_that_stands_there_is_refused_and_left_alone(tiny_run: Path, bundle: Path) -> None:
    before = load_bundle(bundle).identity
    with pytest.raises(OutputExistsError, match="already exists; use --force to replace it"):
        export_run(tiny_run, bundle)
    assert load_bundle(bundle).identity == before


@pytest.mark.parametrize("name", ["config.json", "model.keras"])
def test_a_run_folder_that_lacks_a_file_is_refused_by_name(
    name: str, tiny_run: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(tiny_run, tmp_path / "run"))
    (run / name).unlink()
    with pytest.raises(RunInvalidError, match=f"no {name} here"):
        export_run(run, tmp_path / "bundle")


def test_a_config_that_is_not_json_is_refused(tiny_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(tiny_run, tmp_path / "run"))
    (run / "config.json").write_text("{")
    with pytest.raises(RunInvalidError, match=r"config\.json is not JSON"):
        export_run(run, tmp_path / "bundle")


def test_a_run_of_another_preprocessing_is_refused(tiny_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(tiny_run, tmp_path / "run"))
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    config["preprocessing"]["version"] = 99
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(RunInvalidError, match="trained with another preprocessing"):
        export_run(run, tmp_path / "bundle")


def test_a_run_of_an_older_version_keeps_its_own_choices_and_needs_no_newer_figures(
    tiny_run: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(tiny_run, tmp_path / "run"))
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    for name in ("whole_share", "cell_temper", "ema", "sizes", "leave_out"):
        del config["options"][name]
    del config["dataset"]["leaks"]
    (run / "config.json").write_text(json.dumps(config))
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    for name in ("title", "grouping", "without_class", "reliability"):
        del metrics["val_dir"][name]
    (run / "metrics.json").write_text(json.dumps(metrics))
    origin = export_run(run, tmp_path / "bundle").origin
    assert "whole_share" not in origin.training
    assert as_json(origin)["dataset"].keys() == {"name", "fingerprint", "photos"}
