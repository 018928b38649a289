"""Results with names and results without them are never in one folder."""

import sqlite3
from contextlib import closing

import pytest


def paths_in(out):
    with closing(sqlite3.connect(out / "results.sqlite")) as database:
        return {bytes(path).decode() for (path,) in database.execute("SELECT path FROM photos")}


@pytest.fixture
def photos(jpeg, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Ana_OD.jpg").write_bytes(jpeg)
    return tmp_path / "in"


@pytest.mark.parametrize("resume", [[], ["--resume"]])
def test_names_arent_added_to_results_without_them(predict, photos, jpeg, tmp_path, resume):
    out = tmp_path / "out"
    assert predict(photos, "--out", out, "--deidentify").exit_code == 0
    before = paths_in(out)
    (photos / "Eva_OD.jpg").write_bytes(jpeg[:-2] + b"\0\xff\xd9")
    result = predict(photos, "--out", out, *resume)
    assert result.exit_code == 1
    assert "its results are without names (--deidentify), so these can't be added" in result.stderr
    assert "choose another folder" in result.stderr
    assert "--resume" not in result.stderr
    assert paths_in(out) == before
    assert not any("Ana" in each or "Eva" in each for each in before)


@pytest.mark.parametrize("first", [[], ["--deidentify"]])
def test_results_without_names_are_added_to_none(predict, photos, tmp_path, first):
    out = tmp_path / "out"
    assert predict(photos, "--out", out, *first).exit_code == 0
    before = paths_in(out)
    result = predict(photos, "--out", out, "--deidentify")
    assert result.exit_code == 1
    assert f"its results are {'without' if first else 'with'} names" in result.stderr
    assert paths_in(out) == before
