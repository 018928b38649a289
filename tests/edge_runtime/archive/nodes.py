"""Start a cluster of several nodes, each as processes of its own, all on the loopback."""

import os
import secrets
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress

from tests.conftest import ROOT
from tests.edge_runtime.archive.processes import below, called

#: ``ray start`` doesn't keep several nodes on the loopback, and what Ray tests itself with does.
_BEGIN = """
import sys
from ray.cluster_utils import Cluster
node = dict(num_cpus=1, object_store_memory=100 << 20, include_dashboard=False)
cluster = Cluster(initialize_head=True, head_node_args=node)
for _ in range(int(sys.argv[1]) - 1):
    cluster.add_node(**node)
print(cluster.address, *(each.all_processes["raylet"][0].process.pid for each in
      cluster.list_all_nodes()), flush=True)
sys.stdin.read()
cluster.shutdown()
"""


class Nodes:
    """A cluster: its ``address``, and the processes that are its nodes, the head first."""

    def __init__(self, held, env):
        self.held, self.env = held, env
        said = held.stdout.readline().split()
        self.address, self.nodes = said[0], [*map(int, said[1:])]

    def run(self, *command, **env):
        """Begin a command of Python on the cluster."""
        return subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=self.env | env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip


#: A node that is silent for some seconds is dead; Ray's own patience is half a minute.
_IMPATIENT = {
    "RAY_health_check_initial_delay_ms": "1000", "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "5",
}  # fmt: skip


@contextmanager
def nodes(folder, count):
    """Have a cluster of so many nodes of one processor in the block, with a token of its own."""
    env = os.environ | _IMPATIENT | {
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32), "HOME": str(folder),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'examples'}",
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", _BEGIN, str(count)], cwd=ROOT, env=env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as held:  # fmt: skip
        try:
            yield Nodes(held, env)
        finally:
            kill(*below(held.pid), held.pid)


def kill(*processes):
    """Kill processes that this test has started."""
    for each in processes:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def workers(node):
    """List the processes of a node that screen."""
    return [pid for pid in below(node) if b"ray::Map" in called(pid)]
