"""The command line: ``fundus-edge`` and its command ``predict``."""

import json
import sys
from contextlib import nullcontext
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.errors import FundusError, MissingExtraError, printable

if TYPE_CHECKING:
    from edge_runtime.classifier import Gradients

_GROUP = "fundus_edge.commands"


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


def _registered() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=_GROUP)}


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fundus-edge", prog_name="fundus-edge")
def main() -> None:
    """Classify fundus photos on a small offline computer, and explain every prediction.

    For research and education only: not a validated diagnostic tool.
    """


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
@click.option(
    "--model", metavar="NAME|FILE", help="Model of the bundle.  [default: the bundle's own]"
)
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
    help="Grad-CAM from the graph's exact gradients, or from the bundle's constant ones.  "
    "[default: exact where the model has them]",
)
@click.option(
    "--threads", type=click.IntRange(1, 256), help="Threads of one inference.  [default: all cores]"
)
def predict(
    paths: tuple[Path, ...],
    bundle_path: Path | None,
    model: str | None,
    out: Path | None,
    as_json: bool,
    choice: str,
    gradients: "Gradients | None",
    threads: int | None,
) -> None:
    """Classify fundus photos and explain each prediction.

    PATH is a photo (JPEG, PNG, TIFF, BMP, WebP) or a folder, which is searched with all its
    subfolders. A photo that can't be read is reported and the others go on; the exit status is
    then 1.

    For research and education only: not a validated diagnostic tool.
    """
    from edge_runtime.bundle import load_bundle
    from edge_runtime.classifier import Classifier
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.errors import UnknownNameError
    from edge_runtime.photos import find_photos
    from edge_runtime.referral import referral_line
    from edge_runtime.results import ResultFolder
    from edge_runtime.screening import screen, to_record

    photos = find_photos(paths)
    if not photos:
        raise click.ClickException("no photo found in " + ", ".join(map(str, paths)))
    bundle = load_bundle(bundle_path)
    classes = bundle.manifest.classes
    if choice not in ("top", "all", *classes):
        raise UnknownNameError("class", choice, ("top", "all", *classes))
    classifier = Classifier(bundle, model=model, gradients=gradients, threads=threads)
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
                if record["referral"]:
                    click.echo(f"  {referral_line(record['referral'])}")
            bar.update(1)
    if out:
        click.echo(f"Results in {out}: open {out / 'report.html'}", err=True)
    click.echo(DISCLAIMER, err=True)
    if failed:
        click.echo(f"{failed} of {len(photos)} photos could not be read.", err=True)
        sys.exit(1)
