"""What a model of this project takes and gives: the names that everything binds by."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Preprocessing:
    """How photos are prepared: what a model was trained on is what it must be given."""

    name: str
    version: int


#: Stands wherever a result is shown.
DISCLAIMER = "For research and education only: not a validated diagnostic tool."

#: The file that makes a folder a bundle.
MANIFEST = "manifest.json"

#: The file beside it that says who signed all the others.
SIGNATURE = "model.sig"

#: All the files that may stand in a bundle for signatures: one each, of as many keys.
SIGNATURES = (SIGNATURE, *(f"{SIGNATURE}.{number}" for number in range(2, 9)))

#: The bundle that the package ships.
DEFAULT_BUNDLE = Path(__file__).parent / "default_bundle"

#: Its identity, the SHA-256 of its manifest, and so of all that is in it: what is trusted unsigned.
#: It changes with the bundle; a test holds the two against each other.
DEFAULT_IDENTITY = "17ff84c261616f1558e882f2ac7cdacb711f277d4a3e82d90c623e5dbd14a47d"

#: The most pixels that a photo may have unless the caller says otherwise: the largest fundus
#: cameras have half of it, and decoded they are 300 MB.
MAX_PIXELS = 100_000_000

#: Written into every manifest. Change it when the pixels of ``round_field.prepare`` change.
PREPROCESSING = Preprocessing("round-field", 2)

#: Input: uint8 (N, height, width, 3), RGB, 0..255, the round field of the photo.
IMAGE = "image"

#: Output: float32 (N, C), softmax of the logits divided by the temperature.
PROBABILITIES = "probabilities"

#: Output: float32 (N, C), before softmax and temperature.
LOGITS = "logits"

#: Output: float32 (N, h, w, K), the activations that enter the global pooling.
LAST_CONV = "last_conv"

#: Output: float32 (N, C, h, w), signed Grad-CAM of every class, in logits, before the ReLU.
CAM = "cam"

#: Output: float32 (N, C), what the biases give to each logit: logits = sum of cam + cam_bias.
CAM_BIAS = "cam_bias"

OUTPUTS = (PROBABILITIES, LOGITS, LAST_CONV, CAM, CAM_BIAS)

Shape = tuple[int | str, ...]


@dataclass(frozen=True)
class TensorSpec:
    """Type and shape of one input or output; "N" is the batch."""

    dtype: str
    shape: Shape


def tensors(
    *, classes: int, input_size: tuple[int, int], feature_shape: tuple[int, int, int]
) -> Mapping[str, TensorSpec]:
    """List every input and output that a model of these dimensions has.

    Args:
        classes: Number of classes C.
        input_size: (height, width) of the input.
        feature_shape: (h, w, K) of ``last_conv``.
    """
    height, width, channels = feature_shape
    return {
        IMAGE: TensorSpec("uint8", ("N", *input_size, 3)),
        PROBABILITIES: TensorSpec("float32", ("N", classes)),
        LOGITS: TensorSpec("float32", ("N", classes)),
        LAST_CONV: TensorSpec("float32", ("N", height, width, channels)),
        CAM: TensorSpec("float32", ("N", classes, height, width)),
        CAM_BIAS: TensorSpec("float32", ("N", classes)),
    }
