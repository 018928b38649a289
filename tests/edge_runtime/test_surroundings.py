"""Whatever the system refuses, the command says it in one sentence and leaves nothing half done.

Each command is a process of its own, begun as the installed script begins it.
"""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import cv2
import pytest

from edge_runtime.contract import DEFAULT_BUNDLE
from tests.conftest import EXAMPLE_PHOTO, ROOT

# As at a terminal: jobs in a shell's background start with SIGINT ignored.
START = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from edge_runtime.commands.main import run; run()",
]
PREDICT = [*START, "predict", str(EXAMPLE_PHOTO), "--threads", "1"]


def ran(command, **options):
    given = {"capture_output": True, "cwd": ROOT} | options
    if "stdout" in given:
        given = {**given, "capture_output": False, "stderr": subprocess.PIPE}
    return subprocess.run([*map(str, command)], check=False, text=True, **given)


def shell(command, **options):
    """Run a command line with redirections; ``$@`` is the command."""
    return ran(["sh", "-c", f'"$@" {command}', "sh", *PREDICT], **options)


def refused(result, sentence):
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert sentence in line


@pytest.mark.parametrize(
    "command",
    [[*PREDICT, "--json"], PREDICT, [*START, "--help"], [*START, "--version"],
     [*START, "predict", "--help"]],
    ids=["json", "text", "help", "version", "help of a command"],
)  # fmt: skip
def test_output_that_has_no_room_is_one_sentence(command):
    with Path("/dev/full").open("w") as full:
        result = ran(command, stdout=full)
    refused(result, "the output can't be written: no space left on device; make room")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_are_as_good_as_none(closed, tmp_path):
    result = shell(f"--out {tmp_path / 'out'} {closed}")
    assert result.returncode == 0
    assert "Traceback" not in result.stderr
    record = (tmp_path / "out" / "results.jsonl").read_text("utf-8")
    assert json.loads(record)["status"] == "ok"


def test_what_a_library_prints_never_stands_in_the_results(tmp_path):
    """With stderr closed, the next file that is opened would get its number."""
    code = (
        "import os; from edge_runtime.commands import main as cli\n"
        "from edge_runtime.results import folder as results\n"
        "draw = results.draw_overlay\n"
        "def drawing(*a):\n    os.write(2, b'printed by a library')\n    return draw(*a)\n"
        "results.draw_overlay = drawing\n"
        "cli.run()"
    )
    command = [sys.executable, "-c", code, *PREDICT[3:], "--out", tmp_path / "out"]
    assert ran(["sh", "-c", '"$@" 2>&-', "sh", *command]).returncode == 0
    assert len((tmp_path / "out" / "results.jsonl").read_bytes().splitlines()) == 1
    for file in (tmp_path / "out").iterdir():
        if file.is_file():
            assert b"printed by a library" not in file.read_bytes()


@pytest.mark.parametrize("option", ["--out", "--bundle"])
def test_a_name_that_is_too_long_is_one_sentence(option, tmp_path):
    refused(ran([*PREDICT, option, tmp_path / ("a" * 300)]), "file name too long")


def test_a_current_folder_that_was_deleted_is_no_traceback(tmp_path):
    (tmp_path / "gone").mkdir()
    go = f"cd {tmp_path / 'gone'} && rmdir ../gone && "
    for out, sentence in ((tmp_path / "out", ""), ("out", "can't write there")):
        command = ["sh", "-c", f'{go} "$@"', "sh", *PREDICT, "--out", out]
        result = ran(command, env={**os.environ, "PYTHONPATH": str(ROOT)})
        (tmp_path / "gone").mkdir()
        if sentence:
            refused(result, sentence)
        else:
            assert result.returncode == 0, result.stderr


def test_a_link_that_leads_nowhere_is_no_place_for_results(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    refused(ran([*PREDICT, "--out", tmp_path / "link"]), "it is a link that leads nowhere")


def no_more_memory(mib):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (mib << 20,) * 2)

    return limit


def test_a_prediction_runs_in_little_address_space():
    result = ran(PREDICT, preexec_fn=no_more_memory(700))  # 500 here, but libraries differ
    assert result.returncode == 0, result.stderr
    assert "normal" in result.stdout


PEAK = """
import re, sys
from edge_runtime.commands.main import main
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1])
"""


def test_a_whole_run_over_camera_photos_peaks_below_170_mib(tmp_path):
    photo = cv2.resize(cv2.imread(str(EXAMPLE_PHOTO)), (4288, 2848), interpolation=cv2.INTER_CUBIC)
    (tmp_path / "photos").mkdir()
    for number in range(4):
        cv2.imwrite(str(tmp_path / "photos" / f"{number}.jpg"), photo)
    arguments = ["predict", tmp_path / "photos", "--out", tmp_path / "out", "--class", "all"]
    for _ in range(2):  # the first one fills the cache, and isn't measured
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        result = ran(
            [sys.executable, "-c", PEAK, *arguments],
            env={**os.environ, "FUNDUS_EDGE_CACHE": str(tmp_path / "cache")},
        )
        assert result.returncode == 0, result.stderr
    assert int(result.stdout.split()[-1]) / 1024 < 170  # 165 where this was written


@pytest.mark.parametrize("mib", [150, 250, 300])
def test_too_little_memory_is_one_sentence(mib):
    refused(ran(PREDICT, preexec_fn=no_more_memory(mib)), "there isn't enough memory: close other")


@pytest.fixture
def bundle(tmp_path):
    return Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))


def test_a_manifest_that_has_no_end_is_one_sentence(bundle):
    os.truncate(bundle / "manifest.json", 1 << 34)  # a hole: it takes no room
    refused(ran([*PREDICT, "--bundle", bundle]), "manifest.json has more than 16777216 bytes")


def test_a_file_in_a_bundle_that_isnt_listed_is_named_with_a_remedy(bundle):
    (bundle / "Thumbs.db").touch()
    result = ran([*PREDICT, "--bundle", bundle])
    refused(result, "Thumbs.db is not listed in the manifest; remove it")


def wait_until(holds):
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_says_what_is_kept_and_how_to_go_on(tmp_path, how):
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(300):
        (photos / f"{number}.jpg").symlink_to(EXAMPLE_PHOTO)
    overlays = tmp_path / "out" / "overlays"
    command = [*START, "predict", photos, "--out", tmp_path / "out"]
    with subprocess.Popen(
        [*map(str, command)], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        wait_until(lambda: overlays.exists() and len([*overlays.iterdir()]) > 1)
        process.send_signal(how)
        _, printed = process.communicate(timeout=60)
    assert process.returncode == 128 + how
    assert "Traceback" not in printed
    sentence = printed.splitlines()[-1]
    assert re.fullmatch(
        r"Stopped with \d+ of 300 photos done; they are kept in .*, and the same command with "
        r"--resume goes on\.",
        sentence,
    )
    assert (tmp_path / "out" / "results.jsonl").exists()


@pytest.mark.parametrize("out", [False, True])
def test_a_reader_that_leaves_ends_the_command_with_whole_lines(tmp_path, out):
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(20):
        (photos / f"{number}.jpg").symlink_to(EXAMPLE_PHOTO)
    options = ["--out", tmp_path / "out"] if out else []
    with subprocess.Popen(
        [*map(str, [*START, "predict", photos, "--json", *options])],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert json.loads(process.stdout.readline())["status"] == "ok"
        process.stdout.close()
        printed = process.stderr.read()
    assert process.returncode == 141
    assert "Traceback" not in printed
    assert "BrokenPipe" not in printed
    assert ("of 20 photos done; they are kept in" in printed) == out
    rest = [line for line in printed.splitlines() if not line.startswith("Warning: the model")]
    assert len(rest) == out


def test_help_whose_reader_left_ends_quietly():
    closed, writing = os.pipe()
    os.close(closed)
    result = ran([*START, "--help"], stdout=writing)
    os.close(writing)
    assert (result.returncode, result.stderr) == (141, "")


def members(session):
    """Count the processes that a command and its children are, a session of their own."""
    sessions = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            sessions.append(int(place.read_text().rpartition(")")[2].split()[3]))
    return sessions.count(session)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_benchmark_that_is_stopped_leaves_no_process_and_no_file(tmp_path, how):
    process = subprocess.Popen(
        [*START, "benchmark", "--seconds", "600"], cwd=ROOT, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)}, start_new_session=True,
    )  # fmt: skip
    wait_until(lambda: members(process.pid) == 2)
    time.sleep(2)
    if how == signal.SIGINT:  # the terminal sends it to both
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    _, printed = process.communicate(timeout=60)
    wait_until(lambda: members(process.pid) == 0)
    assert "Traceback" not in printed
    assert not list(tmp_path.iterdir())
