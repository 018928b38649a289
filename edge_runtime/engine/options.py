"""How a model of a bundle is run."""

from pathlib import Path

from msgspec import Struct

#: The execution provider that every ONNX Runtime has.
CPU = "CPUExecutionProvider"


class EngineOptions(Struct, frozen=True):
    """Which model of a bundle is run, and on what.

    ``model`` is its name or its file's name in the bundle, None for the default one. ``threads``
    are those of one inference, None leaves it to the engine (all cores). ``provider`` is an
    execution provider of the installed ONNX Runtime, by its name ("CUDAExecutionProvider") or the
    beginning of it ("cuda"); other engines have the CPU alone. ``spinning`` lets idle threads spin
    for a while: a little quicker on a computer that does nothing else, much slower on one that
    does. ``cache`` is a folder in which a model is kept as optimised for this processor, usually
    ``edge_runtime.system.cache.default_cache()``, None for none.
    """

    model: str | None = None
    threads: int | None = None
    provider: str = CPU
    spinning: bool = False
    cache: Path | None = None


#: The bundle's default model on all cores, without a cache.
DEFAULTS = EngineOptions()
