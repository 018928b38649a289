"""Get into Ray, on this computer or by a cluster's address, with a token."""

import os
import re
import secrets
import socket
from pathlib import Path
from typing import Any

from edge_runtime.archive.errors import ClusterError
from edge_runtime.system.stderr import listen, repeat

#: What Ray says of how it logs, and of a token that isn't the cluster's.
_CHATTER = re.compile(r"^.*(?:logging\.cc:|Token authentication is enabled).*\n", re.MULTILINE)
_OTHER_TOKEN = "InvalidAuthToken"  # noqa: S105 - a word of Ray's log

_LONGEST_CAUSE = 300
_PATIENCE_S = 10.0  # until a cluster that is named must have answered


def check_address(address: str | None) -> None:
    """Refuse what isn't the address of a cluster for Ray Data, before anything is done.

    Raises:
        ClusterError: It is one of Ray Client, through which Ray Data doesn't work.
    """
    if address is not None and address.startswith("ray://"):
        raise ClusterError(
            f"{address} is an address of Ray Client, which can't screen an archive; give the "
            "command on a machine of the cluster, with --address auto, or that of its head"
        )


def reached(address: str) -> str:
    """Try to reach a cluster: Ray itself would try for minutes.

    Args:
        address: As Ray writes it; "auto" is the last one that was started here by ``ray start``.
            Ray itself would take one that another process has for itself alone, too.

    Returns:
        The address, HOST:PORT where it was "auto".

    Raises:
        ClusterError: There is none, or it doesn't answer.
    """
    named = _last_started() if address == "auto" else address
    if not named:
        raise ClusterError(
            "no Ray cluster was started on this computer by 'ray start'; give --address HOST:PORT, "
            "or leave it out to use this computer alone"
        )
    host, _, port = named.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():  # Ray says what it takes
        return named
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE_S).close()
    except (OSError, OverflowError) as error:
        where = f"{named}, where the last one of this computer was" if address == "auto" else named
        raise ClusterError(
            f"no Ray cluster answers at {where} ({str(error).lower()}); look whether it runs, or "
            "leave out --address to use this computer"
        ) from error
    return named


def _last_started() -> str:
    """Say where RAY_ADDRESS, or else the last ``ray start`` on this computer, says a cluster is."""
    said = os.environ.get("RAY_ADDRESS", "")
    if said not in ("", "auto"):
        return said
    folder = os.environ.get("RAY_TMPDIR") or "/tmp"  # noqa: S108 - Ray's
    try:
        return Path(folder, "ray", "ray_current_cluster").read_text("utf-8").strip()
    except (OSError, ValueError):
        return ""


def have_token() -> None:
    """Give a cluster on this computer a token of its own, where the user has none in mind.

    Ray would leave one in the home, and use it from then on: it would no longer reach a cluster
    that was started without.
    """
    if not {"RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & {*os.environ}:
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)


def begin_ray(address: str, options: dict[str, Any]) -> None:
    """Start Ray or reach it, and print what it says meanwhile, but for how it logs.

    Raises:
        ClusterError: The cluster wants another token; Ray says that for 20 seconds, by log alone.
    """
    import ray

    def init() -> BaseException | None:
        try:
            ray.init(address, **options)
        except (ray.exceptions.RayError, ConnectionError, RuntimeError, ValueError) as error:
            return error
        return None

    failure, said = listen(init)
    if failure is not None and _OTHER_TOKEN in said:
        raise ClusterError(
            f"the Ray cluster at {address} has another token than this computer: set "
            "RAY_AUTH_MODE=token and RAY_AUTH_TOKEN as they were where it was started"
        ) from failure
    if isinstance(failure, ConnectionError):
        told = next(iter(str(failure).splitlines()), "nothing")[:_LONGEST_CAUSE]
        raise ClusterError(
            f"no way into the Ray cluster at {address}: give the command on one of its machines, "
            f"where 'ray start' runs (Ray says: {told})"
        ) from failure
    repeat(_CHATTER.sub("", said))
    if failure is not None:
        raise failure
