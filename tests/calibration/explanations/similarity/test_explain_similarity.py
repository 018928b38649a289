"""``fundus-edge explain similarity`` from two stores to a page."""

import hashlib
import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from calibration.commands.explain import explain
from calibration.explanations.similarity.record import NO_OTHER_SEED
from edge_runtime.contract import DISCLAIMER
from tests.calibration.explanations.store.made_store import answer, make_store
from tests.calibration.explanations.store.stored import INFO
from tests.conftest import EXAMPLE_PHOTO


def run(*arguments):
    return CliRunner().invoke(explain, ["similarity", *map(str, arguments)])


def photos(seed, *, count=24, size=(7, 7), noise=0.0, classes=slice(None)):
    draw, other = np.random.default_rng(0), np.random.default_rng(seed)
    found = []
    for number in range(count):
        cams = draw.normal(size=(2, *size)) + noise * other.normal(size=(2, *size))
        top = number % 2
        given = {
            "maps": cams[classes].astype(np.float32), "probabilities": answer(top)[classes],
            "predicted": INFO.classes[top],
        }  # fmt: skip
        found.append((number, given))
    return found


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """A model's store, a slightly other one's with its classes the other way, another training's.

    One photo's file lies there as it was.
    """
    folder = tmp_path_factory.mktemp("stores")
    digest = hashlib.sha256(EXAMPLE_PHOTO.read_bytes()).hexdigest()
    shown = {"path": str(EXAMPLE_PHOTO), "sha256": digest, "place": "there"}
    first = photos(0)
    first[3] = (3, first[3][1] | shown)
    second = photos(1, noise=0.2, classes=slice(None, None, -1))
    second[3] = (3, second[3][1] | shown | {"maps": -second[3][1]["maps"]})  # the least alike
    return (
        make_store(folder / "a", first),
        make_store(folder / "b", second[1:], model_sha256="d" * 64, classes=INFO.classes[::-1]),
        make_store(folder / "seed", photos(2, noise=1), model_sha256="e" * 64),
    )


@pytest.fixture(scope="module")
def told(stores, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "similarity"
    a, b, seed = stores
    result = run(a, b, "--other-seed", seed, "--resamples", 200, "--json", "--out", out)
    assert result.exit_code == 0, result.output
    return result, out


def test_two_stores_give_a_page_and_figures(told):
    result, out = told
    record = json.loads(result.stdout)
    assert record == json.loads((out / "similarity.json").read_text("utf-8"))
    found = record["result"]
    assert found["matching"]["matched"] == 23
    assert found["matching"]["only_first"] == ["photos/0_left.jpg"]
    assert found["same_class"]["value"] == 1
    assert 0.8 < found["agreeing"]["measures"]["pearson"]["value"] < 0.95  # one is -1
    assert set(found["agreeing_by_class"]) == set(INFO.classes)
    assert len(found["by_photo"]) == 23
    assert record["field_degrees"] == 45
    assert record["cautions"] == []
    assert DISCLAIMER in result.stderr


def test_the_page_stands_alone_and_says_what_it_assumes(told):
    _, out = told
    page = (out / "similarity.html").read_text("utf-8")
    assert DISCLAIMER in page
    assert "spanned 45 degrees" in page
    assert "an assumption" in page
    assert "Its file isn't found" in page
    assert page.count('src="') == page.count('src="data:')
    assert "photos/0_left.jpg" in page


def test_without_another_seed_the_page_says_what_is_missing_and_how_to_make_it(stores, tmp_path):
    run(*stores[:2], "--resamples", 200, "--out", tmp_path / "out")
    record = json.loads((tmp_path / "out" / "similarity.json").read_text("utf-8"))
    assert record["cautions"] == [NO_OTHER_SEED]
    page = (tmp_path / "out" / "similarity.html").read_text("utf-8")
    assert "--other-seed" in page
    assert page.count('src="data:image/jpeg') == 2  # of the one photo whose file lies there


def test_a_model_beside_itself_or_named_as_its_own_control_is_told(stores):
    said = json.loads(run(stores[0], stores[0], "--other-seed", stores[0], "--json").stdout)
    assert len(said["cautions"]) == 3
    assert "must be equal" in said["cautions"][0]
    told = run(stores[0], stores[0], "--resamples", 200).stdout
    first, figures = (told.index(part) for part in ("tells nothing of the model", "Pearson"))
    assert first < figures


def test_the_same_seed_gives_the_same_bytes_and_degrees_scale(told, stores, tmp_path):
    _, out = told
    a, b, seed = stores
    run(a, b, "--other-seed", seed, "--resamples", 200, "--out", tmp_path / "again")
    for name in ("similarity.html", "similarity.json"):
        assert (out / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    wide = run(a, b, "--field-degrees", 90, "--resamples", 200, "--json")
    at_45, at_90 = (
        json.loads(text)["result"]["agreeing"]["measures"]
        for text in ((out / "similarity.json").read_text("utf-8"), wide.stdout)
    )
    for name in ("emd_degrees", "peak_degrees"):
        assert at_90[name]["value"] == pytest.approx(2 * at_45[name]["value"])
    assert at_90["iou"] == at_45["iou"]


def test_the_console_says_the_figures(stores):
    result = run(*stores[:2], "--resamples", 200)
    assert "photos compared: 23, of 24 in A and 23 in B" in result.stdout
    assert "more alike than by chance, by their correlation" in result.stdout


def test_bad_input_is_one_sentence(stores, tmp_path):
    small = make_store(tmp_path / "small", photos(0, size=(5, 5)))
    other = make_store(tmp_path / "other", photos(0), classes=("glaucoma", "cataract"))
    strange = make_store(
        tmp_path / "strange",
        [(number + 100, given) for number, given in photos(0)],
    )
    shutil.copytree(stores[0], tmp_path / "damaged")
    (tmp_path / "damaged" / "index.sqlite").unlink()
    for given, said in (
        (small, "their maps differ in size (7 x 7 and 5 x 5 cells)"),
        (other, "their classes differ (glaucoma, normal and glaucoma, cataract)"),
        (strange, "they have no photo in common that both grade"),
        (tmp_path / "nowhere", "is no store of explanations"),
        (tmp_path / "damaged", "index.sqlite can't be used"),
    ):
        result = run(stores[0], given)
        assert result.exit_code == 1
        assert said in str(result.exception or result.output)
    assert run(*stores[:2], "--field-degrees", 0).exit_code == 2
    assert run(*stores[:2], "--out", tmp_path).exit_code == 1
