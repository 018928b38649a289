"""A run is taken up only where it is one, and the same one."""

import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import cv2
import pytest

from edge_runtime.results.folder import ResultFolder
from edge_runtime.results.store import Store
from tests.edge_runtime.links import broken_links
from tests.edge_runtime.read_only_disk import on_a_read_only_disk


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


def test_resume_refuses_another_bundle(predict, bundle, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
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
    assert "of an older version, so nothing can be added: choose another folder" in result.stderr
    assert sorted(path.name for path in out.iterdir()) == ["results.jsonl", "run.json"]


def test_a_store_that_is_damaged_is_a_sentence(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    (out / "results.sqlite").write_bytes(b"no database" * 1000)
    result = predict(photos / "a.jpg", "--out", out, "--resume")
    assert result.exit_code == 1
    assert "results.sqlite: can't be used: file is not a database" in result.stderr


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE photos SET path = 5",
        "UPDATE photos SET record = 5",
        "UPDATE pictures SET file = x'00'",
        "UPDATE pictures SET jpeg = 'text'",
        "DELETE FROM pictures WHERE class != ''",
    ],
)
def test_a_store_that_a_person_changed_is_a_sentence(predict, photos, tmp_path, change):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    (out / "report.html").unlink()
    with closing(sqlite3.connect(out / "results.sqlite")) as database, database:
        database.execute(change)
    result = predict(photos / "a.jpg", "--out", out, "--resume")
    assert result.exit_code == 1
    assert "results.sqlite: can't be used: " in result.stderr
    assert "Traceback" not in result.stderr


def test_a_complete_run_on_a_read_only_disk_is_done_and_another_is_one_sentence(
    predict, exported, photos, tmp_path
):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    command = ["predict", photos / "a.jpg", "--bundle", exported, "--out", out, "--resume"]
    done = on_a_read_only_disk(out, *command)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Resumed: 1 of 1 photos were done." in done.stderr
    (out / "report.html").unlink()
    refused = on_a_read_only_disk(out, *command)
    assert refused.returncode == 1
    assert refused.stderr == f"Error: {out}: can't write there: read-only file system\n"


def test_a_run_whose_description_cant_be_read_isnt_gone_on_with(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    with closing(Store(out)) as store:
        store.note("run", json.dumps({"version": 3}))
    result = predict(photos / "a.jpg", "--out", out, "--resume")
    assert result.exit_code == 1
    assert "its description has 'version' that isn't text" in result.stderr


def test_the_store_has_the_hash_of_each_file_that_could_be_read(predict, photos, tmp_path):
    out = tmp_path / "out"
    (photos / "e.jpg").symlink_to("nowhere.jpg")
    predict(photos, "--out", out)
    with closing(sqlite3.connect(out / "results.sqlite")) as database:
        rows = dict(database.execute("SELECT path, sha256 FROM photos"))
    for path, found in rows.items():
        file = Path(os.fsdecode(path))
        is_there = file.name != "e.jpg"
        assert found == (hashlib.sha256(file.read_bytes()).hexdigest() if is_there else None)


@pytest.mark.parametrize("left_out", [None, "report.html"], ids=["complete", "interrupted"])
def test_an_unreadable_photo_is_tried_again_once_its_file_has_changed(
    predict, photos, tmp_path, left_out
):
    out = tmp_path / "out"
    (photos / "e.jpg").symlink_to("nowhere.jpg")
    predict(photos, "--out", out)
    if left_out:
        (out / left_out).unlink()
    again = predict(photos, "--out", out, "--resume")
    assert "done again" not in again.stderr  # neither file has changed
    assert again.stderr.endswith("0 ungradable, 2 with an error.\n")
    for name in ("c.jpg", "e.jpg"):
        (photos / name).unlink()
        shutil.copy(photos / "a.jpg", photos / name)
    mended = predict(photos, "--out", out, "--resume")
    assert mended.exit_code == 0, mended.stderr
    assert "1 photo was changed since and is done again." in mended.stderr
    assert "1 photo that was an error is done again." in mended.stderr
    assert "Resumed: 3 of 5 photos were done." in mended.stderr
    written = (out / "results.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in written]
    assert [record["status"] for record in records] == ["ok"] * 5
    assert len([*(out / "overlays").iterdir()]) == 5


def test_a_complete_run_that_is_opened_again_and_stopped_goes_on(
    predict, photos, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    shutil.copy(photos / "a.jpg", photos / "c.jpg")

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ResultFolder, "add", stop)
        stopped = predict(photos, "--out", out, "--resume")
    assert "Stopped with 3 of 4 photos done; they are kept in" in stopped.stderr
    result = predict(photos, "--out", out, "--resume")
    assert result.exit_code == 0, result.stderr
    assert "4 photos: 4 with a class" in result.stderr


def test_an_unreadable_photo_that_is_gone_keeps_its_record(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    (photos / "c.jpg").rename(tmp_path / "c.jpg")
    (photos / "c.jpg").symlink_to("nowhere.jpg")
    predict(photos, "--out", out, "--resume")
    assert "c.jpg: the JPEG file is truncated" in (out / "results.jsonl").read_text("utf-8")


def test_a_resumed_run_prints_all_records_in_the_order_of_the_folder(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    shutil.copy(photos / "a.jpg", photos / "c.jpg")
    (photos / "b.jpg").rename(photos / "z.jpg")
    result = predict(photos, "--out", out, "--resume", "--json")
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [Path(record["path"]).name for record in records] == ["a.jpg", "c.jpg", "d.jpg", "z.jpg"]
    assert {record["status"] for record in records} == {"ok"}
    written = (out / "results.jsonl").read_text("utf-8").splitlines()
    assert {*result.stdout.splitlines()} < {*written}  # which has the photo that is gone too


@pytest.mark.parametrize("options", [(), ("--resume",)], ids=["anew", "resume"])
def test_results_beside_an_empty_store_are_left_alone(predict, photos, tmp_path, options):
    """A loss of power may leave a file of no bytes, and a copy may lack the log beside it."""
    out = tmp_path / "out"
    predict(photos, "--out", out)
    (out / "results.sqlite").write_bytes(b"")
    before = {path: path.read_bytes() for path in out.rglob("*.[pjch]*")}
    result = predict(photos, "--out", out, *options)
    assert result.exit_code == 1
    assert "it is empty, though results stand beside it; choose another folder" in result.stderr
    assert before == {path: path.read_bytes() for path in out.rglob("*.[pjch]*")}


@pytest.mark.parametrize("name", ["results.csv", "results.jsonl", "report.html"])
def test_what_is_gone_of_a_complete_run_is_made_again(predict, photos, tmp_path, name):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    before = (out / name).read_text("utf-8")
    (out / name).unlink()
    predict(photos, "--out", out, "--resume")
    after = (out / name).read_text("utf-8")
    assert after == before or name == "report.html"  # whose head has the time


def test_a_photo_that_is_gone_keeps_its_record_though_its_overlay_is_gone(
    predict, photos, tmp_path
):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    lines = (out / "results.jsonl").read_text("utf-8")
    for overlay in (out / "overlays").iterdir():
        overlay.unlink()
    (out / "report.html").unlink()
    (photos / "a.jpg").rename(tmp_path / "a.jpg")
    result = predict(photos, "--out", out, "--resume")
    assert "2 photos whose overlays are gone are done again." in result.stderr
    after = (out / "results.jsonl").read_text("utf-8")
    assert sorted(json.loads(line)["path"] for line in after.splitlines()) == sorted(
        json.loads(line)["path"] for line in lines.splitlines()
    )
    shown = [e["overlay"] for line in after.splitlines()
             for e in json.loads(line).get("explanations", [])]  # fmt: skip
    pictures = [cv2.imread(str(out / name)) for name in shown]
    assert [picture.shape[1] for picture in pictures] == [640] * 3  # one a small copy of the store


@pytest.mark.parametrize("gone", ["overlays", "report"])
def test_pictures_that_are_gone_of_a_complete_run_are_made_again(predict, photos, tmp_path, gone):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    before = {path.name for path in (out / gone).iterdir()}
    shutil.rmtree(out / gone)
    result = predict(photos, "--out", out, "--resume")
    told = "3 photos whose overlays are gone are done again"
    assert (told in result.stderr) == (gone == "overlays")
    assert len([*(out / gone).iterdir()]) == len(before)
    for page in (out / "report.html", *(out / "report").glob("*.html")):
        assert broken_links(page) == []
    settled = predict(photos, "--out", out, "--resume")
    assert "done again" not in settled.stderr


@pytest.mark.parametrize("name", ["photos-001.html", "0001.jpg", "0001-small.jpg"])
def test_a_file_of_the_details_that_is_gone_or_empty_is_made_again(predict, photos, tmp_path, name):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    file = out / "report" / name
    before = file.read_bytes()
    file.unlink()
    predict(photos, "--out", out, "--resume")
    assert file.read_bytes() == before
    file.write_bytes(b"")  # as a loss of power may leave it
    predict(photos, "--out", out, "--resume")
    assert file.read_bytes() == before


def test_a_store_that_was_deleted_is_named(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    (out / "results.sqlite").unlink()
    result = predict(photos / "a.jpg", "--out", out, "--resume")
    assert "its results.sqlite is gone, so nothing can be added" in result.stderr


def test_a_persons_own_files_beside_the_overlays_stay(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos / "a.jpg", "--out", out)
    for name in ("0001-a annotated.jpg", "notes.jpg"):
        (out / "overlays" / name).touch()
    (out / "report.html").unlink()
    predict(photos / "a.jpg", "--out", out, "--resume")
    assert {"0001-a annotated.jpg", "notes.jpg"} <= {p.name for p in (out / "overlays").iterdir()}


def test_a_photo_with_a_long_name_of_many_bytes_has_its_overlay(predict, photo_file, tmp_path):
    name = "\u773c" * 82 + ".jpg"  # 250 bytes, as long as a file's name may be
    shutil.copy(photo_file, tmp_path / name)
    result = predict(tmp_path / name, "--class", "all", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    assert len([*(tmp_path / "out" / "overlays").iterdir()]) == 4


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside another"])
def test_a_run_waits_for_a_card_that_was_taken_out(predict, photos, tmp_path, beside):
    card, other, out = tmp_path / "card", tmp_path / "other.jpg", tmp_path / "out"
    card.mkdir()
    shutil.copy(photos / "a.jpg", card / "a.jpg")
    shutil.copy(photos / "a.jpg", other)
    named = (card, other) if beside else (card,)
    assert predict(*named, "--out", out).exit_code == 0
    before = (out / "results.jsonl").read_bytes()
    card.rename(tmp_path / "drawer")
    refused = predict(*named, "--out", out, "--resume")
    assert refused.exit_code == 1
    assert f"{card}: no such file or folder; nothing was written" in refused.stderr
    assert (out / "results.jsonl").read_bytes() == before


def test_a_folder_of_results_isnt_searched_and_is_named(predict, photos, tmp_path):
    assert predict(photos / "a.jpg", "--out", photos / "out").exit_code == 0
    assert (
        f"Not searched, since results of a run lie there: {photos / 'out'}."
        in predict(photos).stderr
    )


def test_a_photo_that_lies_among_results_is_counted_and_an_error(predict, photos, tmp_path):
    (photos / "c.jpg").unlink()
    out = photos / "out"
    assert predict(photos / "a.jpg", "--out", out).exit_code == 0
    assert predict(photos).exit_code == 0  # its own pictures are none
    (out / "more").mkdir()
    for name in ("new.jpg", "more/new.PNG"):
        shutil.copy(photos / "a.jpg", out / name)
    result = predict(photos)
    assert result.exit_code == 1
    assert f"results of a run lie there: {out} (2 photos in it)." in result.stderr
    assert result.stderr.endswith("with an error; 2 other files not read.\n")
    assert predict(photos, "--skip-unknown").exit_code == 0


def test_an_empty_folder_beside_others_is_named_and_an_error(predict, photos, tmp_path):
    (photos / "c.jpg").unlink()
    empty = tmp_path / "empty"
    (empty / "below").mkdir(parents=True)
    result = predict(photos, empty)
    assert result.exit_code == 1
    assert f"No photo found in: {empty}; leave it out, or look where they are." in result.stderr
    assert "3 photos: " in result.stderr
    (empty / "below" / "a.jpg").symlink_to(photos / "a.jpg")
    assert "No photo found" not in predict(photos, empty).stderr
    assert "No photo found" not in predict(photos, photos).stderr
