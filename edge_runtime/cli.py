"""The command line: ``fundus-edge`` and its command ``predict``."""

import gc
import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.benchmark_cli import benchmark
from edge_runtime.errors import FundusError, MissingExtraError, printable

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from edge_runtime.classifier import Gradients

_GROUP = "fundus_edge.commands"

#: Packages whose commands leave more to be done at the end than to write what was printed.
_SLOW_TO_LEAVE = {"train", "export", "calibration"}


class _Commands(click.Group):
    """The commands of this package, and those that the others register as entry points."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_registered()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = super().get_command(ctx, cmd_name)
        if found is None and cmd_name in _registered():
            command: click.Command = _registered()[cmd_name].load()
            return command
        return found

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except FundusError as error:
            raise click.ClickException(str(error)) from error
        except ModuleNotFoundError as error:
            point = _registered().get(ctx.invoked_subcommand or "")
            if point is None or error.name is None:
                raise
            missing = MissingExtraError(point.module.partition(".")[0], error.name)
            raise click.ClickException(str(missing)) from error


def _registered() -> "dict[str, EntryPoint]":
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=_GROUP)}


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fundus-edge", prog_name="fundus-edge")
def main() -> None:
    """Classify fundus photos on a small offline computer, and explain every prediction.

    For research and education only: not a validated diagnostic tool.
    """


main.add_command(benchmark)


def run() -> None:
    """Run the command line as a process of its own: ``main``, and a quick way in and out."""
    gc.set_threshold(50_000)  # imports make many objects and no garbage
    status = 1
    try:
        main()
    except SystemExit as exited:
        if sys.modules.keys() & _SLOW_TO_LEAVE or not isinstance(exited.code, int | None):
            raise
        status = exited.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    # Nothing is left to be done, and taking numpy, OpenCV and ONNX Runtime down object by object
    # takes a tenth of the time of a prediction.
    os._exit(status)


@main.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH..."
)
@click.option(
    "--bundle",
    "bundle_path",
    type=click.Path(path_type=Path),
    help="Bundle to use.  [default: the one in the package]",
)
@click.option("--model", metavar="NAME", help="Model of the bundle.  [default: the bundle's own]")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="New folder for results.csv, results.jsonl, overlays/ and report.html.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per photo.")
@click.option(
    "--class",
    "choice",
    default="top",
    show_default=True,
    metavar="NAME|top|all",
    help="Class to explain: the predicted one, all, or one by name.",
)
@click.option(
    "--gradients",
    type=click.Choice(["exact", "fixed"]),
    default="exact",
    show_default=True,
    help="Grad-CAM from the graph's exact gradients, or from the bundle's constant ones.",
)
@click.option(
    "--threads", type=click.IntRange(1, 256), help="Threads of one inference.  [default: all cores]"
)
@click.option(
    "--provider",
    default="CPU",
    show_default=True,
    metavar="NAME",
    help="Execution provider of the installed ONNX Runtime: CUDA, OpenVINO, CoreML...",
)
@click.option(
    "--cache",
    "cache_path",
    type=click.Path(path_type=Path),
    help="Folder for the model as optimised for this processor.  [default: fundus-edge in the "
    "user's cache folder]",
)
@click.option("--no-cache", is_flag=True, help="Keep no optimised model, and use none.")
def predict(
    paths: tuple[Path, ...],
    bundle_path: Path | None,
    model: str | None,
    out: Path | None,
    as_json: bool,
    choice: str,
    gradients: "Gradients",
    threads: int | None,
    provider: str,
    cache_path: Path | None,
    no_cache: bool,
) -> None:
    """Classify fundus photos and explain each prediction.

    PATH is a photo (JPEG, PNG, TIFF, BMP, WebP) or a folder, which is searched with all its
    subfolders. A photo that can't be read is reported and the others go on; the exit status is
    then 1.

    For research and education only: not a validated diagnostic tool.
    """
    from edge_runtime import digest
    from edge_runtime.machine import spare_memory
    from edge_runtime.manifest import DEFAULT_BUNDLE

    spare_memory()
    digest.begin(bundle_path or DEFAULT_BUNDLE)  # while the imports go on

    from edge_runtime.bundle import load_bundle
    from edge_runtime.classifier import Classifier
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.engine_cache import default_cache
    from edge_runtime.errors import UnknownNameError
    from edge_runtime.photos import find_photos
    from edge_runtime.results import ResultFolder
    from edge_runtime.screening import screen, to_record

    photos = find_photos(paths)
    if not photos:
        raise click.ClickException("no photo found in " + ", ".join(map(str, paths)))
    bundle = load_bundle(bundle_path)
    classes = bundle.manifest.classes
    if choice not in ("top", "all", *classes):
        raise UnknownNameError("class", choice, ("top", "all", *classes))
    classifier = Classifier(
        bundle,
        model=model,
        gradients=gradients,
        threads=threads,
        provider=provider,
        cache=None if no_cache else cache_path or default_cache(),
    )
    width = max(map(len, (*classes, "error")))
    failed = 0
    folder = ResultFolder(out, classifier, choice=choice) if out else None
    with (
        folder or nullcontext(),
        click.progressbar(
            length=len(photos),
            label="photos",
            file=sys.stderr,
            hidden=len(photos) < 2 or not sys.stderr.isatty(),
        ) as bar,
    ):
        for screened in screen(classifier, photos):
            record = (
                folder.add(screened)
                if folder
                else to_record(screened, classifier, choice=choice, overlays={})
            )
            if sys.stderr.isatty():
                click.echo("\r\x1b[K", nl=False, err=True)  # the line stands where the bar was
            if screened.prediction is None:
                failed += 1
                click.echo(f"Error: {record['error']}", err=True)
            if as_json:
                click.echo(json.dumps(record))
            elif screened.prediction is not None:
                total = sum(record["times_ms"].values())
                click.echo(
                    f"{record['class']:<{width}}  {record['confidence']:6.1%}  {total:6.0f} ms"
                    f"  {printable(screened.path)}"
                )
            bar.update(1)
    if out:
        click.echo(f"Results in {out}: open {out / 'report.html'}", err=True)
    click.echo(DISCLAIMER, err=True)
    if failed:
        click.echo(f"{failed} of {len(photos)} photos could not be read.", err=True)
        sys.exit(1)
