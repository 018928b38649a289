"""Start Ray on this computer, or reach the cluster that is named, and say in a sentence what fails.

Nothing of it listens but on this computer, and nobody is told that it is used.
"""

import logging
import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from edge_runtime.archive.contents import Contents
from edge_runtime.archive.entry import begin_ray, have_token, reached
from edge_runtime.archive.errors import ClusterError
from edge_runtime.archive.head import watched
from edge_runtime.errors import FundusError

_LOOPBACK = "127.0.0.1"

#: Shared memory for photographs on their way: two batches to each worker, and some to read ahead.
_STORE_BYTES, _STORE_BYTES_PER_WORKER = 128 << 20, 64 << 20

#: What Ray reads before anything of it is imported.
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DEDUP_LOGS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DISABLE_DOCKER_CPU_WARNING": "1",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
}

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LONGEST_CAUSE = 300


@contextmanager
def cluster(
    address: str | None, *, workers: int | None, threads: int, shared_bytes: int = 0
) -> Iterator[int]:
    """Have a cluster in the block; gives how many workers it has room for.

    Args:
        address: Of one that runs, as Ray writes it; None starts one on this computer, which ends
            with the block.
        workers: How many are asked for; None for as many as there are processors.
        threads: Of each worker.
        shared_bytes: Memory for what is ``shared``.

    Raises:
        ClusterError: It can't be started or reached, or it broke off.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if address is None:  # or Ray would take this computer's address in its network instead
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        have_token()
    else:
        os.environ["RAY_ADDRESS"] = reached(address)  # which Ray takes for "auto"
    import ray

    for name in ("ray", "ray.data", "ray._private"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    wanted = workers or max(1, (os.cpu_count() or 1) // threads)
    options: dict[str, Any] = {
        "log_to_driver": False,
        "logging_level": logging.CRITICAL,
        "configure_logging": False,
    }
    if address is None:
        options |= {
            "num_cpus": wanted * threads,
            "num_gpus": 0,
            "include_dashboard": False,
            "object_store_memory": _STORE_BYTES + wanted * _STORE_BYTES_PER_WORKER + shared_bytes,
            "_node_ip_address": _LOOPBACK,
        }
    try:
        with in_one_sentence(), _same_end():
            begin_ray(address or "local", options)
            _be_quiet()
            room = room_for(threads)
        with watched(ray.get_runtime_context().gcs_address, _own_address()):
            yield workers or room
    finally:
        ray.shutdown()


def _own_address() -> str:
    """Say where what of the cluster runs on this computer answers."""
    import ray

    here = ray.get_runtime_context().get_node_id()
    (own,) = (each for each in ray.nodes() if each["NodeID"] == here)
    return f"{own['NodeManagerAddress']}:{own['NodeManagerPort']}"


def shared(contents: Contents) -> Any:
    """Put what all workers read into Ray's store.

    Returns:
        What stands for it; None for nothing at all.
    """
    import ray

    return ray.put(contents) if len(contents) else None


def room_for(threads: int) -> int:
    """Count the workers that the cluster has processors for at this moment.

    Args:
        threads: Of each worker; all of them are on one machine.

    Raises:
        ClusterError: There is room for none, so that one would be waited for without an end.
    """
    import ray

    each = [node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"]]
    room = sum(int(processors // threads) for processors in each)
    if room == 0:
        raise ClusterError(
            f"no machine of the cluster has the {threads} processors of a worker, the largest has "
            f"{max(each, default=0):.0f}; give fewer --threads, or start a larger machine"
        )
    return room


@contextmanager
def _same_end() -> Iterator[None]:
    """Let a request to end do after the block what it did before: Ray would exit without a word."""
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if is_main and before is not None:
            signal.signal(signal.SIGTERM, before)


def _be_quiet() -> None:
    from ray.data import DataContext

    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.enable_operator_progress_bars = False
    context.print_on_execution_start = False
    for name in ("ray.data", "ray.data.dataset"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Turn what Ray raises into one sentence; what a worker said of a photograph's model stays.

    Raises:
        ClusterError: Ray failed.
    """
    import ray

    try:
        yield
    except FundusError:
        raise
    except (ray.exceptions.RayError, ConnectionError, RuntimeError, ValueError) as error:
        raise ClusterError(_sentence(error)) from error


def _sentence(error: BaseException) -> str:
    """Find in what Ray raised what a worker said, else say what kind of failure it was."""
    within: BaseException | None = error
    while within is not None:
        cause = getattr(within, "cause", None)
        if isinstance(cause, FundusError):
            return f"a worker says: {cause}"
        within = cause if isinstance(cause, BaseException) else within.__cause__
    plain = _COLOURS.sub("", str(error))
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    for line in lines:  # what a worker raised while it began comes as text alone
        name, _, said = line.partition("Error: ")
        if said and name.startswith("edge_runtime."):
            return f"a worker says: {said}"
    if lines and lines[0].startswith("ray::"):  # where it was; what it was stands last
        lines.reverse()
    elif lines and lines[0].endswith(":"):  # what it announces follows
        lines = [" ".join(lines)]
    told = lines[0][:_LONGEST_CAUSE] if lines else type(error).__name__
    return (
        f"the Ray cluster failed ({type(error).__name__}: {told}); what is committed is kept: run "
        "the same command with --resume"
    )
