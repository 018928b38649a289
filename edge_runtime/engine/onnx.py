"""Open a model file in ONNX Runtime and run it by the names of the contract."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from edge_runtime.bundle.bundle import Bundle
from edge_runtime.contract import IMAGE, OUTPUTS, TensorSpec
from edge_runtime.engine import cache as engine_cache
from edge_runtime.engine.contract_check import Misfit, check_contract
from edge_runtime.engine.options import CPU, DEFAULTS, EngineOptions
from edge_runtime.errors import (
    BundleInvalidError,
    ModelFormatError,
    OutputFailedError,
    ProviderFailedError,
    ProviderMissingError,
)
from edge_runtime.system.machine import release_memory

Arrays = dict[str, npt.NDArray[np.float32]]

_TYPES = {"tensor(uint8)": "uint8", "tensor(float)": "float32"}

_LOAD_ERRORS = (
    ort_errors.EPFail,
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

_SUFFIX = "ExecutionProvider"

#: Written with an optimised model: its weights stand in their own file, to be mapped.
_SAVE_CONFIG = {
    "session.optimized_model_external_initializers_file_name": engine_cache.WEIGHTS,
    "session.optimized_model_external_initializers_min_size_in_bytes": "1024",
}

#: Where ONNX Runtime looks for weights beside a model that it was given as bytes.
_WEIGHTS_FOLDER = "session.model_external_initializers_file_folder_path"


class Session:
    """One model of a bundle, ready to run.

    ``providers`` are the execution providers that ONNX Runtime really took, the first before the
    others. ``cached`` says whether the model came from the cache of optimised ones.
    """

    #: The outputs that it has.
    outputs = frozenset(OUTPUTS)

    def __init__(self, bundle: Bundle, options: EngineOptions = DEFAULTS) -> None:
        """Load a model and check its inputs and outputs against the contract.

        Args:
            bundle: Where it comes from.
            options: Which model, and on what.

        Raises:
            UnknownNameError: The bundle has no such model.
            ModelFormatError: It isn't an ONNX model.
            ProviderMissingError: The installed ONNX Runtime has no such provider.
            ProviderFailedError: It has, but it can't be used here.
            BundleInvalidError: ONNX Runtime can't load it, or it doesn't keep the contract.
        """
        self.name, self.entry, file = bundle.model(options.model)
        if self.entry.format != "onnx":
            models = bundle.manifest.models.items()
            runnable = tuple(other for other, entry in models if entry.format == "onnx")
            raise ModelFormatError(self.name, self.entry.format, runnable)
        self._provider, self._engine = installed_provider(options.provider), options
        self.cached = False
        self._session = self._open(bundle, file)
        if not self.cached:
            release_memory()
        self.providers = tuple(self._session.get_providers())
        if self._provider not in self.providers:
            raise ProviderFailedError(self._provider, "ONNX Runtime left it out")
        self._check(bundle, file)

    def _open(self, bundle: Bundle, file: Path) -> Any:
        """Open the optimised model if there is one to trust, else the bundle's own, and keep it."""
        cache, key = self._engine.cache, None
        if cache is not None and self._provider == CPU:
            key = engine_cache.cache_key(
                model_sha256=bundle.manifest.files[self.entry.file].sha256,
                runtime=f"{onnxruntime.__version__} {onnxruntime.get_build_info()}",
                options={"level": "all", "provider": self._provider, **_SAVE_CONFIG},
            )
        if cache is None or key is None:
            return self._load(bundle, file)
        optimised = engine_cache.find_entry(cache, key)
        if optimised is not None:
            # If it fails, the bundle's own model is opened instead, and the entry made anew.
            with suppress(BundleInvalidError):
                session = self._load(bundle, optimised, optimised=True)
                self.cached = True
                return session
        session = None
        # A full disk may be the bundle's error too; if it is the model itself, the last line finds.
        with (
            suppress(OutputFailedError, BundleInvalidError),
            engine_cache.new_entry(cache, key) as partial,
        ):
            session = self._load(bundle, file, keep=partial / engine_cache.GRAPH)
        return session or self._load(bundle, file)

    def _load(
        self, bundle: Bundle, file: Path, *, optimised: bool = False, keep: Path | None = None
    ) -> Any:
        """Open a file, as it is where it is ``optimised``, and write what became of it."""
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.enable_mem_pattern = False  # saves 4 to 7 MiB; for batches of one no slower
        if self._engine.threads is not None:
            options.intra_op_num_threads = self._engine.threads
        if not self._engine.spinning:
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if optimised:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        if keep is not None:
            options.optimized_model_filepath = str(keep)
            for name, value in _SAVE_CONFIG.items():
                options.add_session_config_entry(name, value)
        model: bytes | Path = file
        if bundle.sealed and not optimised:  # an entry of the cache has a check of its own
            model = bundle.sealed.read(file.name)
            # Weights beside it would come from the current folder: there is no such folder.
            options.add_session_config_entry(_WEIGHTS_FOLDER, str(file / "none"))
        providers = [self._provider] if self._provider == CPU else [self._provider, CPU]
        try:
            # No fallback: it prints on stdout, and the operator asked for this provider.
            return onnxruntime.InferenceSession(
                model, options, providers=providers, enable_fallback=0
            )
        except _LOAD_ERRORS as error:
            cause = str(error).splitlines()[0]
            if self._provider != CPU:
                raise ProviderFailedError(self._provider, cause) from error
            raise BundleInvalidError(
                bundle.path, file.name, f"can't be loaded by ONNX Runtime: {cause}"
            ) from error

    def run(self, images: npt.NDArray[np.uint8], outputs: tuple[str, ...]) -> Arrays:
        """Run a batch: see ``Engine.run``."""
        values = self._session.run(list(outputs), {IMAGE: images})
        return dict(zip(outputs, values, strict=True))

    def _check(self, bundle: Bundle, file: Path) -> None:
        inputs = {node.name: node for node in self._session.get_inputs()}
        outputs = {node.name: node for node in self._session.get_outputs()}

        def misfit(name: str, promised: TensorSpec) -> Misfit:
            node = (inputs | outputs)[name]
            if _matches(node, promised):
                return None
            return f"{node.type} {node.shape}", f"{promised.dtype} {list(promised.shape)}"

        check_contract(bundle, file, inputs, outputs, required=OUTPUTS, misfit=misfit)
        written = self._session.get_modelmeta().custom_metadata_map.get(CLASSES_KEY)
        if written is not None and tuple(written.split("\n")) != bundle.manifest.classes:
            raise BundleInvalidError(
                bundle.path, file.name, "was exported for other classes than the manifest's"
            )


def installed_provider(name: str) -> str:
    """Find an execution provider of the installed ONNX Runtime.

    Args:
        name: Its name, in any case, with or without "ExecutionProvider".

    Returns:
        Its full name.

    Raises:
        ProviderMissingError: There is no such provider.
    """
    available: tuple[str, ...] = tuple(onnxruntime.get_available_providers())
    wanted = name.lower().removesuffix(_SUFFIX.lower())
    for provider in available:
        if provider.removesuffix(_SUFFIX).lower() == wanted:
            return provider
    raise ProviderMissingError(name, available)


def _matches(node: Any, tensor: TensorSpec) -> bool:
    """Compare type and shape; a dimension that the file leaves open fits, a fixed batch doesn't."""
    return (
        _TYPES.get(node.type) == tensor.dtype
        and len(node.shape) == len(tensor.shape)
        and all(
            not isinstance(have, int) or have == want
            for have, want in zip(node.shape, tensor.shape, strict=True)
        )
    )
