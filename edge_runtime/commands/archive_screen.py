"""The command ``fundus-edge archive screen``."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.console import show_doubt
from edge_runtime.commands.param_types import GivenIdentity, GivenPath
from edge_runtime.commands.trust_options import read_trusted, show_trust, trust_options
from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import MissingExtraError

if TYPE_CHECKING:
    from edge_runtime.predict.classifier import Classifier
    from edge_runtime.predict.prediction import Gradients


@click.command(no_args_is_help=True)
@click.argument("source", metavar="SOURCE")
@click.option("--out", required=True, metavar="DEST", help="Folder or URL for the records.")
@click.option(
    "--bundle",
    "bundle_path",
    type=GivenPath(),
    help="Bundle to use; each machine needs it at this path.  [default: the one in the package]",
)
@click.option(
    "--expect-identity", type=GivenIdentity(), metavar="HASH",
    help="Refuse another bundle than this: its identity as records have it, or 12 digits of it.",
)  # fmt: skip
@trust_options
@click.option("--model", metavar="NAME", help="Model of the bundle.  [default: the bundle's own]")
@click.option(
    "--address", metavar="auto|HOST:PORT",
    help="Ray cluster to use, of which this computer is a part.  [default: one that is started on "
    "this computer, and ends]",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(1, 100_000),
    help="Workers at most, each with a model of its own.  [default: one for each --threads "
    "processors]",
)  # fmt: skip
@click.option(
    "--threads", type=click.IntRange(1, 256), default=1, show_default=True,
    help="Threads of one worker's inference.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1), help="Screen so many photos and stop.")
@click.option(
    "--resume", is_flag=True,
    help="Go on with the run in DEST, or begin it: photos that are new or were changed since are "
    "done, the others are passed over.",
)  # fmt: skip
@click.option(
    "--retry-errors", is_flag=True, help="With --resume: do photos again that were errors."
)
@click.option(
    "--class", "choice", default="top", show_default=True, metavar="NAME|top|all",
    help="Class to explain: the predicted one, all, or one by name.",
)  # fmt: skip
@click.option("--maps", is_flag=True, help="Keep the predicted class's heatmap, as float16.")
@click.option("--overlays", is_flag=True, help="Write overlays into DEST/_overlays, a JPEG each.")
@click.option(
    "--gradients",
    type=click.Choice(["exact", "fixed"]),
    help="Grad-CAM from the graph's exact gradients, or from the bundle's constant ones.  "
    "[default: exact where the model has them]",
)
@click.option(
    "--quality-gate/--no-quality-gate", default=True, show_default=True,
    help="Give no class to a photo that can't be graded.",
)  # fmt: skip
@click.option(
    "--max-pixels", type=click.IntRange(1), default=MAX_PIXELS, show_default=True,
    help="Refuse a photo file that claims more pixels, before decoding it.",
)  # fmt: skip
@click.option(
    "--metrics", type=GivenPath(), metavar="FILE",
    help="Write how far it is into FILE each second, as Prometheus reads it.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print events as JSON objects, one a line.")
def screen(
    source: str,
    out: str,
    bundle_path: Path | None,
    expect_identity: str | None,
    model: str | None,
    address: str | None,
    workers: int | None,
    threads: int,
    limit: int | None,
    resume: bool,
    retry_errors: bool,
    choice: str,
    maps: bool,
    overlays: bool,
    gradients: "Gradients | None",
    quality_gate: bool,
    max_pixels: int,
    metrics: Path | None,
    as_json: bool,
) -> None:
    """Screen an archive's photographs, and write their records as Parquet files.

    SOURCE is a folder, a CSV or Parquet list with a column "path" (and if you like "source" and
    "date"), or a URL of an object store (s3://, gs://). DEST is a folder or a URL.

    Records are committed a thousand photos at a time. Whatever dies, the same command with --resume
    goes on: no photo is lost, none has two records. One that can't be read is a row that says why,
    and the exit status is then 1. Who may read and write a store is told by the environment, as
    AWS_ACCESS_KEY_ID is, never by a URL.

    For research and education only: not a validated diagnostic tool.
    """
    from edge_runtime.commands.archive_show import run_job

    if retry_errors and not resume:
        raise click.UsageError("--retry-errors needs --resume")
    check_installed()
    from edge_runtime.archive.place import place_of
    from edge_runtime.archive.rows import Wanted
    from edge_runtime.archive.screening import Job
    from edge_runtime.archive.worker import Setup

    place, trusted = place_of(out), read_trusted()
    if metrics is not None and _is_in(metrics, place.root):
        raise click.UsageError("--metrics lies in DEST, which is read as one table: choose another")
    wanted = Wanted(choice, maps, place if overlays else None)
    folder = None if bundle_path is None else os.path.abspath(bundle_path)  # noqa: PTH100
    setup = Setup(
        folder, expect_identity or "", model, threads, gradients, quality_gate, max_pixels, wanted
    )
    job = Job(source, place, setup, address, workers, limit, resume, retry_errors)
    check = partial(_check_model, choice=choice)
    if run_job(job, as_json=as_json, check=check, trusted=trusted, metrics=metrics):
        sys.exit(1)


def _is_in(file: Path, folder: str) -> bool:
    return Path(os.path.abspath(file)).is_relative_to(folder)  # noqa: PTH100 - links stay


def _check_model(classifier: "Classifier", *, choice: str) -> None:
    """Refuse a choice that the classes don't allow, and say of the model what ``predict`` says."""
    from edge_runtime.bundle.verdict import doubt_of
    from edge_runtime.commands.screen import check_choice

    check_choice(choice, classifier.bundle.manifest.classes)
    show_trust(classifier.bundle)
    show_doubt(classifier.session.name, doubt_of(classifier.session.entry.verdict))


def check_installed() -> None:
    """Find out before anything is done whether the extra is there.

    Raises:
        MissingExtraError: It isn't.
    """
    from importlib.util import find_spec

    for name in ("pyarrow", "ray", "matplotlib"):
        if find_spec(name) is None:
            raise MissingExtraError("cluster", name)
