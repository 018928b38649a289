"""The commands ``fundus-edge explain store`` and ``explain info``, and what they refuse."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import click
import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from calibration.commands import explain_store
from calibration.explanations.store.explain_photos import explain_photos
from calibration.explanations.store.info import read_info
from calibration.explanations.store.read import read_column, read_logits, read_store, verify_store
from edge_runtime import Classifier, load_bundle
from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER
from edge_runtime.engine.onnx import Session
from tests.conftest import EXAMPLE_PHOTO, ROOT


def call(*arguments):
    return CliRunner().invoke(main, ["explain", *map(str, arguments)])


def refused(*arguments, status=1):
    """Run a command that must fail with one line, and return that line."""
    result = call(*arguments)
    assert result.exit_code == status
    assert result.stdout == ""
    assert isinstance(result.exception, SystemExit)
    return result.stderr.splitlines()[-1]


@pytest.fixture(scope="module")
def stored(dataset, tmp_path_factory):
    """The store of a procedural dataset's test photos by the package's bundle, to read only."""
    out = tmp_path_factory.mktemp("stores") / "store"
    result = call("store", dataset, "--split", "test_dir", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert result.stderr.splitlines()[-2:] == [
        "12 photos: 12 stored, 0 were there, 0 not read.",
        DISCLAIMER,
    ]
    return out


@pytest.fixture
def photos(dataset, tmp_path):
    """A folder of eight photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, name in enumerate(sorted((dataset / "val_dir").rglob("*.jpg"))[:8]):
        shutil.copy(name, folder / f"{number}_left.jpg")
    return folder


def names(store):
    return [Path(photo.path).name for photo in read_store(store).photos]


def test_a_dataset_is_stored_with_its_labels(stored, dataset):
    found = read_store(stored)
    assert sorted(Path(photo.path) for photo in found.photos) == sorted(
        (dataset / "test_dir").rglob("*.jpg")
    )
    assert [photo.label for photo in found.photos] == [
        Path(photo.path).parent.name for photo in found.photos
    ]
    assert read_column(stored, "split") == ["test_dir"] * 12
    assert all(len(photo.sha256) == 64 for photo in found.photos)


def test_a_photo_that_the_quality_gate_refuses_is_stored_with_its_fault(photos, tmp_path):
    dark = cv2.imread(str(photos / "0_left.jpg")) // 12
    cv2.imwrite(str(photos / "dark.png"), dark)
    call("store", photos, "--out", tmp_path / "s")
    found = {Path(photo.path).name: photo for photo in read_store(tmp_path / "s").photos}
    assert len(found) == 9
    assert found["dark.png"].fault == "the photo is too dark"


def test_a_table_tells_sources_patients_and_classes_that_a_photo_isnt_of(photos, tmp_path):
    labels = ["normal", "glaucoma"] * 3 + ["normal", "!glaucoma"]
    lines = [f"{n}_left.jpg,{label},clinic,P{n}" for n, label in enumerate(labels)]
    (photos / "labels.csv").write_text("\n".join(["file,label,source,patient", *lines]))
    call("store", photos, "--out", tmp_path / "s")
    last = next(each for each in read_store(tmp_path / "s").photos if "7_left" in each.path)
    assert (last.label, last.source, last.patient, last.eye) == (None, "clinic", "P7", "left")
    found = json.loads(call("info", tmp_path / "s", "--json").stdout)
    assert found["by_label"] == {"normal": 4, "glaucoma": 3, "!glaucoma": 1}
    assert (found["by_source"], found["people"]) == ({"clinic": 8}, 8)
    assert found["by_split"] == {"not known": 8}  # the table names none, so none is made up


def test_a_label_that_was_corrected_since_is_named_and_not_taken(photos, tmp_path):
    lines = [f"{n}_left.jpg,{('normal', 'glaucoma')[n % 2]}" for n in range(8)]
    table = photos / "labels.csv"
    table.write_text("\n".join(["file,label", *lines]))
    assert "Warning: of " not in call("store", photos, "--out", tmp_path / "s").stderr
    table.write_text("\n".join(["file,label", *lines[:-1], "7_left.jpg,normal"]))
    again = call("store", photos, "--out", tmp_path / "s")
    assert "of 1 of the 8 photos something else is known now" in again.stderr
    assert "7_left.jpg (label glaucoma, now normal)" in again.stderr
    assert again.exit_code == 0
    assert sorted(photo.label for photo in read_store(tmp_path / "s").photos)[3:5] == [
        "glaucoma",
        "normal",
    ]


def test_what_is_stored_is_what_the_classifier_says(stored):
    found, logits = read_store(stored), read_logits(stored)
    classifier = Classifier(load_bundle(), quality_gate=False)
    for index in (0, 7):
        said = classifier.predict(found.photos[index].path)
        np.testing.assert_allclose(found.maps[index], said.cam, atol=1e-5)
        np.testing.assert_allclose(found.probabilities[index], list(said.probabilities.values()))
        np.testing.assert_allclose(logits[index], list(said.logits.values()))
        np.testing.assert_allclose(found.features[index], said.features, rtol=1e-6)
        assert found.photos[index].familiarity == pytest.approx(said.likeness.distance)
        assert read_column(stored, "predicted")[index] == said.class_name
        assert read_column(stored, "photo_height")[index] == said.photo_size[0]
        assert read_column(stored, "field_major")[index] == said.field.major
    info = read_info(stored)
    assert (info.bundle_identity, info.gradients) == (classifier.bundle.identity, "exact")
    assert (info.features, info.map_size) == (found.features.shape[1], found.maps.shape[2:])


def test_the_quality_of_each_photo_is_stored(stored):
    brightness = read_column(stored, "quality_brightness")
    assert all(10 < each < 255 for each in brightness)
    assert read_column(stored, "quality_shape_fields") == [1.0] * 12


def test_the_same_command_again_does_nothing_again(stored):
    before = {file: file.read_bytes() for file in stored.rglob("*.h5")}
    dataset = Path(read_store(stored).photos[0].path).parents[2]
    result = call("store", dataset, "--split", "test_dir", "--out", stored)
    assert "12 photos: 0 stored, 12 were there, 0 not read." in result.stderr
    assert {file: file.read_bytes() for file in stored.rglob("*.h5")} == before


def test_photos_that_are_new_or_changed_come_in_and_moved_ones_dont(photos, tmp_path):
    call("store", photos, "--out", tmp_path / "s")
    assert len(names(tmp_path / "s")) == 8
    assert {photo.eye for photo in read_store(tmp_path / "s").photos} == {"left"}
    assert read_store(tmp_path / "s").photos[3].patient == "3"
    photos.rename(tmp_path / "moved")
    moved = tmp_path / "moved"
    shutil.copy(EXAMPLE_PHOTO, moved / "0_left.jpg")  # anew under an old name
    shutil.copy(EXAMPLE_PHOTO, moved / "new.jpg")
    result = call("store", moved, "--out", tmp_path / "s", "--json")
    assert "9 photos: 2 stored, 7 were there, 0 not read." in result.stderr
    assert names(tmp_path / "s")[8:] == ["0_left.jpg", "new.jpg"]
    found = json.loads(result.stdout)
    assert (found["photos"], found["copies"], found["parts"], found["joined"]) == (10, 1, 2, 10)


def test_a_photo_that_cant_be_read_is_listed_and_the_others_go_on(photos, tmp_path):
    (photos / "a_broken.jpg").write_bytes(EXAMPLE_PHOTO.read_bytes()[:5000])
    (photos / "note.heic").write_bytes(b"?")
    for _ in range(2):  # it is tried again, and is the same
        result = call("store", photos, "--out", tmp_path / "s", "--skip-unknown")
        assert result.exit_code == 1
        assert "1 not read." in result.stderr
        assert "a_broken.jpg: the JPEG file" in result.stderr
    assert len(names(tmp_path / "s")) == 8
    with sqlite3.connect(tmp_path / "s" / "index.sqlite") as index:
        ((path, sha256),) = index.execute("SELECT path, sha256 FROM unreadable").fetchall()
    assert (Path(path).name, len(sha256)) == ("a_broken.jpg", 64)
    shutil.copy(EXAMPLE_PHOTO, photos / "a_broken.jpg")
    assert call("store", photos, "--out", tmp_path / "s", "--skip-unknown").exit_code == 0
    assert call("store", photos, "--out", tmp_path / "s").exit_code == 1  # the HEIC file
    assert json.loads(call("info", tmp_path / "s", "--json").stdout)["unreadable"] == 0


def test_an_answer_that_isnt_numbers_is_listed_too(photos, tmp_path, monkeypatch):
    run = Session.run
    calls = iter(range(100))

    def broken(self, images, outputs):
        found = run(self, images, outputs)
        return {k: v * np.nan for k, v in found.items()} if next(calls) == 2 else found

    monkeypatch.setattr(Session, "run", broken)
    result = call("store", photos, "--out", tmp_path / "s")
    assert result.exit_code == 1
    assert "2_left.jpg: model 'int8' answered with" in result.stderr
    assert "2_left.jpg" not in names(tmp_path / "s")
    assert len(names(tmp_path / "s")) == 7


def test_another_model_needs_another_store(stored, exported, dataset):
    said = refused("store", dataset, "--out", stored, "--bundle", exported)
    assert "its photos were explained with another bundle; choose another folder" in said
    said = refused("store", dataset, "--out", stored, "--gradients", "fixed")
    assert "another --gradients" in said
    assert len(read_store(stored).photos) == 12


def test_fixed_gradients_are_stored_by_a_bundle_without_familiarity(exported, photos, tmp_path):
    out = tmp_path / "s"
    result = call("store", photos, "--out", out, "--bundle", exported, "--gradients", "fixed")
    assert result.exit_code == 0, result.stderr
    found = read_store(out)
    assert [photo.familiarity for photo in found.photos] == [None] * 8
    assert np.isfinite(found.features).all()
    assert found.features.any()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("missing",), 1, "missing: no such file or folder; nothing was written"),
        (("photos", "--out", "photos/s"), 1, "it is inside of the photos"),
        (("photos", "--split", "val_dir"), 1, "0 class folder(s) found"),
        (("photos", "--out", "photos2"), 1, "it is no store of explanations"),
        (("data", "photos"), 2, "data is a dataset, which is named alone"),
        (("data", "--split", "test_dir"), 1, "has no photo in test_dir; expected one of train_dir"),
    ],
)
def test_what_cant_be_meant_is_refused(
    arguments, status, said, photos, dataset, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(dataset, "data", ignore=shutil.ignore_patterns("test_dir"))
    shutil.copytree(photos, "photos2")
    out = () if "--out" in arguments else ("--out", "s")
    assert said in refused("store", *arguments, *out, status=status)
    assert not Path("s").exists()


def test_info_says_what_a_store_holds(stored):
    result = call("info", stored, "--verify")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "  label        cataract 3, diabetic_retinopathy 3, glaucoma 3, normal 3" in lines
    assert lines[-1] == "  verified     1 part(s) are as they were written"
    assert result.stderr.splitlines()[-1] == DISCLAIMER
    found = json.loads(call("info", stored, "--json").stdout)
    assert found["photos"] == found["graded"] + found["refused"] == 12
    assert sum(found["refused_by"].values()) == found["refused"]
    assert found["by_split"] == {"test_dir": 12}
    assert sum(found["by_predicted"].values()) == found["graded"]  # the refused get no class
    assert found["info"]["classes"] == list(load_bundle().manifest.classes)
    assert found["size_bytes"] == sum(f.stat().st_size for f in stored.rglob("*") if f.is_file())


def test_info_of_a_damaged_store_says_so_only_when_asked_to_read_it(stored, tmp_path):
    shutil.copytree(stored, tmp_path / "s")
    part = tmp_path / "s" / "parts" / "00001.h5"
    part.write_bytes(part.read_bytes()[:-1])
    assert call("info", tmp_path / "s").exit_code == 0
    assert "parts/00001.h5 is damaged" in refused("info", tmp_path / "s", "--verify")
    assert "is no store of explanations" in refused("info", tmp_path)


def test_a_stop_says_how_to_go_on(photos, tmp_path, monkeypatch):
    def stopping(*arguments):
        yield from list(explain_photos(*arguments))[:3]
        raise KeyboardInterrupt

    monkeypatch.setattr("calibration.explanations.store.explain_photos.explain_photos", stopping)
    out = tmp_path / "s"
    said = refused("store", photos, "--out", out, status=130)
    assert "Stopped with 3 of 8 photos done; they are kept in" in said
    assert len(names(out)) == 3


RUN = """
import sys
from calibration.explanations.store import store
store.PART_PHOTOS = 3
from edge_runtime.commands.main import main
main(["explain", "store", *sys.argv[1:], "--threads", "1"])
"""


@pytest.mark.slow
def test_a_run_killed_at_random_moments_is_completed_by_the_next_one(exported, dataset, tmp_path):
    random, killed, out = np.random.default_rng(0), 0, tmp_path / "s"
    command = [sys.executable, "-c", RUN, dataset, "--bundle", exported, "--out", out]
    for _ in range(10):
        with subprocess.Popen(
            [*map(str, command)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            before = len(list((out / "parts").glob("0*.h5")))
            deadline = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < deadline:
                if len(list((out / "parts").glob("0*.h5"))) > before:
                    time.sleep(float(random.uniform(0, 0.1)))
                    break
                time.sleep(0.01)
            process.kill()
        killed += process.returncode == -signal.SIGKILL
    assert killed >= 5  # else nothing was tested
    assert subprocess.run([*map(str, command)], cwd=ROOT, check=False).returncode == 0
    whole = ("--out", tmp_path / "whole", "--threads", 1)
    assert call("store", dataset, "--bundle", exported, *whole).exit_code == 0
    found, expected = read_store(out), read_store(tmp_path / "whole")
    assert found.photos == expected.photos  # each once, in the same order
    for name in ("maps", "features", "probabilities"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    verify_store(out)


def test_no_framework_is_loaded(photos, tmp_path):
    code = (
        "import sys; from edge_runtime.commands.main import main\n"
        "main(['explain', 'store', *sys.argv[1:]], standalone_mode=False)\n"
        "print(sorted({'tensorflow', 'torch', 'keras', 'jax'} & {*sys.modules}))"
    )
    command = [sys.executable, "-c", code, str(photos), "--out", str(tmp_path / "s")]
    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_every_option_has_help():
    assert all(each.help for each in explain_store.store.params if isinstance(each, click.Option))
    said = " ".join(call("store", "-h").stdout.split())
    assert "A folder with labels.csv or train_dir/ in it is a DATASET" in said
