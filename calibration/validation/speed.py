"""Measure models' speed in turns, and each one's load time and memory alone."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import UNSET, UnsetType

from edge_runtime.system.machine import peak_rss_mib, rss_mib

_WARM_UP = 3  # inferences of each model before the first turn


@dataclass(frozen=True, kw_only=True)
class Speed:
    """How long a model takes for a photo, in turns with others, and what it takes alone.

    ``times_as_fast`` as the original is the median over the rounds of the two neighbouring times'
    quotient, where the original's speed can be compared. ``first_ms`` is the first inference;
    ``memory_before_mib`` is with all libraries imported, ``memory_peak_mib`` the most, where the
    system tells.
    """

    rounds: int
    p50_ms: float
    p90_ms: float
    times_as_fast: float | UnsetType = UNSET
    load_ms: float
    first_ms: float
    memory_before_mib: float | UnsetType = UNSET
    memory_peak_mib: float | UnsetType = UNSET


def time_in_turns(
    runs: Mapping[str, Callable[[npt.NDArray[np.uint8]], object]],
    images_of: Mapping[str, npt.NDArray[np.uint8]],
    *,
    rounds: int,
) -> dict[str, list[float]]:
    """Time single photos, the models in turns: A B A B.

    What slows the machine down for a while, another program or its own heat, then meets all
    models alike.

    Args:
        runs: What infers one photo (1, height, width, 3), by model.
        images_of: uint8 (N, height, width, 3) by model, used one after the other.
        rounds: Timed photos of each model.

    Returns:
        Milliseconds of each round, by model.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(-_WARM_UP, rounds):
        for name, run in runs.items():
            at = number % len(images_of[name])
            image = images_of[name][at : at + 1]
            started = time.perf_counter()
            run(image)
            times[name].append((time.perf_counter() - started) * 1000)
    return {name: taken[_WARM_UP:] for name, taken in times.items()}


def speed_of(
    times: list[float], alone: Mapping[str, float], *, original: list[float] | None
) -> Speed:
    """Sum up a model's times in turns and alone; ``original`` are the original's in turns."""
    quotients = None if original is None else np.array(original) / np.array(times)
    p50, p90 = np.percentile(times, [50, 90]).tolist()
    return Speed(
        rounds=len(times),
        p50_ms=p50,
        p90_ms=p90,
        times_as_fast=UNSET if quotients is None else float(np.median(quotients)),
        **alone,
    )


def measure_alone(
    bundle: Path, model: str, *, threads: int, processes: int = 3
) -> dict[str, float]:
    """Load a model and run it once, in a process of its own, a few times over.

    Returns:
        Medians, by the names of ``Speed``.
    """
    command = [sys.executable, "-m", __name__, str(bundle.resolve()), model, str(threads)]
    runs = []
    for _ in range(processes):
        done = subprocess.run(  # noqa: S603 -- this very module
            command,
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"ORT_DISABLE_TELEMETRY": "1"},
            cwd=Path(__file__).parents[2],  # where -m finds this package before any other
        )
        runs.append(json.loads(done.stdout))
    return {key: float(np.median([run[key] for run in runs])) for key in runs[0]}


def _alone(bundle: str, model: str, threads: int) -> None:
    from edge_runtime.bundle.bundle import load_bundle  # noqa: PLC0415 -- so that it can be timed apart
    from edge_runtime.engine.open import open_session  # noqa: PLC0415
    from edge_runtime.engine.options import EngineOptions  # noqa: PLC0415

    loaded = load_bundle(bundle)
    name, entry, _ = loaded.model(model)
    if entry.format == "tflite":
        import ai_edge_litert.interpreter  # noqa: F401, PLC0415
    before = rss_mib()
    started = time.perf_counter()
    session = open_session(loaded, EngineOptions(model=name, threads=threads))
    opened = time.perf_counter()
    image = np.zeros((1, *loaded.manifest.input_size, 3), np.uint8)
    session.run(image, tuple(sorted(session.outputs)))
    ran = time.perf_counter()
    figures = {"load_ms": (opened - started) * 1000, "first_ms": (ran - opened) * 1000}
    if before is not None:
        figures |= {"memory_before_mib": before, "memory_peak_mib": peak_rss_mib()}
    sys.stdout.write(json.dumps(figures))


if __name__ == "__main__":
    _alone(sys.argv[1], sys.argv[2], int(sys.argv[3]))
