"""The command ``fundus-edge benchmark``."""

import json
import math
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.cache_options import cache_options, chosen_cache
from edge_runtime.commands.console import show_doubt
from edge_runtime.commands.param_types import GivenIdentity, GivenPath, GivenSeconds
from edge_runtime.commands.trust_options import read_trusted, trust_option
from edge_runtime.errors import BenchmarkError, FundusError, PhotoUngradableError, printable

if TYPE_CHECKING:
    from edge_runtime.benchmarking.report import Report, Run
    from edge_runtime.system.machine import Conditions

_CHILD = "from edge_runtime.commands.benchmark import child; child()"


#: The instruction set extensions that decide how quick a network is.
_TOLD_FLAGS = re.compile(
    "avx|avx2|fma|avx512(f|bw|_vnni|_bf16)|avx_vnni|amx_(int8|bf16)|asimd(hp|dp)?|i8mm|bf16|sve2?"
    "|neon|vfpv4"
)


def _thread_counts(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> tuple[int, ...] | None:
    if value is None:
        return None
    parts = value.split(",")
    if not all(part.isdecimal() and 1 <= int(part) <= 256 for part in parts):
        raise click.BadParameter(f"'{value}' is no list of numbers from 1 to 256, as in 1,2,4")
    return tuple(dict.fromkeys(map(int, parts)))


@click.command()
@click.argument("photo", required=False, type=GivenPath())
@click.option(
    "--bundle",
    type=GivenPath(),
    help="Bundle to use.  [default: the one in the package]",
)
@click.option(
    "--expect-identity",
    type=GivenIdentity(),
    metavar="HASH",
    help="Refuse another bundle than this: its identity as records have it, or 12 digits of it.",
)
@trust_option
@click.option("--model", metavar="NAME", help="Model of the bundle.  [default: the bundle's own]")
@click.option(
    "--seconds",
    type=GivenSeconds(0, 86_400, min_open=True),
    help="Measure for so long.  [default: 1,024 queries, and 60 s at least]",
)
@click.option(
    "--threads",
    callback=_thread_counts,
    metavar="N[,N...]",
    help="Threads of one inference, each measured.  [default: all cores]",
)
@click.option(
    "--provider",
    default="CPU",
    show_default=True,
    metavar="NAME",
    help="Execution provider of the installed ONNX Runtime.",
)
@cache_options("for the model as optimised for this processor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, to keep.")
def benchmark(
    photo: Path | None,
    bundle: Path | None,
    expect_identity: str | None,
    model: str | None,
    seconds: float | None,
    threads: tuple[int, ...] | None,
    provider: str,
    cache: Path | None,
    no_cache: bool,
    as_json: bool,
) -> None:
    """Measure how quick this device is, and whether it stays so.

    Whole predictions of PHOTO, one after the other, as in MLPerf's single-stream scenario, after a
    warm-up: 1,024 of them and 60 s at least, or for the time that --seconds gives. Without PHOTO a
    drawn one of 1,536 x 1,536 pixels is used. Each number of threads is measured in a process of
    its own.
    """
    import pickle

    if photo is not None and photo.is_dir():
        raise click.UsageError(f"{printable(photo)} is a folder: name one photo")

    from edge_runtime.benchmarking.single_stream import report
    from edge_runtime.engine.options import EngineOptions
    from edge_runtime.system.codec import plain

    kept_in, trusted = chosen_cache(cache, no_cache=no_cache), read_trusted(remembers=False)
    runs = []
    for count in threads or (None,):
        engine = EngineOptions(model=model, threads=count, provider=provider, cache=kept_in)
        request = pickle.dumps((bundle, expect_identity, trusted, engine, photo, seconds))
        runs.append(_in_a_process_of_its_own(request))
    found = report(runs)
    measured = runs[0].model
    show_doubt(measured.name, measured.doubt)
    click.echo(json.dumps(plain(found), indent=2, allow_nan=False) if as_json else table(found))


def child() -> None:
    """Measure what stands on stdin and print the result: the process that is measured.

    It is a run, or the sentence that says why there is none, as JSON.
    """
    import pickle

    from edge_runtime.system.machine import spare_memory

    spare_memory()
    from edge_runtime.benchmarking.single_stream import measure
    from edge_runtime.system.codec import plain

    request = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own parent
    bundle, identity, trusted, engine, photo, seconds = request
    parent, shown = os.getppid(), sys.stderr.isatty()
    began = 0.0

    def progress(share: float) -> None:
        nonlocal began
        now = time.monotonic()
        began = now if share == 0 else began  # not before: loading and warming up don't count
        bar.update(int(1000 * share) - bar.pos, seconds_left(now - began, share))
        if os.getppid() != parent:
            os._exit(1)  # it was killed, so nobody waits for a result

    try:
        with click.progressbar(
            length=1000, label="measuring", file=sys.stderr, hidden=not shown,
            show_eta=False, item_show_func=_left,
        ) as bar:  # fmt: skip
            run = measure(
                bundle,
                engine=engine,
                photo=photo,
                seconds=seconds,
                expected_identity=identity,
                trusted=trusted,
                progress=progress,
            )
        result = plain(run)
    except PhotoUngradableError as error:
        result = f"{error}; choose a photo that can be graded"
    except FundusError as error:
        result = str(error)
    except KeyboardInterrupt:
        os._exit(1)  # Ctrl-C goes to the parent too, which says so
    click.echo(json.dumps(result))


def seconds_left(elapsed_s: float, share: float) -> int | None:
    """Tell how many seconds a run still takes; None before anything of it is done.

    Args:
        elapsed_s: Since it began.
        share: What of it is done, 0..1.
    """
    return math.ceil(elapsed_s * (1 - share) / share) if share else None


def _left(seconds: int | None) -> str | None:
    return None if seconds is None else f"{seconds} s left"


def table(report: "Report") -> str:
    """Lay a report out for a person."""
    machine = report.machine
    lines = [
        f"{machine.model}, {machine.machine}, {machine.cores} cores, "
        f"ONNX Runtime {machine.onnxruntime}",
        f"Of use: {' '.join(filter(_TOLD_FLAGS.fullmatch, machine.flags)) or 'not known'}",
    ]
    for run in report.runs:
        height, width = run.photo.size
        lines += [
            "",
            f"{run.threads} thread{'s' if run.threads > 1 else ''}, model "
            f"{run.model.name}, {run.providers[0]}, photo {width} x {height}: "
            f"{run.queries} queries in {run.seconds:.1f} s"
            + ("" if run.rule_met else " (fewer than MLPerf's 1,024 in 60 s)"),
            f"{'ms':10}{'p50':>9}{'p90':>9}{'p99':>9}{'max':>9}{'mean':>9}",
        ]
        for stage, found in run.latency_ms.items():
            values = (found.p50, found.p90, found.p99, found.max, found.mean)
            lines.append(f"{stage:10}" + "".join(f"{value:9.2f}" for value in values))
        lines += [
            f"bundle checked in {run.bundle_ms:.0f} ms, model loaded in {run.load_ms:.0f} ms"
            f"{' (optimised, from the cache)' if run.optimised_model_from_cache else ''}, "
            f"first inference {run.first_inference_ms:.0f} ms, "
            f"peak memory {run.peak_rss_mib:.0f} MiB",
            f"last {run.drift.window_s:.0f} s against the first: "
            f"{run.drift.ratio:.2f} times as long",
            *(f"{when}: {_conditions(told)}" for when, told in run.conditions.items()),
        ]
    return "\n".join(lines)


def _conditions(found: "Conditions") -> str:
    told = {
        "{:.0f} MHz": found.frequency_mhz,
        "of at most {:.0f} MHz": found.highest_frequency_mhz,
        "governor {}": found.governor,
        "{:.0f} °C": found.temperature_c,
    }
    parts = [form.format(value) for form, value in told.items() if value is not None]
    if found.throttling is not None:
        parts.append(", ".join(found.throttling) or "no throttling")
    return ", ".join(parts) or "the system tells no frequency, temperature or throttling"


def _in_a_process_of_its_own(request: bytes) -> "Run":
    import subprocess

    from edge_runtime.benchmarking.report import Run
    from edge_runtime.system.codec import read

    ran = subprocess.run(  # noqa: S603 - this Python, and our own code
        [sys.executable, "-c", _CHILD], input=request, stdout=subprocess.PIPE, check=False
    )
    if ran.returncode != 0:
        raise BenchmarkError(f"its process ended with {ran.returncode}")
    result = json.loads(ran.stdout)
    if isinstance(result, str):
        raise BenchmarkError(result)
    return read(result, Run)
