"""Ask the system what it is and how it fares: processor, frequency, temperature, memory."""

import os
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/")

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # of glibc's <malloc.h>

#: By their bits, what ``vcgencmd get_throttled`` tells on a Raspberry Pi of now; of any time since
#: the start 16 bits higher.
_TROUBLES = "under-voltage", "frequency capped", "throttled", "soft temperature limit"


@dataclass(frozen=True)
class Processor:
    """What computes: ``flags`` are its instruction set extensions, sorted; empty if unknown."""

    machine: str
    model: str
    cores: int
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Conditions:
    """How the processor fares at one moment; None where the system doesn't tell.

    ``frequency_mhz`` is that of the fastest core, ``temperature_c`` that of the hottest sensor.
    ``throttling`` lists what the system says of it, and is empty where all is well.
    """

    frequency_mhz: float | None
    highest_frequency_mhz: float | None
    governor: str | None
    temperature_c: float | None
    throttling: tuple[str, ...] | None


def processor(*, root: Path = _ROOT) -> Processor:
    """Describe the processor, as ``/proc`` and ``/sys`` under ``root`` tell."""
    # Cores of one kind after the other: an instruction that one core lacks can't be counted on.
    blocks = _read(root / "proc/cpuinfo").split("\n\n")
    described = [
        dict(re.findall(r"^(.*?)[ \t]*:[ \t]*(.*)$", block, re.MULTILINE)) for block in blocks
    ]
    flags = [
        set(found.split())
        for fields in described
        if (found := fields.get("flags") or fields.get("Features"))
    ]
    names = ("model name", "Model", "Hardware")
    told = (fields[name] for name in names for fields in described if name in fields)
    return Processor(
        machine=platform.machine() or "unknown",
        model=next(told, _read(root / "proc/device-tree/model").rstrip("\0")) or "unknown",
        cores=os.cpu_count() or 1,
        flags=tuple(sorted(set.intersection(*flags))) if flags else (),
    )


def conditions(*, root: Path = _ROOT) -> Conditions:
    """Read frequency, temperature and throttling, as ``/sys`` under ``root`` tells."""
    cores = root / "sys/devices/system/cpu"
    sensors = [
        *_numbers(root / "sys/class/thermal", "thermal_zone*/temp"),
        *_numbers(root / "sys/class/hwmon", "hwmon*/temp*_input"),
    ]
    current = _numbers(cores, "cpu[0-9]*/cpufreq/scaling_cur_freq")
    highest = _numbers(cores, "cpu[0-9]*/cpufreq/cpuinfo_max_freq")
    governor = _read(cores / "cpu0/cpufreq/scaling_governor").strip()
    return Conditions(
        frequency_mhz=max(current) / 1000 if current else None,
        highest_frequency_mhz=max(highest) / 1000 if highest else None,
        governor=governor or None,
        temperature_c=max(sensors) / 1000 if sensors else None,
        throttling=_throttling(cores),
    )


def peak_rss_mib() -> float:
    """Say how much memory this process held at most so far, in MiB."""
    # Not getrusage where there is /proc: its peak includes that of the parent before exec.
    peak = _status_mib("VmHWM")
    if peak is None:
        import resource  # noqa: PLC0415 - Windows has none, and none of the above

        found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peak = found / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return peak


def rss_mib() -> float | None:
    """Say how much memory this process holds now, in MiB; None where the system doesn't tell."""
    return _status_mib("VmRSS")


def spare_memory(*, large: int = 1 << 20, heaps: int = 2) -> None:
    """Hold and reserve little memory, in the whole process: for a command, not for a library.

    Large blocks return to the system as soon as they are freed. Else glibc keeps a model file's
    parsed form beside the model: the peak of loading is 20 MiB higher for an int8 ResNet50, 40 MiB
    for a float32 one. Threads share few heaps, as each would reserve 64 MiB, and OpenBLAS has one
    thread, as each would reserve as much again: nothing here multiplies large matrices with it.
    Call it before numpy is imported.

    Args:
        large: From how many bytes on a block is given back to the system by itself. What is small
            and stays lies between those that aren't, and keeps their pages.
        heaps: How many there are.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _glibc("mallopt", _M_MMAP_THRESHOLD, large)
    _glibc("mallopt", _M_ARENA_MAX, heaps)


def release_memory() -> None:
    """Give what was freed back to the system, where the C library can (glibc).

    Once a float32 ResNet50 is loaded, 130 MiB are free but still held.
    """
    _glibc("malloc_trim", 0)


def throttling_named(bits: int) -> tuple[str, ...]:
    """Name the bits that ``vcgencmd get_throttled`` prints."""
    return tuple(
        name + when
        for first, when in ((0, ""), (16, " earlier"))
        for bit, name in enumerate(_TROUBLES, first)
        if bits >> bit & 1
    )


def _throttling(cores: Path) -> tuple[str, ...] | None:
    counts = _numbers(cores, "cpu[0-9]*/thermal_throttle/core_throttle_count")
    times = int(max(counts, default=0))
    bits = _vcgencmd()
    if bits is None and not counts:
        return None
    told = (f"throttled {times} times since the start",) if times else ()
    return *told, *throttling_named(bits or 0)


def _vcgencmd() -> int | None:
    import subprocess  # noqa: PLC0415 - a prediction needs none

    try:
        ran = subprocess.run(
            ["vcgencmd", "get_throttled"],  # noqa: S607 - the system's own tool, where it has it
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"throttled=0x([0-9a-fA-F]+)", ran.stdout)
    return int(found[1], 16) if found else None


def _glibc(function: str, *arguments: int) -> None:
    if sys.platform.startswith("linux"):
        import ctypes  # noqa: PLC0415 - numpy imports it too

        found = getattr(ctypes.CDLL(None), function, None)  # other C libraries lack it
        if found is not None:
            found(*arguments)


def _status_mib(name: str) -> float | None:
    found = re.search(rf"^{name}:\s*(\d+) kB", _read(Path("/proc/self/status")), re.MULTILINE)
    return int(found[1]) / 1024 if found else None


def _numbers(folder: Path, pattern: str) -> list[float]:
    texts = (_read(file).strip() for file in sorted(folder.glob(pattern)))
    return [float(text) for text in texts if re.fullmatch(r"-?\d+", text)]


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", errors="replace")
    except OSError:
        return ""
