"""A photograph whose name is no UTF-8 goes through every command, to its page and its JSON."""

import hashlib
import json
import os
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from calibration.commands.explain import explain
from calibration.explanations.store.read import read_store
from tests.calibration.explanations.lesions.drawn import write_marked
from tests.calibration.explanations.made_eyes import RIGHT
from tests.calibration.explanations.store.made_store import answer, make_store
from tests.calibration.explanations.store.stored import INFO
from tests.conftest import EXAMPLE_PHOTO

NAME = os.fsdecode(b"caf\xe9_left.jpg")
SHOWN = "caf\\udce9_left.jpg"


def run(*arguments):
    done = CliRunner().invoke(explain, list(map(str, arguments)))
    assert done.exception is None, done.output
    return done


def told(command, *arguments, out):
    """Run a command to its page, as text and as JSON, and give the page and the JSON's text."""
    run(command, *arguments, "--out", out)
    printed = run(command, *arguments, "--json").stdout
    assert SHOWN in (out / f"{command}.html").read_text("utf-8")
    kept = (out / f"{command}.json").read_text("utf-8")
    assert kept == printed
    assert SHOWN in kept
    json.loads(kept)
    return kept


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    try:
        shutil.copy(EXAMPLE_PHOTO, folder / NAME)
    except OSError:
        pytest.skip("this file system takes no such name")
    return folder


@pytest.fixture(scope="module")
def stores(tmp_path_factory, photos):
    """Two models' stores of 24 photos, the first of which has the name, and is there."""
    draw, folder = np.random.default_rng(0), tmp_path_factory.mktemp("stores")
    digest = hashlib.sha256(EXAMPLE_PHOTO.read_bytes()).hexdigest()
    found = [
        (
            number,
            {
                "maps": draw.normal(size=(2, 7, 7)).astype(np.float32),
                "probabilities": answer(number % 2),
                "predicted": INFO.classes[number % 2],
                "label": INFO.classes[(number // 2) % 2],
                "landmarks": RIGHT,
                "eye": "right",
                "patient": str(number // 2),
                **({"path": str(photos / NAME), "sha256": digest} if number < 2 else {}),
            },
        )
        for number in range(24)
    ]
    first = make_store(folder / "a", found)
    others = [
        (number, each | {"maps": each["maps"] * (-1 if number < 2 else 1)})
        for number, each in found
    ]
    return first, make_store(folder / "b", others, model_sha256="d" * 64)


def test_store_keeps_it_with_its_patient(photos, tmp_path):
    done = run("store", photos, "--out", tmp_path / "s", "--threads", 1, "--no-cache")
    assert "1 stored" in done.stderr
    (photo,) = read_store(tmp_path / "s").photos
    assert os.fsencode(photo.path) == os.fsencode(photos / NAME)
    assert (photo.patient, photo.eye) == ("caf\\udce9", "left")
    again = run("store", photos, "--out", tmp_path / "s", "--threads", 1, "--no-cache", "--json")
    assert "1 were there" in again.stderr
    assert "Warning" not in again.stderr


def test_similarity_writes_it(stores, tmp_path):
    told("similarity", *stores, "--resamples", 100, out=tmp_path / "o")


def test_consistency_writes_it(stores, tmp_path):
    told("consistency", stores[0], "--resamples", 100, "--no-cache", out=tmp_path / "o")


def test_failures_writes_it(stores, tmp_path):
    quick = ("--resamples", 100, "--permutations", 99)
    told("failures", stores[0], *quick, out=tmp_path / "o")


def test_analyse_writes_it(stores, tmp_path):
    run("analyse", stores[0], "--out", tmp_path / "o", "--resamples", 100)
    assert SHOWN in (tmp_path / "o" / "analysis.json").read_text("utf-8")
    (tmp_path / "o" / "analysis.html").read_text("utf-8")


def test_stability_writes_it(photos, tmp_path):
    told("stability", photos, "--perturbation", "turn", "--threads", 1, out=tmp_path / "o")


def test_faithfulness_goes_through(photos, tmp_path):
    quick = ("--limit", 2, "--steps", 2, "--draws", 1, "--threads", 1)
    run("faithfulness", photos, *quick, "--out", tmp_path / "o")


def test_lesions_writes_it(tmp_path):
    write_marked(tmp_path / "m")
    for file in sorted((tmp_path / "m").rglob("eye0.*")):
        file.rename(file.with_name(NAME).with_suffix(file.suffix))
    told("lesions", tmp_path / "m", "--draws", 1, "--threads", 1, out=tmp_path / "o")
