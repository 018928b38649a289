"""The same command each evening: new photos come in, others are taken anew or taken away."""

import csv
import json
import os
import re
import shutil
import threading
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime.results import standing
from edge_runtime.results.folder import ResultFolder
from edge_runtime.results.store import Store
from tests.edge_runtime.results.records import forget


def records(out):
    lines = (out / "results.jsonl").read_text("utf-8").splitlines()
    return {Path(record["path"]).name: record for record in map(json.loads, lines)}


def counted(result):
    """Read the last line of stderr: all photos, and those with an error."""
    found = re.search(r"^(\d+) photos?: .* (\d+) with an error", result.stderr, re.MULTILINE)
    return tuple(map(int, found.groups()))


def check_all_agree(result, out):
    """Whoever reads one of the results reads the numbers of the others."""
    found = records(out)
    errors = sum(record["status"] == "error" for record in found.values())
    assert counted(result) == (len(found), errors)
    assert result.exit_code == (errors > 0)
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["path"] for row in csv.DictReader(file)] == [r["path"] for r in found.values()]
    assert (out / "report.html").read_text("utf-8").count('<tr id="n') == len(found)
    shown = {e["overlay"] for record in found.values() for e in record.get("explanations", [])}
    assert shown == {f"overlays/{path.name}" for path in (out / "overlays").iterdir()}


def dark(path):
    cv2.imwrite(str(path), np.zeros((300, 300, 3), np.uint8))


@pytest.mark.parametrize("left_out", [None, "report.html"], ids=["complete", "interrupted"])
def test_a_photo_that_was_taken_anew_under_its_name_is_done_again(
    predict, photos, tmp_path, left_out
):
    out = tmp_path / "out"
    dark(photos / "e.png")
    predict(photos, "--out", out)
    before = records(out)
    shutil.copy(photos / "b.jpg", photos / "a.jpg")  # of a graded one
    shutil.copy(photos / "b.jpg", photos / "c.jpg")  # of an unreadable one
    shutil.copy(photos / "b.jpg", photos / "e.png")  # of an ungradable one
    if left_out:
        (out / left_out).unlink()
    again = predict(photos, "--out", out, "--resume")
    assert "3 photos were changed since and are done again." in again.stderr
    assert "Resumed: 2 of 5 photos were done." in again.stderr
    after = records(out)
    assert after["b.jpg"] == before["b.jpg"]
    for name in ("a.jpg", "c.jpg", "e.png"):
        assert after[name]["probabilities"] == after["b.jpg"]["probabilities"]
    assert after["a.jpg"]["probabilities"] != before["a.jpg"]["probabilities"]
    check_all_agree(again, out)
    shutil.copy(photos / "d.jpg", photos / "a.jpg")
    assert "1 photo was changed since" in predict(photos, "--out", out, "--resume").stderr


def test_of_photos_that_are_as_they_were_no_file_is_read_again(
    predict, photos, tmp_path, monkeypatch
):
    out, read = tmp_path / "out", []

    def counting(path, **options):
        read.append(path.name)
        return whole(path, **options)

    whole = standing.read_photo
    predict(photos, "--out", out)
    monkeypatch.setattr(standing, "read_photo", counting)
    predict(photos, "--out", out, "--resume")
    assert read == []
    os.utime(photos / "a.jpg", ns=(0, 0))  # as a copy to another card may have it
    for _ in range(2):
        result = predict(photos, "--out", out, "--resume")
        assert "done again" not in result.stderr
    assert read == ["a.jpg"]  # once: its new time is kept


def test_a_complete_run_takes_new_photos_and_new_folders_in(predict, photos, tmp_path):
    out, more = tmp_path / "out", tmp_path / "more"
    first = predict(photos, "--out", out, "--resume")
    before = records(out)
    check_all_agree(first, out)
    shutil.copy(photos / "a.jpg", photos / "new.jpg")
    more.mkdir()
    shutil.copy(photos / "b.jpg", more / "x.jpg")
    grown = predict(photos, more, "--out", out, "--resume")
    assert "Resumed: 4 of 6 photos were done." in grown.stderr
    assert len(records(out)) == 6
    assert records(out).items() >= before.items()
    check_all_agree(grown, out)


def test_photos_that_were_removed_keep_their_records_and_are_counted(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    before = records(out)
    (photos / "a.jpg").unlink()
    (photos / "c.jpg").unlink()  # which couldn't be read
    result = predict(photos, "--out", out, "--resume")
    told = "2 photos of this run aren't there now; their results are kept and counted."
    assert told in result.stderr
    assert "Resumed: 4 of 4 photos were done." in result.stderr
    assert records(out) == before
    check_all_agree(result, out)
    shutil.copy(photos / "b.jpg", photos / "new.jpg")
    result = predict(photos, "--out", out, "--resume")
    assert len(records(out)) == 5
    check_all_agree(result, out)


def test_a_named_photo_that_was_emptied_was_changed_and_is_an_error(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos / "a.jpg", photos / "b.jpg", "--out", out)
    (photos / "a.jpg").write_bytes(b"")
    result = predict(photos / "a.jpg", "--out", out, "--resume")
    assert "1 photo was changed since and is done again." in result.stderr
    assert f"Error: {photos / 'a.jpg'}: the file is empty" in result.stderr
    assert "1 photo of this run isn't named now; its result is kept and counted." in result.stderr
    check_all_agree(result, out)
    again = predict(photos / "a.jpg", "--out", out, "--resume")
    assert "done again" not in again.stderr
    told = f"1 photo was an error before and still is one: {photos / 'a.jpg'}; results.csv"
    assert told in again.stderr
    check_all_agree(again, out)


def close(photo, monkeypatch):
    """Let a photo be there and not be read, also by who may read everything."""
    monkeypatch.setattr(os, "access", lambda path, mode: path != photo)

    def open_(path, *arguments, **options):
        if path == photo:
            raise PermissionError(13, "Permission denied", str(path))
        return whole(path, *arguments, **options)

    whole = Path.open
    monkeypatch.setattr(Path, "open", open_)


@pytest.mark.parametrize("gone", [None, "overlays"])
def test_a_photo_that_cant_be_read_now_is_named_and_an_error_and_keeps_its_result(
    predict, photos, tmp_path, monkeypatch, gone
):
    out = tmp_path / "out"
    (photos / "c.jpg").unlink()
    predict(photos, "--out", out)
    before = records(out)
    close(photos / "a.jpg", monkeypatch)
    if gone:
        shutil.rmtree(out / gone)
    result = predict(photos, "--out", out, "--resume")
    assert result.exit_code == 1
    assert f"result can't be read now: {photos / 'a.jpg'}. What was found" in result.stderr
    assert records(out)["a.jpg"] == before["a.jpg"]
    assert counted(result) == (3, 0)
    shown = {e["overlay"] for each in records(out).values() for e in each["explanations"]}
    assert shown == {f"overlays/{path.name}" for path in (out / "overlays").iterdir()}


def stop(*_, **__):
    raise KeyboardInterrupt


@pytest.mark.parametrize("lost", [True, False], ids=["and an overlay is gone", "whole before"])
def test_after_a_stop_at_the_exports_no_result_of_another_picture_stays(
    predict, photos, tmp_path, monkeypatch, lost
):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    if lost:
        next((out / "overlays").iterdir()).unlink()
    shutil.copy(photos / "b.jpg", photos / "a.jpg")
    with monkeypatch.context() as patch:
        patch.setattr("edge_runtime.results.folder.write_exports", stop)
        predict(photos / "a.jpg", "--out", out, "--resume")
    result = predict(photos / "a.jpg", "--out", out, "--resume")
    check_all_agree(result, out)
    predict(photos / "b.jpg", "--out", tmp_path / "anew")
    (found,), (anew,) = records(out).values(), records(tmp_path / "anew").values()
    assert found["probabilities"] == anew["probabilities"]
    shares = [f"p_{name}" for name in found["probabilities"]]
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert [float(row[name]) for name in shares] == [*found["probabilities"].values()]
    (picture,), (of_anew,) = (
        [*(folder / "report").glob("????.jpg")] for folder in (out, tmp_path / "anew")
    )
    assert picture.read_bytes() == of_anew.read_bytes()


def test_what_was_exported_of_another_state_isnt_the_runs(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    with closing(Store(out)) as store:
        forget(store, 1)
    (photos / "a.jpg").unlink()
    result = predict(photos, "--out", out, "--resume")
    check_all_agree(result, out)


@pytest.mark.parametrize("why", ["overlay", "photo"])
def test_a_photo_that_goes_away_before_its_new_result_is_in_keeps_the_old_one(
    predict, photos, tmp_path, monkeypatch, why
):
    out = tmp_path / "out"
    (photos / "c.jpg").unlink()
    predict(photos, "--out", out)
    before = records(out)
    if why == "overlay":
        (out / before["a.jpg"]["explanations"][0]["overlay"]).unlink()
    else:
        shutil.copy(photos / "b.jpg", photos / "a.jpg")
    with monkeypatch.context() as patch:
        patch.setattr(ResultFolder, "add", stop)
        stopped = predict(photos, "--out", out, "--resume")
    assert "Stopped with 2 of 3 photos done;" in stopped.stderr
    (photos / "a.jpg").unlink()
    result = predict(photos, "--out", out, "--resume")
    assert records(out) == before
    check_all_agree(result, out)


def test_while_a_changed_photo_is_done_again_nothing_shows_its_old_result(
    predict, photos, tmp_path, monkeypatch
):
    out, seen = tmp_path / "out", []
    predict(photos, "--out", out)
    shutil.copy(photos / "b.jpg", photos / "a.jpg")

    def look(*_):
        seen.extend(path.name for path in out.rglob("*") if path.suffix in (".html", ".csv"))
        seen.extend(path.name for path in out.glob("*.jsonl"))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ResultFolder, "add", look)
        predict(photos, "--out", out, "--resume")
    assert seen == []
    assert records(out).keys() == {"b.jpg", "c.jpg", "d.jpg"}  # of the run that was stopped
    check_all_agree(predict(photos, "--out", out, "--resume"), out)


def test_a_run_that_only_grows_keeps_its_report_until_the_new_one_is_there(
    predict, photos, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    before = (out / "report.html").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(ResultFolder, "add", stop)
        stopped = predict(photos / "b.jpg", "--out", out, "--resume")
    assert "Resumed: 1 of 2 photos were done." in stopped.stderr
    assert "Stopped with 1 of 2 photos done; they are kept in" in stopped.stderr
    assert (out / "report.html").read_bytes() == before


def test_a_run_that_was_stopped_before_its_first_photo_keeps_nothing_and_says_so(
    predict, photos, tmp_path, monkeypatch
):
    monkeypatch.setattr(ResultFolder, "add", stop)
    stopped = predict(photos, "--out", tmp_path / "out")
    told = "Stopped with 0 of 4 photos done; the same command with --resume goes on."
    assert told in stopped.stderr


def test_overlays_that_were_deleted_from_a_complete_run_are_made_again(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    shutil.rmtree(out / "overlays")
    result = predict(photos, "--out", out, "--resume")
    assert "3 photos whose overlays are gone are done again." in result.stderr
    check_all_agree(result, out)


def test_a_folder_is_the_same_however_its_path_is_written(predict, photos, tmp_path, monkeypatch):
    out = tmp_path / "out"
    monkeypatch.chdir(tmp_path)
    predict("photos", "--out", out)
    for spelled in ([photos], ["photos", photos], [photos / ".." / "photos"]):
        result = predict(*spelled, "--out", out, "--resume")
        assert "Resumed: 4 of 4 photos were done." in result.stderr
        check_all_agree(result, out)


def test_another_folder_of_the_same_name_is_no_retake(predict, photos, tmp_path, monkeypatch):
    """Two days' folders may each have photos/a.jpg; neither takes the other's place."""
    out, tuesday = tmp_path / "out", tmp_path / "tuesday"
    monkeypatch.chdir(tmp_path)
    predict("photos", "--out", out)
    before = records(out)
    (tuesday / "photos").mkdir(parents=True)
    shutil.copy(photos / "b.jpg", tuesday / "photos" / "a.jpg")
    monkeypatch.chdir(tuesday)
    refused = predict("photos", "--out", out, "--resume")
    assert refused.exit_code == 1
    assert "it has another photo of the name photos/a.jpg" in refused.stderr.replace("\\", "/")
    assert records(out) == before
    taken = predict(tuesday / "photos", "--out", out, "--resume")
    assert counted(taken) == (5, 1)


def test_a_stopped_run_leaves_no_thread_to_the_garbage_collector(
    predict, photos, tmp_path, monkeypatch
):
    monkeypatch.setattr("edge_runtime.commands.screen.show_record", stop)
    stopped = predict(photos, "--out", tmp_path / "out")  # which holds on to the traceback
    assert stopped.exit_code == 130
    assert [each.name for each in threading.enumerate() if each.name.startswith("ahead")] == []
