"""A run is taken up only where it is one, and the same one."""

import json
import os
from importlib.metadata import version

import pytest


def test_a_run_is_of_the_version_that_is_installed(predict, photo_file, tmp_path):
    predict(photo_file, "--out", tmp_path / "out")
    run = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert run["version"] == version("fundus-edge")


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
    from edge_runtime.results.resume import lock

    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    handle = lock(out)
    result = predict(photos / "a.jpg", "--out", out, "--resume")
    os.close(handle)
    assert result.exit_code == 1
    assert "another run is writing there; wait for it" in result.stderr
    assert predict(photos / "a.jpg", "--out", out, "--resume").exit_code == 0
