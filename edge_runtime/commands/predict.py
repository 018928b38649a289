"""The command ``fundus-edge predict``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.cache_options import cache_options, chosen_cache
from edge_runtime.commands.console import (
    show_doubt,
    show_errors_before,
    show_standing,
)
from edge_runtime.commands.deidentify_options import (
    deidentify_option,
    looked_at_option,
    nameless_run,
    show_hidden,
)
from edge_runtime.commands.log_options import check_log, log_option, opened_log
from edge_runtime.commands.named_photos import named_photos
from edge_runtime.commands.param_types import GivenIdentity, GivenPath
from edge_runtime.commands.screen import check_choice, conclude, imports_for, screen_photos
from edge_runtime.commands.trust_options import read_trusted, show_trust, trust_options
from edge_runtime.contract import MAX_PIXELS
from edge_runtime.results.texts import LANGUAGES

if TYPE_CHECKING:
    from edge_runtime.exchange.deidentify.screening import NamelessRun
    from edge_runtime.photo.find import FoundPhotos
    from edge_runtime.predict.classifier import Classifier
    from edge_runtime.predict.prediction import Gradients
    from edge_runtime.results.folder import ResultFolder
    from edge_runtime.tlog.writer import Log


@click.command()
@click.argument("paths", nargs=-1, required=True, type=GivenPath(), metavar="PATH...")
@click.option(
    "--bundle",
    "bundle_path",
    type=GivenPath(),
    help="Bundle to use.  [default: the one in the package]",
)
@click.option(
    "--expect-identity",
    type=GivenIdentity(),
    metavar="HASH",
    help="Refuse another bundle than this: its identity as records have it, or 12 digits of it.",
)
@trust_options
@click.option(
    "--model", metavar="NAME|FILE", help="Model of the bundle.  [default: the bundle's own]"
)
@click.option(
    "--out",
    type=GivenPath(),
    help="New folder for results.sqlite and what is made of it: results.csv, results.jsonl, "
    "overlays/, report.html with its pages in report/, and people/ with a page of each person.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the run in --out, or begin it: photos that are new or were changed since are "
    "done, the others stay as they are.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="Language of the persons' pages in --out.  [default: en; with --resume as before]",
)
@log_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per photo.")
@click.option(
    "--skip-unknown",
    is_flag=True,
    help="Files of a folder that aren't read (HEIC, raw, PDF, video, unknown kinds, photos "
    "among results) are named and don't count as errors.",
)
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
    "--quality-gate/--no-quality-gate",
    default=True,
    show_default=True,
    help="Give no class to a photo that can't be graded: too dark, too bright, blurred, or no "
    "fundus by its looks.",
)
@click.option(
    "--max-pixels",
    type=click.IntRange(1),
    default=MAX_PIXELS,
    show_default=True,
    help="Refuse a photo file that claims more pixels, before decoding it.",
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
@deidentify_option(pictures="pictures black outside of the eye")
@looked_at_option
@cache_options("for the model as optimised for this processor")
def predict(
    paths: tuple[Path, ...],
    bundle_path: Path | None,
    expect_identity: str | None,
    model: str | None,
    out: Path | None,
    resume: bool,
    language: str | None,
    log: Path | None,
    as_json: bool,
    skip_unknown: bool,
    choice: str,
    gradients: "Gradients | None",
    quality_gate: bool,
    max_pixels: int,
    threads: int | None,
    provider: str,
    deidentify: bool,
    pseudonyms: Path | None,
    looked_at: bool,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Classify fundus photos and explain each prediction.

    PATH is a photo (JPEG, PNG, TIFF, BMP, WebP; DICOM with the extra "hospital") or a folder, which
    is searched with all its subfolders.

    A photo that can't be read is reported and the others go on; the exit status is then 1. So it is
    where a folder has no photo or files that aren't read (HEIC, raw, PDF, video, unknown kinds):
    they are named. Texts, tables and what systems put into folders are passed over.

    An ungradable photo gets no class but a reason. It is a result, not an error: the exit status
    stays 0, and "status" in the JSON and the tables is "ungradable".

    For research and education only: not a validated diagnostic tool.
    """
    from edge_runtime.engine.options import EngineOptions
    from edge_runtime.predict.start import begin_hashing, open_classifier
    from edge_runtime.system.machine import spare_memory

    spare_memory()
    cache, trusted = chosen_cache(cache, no_cache=no_cache), read_trusted()
    engine = EngineOptions(model=model, threads=threads, provider=provider, cache=cache)
    begin_hashing(bundle_path, engine)
    _check_place(out, log, resume=resume, language=language, deidentify=deidentify)
    found = named_photos(
        paths, out, resume=resume, skip_unknown=skip_unknown, max_pixels=max_pixels
    )
    nameless = nameless_run(
        pseudonyms, found.photos, deidentify=deidentify, is_looked_at=looked_at,
        apart_from=(*paths, *filter(None, [out])),
    )  # fmt: skip
    classifier = open_classifier(
        bundle_path, engine=engine, gradients=gradients, quality_gate=quality_gate, trusted=trusted,
        max_pixels=max_pixels, expected_identity=expect_identity, meanwhile=imports_for(out),
    )  # fmt: skip
    with opened_log(log) as kept:
        into = _folder(out, classifier, choice, found, nameless, kept, resume, language)
        _run(classifier, found, into, nameless, choice, as_json=as_json, skip=skip_unknown)


def _run(
    classifier: "Classifier",
    found: "FoundPhotos",
    folder: "ResultFolder | None",
    nameless: "NamelessRun | None",
    choice: str,
    *,
    as_json: bool,
    skip: bool,
) -> None:
    """Predict the photos, say what came of it, and leave with 1 where something is wrong.

    ``skip`` says that files that aren't read are no errors.
    """
    from edge_runtime.bundle.verdict import doubt_of

    show_trust(classifier.bundle)
    show_doubt(classifier.session.name, doubt_of(classifier.session.entry.verdict))
    tally = screen_photos(
        classifier, found.photos, folder, choice=choice, as_json=as_json, nameless=nameless
    )
    show_hidden(nameless if folder else None)
    has_errors = conclude(folder, tally, found)
    if has_errors or found.empty or (found.count_unread() and not skip):
        sys.exit(1)


def _check_place(
    out: Path | None, log: Path | None, *, resume: bool, language: str | None, deidentify: bool
) -> None:
    """Refuse options that say something of a folder where none is named."""
    check_log(log, out)
    if resume and out is None:
        raise click.UsageError("--resume needs --out, the folder of the run to go on with")
    if language and out is None:
        raise click.UsageError("--language needs --out, the folder with the persons' pages")
    if resume and deidentify:
        raise click.UsageError("--resume can't find again what --deidentify wrote; leave out one")


def _folder(
    out: Path | None,
    classifier: "Classifier",
    choice: str,
    found: "FoundPhotos",
    nameless: "NamelessRun | None",
    log: "Log | None",
    resume: bool,
    language: str | None,
) -> "ResultFolder | None":
    """Make the result folder, or take up the run in it; None where none is named."""
    check_choice(choice, classifier.bundle.manifest.classes)
    if out is None:
        return None
    from edge_runtime.results.folder import ResultFolder
    from edge_runtime.results.run import describe_run

    run = describe_run(classifier, choice=choice, is_nameless=nameless is not None)
    folder = ResultFolder(
        out, classifier, run=run, choice=choice, photos=found.photos, resume=resume,
        language=language, log=log,
    )  # fmt: skip
    show_standing(folder.standing)
    show_errors_before(folder.errors_before)
    return folder
