"""Look whether each machine of a cluster has what a run needs, before it begins."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge_runtime.archive.cluster import in_one_sentence
from edge_runtime.archive.destination import RUN
from edge_runtime.archive.errors import ClusterError
from edge_runtime.archive.worker import Setup
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.errors import FundusError
from edge_runtime.version import VERSION


def check_nodes(setup: Setup, photo: str) -> None:
    """Ask each machine of the cluster that is reached.

    One without the photographs would give each that it gets a record of a missing file, and one
    of another version might make other records than the rest.

    Args:
        setup: What workers need.
        photo: The path or URL of one of the photographs.

    Raises:
        ClusterError: A machine lacks something.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    needed = (setup.bundle, setup.identity, _file_of(photo), _overlays(setup))
    gone = (
        ray.exceptions.TaskUnschedulableError, ray.exceptions.WorkerCrashedError,
        ray.exceptions.ObjectLostError, ray.exceptions.NodeDiedError,
    )  # fmt: skip
    with in_one_sentence():
        asked, fetched = {}, ray.put(needed)  # from here, as photographs are
        for node in ray.nodes():
            if node["Alive"]:
                here = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
                look = ray.remote(_look()).options(num_cpus=0, scheduling_strategy=here)
                asked[look.remote(VERSION, fetched)] = node["NodeManagerAddress"]
        for answer, address in asked.items():
            try:
                lacks = ray.get(answer)
            except ray.exceptions.OwnerDiedError:  # it takes this computer for dead
                lacks = _unheard()
            except gone:  # it died meanwhile; others do its work
                continue
            if lacks:
                raise ClusterError(f"the machine {address} of the cluster {lacks}")


def _unheard() -> str:
    if os.environ.get("RAY_AUTH_MODE") == "token":  # Ray sets it too, where it finds a token
        return (
            "has no token, and this computer has one: start the cluster with it (RAY_AUTH_MODE, "
            "RAY_AUTH_TOKEN), or set RAY_AUTH_MODE=disabled here too"
        )
    return "doesn't reach this computer; all ports must be open between the machines of a cluster"


def _file_of(photo: str) -> str | None:
    """Name a file that all must see, if it is there at all: a share that isn't mounted is empty."""
    return photo if "://" not in photo and Path(photo).is_file() else None


def _overlays(setup: Setup) -> str | None:
    place = setup.wanted.overlays
    return place.inner(RUN) if place is not None and place.is_local else None


def _look() -> Callable[[str, Any], str | None]:
    """Give what each machine runs: with its code in it, as it may not be there in this version."""

    def look(version: str, needed: Any) -> str | None:
        try:
            from edge_runtime.version import VERSION as THERE
        except ImportError:
            return (
                "has no fundus-edge for its Python; install it there with the extra cluster, and "
                "start Ray there with that Python"
            )
        if version != THERE:
            return (
                f"has fundus-edge {THERE}, and this computer {version}; install the same version "
                "on all"
            )
        from edge_runtime.archive.nodes import lacking

        return lacking(*needed)

    return look


def lacking(bundle: str | None, identity: str, photo: str | None, run: str | None) -> str | None:
    """Say in a clause what this machine lacks; None where it is all there.

    Args:
        bundle: The bundle's folder, None for the one in the package.
        identity: Its identity.
        photo: The path of a photograph; None for those of a store.
        run: A file in the folder that overlays go to; None where they don't.
    """
    try:
        load_bundle(Path(bundle) if bundle else None, expected_identity=identity)
    except FundusError as error:
        return f"can't use the bundle: {error}"
    if photo is not None and not Path(photo).is_file():
        return f"doesn't see {photo}; photographs must be there by the same path"
    if run is not None and not Path(run).is_file():
        return f"doesn't see {run}; overlays need a folder that all machines share, or a store"
    return None
