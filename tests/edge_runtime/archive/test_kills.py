"""Whatever is killed of a run, going on with it gives each photograph's record, once and the same.

Four kills, or as many as the variable FUNDUS_EDGE_KILLS says:

    FUNDUS_EDGE_KILLS=20 pytest tests/edge_runtime/archive/test_kills.py
"""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.edge_runtime.archive.processes import below, called
from tests.edge_runtime.archive.runs import records_in, screen, write_archive

PHOTOS, PARTITION = 24, 3
KILLS = int(os.environ.get("FUNDUS_EDGE_KILLS", "4"))

#: What is killed, by what its command line has: not that of the driver, which others have until
#: they are what they shall be.
VICTIMS = ("worker", "driver", "raylet", "decoder")
SIGNS = {
    "worker": b"ray::Map", "raylet": b"raylet/raylet", "decoder": b"edge_runtime.archive.decod",
    "head": b"gcs_server",
}  # fmt: skip

RUN = """
import sys
from edge_runtime.archive import head
from edge_runtime.archive.errors import ClusterError
from tests.edge_runtime.archive.processes import below, called
from tests.edge_runtime.archive.runs import screen
head._EVERY_S, head._PATIENCE_S = 0.5, 5.0
try:
    screen(sys.argv[1], sys.argv[2], partition=int(sys.argv[3]), resume=True)
except ClusterError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
"""


def works(pid):
    """Tell whether a process screens or decodes; agents of Ray may stay for minutes."""
    return any(SIGNS[name] in called(pid) for name in ("worker", "decoder"))


def wait_for(found, *, at_most_s=60):
    until = time.monotonic() + at_most_s
    while not (result := found()):
        assert time.monotonic() < until
        time.sleep(0.1)
    return result


def begin(archive, out):
    command = [sys.executable, "-c", RUN, str(archive), str(out), str(PARTITION)]
    env = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'examples'}"}
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, env=env)


def kill(victim, driver):
    """Kill what is named of a run, if it is there."""
    if victim == "driver":
        driver.kill()
        return
    found = [pid for pid in below(driver.pid) if SIGNS[victim] in called(pid)]
    if found:
        os.kill(found[0], signal.SIGKILL)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return write_archive(tmp_path_factory.mktemp("photos"), PHOTOS)


@pytest.fixture(scope="module")
def undisturbed(photos, tmp_path_factory):
    out = tmp_path_factory.mktemp("records") / "whole"
    screen(photos, out, partition=PARTITION)
    return records_in(out)


@pytest.mark.slow
def test_killed_again_and_again_a_run_loses_and_doubles_nothing(photos, undisturbed, tmp_path):
    generator = np.random.default_rng(0)
    outs, came_through = 1, 0
    for number in range(KILLS):
        out, victim = tmp_path / f"out-{outs}", VICTIMS[number % len(VICTIMS)]
        with begin(photos, out) as driver:
            started = wait_for(
                lambda driver=driver: (
                    any(SIGNS["decoder"] in called(pid) for pid in below(driver.pid))
                    or driver.poll() is not None
                )
            )
            assert started
            time.sleep(float(generator.uniform(0, 1.0)))
            family = below(driver.pid)
            kill(victim, driver)
            said = driver.stderr.read().decode()
            driver.wait(120)
        assert "Traceback" not in said
        wait_for(lambda family=family: not any(map(works, family)))
        if driver.returncode == 0:
            came_through += 1
            assert records_in(out) == undisturbed
            outs += 1
        else:
            assert victim != "decoder", said
            if out.exists() and any(out.glob("part-*")):
                assert records_in(out).items() <= undisturbed.items()
    out = tmp_path / f"out-{outs}"
    screen(photos, out, partition=PARTITION, resume=True)
    assert records_in(out) == undisturbed
    assert came_through >= KILLS // 4  # those of decoders, at least


@pytest.mark.slow
@pytest.mark.parametrize(
    ("victim", "sentence"),
    [
        ("head", "the head of the Ray cluster died or can't be reached any more"),
        ("raylet", "what of the Ray cluster runs on this computer (its raylet) died"),
    ],
)
def test_a_cluster_that_dies_is_a_sentence_and_what_is_committed_is_gone_on_with(
    victim, sentence, photos, undisturbed, tmp_path
):
    with begin(photos, tmp_path / "out") as driver:
        wait_for(lambda: any(SIGNS["decoder"] in called(pid) for pid in below(driver.pid)))
        family = below(driver.pid)
        kill(victim, driver)
        said = driver.stderr.read().decode()
        assert driver.wait(60) == 1
    assert sentence in said, said
    assert "Traceback" not in said
    wait_for(lambda: not any(map(works, family)), at_most_s=90)
    screen(photos, tmp_path / "out", partition=PARTITION, resume=True)
    assert records_in(tmp_path / "out") == undisturbed
