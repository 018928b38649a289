"""The command line ``fundus-edge``, which finds its commands."""

import errno
import gc
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, TextIO

import click

from edge_runtime.commands.lazy_group import LazyGroup
from edge_runtime.errors import FundusError, MissingExtraError, TargetWarning, printable
from edge_runtime.system.interrupts import stop_status

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


_GROUP = "fundus_edge.commands"

#: The module of each command of this package.
_OWN = {
    name: f"edge_runtime.commands.{name}"
    for name in (
        "archive", "benchmark", "dicom", "fhir", "info", "keygen", "log", "predict", "sign",
        "station", "trust", "verify",
    )
}  # fmt: skip

#: Errors of a stream that have no file's name, and what to do about them.
_NOT_WRITTEN = {errno.ENOSPC: "make room for it", errno.EIO: "send it elsewhere"}

#: What the loader of libraries and Python's threads say where memory is short.
_NO_MEMORY = (
    "failed to map segment", "annot allocate memory", "can't start new thread", "std::bad_alloc"
)  # fmt: skip

#: The extras of commands that need one of their own; others need that of their package.
_OWN_EXTRAS = {
    "archive": "cluster",
    "dicom": "hospital",
    "explain": "explain",
    "station": "station",
}

#: Packages whose commands leave more to be done at the end than to write what was printed.
_SLOW_TO_LEAVE = {"train", "export", "calibration"}


class _Commands(LazyGroup):
    """The commands of this package, and those that the others register as entry points."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_registered()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = super().get_command(ctx, cmd_name)
        if found is None and cmd_name in _registered():
            command: click.Command = _registered()[cmd_name].load()
            return command
        return found

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _in_one_sentence():  # --help and --version print from here
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> object:
        try:
            with _in_one_sentence(), _warnings_as_sentences():
                return super().invoke(ctx)
        except ModuleNotFoundError as error:
            name = ctx.invoked_subcommand or ""
            point = _registered().get(name)
            if (point is None and name not in _OWN_EXTRAS) or error.name is None:
                raise
            of_package = point.module.partition(".")[0] if point else ""
            needed = _OWN_EXTRAS.get(name, of_package)
            missing = MissingExtraError(needed, error.name)
            raise click.ClickException(str(missing)) from error


@contextmanager
def _warnings_as_sentences() -> Iterator[None]:
    """Print this package's warnings on stderr as an operator reads them, without a line of code."""
    with warnings.catch_warnings():
        shown = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if issubclass(category, TargetWarning):
                click.echo(f"Warning: {message}", err=True)
            else:
                shown(message, category, *where, **more)

        warnings.showwarning = show
        yield


class _Stopped(click.ClickException):
    """The end of what a user stopped, which is no error."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.exit_code = status  # type: ignore[misc]  # click reads it here

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    """Turn what a user can meet into the sentence that click prints before it exits."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise _Stopped("Stopped before it was done.", stop_status(error)) from error
    except BrokenPipeError as error:  # as behind "| head": whoever wanted more would have read it
        sys.exit(stop_status(error))
    except FundusError as error:
        if error.exit_status != 1:
            raise _Stopped(str(error), error.exit_status) from error
        raise click.ClickException(str(error)) from error
    except Exception as error:  # those of libraries have no class in common
        sentence = _sentence(error)
        if sentence is None:
            raise
        raise click.ClickException(sentence) from error


def _sentence(error: Exception) -> str | None:
    """Say what the system refused; None if that isn't the cause."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{printable(str(error.filename))}: {(error.strerror or str(error)).lower()}"
    if isinstance(error, OSError) and error.errno in _NOT_WRITTEN:
        cause = os.strerror(error.errno or 0).lower()
        return f"the output can't be written: {cause}; {_NOT_WRITTEN[error.errno]}"
    if isinstance(error, MemoryError) or any(sign in str(error) for sign in _NO_MEMORY):
        return (
            "there isn't enough memory: close other programs, or allow this one more (ulimit -v, "
            "a container's limit)"
        )
    return None


def _registered() -> "dict[str, EntryPoint]":
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=_GROUP)}


@click.group(cls=_Commands, modules=_OWN, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fundus-edge", prog_name="fundus-edge")
def main() -> None:
    """Classify fundus photos on a small offline computer, and explain every prediction.

    For research and education only: not a validated diagnostic tool.
    """


def run() -> None:
    """Run the command line as a process of its own: ``main``, and a quick way in and out."""
    _open_closed_streams()
    gc.set_threshold(50_000)  # imports make many objects and no garbage
    status = 1
    try:
        main()
    except SystemExit as exited:
        _let_go_if_closed(sys.stdout)
        _let_go_if_closed(sys.stderr)
        if sys.modules.keys() & _SLOW_TO_LEAVE or not isinstance(exited.code, int | None):
            raise
        status = exited.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    # Nothing is left to be done, and taking numpy, OpenCV and ONNX Runtime down object by object
    # takes a tenth of the time of a prediction.
    os._exit(status)


def _let_go_if_closed(stream: TextIO) -> None:
    """Send nowhere what nobody reads, or Python would complain of it at the end."""
    try:
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _open_closed_streams() -> None:
    """Let nothing else take the place of a stream that is closed, as with ``>&-``.

    The next file that is opened would get its number, and what a C library prints would stand in
    the results.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) < 3:  # it takes the lowest that is free
        pass
    os.close(number)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


if __name__ == "__main__":
    main()
