"""The command ``fundus-edge explain store``."""

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calibration.commands.model_options import model_options
from edge_runtime.commands.cache_options import cache_options, chosen_cache
from edge_runtime.commands.console import show_doubt, show_passed_over
from edge_runtime.commands.param_types import GivenPath
from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import OutputFailedError, printable, ten_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calibration.explanations.store.info import StoreInfo
    from calibration.explanations.store.named import NamedPhoto
    from calibration.explanations.store.row import UnreadablePhoto
    from edge_runtime.predict.classifier import Classifier
    from edge_runtime.predict.prediction import Gradients


@click.command()
@click.argument("paths", nargs=-1, required=True, type=GivenPath(), metavar="PHOTOS...|DATASET")
@click.option(
    "--out",
    required=True,
    type=GivenPath(),
    metavar="STORE",
    help="Folder of the store: a new one, or one that takes in what it doesn't have yet.",
)
@model_options
@click.option(
    "--gradients",
    type=click.Choice(["exact", "fixed"]),
    help="Grad-CAM from the graph's exact gradients, or from the bundle's constant ones.  "
    "[default: exact where the model has them]",
)
@click.option(
    "--split",
    type=click.Choice(["train_dir", "val_dir", "test_dir", "all"]),
    help="Part of a DATASET; all takes every split.  With it, a folder of class folders is a "
    "DATASET too.  [default: all]",
)
@click.option(
    "--skip-unknown",
    is_flag=True,
    help="Files of a folder that aren't read are named and don't count as errors.",
)
@click.option(
    "--max-pixels",
    type=click.IntRange(1),
    default=MAX_PIXELS,
    show_default=True,
    help="Refuse a photo file that claims more pixels, before decoding it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the store's figures as JSON.")
@cache_options("for the model as optimised for this processor")
def store(
    paths: tuple[Path, ...],
    out: Path,
    bundle_path: Path | None,
    model: str | None,
    gradients: "Gradients | None",
    split: str | None,
    skip_unknown: bool,
    max_pixels: int,
    threads: int | None,
    as_json: bool,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Store what a model says of photos and why, for all further analyses.

    PHOTOS are files or folders, searched with their subfolders as by predict; of them the names
    alone tell patient and eye. A folder with labels.csv or train_dir/ in it is a DATASET, named
    alone: its photos have labels too, and sources and patients where it tells them.

    Of each photo the store has every class's Grad-CAM, the probabilities, logits and features, and
    what was known of it when it came in, which stays: photos of which a corrected table says
    something else are named. Photos that the quality gate refuses are stored too, with their fault.
    Those that can't be read are listed, and the exit status is then 1.

    The same command goes on after an interruption, and takes in photos that are new. What is there
    isn't done again. Another bundle, model or --gradients needs another STORE.

    For research and education only: not a validated diagnostic tool.
    """
    from calibration.explanations.store.info import describe_store
    from calibration.explanations.store.known_otherwise import known_otherwise
    from calibration.explanations.store.summary import summarise, summary_text
    from edge_runtime.bundle.verdict import doubt_of
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.engine.options import EngineOptions
    from edge_runtime.predict.start import begin_hashing, open_classifier
    from edge_runtime.system.codec import plain
    from train.evaluation.history import training_seed

    engine = EngineOptions(
        model=model, threads=threads, cache=chosen_cache(cache, no_cache=no_cache)
    )
    begin_hashing(bundle_path, engine)
    _check_places(paths, out)
    classifier = open_classifier(
        bundle_path, engine=engine, gradients=gradients, max_pixels=max_pixels
    )
    seed = training_seed(classifier.bundle.manifest)
    photos, unread = _named(paths, split, seed, skip_unknown=skip_unknown)
    show_doubt(classifier.session.name, doubt_of(classifier.session.entry.verdict))
    broken = _store(classifier, photos, out, describe_store(classifier, split_seed=seed))
    if changed := known_otherwise(out, photos):
        click.echo(f"Warning: {changed}", err=True)
    found = summarise(out)
    click.echo(json.dumps(plain(found), allow_nan=False) if as_json else summary_text(out, found))
    click.echo(DISCLAIMER, err=True)
    if broken or (unread and not skip_unknown):
        sys.exit(1)


def _check_places(paths: tuple[Path, ...], out: Path) -> None:
    """Refuse a store among its photos, and a path that was mistyped."""
    from edge_runtime.photo.find import is_missing

    for path in paths:
        if path.is_dir() and out.resolve().is_relative_to(path.resolve()):
            raise OutputFailedError(out, "it is inside of the photos; choose another place")
    if all(map(is_missing, paths)):
        named = ", ".join(map(printable, paths))
        raise click.ClickException(f"{named}: no such file or folder; nothing was written")


def _named(
    paths: tuple[Path, ...], split: str | None, seed: int, *, skip_unknown: bool
) -> "tuple[Sequence[NamedPhoto], bool]":
    """List the photos, and say of folders of photos what isn't read, and whether there is such."""
    from calibration.explanations.store.named import (
        ALL,
        is_dataset,
        photos_alone,
        photos_of_dataset,
    )
    from edge_runtime.photo.find import find_photos

    datasets = [path for path in paths if is_dataset(path)]
    if split or datasets:
        if len(paths) > 1:
            named = printable((datasets or paths)[0])
            raise click.UsageError(f"{named} is a dataset, which is named alone")
        return photos_of_dataset(paths[0], split=split or ALL, seed=seed), False
    found = find_photos(paths)
    show_passed_over(found, skip_unknown=skip_unknown)
    if not found.photos:
        raise click.ClickException("no photo found in " + ", ".join(map(printable, paths)))
    return photos_alone(found.photos), bool(found.count_unread() or found.empty)


def _store(
    classifier: "Classifier", photos: "Sequence[NamedPhoto]", out: Path, info: "StoreInfo"
) -> int:
    """Explain and store photos behind a progress bar, say what came of them, and count the broken.

    Raises:
        StoringStoppedError: The user or the system stopped it; what is done is kept.
    """
    from calibration.errors import StoringStoppedError
    from calibration.explanations.store.explain_photos import explain_photos
    from calibration.explanations.store.row import StoredPhoto
    from calibration.explanations.store.store import writing
    from edge_runtime.system.interrupts import ending_in_order, stop_status

    done, stored = 0, 0
    broken: list[UnreadablePhoto] = []
    hidden = len(photos) < 2 or not sys.stderr.isatty()
    progress = click.progressbar(length=len(photos), label="photos", file=sys.stderr, hidden=hidden)
    try:
        with (
            ending_in_order(),
            writing(out, info) as writer,
            progress as bar,
            closing(explain_photos(classifier, photos, writer.known)) as outcomes,
        ):
            for outcome in outcomes:
                if isinstance(outcome, StoredPhoto):
                    stored += 1
                elif outcome is not None:
                    broken.append(outcome)
                if outcome is not None:
                    writer.add(outcome)
                done += 1
                bar.update(1)
    except KeyboardInterrupt as stopped:
        status = stop_status(stopped)
        raise StoringStoppedError(
            out, done=done, photos=len(photos), exit_status=status
        ) from stopped
    if broken:
        said = ten_named([each.error for each in broken], between="\n  ")
        click.echo(f"Not read, and listed in the store:\n  {said}", err=True)
    counts = f"{stored} stored, {done - stored - len(broken)} were there, {len(broken)} not read"
    click.echo(f"{len(photos)} photos: {counts}.", err=True)
    return len(broken)
