"""A run may be killed, filled up or locked out at any moment, and nothing is lost or doubled."""

import csv
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime.commands.main import main
from edge_runtime.results.store import Store
from edge_runtime.system.files import replacing_text, write_file
from tests.conftest import ROOT
from tests.edge_runtime.links import broken_links
from tests.edge_runtime.outcomes import photo_lines
from tests.edge_runtime.results.records import forget

PHOTOS = 14


@pytest.fixture
def photos(dataset, tmp_path):
    """A folder of many photos, one of them broken and one ungradable."""
    folder = tmp_path / "photos"
    folder.mkdir()
    sources = sorted((dataset / "test_dir" / "normal").iterdir())
    for number in range(PHOTOS - 2):
        shutil.copy(sources[number % len(sources)], folder / f"{number:02d}.jpg")
    (folder / "broken.jpg").write_bytes(sources[0].read_bytes()[:3000])
    cv2.imwrite(str(folder / "dark.png"), np.zeros((300, 300, 3), np.uint8))
    return folder


def records(out):
    return [json.loads(line) for line in (out / "results.jsonl").read_bytes().splitlines()]


def check_complete(out, photos):
    found = records(out)
    names = sorted(Path(record["path"]).name for record in found)
    assert names == sorted(file.name for file in photos.iterdir())
    assert sorted(path.name for path in out.iterdir()) == [
        "overlays", "people", "report", "report.html", "results.csv", "results.jsonl",
        "results.sqlite",
    ]  # fmt: skip
    shown = {e["overlay"] for record in found for e in record.get("explanations", [])}
    assert shown == {f"overlays/{path.name}" for path in (out / "overlays").iterdir()}
    for name in shown:
        assert cv2.imread(str(out / name)) is not None
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["path"] for row in csv.DictReader(file)] == [r["path"] for r in found]
    report = (out / "report.html").read_text("utf-8")
    assert report.count('<tr id="n') == len(found)
    assert report.endswith("</html>\n")
    for page in (out / "report.html", *(out / "report").glob("*.html")):
        assert broken_links(page) == []


@pytest.mark.slow
def test_a_run_killed_at_random_moments_is_completed_by_resume(exported, photos, tmp_path):
    out = tmp_path / "out"
    command = [
        sys.executable, "-m", "edge_runtime.commands.main", "predict", photos, "--bundle", exported,
        "--out", out, "--resume", "--threads", "1",
    ]  # fmt: skip
    generator = np.random.default_rng(0)
    killed, done = 0, {}
    for _ in range(12):
        with subprocess.Popen(
            [*map(str, command), "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            # let it come to work, then kill it within the next few photos
            lines = process.stdout.readline()
            time.sleep(float(generator.uniform(0, 0.03)))
            process.kill()
            lines += process.stdout.read()
        killed += process.returncode == -signal.SIGKILL
        said = {json.loads(line)["path"]: line for line in lines.split(b"\n")[:-1]}
        for path, line in said.items():
            assert done.get(path) in (None, line)  # no photo is done anew: its times would differ
        with closing(Store(out)) as store:
            kept = {
                each.path: said.get(each.path, done.get(each.path)) for each in store.outcomes()
            }
        assert kept.keys() >= done.keys() | said.keys()  # and none that was shown is lost
        done = kept
        if len(done) == PHOTOS:
            break
    assert killed >= 2  # else nothing was tested
    ran = subprocess.run([*map(str, command)], check=False, capture_output=True, text=True)
    assert ran.returncode == 1  # the broken photo
    assert "Traceback" not in ran.stderr
    check_complete(out, photos)


@pytest.mark.parametrize(
    "step",
    ["start", "described", "overlay", "record", "lines", "table", "picture", "details", "report",
     "complete"],
)  # fmt: skip
def test_a_run_that_dies_at_any_step_is_completed_by_resume(
    predict, exported, photos, tmp_path, monkeypatch, step
):
    from edge_runtime.results import exports, report
    from edge_runtime.results import folder as results

    class Died(BaseException):
        pass

    def dying(function, *, after=0, before_it=True):
        calls = iter(range(1000))

        def wrapped(*arguments, **options):
            if next(calls) < after:
                return function(*arguments, **options)
            if not before_it:
                function(*arguments, **options)
            raise Died

        return wrapped

    with monkeypatch.context() as patch:
        if step == "start":
            patch.setattr(Store, "note", dying(Store.note))
        elif step == "described":
            patch.setattr(Store, "note", dying(Store.note, before_it=False))
        elif step == "overlay":
            patch.setattr(results, "write_file", dying(write_file, after=5, before_it=False))
        elif step == "record":
            patch.setattr(Store, "add", dying(Store.add, after=6))
        elif step == "complete":
            patch.setattr(Store, "note", dying(Store.note, after=1))
        elif step == "picture":
            patch.setattr(report, "_write", dying(report._write, after=5))
        else:
            module = exports if step in ("lines", "table") else report
            after = int(step in ("table", "report"))
            patch.setattr(module, "replacing_text", dying(replacing_text, after=after))
        out = tmp_path / "out"
        with pytest.raises(Died):
            main(
                ["predict", str(photos), "--bundle", str(exported), "--out", str(out)],
                standalone_mode=False,
            )
    result = predict(photos, "--out", out, "--resume")
    assert result.exit_code == 1
    check_complete(out, photos)


def test_what_is_made_of_the_store_is_made_again_and_stray_files_are_cleared_away(
    predict, photos, tmp_path
):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    with closing(Store(out)) as store:
        forget(store, 3, PHOTOS)
    (out / "overlays" / ".0004-x.png.partial").write_bytes(b"half")
    (out / "results.jsonl").write_bytes(b"half a li")
    (out / "results.csv").unlink()
    (out / "report.html").unlink()
    result = predict(photos, "--out", out, "--resume")
    assert f"Resumed: {PHOTOS - 2} of {PHOTOS} photos were done." in result.stderr
    assert len(photo_lines(result.stdout)) == 2
    check_complete(out, photos)


def test_a_photo_whose_overlay_was_lost_with_the_power_is_done_again(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, "--out", out)
    third = records(out)[2]["explanations"][0]["overlay"]
    (out / third).write_bytes(b"")
    (out / "report.html").unlink()
    result = predict(photos, "--out", out, "--resume")
    assert f"Resumed: {PHOTOS - 1} of {PHOTOS}" in result.stderr
    check_complete(out, photos)


def test_a_complete_run_of_photos_that_are_as_they_were_is_left_as_it_is(predict, photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, "--out", out, "--resume")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    again = predict(photos, "--out", out, "--resume")
    assert again.exit_code == 1  # as of the run: one photo couldn't be read
    assert "1 ungradable, 1 with an error." in again.stderr
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_a_full_disk_is_one_sentence_and_the_run_can_go_on(exported, photos, tmp_path):
    """A limit on the size of files stands for the disk: the same calls fail in the same way."""
    out = tmp_path / "out"
    command = [
        sys.executable, "-m", "edge_runtime.commands.main", "predict", photos, "--bundle", exported,
        "--out", out, "--resume",
    ]  # fmt: skip
    limit = 500_000  # bytes: some photos' pictures in the store
    full = subprocess.run(
        [*map(str, command)], check=False, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert full.returncode == 1
    errors = [line for line in full.stderr.splitlines() if line.startswith("Error: ")]
    assert errors[-1] == f"Error: {out}: can't write there: input/output error"
    assert "Traceback" not in full.stderr
    with closing(Store(out)) as store:
        done = {outcome.path for outcome in store.outcomes()}
    assert 0 < len(done) < PHOTOS
    assert not [path for path in out.rglob("*") if path.name.endswith(".partial")]
    ran = subprocess.run([*map(str, command)], check=False, capture_output=True, text=True)
    assert f"Resumed: {len(done)} of {PHOTOS} photos" in ran.stderr
    check_complete(out, photos)


def test_a_read_only_folder_is_one_sentence(predict, photos, tmp_path, monkeypatch):
    def refuse(path, *arguments, **options):
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(os, "mkdir", refuse)
    result = predict(photos / "00.jpg", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path / 'out'}: can't write there: read-only file system\n"


#: Sends itself a Ctrl-C at the moment when a module is looked for, then runs the installed command.
EARLY = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # as at a terminal: a job may ignore it
class Finder:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from {module} import {function}
{function}()
"""


@pytest.mark.parametrize("moment", ["edge_runtime.commands.main", "click", "edge_runtime.errors"])
def test_a_ctrl_c_while_the_command_starts_is_no_traceback(moment):
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    module, function = re.search(r'^fundus-edge = "(.*):(.*)"$', settings, re.MULTILINE).groups()
    code = EARLY.format(module=module, function=function)
    ran = subprocess.run(
        [sys.executable, "-c", code, moment], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "")
