"""Tell whether this computer's processor is the kind that a quantised model was made for."""

from edge_runtime.bundle.manifest import ModelEntry
from edge_runtime.system.machine import Processor

_X86 = frozenset({"x86_64", "amd64", "i386", "i486", "i586", "i686", "x86"})

#: Any of them multiplies unsigned by signed bytes and adds up in 32 bits, without saturating.
_VNNI = frozenset({"avx512_vnni", "avx_vnni"})


def processor_mismatch(name: str, entry: ModelEntry, processor: Processor) -> str | None:
    """Say in one sentence why a model may not compute here what its figures promise.

    A full-range file multiplies unsigned bytes by signed bytes of 8 bits. Without VNNI an x86
    processor adds two such products in 16 bits, which saturates, so that classes, confidences and
    explanations can all be wrong. On x86, ONNX Runtime makes a file for ARM into such a one.

    Args:
        name: The model's name in the bundle.
        entry: Its entry in the manifest, whose ``target`` counts.
        processor: What runs it.

    Returns:
        The sentence, or None where nothing is known to be wrong.

    Source:
        The ONNX Runtime guide "Quantize ONNX models", on reduce_range and U8S8.
    """
    if entry.target not in ("x86-vnni", "arm64") or processor.machine.lower() not in _X86:
        return None
    has_vnni = not _VNNI.isdisjoint(processor.flags)
    if entry.target == "arm64":
        lack = "" if has_vnni else ", where sums can saturate and its predictions be wrong"
        return (
            f"model '{name}' was quantised for 64-bit ARM, and this is an x86 processor{lack}; "
            "take one with target x86"
        )
    if has_vnni:
        return None
    lack = "has no VNNI" if processor.flags else "doesn't tell whether it has VNNI"
    return (
        f"model '{name}' was quantised for x86 processors with VNNI, and this one {lack}: sums "
        "saturate without it, so its predictions can be wrong; take one with target x86"
    )
