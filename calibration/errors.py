"""Errors of a calibration or a validation, each a sentence that says what to do."""

from collections.abc import Sequence

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


class NothingShakenError(FundusError, ValueError):
    """No photo is left whose explanation could be looked at under perturbations."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(
            "no photo is left to perturb: "
            + (
                ten_named([printable(reason) for reason in reasons], between="; ")
                or "none was found"
            )
            + "; give photos that 'fundus-edge predict' gives a class"
        )
