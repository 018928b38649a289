"""A folder without results is refused in a sentence, and stays as it is."""

import json
from contextlib import closing

import pytest

from edge_runtime.photo.find import STORE
from edge_runtime.results.store import Store
from tests.edge_runtime.exchange.conftest import run


@pytest.mark.parametrize("what", ["dicom", "fhir"])
def test_an_empty_file_is_no_results_and_isnt_made_any(tmp_path, what):
    (tmp_path / STORE).write_bytes(b"")
    told = run(what, "report", tmp_path, "--out", tmp_path.with_name("o"))
    assert told.exit_code == 1
    assert f"its {STORE} is empty; name a folder that" in told.stderr
    assert {each.name: each.stat().st_size for each in tmp_path.iterdir()} == {STORE: 0}


@pytest.mark.parametrize("what", ["dicom", "fhir"])
def test_a_run_without_a_photo_is_no_results(tmp_path, what):
    with closing(Store(tmp_path)):
        pass
    told = run(what, "report", tmp_path, "--out", tmp_path.with_name("o"))
    assert told.exit_code == 1
    assert "it has no photo that is done; name a folder that" in told.stderr
    assert not tmp_path.with_name("o").exists()


@pytest.mark.parametrize("what", ["dicom", "fhir"])
@pytest.mark.parametrize("time", ["yesterday", "", "2026-01-02T03:04:05+01:00"])
def test_a_report_of_another_time_than_its_photos_is_named(
    predict, photo_file, tmp_path, what, time
):
    predict(photo_file, "--out", tmp_path / "in")
    (file,) = (tmp_path / "in" / "people").glob("*.json")
    told = json.loads(file.read_text())
    file.write_text(json.dumps({**told, "time": time}))
    told = run(what, "report", tmp_path / "in", "--out", tmp_path / "o")
    assert told.exit_code == 1
    assert "it isn't of the photos that the run has now; make it again" in told.stderr
