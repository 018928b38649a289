"""What is read of the system, from folders as Linux lays them out."""

import subprocess
import sys

import pytest

from edge_runtime.system import machine
from edge_runtime.system.machine import conditions, processor, throttling_named

X86 = """processor\t: 0
model name\t: A Processor @ 2.00GHz
flags\t\t: fpu sse4_2 avx2

processor\t: 1
model name\t: A Processor @ 2.00GHz
flags\t\t: fpu avx2 avx512f
"""
PI = """processor\t: 0
BogoMIPS\t: 108.00
Features\t: fp asimd crc32

Hardware\t: BCM2835
Model\t\t: Raspberry Pi 4 Model B Rev 1.4
"""


def write(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def test_a_pcs_processor_has_the_flags_that_all_its_cores_share(tmp_path):
    write(tmp_path, {"proc/cpuinfo": X86})
    found = processor(root=tmp_path)
    assert found.model == "A Processor @ 2.00GHz"
    assert found.flags == ("avx2", "fpu")


def test_a_raspberry_pis_processor_is_known_by_its_features(tmp_path):
    write(tmp_path, {"proc/cpuinfo": PI})
    found = processor(root=tmp_path)
    assert found.model == "Raspberry Pi 4 Model B Rev 1.4"
    assert found.flags == ("asimd", "crc32", "fp")


def test_a_system_that_tells_nothing_is_no_error(tmp_path):
    found = processor(root=tmp_path)
    assert (found.model, found.flags) == ("unknown", ())
    nothing = conditions(root=tmp_path)
    assert nothing.frequency_mhz is nothing.temperature_c is nothing.governor is None
    assert nothing.throttling is None


def test_the_hottest_sensor_and_the_fastest_core_are_told(tmp_path):
    cpu = "sys/devices/system/cpu"
    files = {
        f"{cpu}/cpu0/cpufreq/scaling_cur_freq": "600000\n",
        f"{cpu}/cpu1/cpufreq/scaling_cur_freq": "1500000\n",
        f"{cpu}/cpu0/cpufreq/cpuinfo_max_freq": "1800000\n",
        f"{cpu}/cpu0/cpufreq/scaling_governor": "ondemand\n",
        f"{cpu}/cpu0/thermal_throttle/core_throttle_count": "0\n",
        "sys/class/thermal/thermal_zone0/temp": "48312\n",
        "sys/class/thermal/thermal_zone1/temp": "broken\n",
        "sys/class/hwmon/hwmon0/temp1_input": "51000\n",
    }
    write(tmp_path, files)
    found = conditions(root=tmp_path)
    assert found.frequency_mhz == 1500
    assert found.highest_frequency_mhz == 1800
    assert found.governor == "ondemand"
    assert found.temperature_c == 51
    assert found.throttling == ()
    write(tmp_path, {f"{cpu}/cpu0/thermal_throttle/core_throttle_count": "7"})
    assert conditions(root=tmp_path).throttling == ("throttled 7 times since the start",)


@pytest.mark.parametrize(
    ("bits", "names"),
    [
        (0x0, ()),
        (0x50005, ("under-voltage", "throttled", "under-voltage earlier", "throttled earlier")),
        (0xE0008, ("soft temperature limit", "frequency capped earlier", "throttled earlier",
                   "soft temperature limit earlier")),
    ],
)  # fmt: skip
def test_the_bits_of_a_raspberry_pi_are_named(bits, names):
    assert throttling_named(bits) == names


@pytest.mark.parametrize(
    ("printed", "expected"),
    [("throttled=0x4\n", ("throttled",)), ("throttled=0x0\n", ()), ("VCHI failed\n", None)],
)
def test_vcgencmd_is_asked_where_there_is_one(tmp_path, monkeypatch, printed, expected):
    (tmp_path / "vcgencmd").write_text(f"#!/bin/sh\necho '{printed.strip()}'\n", "utf-8")
    (tmp_path / "vcgencmd").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert conditions(root=tmp_path).throttling == expected


def test_a_vcgencmd_that_hangs_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "vcgencmd").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    def hang(*arguments, **options):
        raise subprocess.TimeoutExpired("vcgencmd", 5)

    monkeypatch.setattr(subprocess, "run", hang)
    assert conditions(root=tmp_path).throttling is None


PEAK = """
from edge_runtime.system.machine import peak_rss_mib, rss_mib
before = peak_rss_mib()
held = b"x" * (1 << 26)
during = rss_mib()
del held
print(before, during, rss_mib(), peak_rss_mib())
"""


def test_the_peak_of_memory_outlasts_what_was_held():
    ran = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    before, during, after, peak = map(float, ran.stdout.split())
    assert before < 64 <= during <= peak + 1  # the kernel counts each core's pages in batches
    assert after < during


def test_memory_is_given_back_where_the_library_can_and_no_error_elsewhere(monkeypatch):
    machine.release_memory()
    monkeypatch.setattr(machine.sys, "platform", "win32")
    machine.release_memory()


def test_a_field_without_a_value_takes_none_of_the_next_line(tmp_path):
    write(tmp_path, {"proc/cpuinfo": "model name\t: \nstepping\t:\nflags\t\t: avx2 fma\n"})
    found = processor(root=tmp_path)
    assert found.flags == ("avx2", "fma")
    assert "stepping" not in found.model
