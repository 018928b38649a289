"""A run is taken up only where it is one, and the same one."""

import hashlib
import json
import os
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest

from edge_runtime.results.store import Store


def test_a_run_is_of_the_version_that_is_installed(predict, photo_file, tmp_path):
    predict(photo_file, "--out", tmp_path / "out")
    with closing(Store(tmp_path / "out")) as store:
        assert json.loads(store.noted("run"))["version"] == version("fundus-edge")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--class", "all"), "--class"),
        (("--gradients", "fixed"), "--gradients"),
        (("--no-quality-gate",), "quality gate"),
        (("--max-pixels", "5000"), "--max-pixels"),
    ],
)
def test_resume_refuses_other_options_by_name(predict, photos, tmp_path, options, named):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    result = predict(photos / "a.jpg", "--out", out, "--resume", *options)
    assert result.exit_code == 1
    assert f"can't be resumed: its run was begun with another {named}" in result.stderr


def test_resume_refuses_another_bundle_and_other_paths(predict, bundle, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    assert "another list of paths" in predict(photos, "--out", out, "--resume").stderr
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    (bundle / "manifest.json").write_text(json.dumps(manifest | {"name": "other"}), "utf-8")
    result = predict(photos / "a.jpg", "--out", out, "--resume", bundle=bundle)
    assert "another bundle" in result.stderr


def test_resume_needs_out_and_a_run_there(predict, photos, tmp_path):
    assert predict(photos, "--resume").exit_code == 2
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").touch()
    result = predict(photos, "--out", tmp_path / "other", "--resume")
    assert result.exit_code == 1
    assert "it holds no run to resume" in result.stderr


def test_an_interrupted_run_isnt_begun_anew_without_resume(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    (out / "report.html").unlink()
    result = predict(photos, "--out", out)
    assert result.exit_code == 1
    assert "complete its run with --resume, or choose another folder" in result.stderr


def test_a_second_run_in_the_folder_of_one_at_work_is_refused(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    with closing(Store(out)):
        result = predict(photos / "a.jpg", "--out", out, "--resume")
    assert result.exit_code == 1
    assert "another run is writing there; wait for it" in result.stderr
    assert predict(photos / "a.jpg", "--out", out, "--resume").exit_code == 0


@pytest.mark.parametrize("options", [(), ("--resume",)], ids=["anew", "resume"])
def test_a_run_of_an_older_version_is_left_alone_and_the_sentence_says_what_to_do(
    predict, photos, tmp_path, options
):
    out = tmp_path / "out"
    out.mkdir()
    for name in ("run.json", "results.jsonl"):
        (out / name).write_text("{}")
    result = predict(photos, "--out", out, *options)
    assert result.exit_code == 1
    assert "of an older version, which can't be added to: choose another folder" in result.stderr
    assert sorted(path.name for path in out.iterdir()) == ["results.jsonl", "run.json"]


def test_a_store_that_is_damaged_is_a_sentence(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    (out / "results.sqlite").write_bytes(b"no database" * 1000)
    result = predict(photos / "a.jpg", "--out", out, "--resume")
    assert result.exit_code == 1
    assert "results.sqlite: can't be used: file is not a database" in result.stderr


def test_a_run_whose_description_cant_be_read_isnt_gone_on_with(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    with closing(Store(out)) as store:
        store.note("run", json.dumps({"version": 3}))
    result = predict(photos / "a.jpg", "--out", out, "--resume")
    assert result.exit_code == 1
    assert "its description has 'version' that isn't text" in result.stderr


def test_the_store_has_the_hash_of_each_photo_that_could_be_read(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    with closing(sqlite3.connect(out / "results.sqlite")) as database:
        rows = dict(database.execute("SELECT path, sha256 FROM photos"))
    for path, found in rows.items():
        file = Path(os.fsdecode(path))
        expected = hashlib.sha256(file.read_bytes()).hexdigest()
        assert found == (None if file.name == "c.jpg" else expected)
