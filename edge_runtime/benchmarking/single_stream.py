"""Measure predictions one after the other, as MLPerf's single-stream scenario does.

The rule: load, one first inference, a warm-up that isn't counted, then one query at a time, the
next as soon as the last is done. A query is a whole prediction of one photo file: reading,
decoding, round field, inference and explanation. Unless told a time, the run goes on until it has
both 1,024 queries and 60 seconds; told one, it takes that time, whatever the number of queries
(but one at least). Percentiles are by nearest rank, so each is the time of a query that happened.

Source: MLPerf Inference rules, single stream: at least 1,024 queries and 60 seconds, p90 reported.
"""

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from edge_runtime.benchmarking.report import (
    Drift,
    Latency,
    Machine,
    Model,
    Photo,
    Report,
    Run,
)
from edge_runtime.benchmarking.synthetic_photo import drawn_unless
from edge_runtime.bundle.verdict import doubt_of, validation_of
from edge_runtime.engine.options import DEFAULTS, EngineOptions
from edge_runtime.predict.record import BundleIdentity
from edge_runtime.system.machine import conditions, peak_rss_mib, processor

if TYPE_CHECKING:
    from edge_runtime.bundle.bundle import Bundle
    from edge_runtime.engine.open import Engine
    from edge_runtime.predict.classifier import Classifier
    from edge_runtime.predict.prediction import Prediction
    from edge_runtime.trust.verify import Trusted

#: Of a run that isn't told how long to take.
LEAST_QUERIES, LEAST_SECONDS = 1024, 60.0

#: The form of a report.
SCHEMA = 1

#: The first and the last of a run are compared over so long, or over its halves if it is shorter.
WINDOW_SECONDS = 30.0

_WARM_UP_QUERIES, _WARM_UP_SECONDS = 32, 5.0

Clock = Callable[[], float]
OnProgress = Callable[[float], None]


@dataclass(frozen=True)
class Query:
    """One query: when it was done, counted from the start of the run, and its stages."""

    done_s: float
    total_ms: float
    stages_ms: Mapping[str, float]


def percentile(values: Sequence[float], share: float) -> float:
    """Take the smallest of some values that at least ``share``, 0..1, of them don't exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def latency(values_ms: Sequence[float]) -> Latency:
    """Sum up the times of at least one query."""
    return Latency(
        p50=percentile(values_ms, 0.5),
        p90=percentile(values_ms, 0.9),
        p99=percentile(values_ms, 0.99),
        max=max(values_ms),
        mean=sum(values_ms) / len(values_ms),
    )


def drift(queries: Sequence[Query]) -> Drift:
    """Compare the end of a run with its beginning, which shows a processor that grows hot."""
    length = queries[-1].done_s
    window = min(WINDOW_SECONDS, length / 2)
    first = [query.total_ms for query in queries if query.done_s <= window] or [queries[0].total_ms]
    last = [query.total_ms for query in queries if query.done_s > length - window]
    start, end = percentile(first, 0.5), percentile(last, 0.5)
    return Drift(window_s=window, first_p50_ms=start, last_p50_ms=end, ratio=end / start)


def run_queries(
    query: Callable[[], Mapping[str, float]],
    *,
    seconds: float | None,
    clock: Clock = time.perf_counter,
    progress: OnProgress = lambda share: None,
) -> list[Query]:
    """Run queries by the rule, without the warm-up.

    Args:
        query: Predicts once and returns the milliseconds of each stage.
        seconds: How long; None for the rule's 1,024 queries and 60 seconds.
        clock: In seconds.
        progress: Is told when the run begins (0.0), and after each query, which share of it is
            done, 0..1.
    """
    least = LEAST_QUERIES if seconds is None else 1
    length = LEAST_SECONDS if seconds is None else seconds
    queries: list[Query] = []
    progress(0.0)
    start = before = clock()
    while len(queries) < least or before - start < length:
        stages = query()
        after = clock()
        queries.append(Query(after - start, 1000 * (after - before), stages))
        before = after
        progress(min(1.0, len(queries) / least, (after - start) / length if length else 1.0))
    return queries


def measure(
    bundle_path: Path | None,
    *,
    engine: EngineOptions = DEFAULTS,
    photo: Path | None = None,
    seconds: float | None = None,
    expected_identity: str | None = None,
    trusted: "Trusted | None" = None,
    progress: OnProgress = lambda share: None,
) -> Run:
    """Measure one configuration in this process, which should do nothing else.

    Args:
        bundle_path: The bundle; None for the one in the package.
        engine: Which model, and on what.
        photo: What to predict; None for a drawn one.
        seconds: As for ``run_queries``.
        expected_identity: As for ``load_bundle``.
        trusted: Likewise.
        progress: As for ``run_queries``.

    Raises:
        FundusError: The bundle, the model, the provider or the photo can't be used.
    """
    bundle, bundle_ms = _loaded(bundle_path, expected_identity, trusted)
    from edge_runtime.engine.open import open_session  # noqa: PLC0415
    from edge_runtime.predict.classifier import Classifier  # noqa: PLC0415

    with drawn_unless(photo) as file:
        started = time.perf_counter()
        classifier = Classifier(bundle, session=(session := open_session(bundle, engine)))
        load_ms = _ms_since(started)
        ask = partial(_answer_drawn if photo is None else Classifier.predict, classifier, file)
        first, first_ms = _timed(ask)
        query = partial(_stages_ms, ask)
        _warm_up(query, seconds)
        before = conditions()
        queries = run_queries(query, seconds=seconds, progress=progress)
    entry = session.entry
    return Run(
        model=_model(session, bundle.manifest.files[entry.file].sha256),
        bundle=BundleIdentity(bundle.manifest.name, bundle.identity),
        photo=Photo(None if photo is None else photo.name, first.photo_size),
        threads=engine.threads or os.cpu_count() or 1,
        providers=tuple(session.providers),
        optimised_model_from_cache=session.cached,
        bundle_ms=bundle_ms,
        load_ms=load_ms,
        first_prediction_ms=first_ms,
        first_inference_ms=first.times_ms["infer"],
        queries=len(queries),
        seconds=queries[-1].done_s,
        rule_met=_rule_met(queries),
        latency_ms=_latencies(queries),
        drift=drift(queries),
        peak_rss_mib=peak_rss_mib(),
        conditions={"before": before, "after": conditions()},
    )


def _loaded(
    path: Path | None, identity: str | None, trusted: "Trusted | None"
) -> "tuple[Bundle, float]":
    """Load the bundle, and say in how many milliseconds."""
    from edge_runtime.bundle.bundle import load_bundle  # noqa: PLC0415 - its imports are measured

    started = time.perf_counter()
    bundle = load_bundle(path, expected_identity=identity, trusted=trusted)
    return bundle, _ms_since(started)


def _model(session: "Engine", sha256: str) -> Model:
    entry = session.entry
    said, doubt = validation_of(entry.verdict), doubt_of(entry.verdict)
    return Model(session.name, entry.precision, sha256, said, doubt)


def _timed(call: Callable[[], "Prediction"]) -> "tuple[Prediction, float]":
    started = time.perf_counter()
    return call(), _ms_since(started)


def _rule_met(queries: Sequence[Query]) -> bool:
    return len(queries) >= LEAST_QUERIES and queries[-1].done_s >= LEAST_SECONDS


def _latencies(queries: Sequence[Query]) -> dict[str, Latency]:
    stages = queries[0].stages_ms
    return {"total": latency([query.total_ms for query in queries])} | {
        stage: latency([query.stages_ms[stage] for query in queries]) for stage in stages
    }


def _stages_ms(ask: "Callable[[], Prediction]") -> Mapping[str, float]:
    return ask().times_ms


def _answer_drawn(classifier: "Classifier", file: Path) -> "Prediction":
    """Do all that ``Classifier.predict`` does, but refuse no drawing for being one."""
    from edge_runtime.photo.prepare import decode_timed  # noqa: PLC0415

    decoded, decode_ms = decode_timed(file, max_pixels=classifier.max_pixels)
    return classifier.answer(classifier.prepare_decoded(decoded, decode_ms=decode_ms))


def _warm_up(query: Callable[[], object], seconds: float | None) -> None:
    most_s = _WARM_UP_SECONDS if seconds is None else min(_WARM_UP_SECONDS, seconds / 4)
    start = time.perf_counter()
    for _ in range(_WARM_UP_QUERIES):
        if time.perf_counter() - start > most_s:
            break
        query()


def report(runs: Iterable[Run]) -> Report:
    """Put a head on runs: on what they were measured."""
    import onnxruntime  # noqa: PLC0415

    machine = Machine(**asdict(processor()), onnxruntime=onnxruntime.__version__)
    return Report(SCHEMA, machine, tuple(runs))


def _ms_since(started: float) -> float:
    return 1000 * (time.perf_counter() - started)
