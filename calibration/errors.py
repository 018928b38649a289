"""Errors of a calibration or a validation, each a sentence that says what to do."""

from collections.abc import Sequence
from pathlib import Path

from edge_runtime.errors import FundusError, printable, ten_named


class NoReferenceError(FundusError, ValueError):
    """There is no original to compare a model with."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"{cause}; name the original by --reference: a model of the bundle, a model.keras or "
            "another bundle's folder"
        )


class NothingToValidateError(FundusError, ValueError):
    """No model is left that could be compared with the original."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"nothing to validate: the bundle has no model but '{reference}', the original itself"
        )


class GatesError(FundusError, ValueError):
    """Gates that can't be judged by."""

    def __init__(self, source: str, cause: str) -> None:
        super().__init__(
            f"{printable(source)} {printable(cause)}; expected a JSON object of numbers by gate, "
            'such as {"agreement_min": 0.99}'
        )


class ExplanationStoreError(FundusError, ValueError):
    """A store of explanations that can't be used, or isn't one."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"{printable(path)}: {cause}")


class StoresDifferError(FundusError, ValueError):
    """Two stores of explanations that can't be compared."""

    def __init__(self, first: Path, second: Path, cause: str) -> None:
        super().__init__(
            f"{printable(first)} and {printable(second)} can't be compared: {cause}; make "
            "both with 'fundus-edge explain store' of the same photos, by models of one form"
        )


class StoringStoppedError(FundusError, RuntimeError):
    """A run of ``explain store`` that was stopped before its last photo."""

    def __init__(self, path: Path, *, done: int, photos: int, exit_status: int) -> None:
        self.path, self.exit_status = path, exit_status
        super().__init__(
            f"Stopped with {done} of {photos} photos done; they are kept in {printable(path)}, and "
            "the same command goes on."
        )


class NoOriginalError(FundusError, ValueError):
    """There is no ONNX model whose weights could be shuffled."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"{printable(cause)}; name by --original an ONNX model of the bundle, or another "
            "bundle's folder"
        )


class NoLogitsError(FundusError, ValueError):
    """A model that doesn't give the logits that a measurement is taken on."""

    def __init__(self, model: str) -> None:
        super().__init__(
            f"model '{printable(model)}' gives probabilities alone, and this needs logits too; "
            "choose another by --model, such as an ONNX one"
        )


class NoPhotoLeftError(FundusError, ValueError):
    """Of the photos that were given none is left to measure anything on."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(
            "no photo is left to measure anything on: "
            + (
                ten_named([printable(reason) for reason in reasons], between="; ")
                or "none was found"
            )
            + "; give photos that 'fundus-edge predict' gives a class"
        )


class LesionMasksError(FundusError, ValueError):
    """A folder of photographs with masks of lesions, or one of its masks, that can't be used."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"{printable(path)}: {printable(cause)}")
