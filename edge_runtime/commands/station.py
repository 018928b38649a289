"""The command ``fundus-edge station``."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.cache_options import cache_options, chosen_cache
from edge_runtime.commands.console import show_doubt
from edge_runtime.commands.lazy_group import LazyGroup
from edge_runtime.commands.param_types import GivenIdentity, GivenPath
from edge_runtime.commands.station_folder import data_folder
from edge_runtime.commands.station_worklist import worklist_options
from edge_runtime.commands.trust_options import read_trusted, show_trust, trust_options
from edge_runtime.errors import printable
from edge_runtime.results.texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_runtime.hospital.worklist_apart import WorklistOf
    from edge_runtime.predict.classifier import Classifier

#: The module of each subcommand.
COMMANDS: dict[str, str] = {
    "password": "edge_runtime.commands.station_password",
    "backup": "edge_runtime.commands.station_backup",
    "restore": "edge_runtime.commands.station_restore",
    "export": "edge_runtime.commands.station_export",
}


@click.group(cls=LazyGroup, modules=COMMANDS, invoke_without_command=True)
@click.option(
    "--inbox",
    type=GivenPath(),
    help="Folder into which the camera writes, subfolders included; nothing in it is changed, and "
    "moved with --archive alone.",
)
@click.option(
    "--data",
    type=GivenPath(),
    help="Folder in which all is kept, made where it isn't.  [default: the inbox's name with "
    "-station behind it]",
)
@click.option(
    "--archive",
    type=GivenPath(),
    help="Folder to which each photo's file is moved from the inbox once the photo is kept.  "
    "[default: none is moved]",
)
@click.option(
    "--demo", is_flag=True, help="Play example photos into an inbox of its own; nothing is kept."
)
@click.option(
    "--bundle", "bundle_path", type=GivenPath(),
    help="Bundle to use.  [default: the one in the package]",
)  # fmt: skip
@click.option(
    "--expect-identity",
    type=GivenIdentity(),
    metavar="HASH",
    help="Refuse another bundle than this: its identity as records have it, or 12 digits of it.",
)
@trust_options
@click.option("--model", metavar="NAME", help="Model of the bundle.  [default: the bundle's own]")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address of this computer for the page. One that others can reach, or 0.0.0.0 for all, "
    "needs a password: fundus-edge station password.",
)
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="Further name or address by which other computers call this one. May be repeated.",
)
@click.option(
    "--tls-certificate",
    type=GivenPath(),
    help="PEM file of a certificate, so that nobody on the network can read along; with --tls-key.",
)
@click.option("--tls-key", type=GivenPath(), help="PEM file of the certificate's key.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True,
    help="Port of the page; 0 takes any that is free.",
)  # fmt: skip
@click.option(
    "--send-queue",
    type=GivenPath(),
    help="Queue of dicom send or fhir send, of which the page Settings says how it stands.",
)
@worklist_options
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help="Language of the pages.",
)
@click.option(
    "--threads", type=click.IntRange(1, 256), help="Threads of one inference.  [default: all cores]"
)
@cache_options("for the model as optimised for this processor")
@click.pass_context
def station(
    ctx: click.Context,
    inbox: Path | None,
    data: Path | None,
    archive: Path | None,
    demo: bool,
    bundle_path: Path | None,
    expect_identity: str | None,
    model: str | None,
    host: str,
    names: tuple[str, ...],
    tls_certificate: Path | None,
    tls_key: Path | None,
    port: int,
    send_queue: Path | None,
    worklist: "Callable[[], WorklistOf | None]",
    language: str,
    threads: int | None,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Serve a screening camp: photos from the camera's folder, results on a page.

    Each photo that comes to lie in the inbox is classified once it is there to its end, and appears
    by itself on the page, with its heatmap and what to do. Everything is kept in the data folder,
    whatever happens to the computer; started again, the station goes on.

    Open the page that it names in a browser on this computer. Ctrl-C ends it.

    For research and education only: not a validated diagnostic tool.
    """
    if ctx.invoked_subcommand is not None:
        _refuse_options(ctx)
        return
    from edge_runtime.system.machine import spare_memory

    spare_memory(large=1 << 17, heaps=1)  # so that a long day doesn't tear the heap
    from edge_runtime.commands.station_archive import check_archive
    from edge_runtime.commands.station_log import logged_store
    from edge_runtime.commands.station_place import place_of, tell
    from edge_runtime.station.web.server import serve
    from edge_runtime.system.files import one_sentence
    from edge_runtime.system.interrupts import ending_in_order

    with _places(inbox, data, demo=demo) as (taken_from, kept_in):
        check_archive(archive, taken_from, kept_in)
        place = place_of(kept_in, host, port, language, names, (tls_certificate, tls_key))
        place = replace(place, send_queue=send_queue, worklist=worklist())
        kept = chosen_cache(cache, no_cache=no_cache)
        classifier = _open(bundle_path, expect_identity, kept_in, model, threads, kept)
        opened = logged_store(kept_in, classifier, place)
        with ending_in_order(), one_sentence(kept_in), opened as store:
            with suppress(KeyboardInterrupt):  # which doesn't come where a shell has it ignored
                serve(taken_from, store, classifier, place, on_ready=tell, archive=archive)
            store.check_in_place()
            where = "nothing is kept" if demo else f"all is kept in {printable(kept_in)}"
            click.echo(f"Ended; {where}.", err=True)


def _open(
    bundle: Path | None,
    identity: str | None,
    data: Path,
    model: str | None,
    threads: int | None,
    cache: Path | None,
) -> "Classifier":
    """Open the bundle, and say what its results are for and whether to rely on them."""
    from edge_runtime.bundle.verdict import doubt_of
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.engine.options import EngineOptions
    from edge_runtime.predict.start import begin_hashing, open_classifier
    from edge_runtime.station.remembered import PREFIX

    engine = EngineOptions(model=model, threads=threads, cache=cache)
    trusted = read_trusted(data, prefix=PREFIX)
    begin_hashing(bundle, engine)
    classifier = open_classifier(bundle, engine=engine, expected_identity=identity, trusted=trusted)
    show_trust(classifier.bundle)
    show_doubt(classifier.session.name, doubt_of(classifier.session.entry.verdict))
    click.echo(DISCLAIMER, err=True)
    return classifier


def _refuse_options(ctx: click.Context) -> None:
    """Say that an option stands before another command, where it does nothing."""
    for parameter in ctx.command.params:
        source = ctx.get_parameter_source(parameter.name or "")
        if source is click.core.ParameterSource.COMMANDLINE:
            given, command = parameter.opts[0], ctx.invoked_subcommand
            raise click.UsageError(f"{given} stands before {command}; options come behind it")


@contextmanager
def _places(inbox: Path | None, data: Path | None, *, demo: bool) -> Iterator[tuple[Path, Path]]:
    """Give the inbox and the data folder: those that are named, or a demonstration's own."""
    if demo and (inbox or data):
        raise click.UsageError("--demo has an inbox and a data folder of its own")
    if not demo:
        if inbox is None:
            raise click.UsageError("--inbox is missing: the folder into which the camera writes")
        if not inbox.is_dir():
            raise click.ClickException(f"{printable(inbox)}: no such folder; make it first")
        kept_in = data_folder(inbox, data)
        if kept_in.resolve().is_relative_to(inbox.resolve()):
            cause = "it lies in the inbox, so its pictures would be taken for photos"
            raise click.ClickException(f"{printable(kept_in)}: {cause}; choose another --data")
        yield inbox, kept_in
        return
    import shutil
    import tempfile
    import threading

    from edge_runtime.station.demo import play

    folder, stop = Path(tempfile.mkdtemp(prefix="fundus-edge-")), threading.Event()
    try:
        (folder / "inbox").mkdir()
        playing = threading.Thread(target=play, args=(folder / "inbox", stop), daemon=True)
        playing.start()
        yield folder / "inbox", folder / "data"
    finally:
        stop.set()
        shutil.rmtree(folder, ignore_errors=True)
