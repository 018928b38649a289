"""The command benchmark: its rule, its percentiles and what it prints."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from edge_runtime.benchmarking import single_stream as module
from edge_runtime.benchmarking.single_stream import Query, drift, latency, percentile, run_queries
from edge_runtime.benchmarking.synthetic_photo import drawn_unless
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.commands.main import main
from edge_runtime.errors import PhotoUngradableError
from edge_runtime.photo.prepare import decode_timed, prepare_timed
from edge_runtime.predict.classifier import Classifier
from tests.conftest import ROOT


class Clock:
    """A clock that goes on only when a query takes its time."""

    def __init__(self, *seconds):
        self.now = 0.0
        self.left = list(seconds)

    def __call__(self):
        return self.now

    def query(self):
        self.now += self.left.pop(0) if len(self.left) > 1 else self.left[0]
        return {"infer": 1.0}


@pytest.mark.parametrize(
    ("share", "expected"), [(0.01, 1), (0.5, 50), (0.9, 90), (0.99, 99), (0.991, 100), (1.0, 100)]
)
def test_a_percentile_is_the_time_of_a_query_that_happened(share, expected):
    assert percentile([float(101 - value) for value in range(1, 101)], share) == expected


def test_one_query_is_every_percentile_of_itself():
    found = latency([7.0])
    assert (found.p50, found.p90, found.p99, found.max, found.mean) == (7, 7, 7, 7, 7)


def test_one_slow_query_in_a_hundred_shows_in_the_maximum_alone():
    found = latency([1.0] * 99 + [100.0])
    assert (found.p50, found.p99, found.max) == (1, 1, 100)
    assert found.mean == pytest.approx(1.99)


def test_unless_told_a_time_a_quick_device_runs_for_60_seconds():
    clock = Clock(0.03125)  # a fraction of two, so that the sum is exact
    queries = run_queries(clock.query, seconds=None, clock=clock)
    assert len(queries) == 60 * 32
    assert queries[-1].done_s == 60


def test_unless_told_a_time_a_slow_device_runs_1024_queries():
    clock = Clock(1.0)
    assert len(run_queries(clock.query, seconds=None, clock=clock)) == 1024


@pytest.mark.parametrize(("seconds", "expected"), [(10, 10), (0.5, 1), (2.5, 3)])
def test_a_time_that_was_told_is_kept_whatever_the_number_of_queries(seconds, expected):
    clock = Clock(1.0)
    assert len(run_queries(clock.query, seconds=seconds, clock=clock)) == expected


def test_a_query_is_timed_from_the_end_of_the_one_before():
    clock = Clock(1.0, 2.0, 3.0)
    queries = run_queries(clock.query, seconds=5, clock=clock)
    assert [query.total_ms for query in queries] == [1000, 2000, 3000]
    assert [query.done_s for query in queries] == [1, 3, 6]


def test_progress_goes_from_nothing_to_all():
    clock = Clock(1.0)
    told = []
    run_queries(clock.query, seconds=None, clock=clock, progress=told.append)
    assert told == sorted(told)
    assert told[:2] == [0, pytest.approx(1 / 1024)]
    assert told[-1] == 1


def test_a_device_that_grows_slow_shows_in_the_last_30_seconds():
    queries = [Query(float(done), 1000.0 if done <= 90 else 1500.0, {}) for done in range(1, 121)]
    found = drift(queries)
    assert (found.window_s, found.first_p50_ms, found.last_p50_ms) == (30, 1000, 1500)
    assert found.ratio == 1.5


def test_a_short_run_compares_its_halves():
    queries = [Query(float(done), 10.0 * done, {}) for done in range(1, 5)]
    found = drift(queries)
    assert (found.window_s, found.first_p50_ms, found.last_p50_ms) == (2, 10, 30)


def test_a_run_of_one_query_is_compared_with_itself():
    assert drift([Query(1.0, 5.0, {})]).ratio == 1


def benchmark(*arguments):
    return CliRunner().invoke(main, ["benchmark", *map(str, arguments)])


def test_the_json_has_everything_and_a_run_for_each_number_of_threads(exported, photo_file):
    result = benchmark(
        photo_file, "--bundle", exported, "--seconds", "0.2", "--threads", "1,2", "--json"
    )
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert list(report) == ["schema", "machine", "runs"]
    assert report["schema"] == module.SCHEMA
    assert set(report["machine"]) == {"machine", "model", "cores", "flags", "onnxruntime"}
    assert [run["threads"] for run in report["runs"]] == [1, 2]
    for run in report["runs"]:
        assert set(run) == {
            "model", "bundle", "photo", "threads", "providers", "optimised_model_from_cache",
            "bundle_ms", "load_ms", "first_prediction_ms", "first_inference_ms", "queries",
            "seconds", "rule_met", "latency_ms", "drift", "peak_rss_mib", "conditions",
        }  # fmt: skip
        assert run["providers"] == ["CPUExecutionProvider"]
        assert run["photo"]["file"] == photo_file.name
        assert run["rule_met"] is False
        assert run["seconds"] >= 0.2
        stages = run["latency_ms"]
        assert {"total", "decode", "field", "infer", "explain"} <= set(stages)
        for found in stages.values():
            assert 0 <= found["p50"] <= found["p90"] <= found["p99"] <= found["max"]
        parts = sum(found["mean"] for stage, found in stages.items() if stage != "total")
        assert parts <= stages["total"]["mean"]
        assert 20 < run["peak_rss_mib"] < 1000  # Python and its libraries alone are above 20
        assert set(run["conditions"]) == {"before", "after"}


def test_the_table_is_for_reading(exported):
    result = benchmark("--bundle", exported, "--seconds", "0.1", "--threads", "1")
    assert result.exit_code == 0, result.output
    for text in ("p50", "p99", "decode", "infer", "peak memory", "1536 x 1536", "1 thread, "):
        assert text in result.stdout
    assert "fewer than MLPerf's 1,024" in result.stdout


def test_the_drawn_photo_is_deleted_and_without_a_cache_nothing_is_kept(
    exported, tmp_path, monkeypatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("FUNDUS_EDGE_CACHE", str(tmp_path / "cache"))
    options = ("--bundle", exported, "--seconds", "0.1", "--threads", "1")
    assert benchmark(*options, "--no-cache").exit_code == 0
    assert not list(tmp_path.iterdir())
    first, second = (json.loads(benchmark(*options, "--json").stdout)["runs"][0] for _ in range(2))
    assert (first["optimised_model_from_cache"], second["optimised_model_from_cache"]) == (
        False, True,
    )  # fmt: skip
    assert benchmark(*options, "--cache", tmp_path / "other").exit_code == 0
    assert len(list((tmp_path / "other").iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("gone.jpg",), "gone.jpg: no such file"),
        (("--model", "int9"), "unknown model 'int9'"),
        (("--provider", "CUDA"), "no execution provider 'CUDA'"),
    ],
)
def test_what_cant_be_measured_is_one_sentence(exported, arguments, sentence):
    result = benchmark(*arguments, "--bundle", exported, "--seconds", "0.1")
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("threads", ["0", "1,", "one", "257", "-1"])
def test_a_list_of_threads_that_is_none_is_wrong_usage(threads):
    result = benchmark("--threads", threads)
    assert result.exit_code == 2
    assert "is no list of numbers from 1 to 256" in result.stderr


GROWTH = """
import sys
import numpy as np
from edge_runtime import Classifier, load_bundle
from edge_runtime.system.machine import rss_mib
classifier = Classifier(load_bundle(sys.argv[1]), threads=1, quality_gate=False)
photo = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)
count, leak = map(int, sys.argv[2:])
kept = []
def run(count):
    for _ in range(count):
        prediction = classifier.predict(photo)
        kept.append(bytes(leak))
run(count // 10)
before = rss_mib()
kept.clear()
run(count)
print(rss_mib() - before)
"""


def growth_mib(exported, count, *, leak_bytes):
    ran = subprocess.run(
        [sys.executable, "-c", GROWTH, str(exported), str(count), str(leak_bytes)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(ran.stdout)


def test_10000_predictions_hold_no_more_memory_than_1000(exported):
    assert growth_mib(exported, 10_000, leak_bytes=0) <= 5


def test_the_check_of_memory_can_fail(exported):
    assert growth_mib(exported, 1_000, leak_bytes=8192) > 5


IDLE = """
import sys, threading, time
import numpy as np
from edge_runtime import Classifier, load_bundle
classifier = Classifier(load_bundle(sys.argv[1]), threads=2, quality_gate=False)
photo = np.zeros((96, 96, 3), np.uint8)
for _ in range(20):
    classifier.predict(photo)
def spin():
    while True:
        pass
if sys.argv[2] == "spinning":
    threading.Thread(target=spin, daemon=True).start()
time.sleep(0.3)  # what winds down, may
before = time.process_time()
time.sleep(1.5)
print(time.process_time() - before)
"""


def idle_cpu_seconds(exported, how):
    ran = subprocess.run(
        [sys.executable, "-c", IDLE, str(exported), how],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(ran.stdout)


def test_an_open_session_without_work_uses_no_processor_time(exported):
    assert idle_cpu_seconds(exported, "idle") < 0.015  # 1 % of the time


def test_the_check_of_idleness_can_fail(exported):
    assert idle_cpu_seconds(exported, "spinning") > 0.015


def test_the_drawn_photo_passes_the_gate_of_the_packages_own_bundle():
    with drawn_unless(None) as file:
        decoded, decode_ms = decode_timed(file)
        limits = load_bundle().manifest.quality
        prepared = prepare_timed(decoded, size=(224, 224), limits=limits, decode_ms=decode_ms)
    assert prepared.fault is None


def test_the_packages_bundle_is_measured_on_the_drawn_photo_even_if_it_calls_it_no_photograph(
    monkeypatch,
):
    monkeypatch.setattr("edge_runtime.predict.prediction.is_familiar", lambda distance: False)
    with drawn_unless(None) as file, pytest.raises(PhotoUngradableError, match="doesn't look like"):
        Classifier(load_bundle()).predict(file)
    assert module.measure(None, seconds=0.01).queries >= 1
