"""Open a TFLite file of a bundle in LiteRT and run it by the names of the contract."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.bundle import Bundle
from edge_runtime.contract import IMAGE, LAST_CONV, OUTPUTS, PROBABILITIES, TensorSpec
from edge_runtime.engine.contract_check import Misfit, check_contract
from edge_runtime.engine.options import DEFAULTS, EngineOptions
from edge_runtime.errors import BundleInvalidError, MissingExtraError
from edge_runtime.system.stderr import quietly

Arrays = dict[str, npt.NDArray[np.float32]]

#: What a TFLite model must give: the rest of the contract can be computed from them.
REQUIRED = (PROBABILITIES, LAST_CONV)

#: What LiteRT prints of its normal course; it has no option against it.
_INFORMATION = re.compile(r"^INFO: .*\n?", re.MULTILINE)

_INPUT_TYPES = (np.uint8, np.int8, np.float32)
_OUTPUT_TYPES = (np.float32, np.uint8, np.int8, np.int16)


class LiteRtSession:
    """One TFLite model of a bundle, ready to run.

    Inputs and outputs are bound by the signature's names: converters order tensors as they like.
    A quantised input takes the pixels by its scale and zero point, a float one as 0..255; quantised
    outputs are given back as float32. ``outputs`` says which ones of the contract the file has.
    """

    providers: tuple[str, ...] = ("LiteRT",)
    cached = False

    def __init__(self, bundle: Bundle, options: EngineOptions = DEFAULTS) -> None:
        """Load a model and check its signature against the contract.

        Args:
            bundle: Where it comes from.
            options: Which model, and with how many threads.

        Raises:
            UnknownNameError: The bundle has no such model.
            MissingExtraError: LiteRT isn't installed.
            BundleInvalidError: LiteRT can't load it, or it doesn't keep the contract.
        """
        self.name, self.entry, file = bundle.model(options.model)
        sealed = bundle.sealed
        model = {"model_content": sealed.read(file.name)} if sealed else {"model_path": str(file)}
        try:
            self._interpreter = ready_interpreter(**model, num_threads=options.threads)
            signatures = self._interpreter.get_signature_list()
        except (ValueError, RuntimeError) as error:
            cause = (str(error).splitlines() or ["unknown cause"])[0]
            raise BundleInvalidError(
                bundle.path, file.name, f"can't be loaded by LiteRT: {cause}"
            ) from error
        if len(signatures) != 1:
            raise BundleInvalidError(
                bundle.path, file.name, f"has {len(signatures)} signatures, not one"
            )
        self._run = self._interpreter.get_signature_runner(next(iter(signatures)))
        self._inputs: Mapping[str, Any] = self._run.get_input_details()
        self._outputs: Mapping[str, Any] = self._run.get_output_details()
        self.outputs = frozenset(OUTPUTS) & frozenset(self._outputs)
        check_contract(
            bundle, file, self._inputs, self.outputs, required=REQUIRED, misfit=self._misfit
        )
        # A file whose batch is fixed to one photo is run photo by photo.
        self._one_by_one = int(self._inputs[IMAGE]["shape_signature"][0]) != -1

    def run(self, images: npt.NDArray[np.uint8], outputs: tuple[str, ...]) -> Arrays:
        """Run a batch: see ``Engine.run``."""
        batches = (
            [images[at : at + 1] for at in range(len(images))] if self._one_by_one else [images]
        )
        parts = [self._run(**{IMAGE: _to_input(batch, self._inputs[IMAGE])}) for batch in batches]
        return {
            name: np.concatenate([_to_float(part[name], self._outputs[name]) for part in parts])
            for name in outputs
        }

    def _misfit(self, name: str, promised: TensorSpec) -> Misfit:
        details = self._inputs[name] if name == IMAGE else self._outputs[name]
        types = _INPUT_TYPES if name == IMAGE else _OUTPUT_TYPES
        shape = tuple(int(size) for size in details["shape_signature"])
        if details["dtype"] in types and shape[1:] == promised.shape[1:]:
            return None
        return f"{np.dtype(details['dtype'])} {list(shape)}", f"{list(promised.shape)}"


def ready_interpreter(**options: Any) -> Any:
    """Make a LiteRT interpreter of these options, ready to run.

    When its tensors are first allocated it hands the model to its delegate, and prints so on
    stderr; that is held back, and what else it says is not.

    Raises:
        MissingExtraError: LiteRT isn't installed.
        ValueError, RuntimeError: LiteRT can't load the model.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtraError("tflite", str(error.name)) from error

    def make() -> Any:
        interpreter = Interpreter(**options)
        interpreter.allocate_tensors()
        return interpreter

    return quietly(make, _INFORMATION)


def _to_input(images: npt.NDArray[np.uint8], details: Mapping[str, Any]) -> npt.NDArray[Any]:
    """Write pixels in the type that the file takes."""
    kind = details["dtype"]
    scale, zero_point = details["quantization"]
    if kind == np.float32 or (kind == np.uint8 and scale in (0.0, 1.0) and zero_point == 0):
        return np.asarray(images, kind)
    limits = np.iinfo(kind)
    steps = np.rint(images / np.float32(scale)) + zero_point
    return np.asarray(np.clip(steps, limits.min, limits.max), kind)


def _to_float(values: npt.NDArray[Any], details: Mapping[str, Any]) -> npt.NDArray[np.float32]:
    """Read an output, by its scale and zero point where it is quantised."""
    if details["dtype"] == np.float32:
        return np.asarray(values, np.float32)
    scale, zero_point = details["quantization"]
    real = (values.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)
    return np.asarray(real, np.float32)
