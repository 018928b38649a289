"""Models are timed in turns, and weighed alone."""

import numpy as np
from msgspec import UNSET

from calibration.validation.record import Machine, machine_record
from calibration.validation.speed import Speed, measure_alone, speed_of, time_in_turns
from edge_runtime.system.machine import Processor


def test_the_models_take_turns_after_a_warm_up():
    calls = []
    images = {name: np.zeros((2, 4, 4, 3), np.uint8) for name in "AB"}
    runs = {name: lambda image, name=name: calls.append((name, image.shape)) for name in "AB"}
    times = time_in_turns(runs, images, rounds=5)
    assert [name for name, _ in calls] == ["A", "B"] * 8  # three rounds of warm-up
    assert {shape for _, shape in calls} == {(1, 4, 4, 3)}
    assert {name: len(values) for name, values in times.items()} == {"A": 5, "B": 5}


def test_the_factor_is_the_median_of_neighbouring_times():
    found = speed_of([5, 50, 10], {"load_ms": 7, "first_ms": 8}, original=[10, 100, 30])
    assert found == Speed(rounds=3, p50_ms=10, p90_ms=42, times_as_fast=2, load_ms=7, first_ms=8)
    assert speed_of([1.0], {"load_ms": 7, "first_ms": 8}, original=None).times_as_fast is UNSET


def test_a_model_alone_is_loaded_in_a_process_without_frameworks(exported):
    found = measure_alone(exported, "float32", threads=1)
    assert found["load_ms"] > 0
    assert found["first_ms"] > 0
    # The runtime, numpy and OpenCV take some 60 MiB, this process with its frameworks far more.
    assert 20 < found["memory_before_mib"] <= found["memory_peak_mib"] < 200


def test_the_machine_is_named_with_the_extensions_that_int8_gains_by(monkeypatch):
    found = Processor("aarch64", "Cortex-A76", 4, ("asimd", "avx2", "avx512_vnni"))
    monkeypatch.setattr("calibration.validation.record.processor", lambda: found)
    record = machine_record()
    assert record.system.endswith(" aarch64")
    assert record == Machine(record.system, "Cortex-A76", 4, ("avx2", "avx512_vnni"))
