"""How a model is quantised for each kind of processor."""

from collections.abc import Mapping
from dataclasses import dataclass

from onnxruntime.quantization import QuantType

from edge_runtime.bundle.manifest import ProcessorKind


@dataclass(frozen=True)
class Target:
    """A kind of processor, and the name of its model in a bundle.

    It says the types of activations and weights, and whether weights have only 7 bits
    (``reduced``).
    """

    name: ProcessorKind
    model: str
    activations: QuantType
    weights: QuantType
    reduced: bool


#: By the names of ``edge_runtime.engine.processor_match``. Without VNNI, an x86 processor adds two
#: products of unsigned and signed bytes in 16 bits, which saturates with weights of 8 bits and
#: can't with 7.
TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        Target("x86", "int8", QuantType.QUInt8, QuantType.QInt8, reduced=True),
        Target("x86-vnni", "int8-x86-vnni", QuantType.QUInt8, QuantType.QInt8, reduced=False),
        Target("arm64", "int8-arm64", QuantType.QInt8, QuantType.QInt8, reduced=False),
    )
}
