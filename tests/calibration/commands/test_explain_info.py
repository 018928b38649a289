"""The command explain info: a page of what a store holds, whatever that is."""

import json
import stat
from dataclasses import replace

import pytest
from click.testing import CliRunner

from calibration.explanations.store.page import summary_page
from calibration.explanations.store.store import writing
from calibration.explanations.store.summary import summarise
from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER
from edge_runtime.explain.landmarks import Landmarks
from tests.calibration.explanations.store.stored import INFO, QUALITY, stored, unreadable

RIGHT = Landmarks((0.5, 0.1), 0.3, 0.8, None, "right")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("info") / "store"
    with writing(path, INFO) as writer:
        for number in range(5):
            writer.add(stored(number, quality=replace(QUALITY, brightness=10.0 * number)))
        writer.add(stored(5, fault="the photo is blurred", landmarks=Landmarks()))
        writer.add(stored(6, label=None, excluded="glaucoma", source="<b>", landmarks=RIGHT))
        writer.add(stored(7, label=None, split=None, eye=None, familiarity=None))
        writer.add(unreadable(8))
    return path


def run(*arguments):
    return CliRunner().invoke(main, ["explain", "info", *map(str, arguments)])


def test_a_page_says_what_a_store_holds_and_is_for_its_owner_alone(store, tmp_path):
    result = run(store, "--out", tmp_path / "out", "--verify", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert json.loads((tmp_path / "out" / "store.json").read_text("utf-8")) == found
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    page = (tmp_path / "out" / "store.html").read_text("utf-8")
    for said in (DISCLAIMER, INFO.bundle_identity, INFO.model_sha256, "the photo is blurred",
                 "not glaucoma", "all parts are as they were written", "&lt;b&gt;"):  # fmt: skip
        assert said in page, said
    assert "<b>clinic" not in page
    assert f"open {tmp_path / 'out' / 'store.html'}" in result.stderr
    assert "--verify reads all parts" in summary_page(store, summarise(store), verified=False)


def test_each_group_is_counted_with_what_was_refused_and_where_landmarks_were_found(store):
    found = json.loads(run(store, "--json").stdout)
    assert (found["photos"], found["unreadable"], found["sides_differ"]) == (8, 1, 1)
    groups = found["groups"]
    assert groups["label"]["normal"] == {"photos": 6, "refused": 1, "discs": 5, "foveas": 5}
    assert groups["source"]["<b>"] == {"photos": 1, "refused": 0, "discs": 1, "foveas": 0}
    assert groups["predicted"]["no class"]["photos"] == found["refused"] == 1
    for name, group in groups.items():
        assert sum(each["photos"] for each in group.values()) == 8, name
    assert {name: each["photos"] for name, each in groups["split"].items()} == found["by_split"]


def test_measures_are_told_by_their_percentiles_of_the_photos_that_have_them(store):
    measured = json.loads(run(store, "--json").stdout)["measured"]
    assert measured["quality_brightness"]["photos"] == 8
    assert measured["quality_brightness"]["median"] == pytest.approx(35)  # 0 to 40, 90 three times
    assert measured["familiarity"]["photos"] == 7
    assert measured["quality_outline"] == {"photos": 0, "low": None, "median": None, "high": None}


def test_an_empty_store_has_a_page(tmp_path):
    with writing(tmp_path / "store", INFO):
        pass
    assert run(tmp_path / "store", "--out", tmp_path / "out").exit_code == 0
    assert DISCLAIMER in (tmp_path / "out" / "store.html").read_text("utf-8")


def test_a_folder_that_is_there_is_not_written_into(store):
    result = run(store, "--out", store)
    assert result.exit_code == 1
    assert "already exists" in result.output + str(result.exception)
