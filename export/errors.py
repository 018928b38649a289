"""Errors of an export, each a sentence that says what to do."""

from edge_runtime.errors import FundusError


class ParityError(FundusError, ValueError):
    """An exported model that doesn't compute what the original computes."""

    def __init__(self, model: str, quantity: str, difference: float, limit: float) -> None:
        self.model = model
        self.quantity = quantity
        self.difference = difference
        self.limit = limit
        super().__init__(
            f"{model} differs from the Keras model: {quantity} by {difference:.3g}, allowed "
            f"{limit:.3g}; no bundle was written"
        )


class GraphError(FundusError, ValueError):
    """An exported graph that doesn't have the form that the contract promises."""

    def __init__(self, cause: str, *, kind: str = "ONNX") -> None:
        super().__init__(f"the exported {kind} graph {cause}; no bundle was written")
