"""The base of all errors, and those of a device. Each takes values and builds its own sentence."""

from collections.abc import Sequence
from pathlib import Path

from edge_runtime.extras import install_command


class FundusError(Exception):
    """Base of every expected error: the command line prints its sentence and exits with a status.

    ``exit_status`` is 1, or 128 and the number of the signal that a user's stop came by.
    """

    exit_status = 1


class PhotoNotFoundError(FundusError, FileNotFoundError):
    """A photo that was named doesn't exist."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{printable(path)}: no such file; check the name, and the card or disk")


class PhotoUnreadableError(FundusError, ValueError):
    """A file that exists but can't be decoded as a photo."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"{printable(path)}: {printable(cause)}")


class PhotoTooLargeError(PhotoUnreadableError):
    """A photo whose header claims more pixels than are allowed."""

    def __init__(self, path: Path, kind: str, size: tuple[int, int], max_pixels: int) -> None:
        self.size, self.max_pixels = size, max_pixels
        super().__init__(
            path,
            f"the {kind} file claims {size[1]} x {size[0]} pixels, more than the {max_pixels} "
            "allowed; raise the limit with --max-pixels if it is a real photo",
        )


class PhotoUngradableError(FundusError, ValueError):
    """A photo that can be read but not graded, so that no class is computed from it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"ungradable: {reason}")


class AnswerInvalidError(FundusError, ArithmeticError):
    """A model's answer that isn't numbers, so that nothing can be said by it."""

    def __init__(self, model: str, output: str, accelerator: str | None = None) -> None:
        self.model, self.output = model, output
        remedy = (
            f"{accelerator} may overflow in half precision: leave out --provider to run on the CPU"
            if accelerator
            else "try once more, and if it stays so take another model or computer, whose memory "
            "is sound"
        )
        super().__init__(
            f"model '{printable(model)}' answered with '{output}' that isn't finite numbers, so "
            f"nothing is said by it; {remedy}"
        )


class BundleNotFoundError(FundusError, FileNotFoundError):
    """There is no bundle at the path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{printable(path)}: no bundle here (a bundle is a folder with a manifest.json; "
            "make one with 'fundus-edge export')"
        )


class BundleInvalidError(FundusError, ValueError):
    """A bundle that is damaged, newer than this package, or at odds with itself."""

    def __init__(self, bundle: Path, file: str, cause: str) -> None:
        self.bundle, self.file, self.cause = bundle, file, cause
        super().__init__(
            f"bundle {printable(bundle)} refused: {printable(file)} {printable(cause)}"
        )


class BundleIdentityError(FundusError, ValueError):
    """A bundle that isn't the one that was expected."""

    def __init__(self, bundle: Path, identity: str, expected: str) -> None:
        self.bundle, self.identity, self.expected = bundle, identity, expected
        super().__init__(
            f"bundle {printable(bundle)} refused: its identity is {identity}, not "
            f"{printable(expected)} as expected; find out what changed it before you use it"
        )


class OutputExistsError(FundusError, FileExistsError):
    """Something stands where the result should be written, or somebody else is writing there."""

    def __init__(self, path: Path, remedy: str, *, is_busy: bool = False) -> None:
        self.path = path
        found = "" if is_busy else "already exists; "  # the remedy says who is at work
        super().__init__(f"{printable(path)}: {found}{remedy}")


class RunDiffersError(FundusError, ValueError):
    """A run that can't be resumed, because it was begun with something else."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(
            f"{printable(path)}: can't be resumed: {printable(cause)}; repeat the first command "
            "exactly, or choose another folder"
        )


class StoreInvalidError(FundusError, ValueError):
    """A store that can't be used: that of a run, or, with its own ``remedy``, of a camp."""

    def __init__(self, file: Path, cause: str, remedy: str = "") -> None:
        self.file, self.cause = file, cause
        remedy = remedy or (
            "choose another folder for the results (what else stands in this one can still be read)"
        )
        super().__init__(f"{printable(file)}: can't be used: {printable(cause)}; {remedy}")


class ResultsUnreadableError(FundusError, ValueError):
    """A folder of results, or a file of it, from which nothing can be handed on."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"{printable(path)}: can't be read as results: {printable(cause)}")


class RunStoppedError(FundusError, RuntimeError):
    """A run that was stopped before the last photo; ``path`` is its folder, if it has one."""

    def __init__(self, path: Path | None, *, done: int, photos: int, exit_status: int) -> None:
        self.path, self.exit_status = path, exit_status
        kept = (
            f"{f'they are kept in {printable(path)}, and ' if done else ''}"
            "the same command with --resume goes on"
            if path
            else "nothing is kept of them without --out"
        )
        super().__init__(f"Stopped with {done} of {photos} photos done; {kept}.")


class OutputFailedError(FundusError, OSError):
    """A result couldn't be written."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path = path
        super().__init__(f"{printable(path)}: can't write there: {cause}")


class UnknownNameError(FundusError, ValueError):
    """A name (of a class, a model, a mode) that the bundle doesn't have."""

    def __init__(self, kind: str, name: str, known: tuple[str, ...]) -> None:
        self.name, self.known = name, known
        super().__init__(
            f"unknown {kind} '{printable(name)}': choose one of {printable(', '.join(known))}"
        )


class ModelFormatError(FundusError, NotImplementedError):
    """A model of the bundle that this runtime has no engine for."""

    def __init__(self, name: str, found: str, runnable: tuple[str, ...]) -> None:
        self.name = name
        super().__init__(
            f"model '{name}' is a {found} file, which this version doesn't run; of this bundle it "
            f"runs: {', '.join(runnable) or 'none'}"
        )


class TargetWarning(UserWarning):
    """A quantised model runs on another kind of processor than it was made for."""


class MissingExtraError(FundusError, ImportError):
    """A command whose optional packages aren't installed."""

    def __init__(self, extra: str, module: str) -> None:
        self.extra, needed = extra, f"this command needs, in a clone: {install_command(extra)}"
        super().__init__(f"'{module}' is not installed; {needed}")


class ProviderMissingError(FundusError, ValueError):
    """An execution provider that the installed ONNX Runtime doesn't have."""

    def __init__(self, name: str, available: tuple[str, ...]) -> None:
        self.name, self.available = name, available
        super().__init__(
            f"the installed ONNX Runtime has no execution provider '{printable(name)}': choose "
            f"one of {', '.join(available)}, or install the ONNX Runtime that has it"
        )


class ProviderFailedError(FundusError, RuntimeError):
    """An execution provider that is installed but can't be used on this device."""

    def __init__(self, name: str, cause: str) -> None:
        self.name = name
        super().__init__(
            f"the execution provider {name} can't be used here: {printable(cause)}; leave out "
            "--provider to run on the CPU"
        )


class BenchmarkError(FundusError, RuntimeError):
    """A measurement that came to no result."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"the benchmark failed: {printable(cause)}")


_JOINERS = "\u200c\u200d"


def printable(path: Path | str) -> str:
    """Write a path on one line that any terminal and any UTF-8 file can take.

    Control characters and bytes that are no UTF-8 are shown as escapes, so that a file name can
    neither break a line nor an encoder. What joins letters or keeps them apart stays, as names in
    Persian and in languages of India are written with it.
    """
    text = str(path)
    if text.isprintable():  # as almost all are
        return text
    return "".join(
        char
        if char.isprintable() or char in _JOINERS
        else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def ten_named(names: Sequence[str], *, between: str = ", ") -> str:
    """Name ten things at most, and say how many more there are."""
    more = f"and {len(names) - 10} more"
    return between.join(names if len(names) <= 10 else [*names[:10], more])
