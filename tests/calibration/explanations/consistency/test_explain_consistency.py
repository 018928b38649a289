"""``fundus-edge explain consistency`` from stores to a page."""

import hashlib
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from calibration.commands.explain import explain
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.contract import DISCLAIMER
from tests.calibration.explanations.made_eyes import RIGHT, mirrored
from tests.calibration.explanations.store.made_store import answer, make_store
from tests.conftest import EXAMPLE_PHOTO

BUNDLE = load_bundle()
CLASSES = BUNDLE.manifest.classes
SHA256 = BUNDLE.manifest.files[BUNDLE.model("int8")[1].file].sha256
OTHER = {"bundle_identity": "c" * 64, "model_sha256": "d" * 64}
INFO = {
    "bundle_identity": BUNDLE.identity, "model": "int8", "model_sha256": SHA256, "classes": CLASSES,
    "input_size": BUNDLE.manifest.input_size,
}  # fmt: skip


def run(*arguments):
    return CliRunner().invoke(explain, ["consistency", *map(str, arguments)])


def photos(folder, *, noise=0.0, people=12):
    """Make both eyes of some persons, whose maps mirror each other, and a repeat of one eye."""
    draw, other = np.random.default_rng(0), np.random.default_rng(1)
    shutil.copy(EXAMPLE_PHOTO, folder / "here.jpg")
    digest = hashlib.sha256(EXAMPLE_PHOTO.read_bytes()).hexdigest()
    found = []
    for number in range(2 * people + 2):
        person, left = number // 2, number % 2
        if not left:
            cams = draw.normal(size=(len(CLASSES), 7, 7))
        turned = cams[:, :, ::-1] if left else cams
        eye = mirrored(RIGHT) if left else RIGHT
        given = {
            "maps": (turned + noise * other.normal(size=cams.shape)).astype(np.float32),
            "probabilities": answer(person % 2, len(CLASSES)), "predicted": CLASSES[person % 2],
            "logits": np.zeros(len(CLASSES), np.float32), "landmarks": eye, "eye": eye.eye,
            "patient": str(person % people),  # the last two are of the first person again
        }  # fmt: skip
        if number < 2:  # the same bytes as both eyes
            given |= {"path": str(folder / "here.jpg"), "sha256": digest, "place": str(number)}
        found.append((number, given))
    return found


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    return (
        make_store(folder / "a", photos(folder), **INFO),
        make_store(folder / "b", photos(folder, noise=0.5), **INFO | {"model_sha256": "d" * 64}),
    )


@pytest.fixture(scope="module")
def told(stores, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "consistency"
    options = ("--bundle", BUNDLE.path, "--resamples", 200, "--no-cache", "--threads", 1)
    result = run(*stores, *options, "--json", "--out", out)
    assert result.exit_code == 0, result.output
    return result, out, options


def test_stores_and_a_bundle_give_a_page_and_figures(told):
    result, out, _ = told
    record = json.loads(result.stdout)
    assert record == json.loads((out / "consistency.json").read_text("utf-8"))
    eyes = record["pairs"]["both eyes"]
    assert len(eyes["by_pair"]) == 12
    assert eyes["as_they_are"]["agreeing"]["measures"]["pearson"]["value"] == pytest.approx(1)
    assert eyes["aligned"]["agreeing"]["verdict"] == "more alike than by chance"
    assert len(record["pairs"]["repeated photos"]["by_pair"]) == 1  # the other's bytes stand twice
    assert len(record["pairs"]["same bytes"]["by_pair"]) == 1
    assert record["pairs"]["near copies"]["by_pair"] == []
    assert record["copies"] == {"searched": 1, "gone": 24, "repeated": 0, "skipped": False}
    (model,) = record["models"]
    assert model["result"]["matching"]["matched"] == 25
    assert 0.5 < model["result"]["agreeing"]["measures"]["pearson"]["value"] < 0.99
    assert record["mirror"]["photos"] == 2
    assert record["mirror"]["gone"] == 24
    assert record["mirror_missing"] is None
    assert DISCLAIMER in result.stderr


def test_the_page_stands_alone_and_shows_pairs_and_what_is_missing(told):
    page = (told[1] / "consistency.html").read_text("utf-8")
    assert DISCLAIMER in page
    assert "an assumption" in page
    assert "here.jpg" in page
    assert page.count('src="data:image/jpeg') >= 2  # of the photos whose file lies there
    assert "The files aren't found, or are others" in page
    assert page.count('src="') == page.count('src="data:')
    assert "more alike than by chance" in page


def test_the_same_seed_gives_the_same_bytes(told, stores, tmp_path):
    _, out, options = told
    run(*stores, *options, "--out", tmp_path / "again")
    for name in ("consistency.html", "consistency.json"):
        assert (out / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_without_bundle_and_search_the_console_and_the_page_say_so(stores, tmp_path):
    result = run(stores[0], "--no-near-copies", "--resamples", 200, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "note: What mirroring alone does to this model isn't known here" in result.stdout
    assert "both eyes" in result.stdout
    page = (tmp_path / "out" / "consistency.html").read_text("utf-8")
    assert "--no-near-copies" in page
    assert "No other store was given" in page


def test_bad_input_is_one_sentence(stores, tmp_path):
    folder = tmp_path
    of_other = make_store(folder / "other", photos(folder), **INFO | OTHER)
    refused = [(n, given | {"fault": "it is blurred"}) for n, given in photos(folder)]
    all_refused = make_store(folder / "refused", refused, **INFO)
    for given, said in (
        ((tmp_path / "nowhere",), "is no store of explanations"),
        ((of_other, "--bundle", BUNDLE.path), "it was made by the bundle of identity cccccccccccc"),
        ((all_refused,), "no photo is left to measure anything on"),
        ((stores[0], all_refused), "they have no photo in common that both grade"),
        ((stores[0], "--bundle", tmp_path / "nowhere"), "no bundle here"),
    ):
        result = run(*given, "--no-near-copies")
        assert result.exit_code == 1
        assert said in str(result.exception)
    assert run(stores[0], "--limit", 0).exit_code == 2
    assert run().exit_code == 2


def test_no_framework_is_imported():
    program = (
        "import sys, calibration.explanations.consistency.page, "
        "calibration.explanations.consistency.consistency\n"
        "print([name for name in ('tensorflow', 'keras', 'torch', 'onnx') if name in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
