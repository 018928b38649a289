"""A cluster of several nodes that the user started screens as this computer alone does."""

import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from edge_runtime.archive import nodes as asking
from edge_runtime.archive.cluster import _sentence as sentence_of
from edge_runtime.archive.entry import reached
from edge_runtime.archive.errors import ClusterError
from edge_runtime.archive.nodes import lacking
from edge_runtime.archive.worker import Setup, open_for
from edge_runtime.version import VERSION
from tests.edge_runtime.archive.listening import LOOPBACK, listening
from tests.edge_runtime.archive.nodes import kill, nodes, workers
from tests.edge_runtime.archive.processes import below, called
from tests.edge_runtime.archive.runs import predicted, records_in, screen, write_archive

PHOTOS = 60
IDENTITY = open_for(Setup(None, "")).bundle.identity
COMMAND = "from edge_runtime.commands.process import run; run()"

#: As the command does, but for partitions of which several are committed before a node dies.
RUN = """
import sys
from edge_runtime.archive.cluster import _sentence as sentence_of
from edge_runtime.archive.errors import ClusterError
from tests.edge_runtime.archive.runs import screen
source, out, address = sys.argv[1:]
try:
    screen(source, out, address=address, partition=4, resume=True)
except ClusterError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
"""

#: What is asked, as it comes to a machine that doesn't have this project.
THERE = """
import sys
from ray import cloudpickle
from edge_runtime.archive.nodes import _look
sent = cloudpickle.dumps(_look())
for name in [name for name in sys.modules if name.startswith("edge_runtime")]:
    del sys.modules[name]
sys.modules["edge_runtime"] = None
print(cloudpickle.loads(sent)("1", None))
"""


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return write_archive(tmp_path_factory.mktemp("photos"), PHOTOS)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A cluster of two nodes; the last test kills one of them."""
    with nodes(tmp_path_factory.mktemp("home"), 2) as cluster:
        yield cluster


def wait_for(found, *, at_most_s=60):
    until = time.monotonic() + at_most_s
    while not (result := found()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return result


def command(photos, out, cluster, *options):
    """Give what a computer of the cluster runs."""
    return ("-c", COMMAND, "archive", str(photos), "--out", str(out), "--address", cluster.address,
            *options)  # fmt: skip


def test_ray_client_is_refused_before_anything_is_written(photos, tmp_path):
    with pytest.raises(ClusterError, match="an address of Ray Client, which can't screen"):
        screen(photos, tmp_path / "out", address="ray://127.0.0.1:10001")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("said_by", ["RAY_ADDRESS", "RAY_TMPDIR"])
def test_the_last_cluster_of_this_computer_is_said_to_be_gone_at_once(
    said_by, tmp_path, monkeypatch
):
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "ray_current_cluster").write_text("127.0.0.1:9\n")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv(said_by, "127.0.0.1:9" if said_by == "RAY_ADDRESS" else str(tmp_path))
    with pytest.raises(
        ClusterError, match=r"at 127\.0\.0\.1:9, where the last one of this computer w"
    ):
        reached("auto")


def test_where_no_cluster_was_started_none_is_sought(tmp_path, monkeypatch):
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.setenv("RAY_ADDRESS", "auto")
    with pytest.raises(ClusterError, match="no Ray cluster was started on this computer"):
        reached("auto")


def test_the_last_cluster_of_this_computer_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        (tmp_path / "ray").mkdir()
        (tmp_path / "ray" / "ray_current_cluster").write_text(address)
        assert reached("auto") == address


def test_a_machine_says_what_it_lacks(photos, tmp_path):
    photo, run = str(photos / "0.jpg"), tmp_path / "_run.json"
    run.touch()
    whole = {"bundle": None, "identity": IDENTITY, "photo": photo, "run": str(run)}
    assert lacking(**whole) is None
    for part, wrong, said in (
        ("bundle", str(tmp_path), "can't use the bundle: .*no bundle here"),
        ("identity", "0" * 64, "can't use the bundle: .*its identity is"),
        ("photo", str(tmp_path / "0.jpg"), "doesn't see .*photographs must be there"),
        ("run", str(tmp_path / "none"), "doesn't see .*overlays need a folder"),
    ):
        assert re.match(said, lacking(**whole | {part: wrong}))


def test_what_a_machine_is_asked_needs_nothing_of_it(monkeypatch):
    look = asking._look()
    assert look(VERSION, (None, IDENTITY, None, None)) is None
    assert look("9.9.9", ()).startswith(f"has fundus-edge {VERSION}, and this computer 9.9.9")
    monkeypatch.setitem(sys.modules, "edge_runtime.version", None)
    assert look(VERSION, ()).startswith("has no fundus-edge for its Python")
    there = subprocess.run(
        [sys.executable, "-c", THERE], capture_output=True, text=True, check=True
    )
    assert there.stdout.startswith("has no fundus-edge for its Python")


def test_of_what_ray_says_the_sentence_has_what_went_wrong():
    other = "Version mismatch: The cluster was started with:\n    Ray: 2.59.0\n    Python: 3.11.7\n"
    task = "\x1b[36mray::look()\x1b[39m (pid=7)\n  File x\nOSError: it is gone"
    for said, part in (
        (other, "Version mismatch: The cluster was started with: Ray: 2.59.0 Python: 3.11.7"),
        (task, "OSError: it is gone"),
        ("it broke\nhere", "it broke"),
    ):
        assert f"(RuntimeError: {part}); what is" in sentence_of(RuntimeError(said))


@pytest.mark.slow
def test_what_stands_in_the_way_is_one_sentence(photos, two, tmp_path):
    other = {"RAY_AUTH_TOKEN": "another", "RAY_NUM_REDIS_GET_RETRIES": "2"}
    for options, env, said in (
        (("--threads", "2"), {}, "no machine of the cluster has the 2 processors of a worker"),
        ((), other, f"the Ray cluster at {two.address} has another token than this computer"),
    ):
        ran = two.run(*command(photos, tmp_path / "out", two, "--resume", *options), **env)
        _, told = ran.communicate(timeout=60)
        assert ran.returncode == 1
        assert told.startswith(f"Error: {said}")
        assert told.count("\n") == 1


@pytest.mark.slow
def test_ctrl_c_ends_a_run_and_not_the_cluster(photos, two, tmp_path):
    ran = two.run(*command(photos, tmp_path / "out", two))
    wait_for(lambda: [*map(workers, two.nodes)] != [[], []])
    ran.send_signal(signal.SIGINT)
    _, told = ran.communicate(timeout=60)
    assert ran.returncode == 130
    assert told.startswith("Stopped with ")
    assert told.count("\n") == 1
    wait_for(lambda: [*map(workers, two.nodes)] == [[], []])
    assert all(map(called, two.nodes))


@pytest.mark.slow
def test_a_node_that_dies_takes_no_record_along_and_doubles_none(photos, two, tmp_path):
    out = tmp_path / "out"
    head, other = two.nodes
    addresses = {each for pid in below(two.held.pid) for each in listening(pid)}
    assert addresses <= LOOPBACK
    ran = two.run("-c", RUN, str(photos), str(out), two.address)
    wait_for(lambda: workers(head) and workers(other) and [*out.glob("part-*")])
    kill(*below(other), other)
    _, said = ran.communicate(timeout=120)
    assert "Traceback" not in said
    if ran.returncode:
        ran = two.run("-c", RUN, str(photos), str(out), two.address)
        ran.communicate(timeout=120)
    assert ran.returncode == 0
    records = records_in(out)
    assert records == predicted(map(str, photos.iterdir()))
    assert len(records) == PHOTOS
    wait_for(lambda: not workers(head))
    assert called(head)
