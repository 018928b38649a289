"""A model that looks at a mark in the corner is found by its failures, from photos to the page."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from tests.calibration.explanations.corner_model import write_corner_bundle, write_corner_photos


def run(*arguments):
    result = CliRunner().invoke(main, ["explain", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result


def analysed(folder, eyes, **weights):
    bundle = write_corner_bundle(folder / "bundle", **weights)
    photos = write_corner_photos(folder / "photos", eyes)
    run("store", photos, "--bundle", bundle, "--out", folder / "store", "--no-cache")
    options = ("--out", folder / "out", "--json", "--resamples", 200, "--permutations", 1999)
    return json.loads(run("failures", folder / "store", *options).stdout)


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """Glaucomas have the mark but for a few, of the healthy eyes a few do: both are failures."""
    random = np.random.default_rng(0)
    eyes = []
    for number in range(60):
        label = ("glaucoma", "normal")[number % 2]
        as_usual = random.random() < 0.7
        eyes.append((label, {"marked": (label == "glaucoma") == as_usual}))
    folder = tmp_path_factory.mktemp("corner")
    return folder, analysed(folder, eyes)


def test_right_and_wrong_glaucomas_are_hottest_at_the_mark(marked):
    _, found = marked
    assert found["counts"]["wrong"] > 12
    for said in ("all", "right", "wrong"):
        place = found["places"][f"glaucoma, {said}"]
        assert place["commonest"] == "at the edge, lower right"
        assert place["share"]["value"] > 0.95
        assert place["p_holm"] < 0.01
        assert place["follows"] in ("photo", "not told")
        assert found["places"][f"normal, {said}"]["follows"] == "nothing"
    assert "hottest at the edge, lower right, in 100%" in found["at_one_place"][0]
    assert "a mark" in found["at_one_place"][0]


def test_its_sheet_shows_the_photos_with_both_maps(marked):
    folder, found = marked
    page = (folder / "out" / "failures.html").read_text("utf-8")
    assert "glaucoma</strong>, called <strong>normal" in page
    assert "normal</strong>, called <strong>glaucoma" in page
    assert "the maps are alone" not in page
    assert json.loads((folder / "out" / "failures.json").read_text("utf-8")) == found


def test_wrong_ones_that_look_at_the_mark_are_apart_from_right_ones_that_look_at_the_retina(
    tmp_path,
):
    eyes = [("glaucoma", {"marked": False, "spot": True})] * 30
    eyes += [("normal", {"marked": True})] * 12 + [("normal", {"marked": False})] * 10
    found = analysed(tmp_path, eyes, mark=6.0, spot=6.0)
    row = found["compared"]["in_class"]["place_at_the_edge_lower_right"]
    assert (row["photos"], row["photos_others"]) == (12, 30)
    assert row["apart"]
    assert row["superiority"] > 0.95
    said = " ".join(found["findings"])
    assert "evidence at the edge, lower right of the photo" in said
    assert "glaucoma, wrong: the map is hottest at the edge, lower right, in 100% of 12" in said
