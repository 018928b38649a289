"""Measure models' speed in turns, and each one's load time and memory alone."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_runtime.system.machine import peak_rss_mib, rss_mib

_WARM_UP = 3  # inferences of each model before the first turn


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
            elapsed = (time.perf_counter() - started) * 1000
            if number >= 0:
                times[name].append(elapsed)
    return times


def speed_figures(times: Mapping[str, list[float]], *, original: str | None) -> dict[str, Any]:
    """Take p50 and p90 of each model's times, and how many times as fast as the original it is.

    The factor is the median over the rounds of the two neighbouring times' quotient.
    """
    found: dict[str, Any] = {}
    for name, values in times.items():
        found[name] = {
            "rounds": len(values),
            "p50_ms": float(np.percentile(values, 50)),
            "p90_ms": float(np.percentile(values, 90)),
        }
        if original is not None:
            quotients = np.array(times[original]) / np.array(values)
            found[name]["times_as_fast"] = float(np.median(quotients))
    return found


def measure_alone(
    bundle: Path, model: str, *, threads: int | None, processes: int = 3
) -> dict[str, float]:
    """Load a model and run it once, in a process of its own, a few times over.

    Returns:
        Medians: ``load_ms`` and ``first_ms`` (the first inference); ``memory_before_mib``, with
        all libraries imported, and ``memory_peak_mib``. Empty memory where the system doesn't
        tell it.
    """
    place = str(bundle.resolve())
    command = [
        sys.executable,
        "-m",
        "calibration.validation.speed",
        place,
        model,
        str(threads or 0),
    ]
    environment = os.environ | {"ORT_DISABLE_TELEMETRY": "1"}
    runs = []
    for _ in range(processes):
        done = subprocess.run(  # noqa: S603 -- this very module
            command,
            capture_output=True,
            text=True,
            check=True,
            env=environment,
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
    session = open_session(loaded, EngineOptions(model=name, threads=threads or None))
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
