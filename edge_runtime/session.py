"""Open a model file in ONNX Runtime and run it by the names of the contract."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from edge_runtime.bundle import Bundle
from edge_runtime.contract import IMAGE, OUTPUTS, Tensor, tensors
from edge_runtime.errors import BundleInvalidError, ModelFormatError

Arrays = dict[str, npt.NDArray[np.float32]]

_TYPES = {"tensor(uint8)": "uint8", "tensor(float)": "float32"}

_LOAD_ERRORS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)

#: The key of the model file's metadata under which the export writes the class names.
CLASSES_KEY = "classes"


class Session:
    """One model of a bundle, ready to run."""

    #: The outputs that it has.
    outputs = frozenset(OUTPUTS)

    def __init__(
        self, bundle: Bundle, *, model: str | None = None, threads: int | None = None
    ) -> None:
        """Load a model and check its inputs and outputs against the contract.

        Args:
            bundle: Where it comes from.
            model: Its name in the bundle; None for the default model.
            threads: Threads of one inference; None leaves it to ONNX Runtime (all cores).

        Raises:
            UnknownNameError: The bundle has no such model.
            ModelFormatError: It isn't an ONNX model.
            BundleInvalidError: ONNX Runtime can't load it, or it doesn't keep the contract.
        """
        self.name, self.entry, file = bundle.model(model)
        if self.entry.format != "onnx":
            models = bundle.manifest.models.items()
            runnable = tuple(other for other, entry in models if entry.format == "onnx")
            raise ModelFormatError(self.name, self.entry.format, runnable)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if threads is not None:
            options.intra_op_num_threads = threads
        try:
            self._session = onnxruntime.InferenceSession(
                file, options, providers=["CPUExecutionProvider"]
            )
        except _LOAD_ERRORS as error:
            cause = str(error).splitlines()[0]
            raise BundleInvalidError(
                bundle.path, file.name, f"can't be loaded by ONNX Runtime: {cause}"
            ) from error
        self._check(bundle, file)

    def run(self, images: npt.NDArray[np.uint8], outputs: tuple[str, ...]) -> Arrays:
        """Run a batch.

        Args:
            images: uint8 (N, height, width, 3), RGB, prepared.
            outputs: Names from ``contract.OUTPUTS``.

        Returns:
            The outputs by name, shaped as the contract says.
        """
        values = self._session.run(list(outputs), {IMAGE: images})
        return dict(zip(outputs, values, strict=True))

    def _check(self, bundle: Bundle, file: Path) -> None:
        manifest = bundle.manifest
        expected = tensors(
            classes=len(manifest.classes),
            input_size=manifest.input_size,
            feature_shape=manifest.feature_shape,
        )
        found = {node.name: node for node in self._session.get_inputs()}
        if set(found) != {IMAGE}:
            raise BundleInvalidError(
                bundle.path, file.name, f"has the inputs {', '.join(found)}, not {IMAGE}"
            )
        found |= {node.name: node for node in self._session.get_outputs()}
        for name, tensor in expected.items():
            if name not in found:
                raise BundleInvalidError(bundle.path, file.name, f"has no output '{name}'")
            if not _matches(found[name], tensor):
                raise BundleInvalidError(
                    bundle.path,
                    file.name,
                    f"has '{name}' of {found[name].type} {found[name].shape}, "
                    f"but the manifest promises {tensor.dtype} {list(tensor.shape)}",
                )
        written = self._session.get_modelmeta().custom_metadata_map.get(CLASSES_KEY)
        if written is not None and tuple(written.split("\n")) != manifest.classes:
            raise BundleInvalidError(
                bundle.path, file.name, "was exported for other classes than the manifest's"
            )


def _matches(node: Any, tensor: Tensor) -> bool:
    """Compare type and shape; a dimension that the file leaves open fits, a fixed batch doesn't."""
    return (
        _TYPES.get(node.type) == tensor.dtype
        and len(node.shape) == len(tensor.shape)
        and all(
            not isinstance(have, int) or have == want
            for have, want in zip(node.shape, tensor.shape, strict=True)
        )
    )
