"""Check that a model file takes and gives what the contract and its manifest promise."""

from collections.abc import Callable, Collection
from pathlib import Path

from edge_runtime.bundle.bundle import Bundle
from edge_runtime.contract import IMAGE, TensorSpec, tensors
from edge_runtime.errors import BundleInvalidError

#: What a tensor is and what was promised, type and shape in words; None where they agree.
Misfit = tuple[str, str] | None


def check_contract(
    bundle: Bundle,
    file: Path,
    inputs: Collection[str],
    outputs: Collection[str],
    *,
    required: Collection[str],
    misfit: Callable[[str, TensorSpec], Misfit],
) -> None:
    """Check a model's inputs and outputs.

    Args:
        bundle: Where it comes from.
        file: The model's file.
        inputs: Their names.
        outputs: Likewise.
        required: The outputs that it must have.
        misfit: Compares what it has under a name with what is promised.

    Raises:
        BundleInvalidError: It doesn't keep the contract.
    """
    manifest = bundle.manifest
    if set(inputs) != {IMAGE}:
        cause = f"has the inputs {', '.join(inputs)}, not {IMAGE}"
        raise BundleInvalidError(bundle.path, file.name, cause)
    expected = tensors(
        classes=len(manifest.classes),
        input_size=manifest.input_size,
        feature_shape=manifest.feature_shape,
    )
    for name in required:
        if name not in outputs:
            raise BundleInvalidError(bundle.path, file.name, f"has no output '{name}'")
    for name, promised in expected.items():
        found = misfit(name, promised) if name in {IMAGE, *outputs} else None
        if found:
            cause = f"has '{name}' of {found[0]}, but the manifest promises {found[1]}"
            raise BundleInvalidError(bundle.path, file.name, cause)
