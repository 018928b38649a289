"""Take an archive through a model: list, hand to Ray, gather, commit."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from edge_runtime.archive.cluster import cluster, in_one_sentence, room_for, shared
from edge_runtime.archive.commit import Committer, Totals
from edge_runtime.archive.destination import begin, held
from edge_runtime.archive.done import Done
from edge_runtime.archive.entry import check_address
from edge_runtime.archive.errors import ClusterError, SourceError
from edge_runtime.archive.listing import Listed, check_source, entries
from edge_runtime.archive.nodes import check_nodes
from edge_runtime.archive.place import Place, place_of
from edge_runtime.archive.reading import Reader
from edge_runtime.archive.windows import PARTITION, Window, windows
from edge_runtime.archive.worker import Setup, Worker, open_for
from edge_runtime.predict.classifier import Classifier
from edge_runtime.results.run import Run, describe_run
from edge_runtime.system.look_ahead import look_ahead

if TYPE_CHECKING:
    from edge_runtime.trust.verify import Trusted

_NOTHING = (
    "there is no photograph in it; look whether it is the right one, and whether what it lies on "
    "is there"
)

_EVERY_S = 1.0  # between two reports of progress


class Job(Struct, frozen=True):
    """A run: what is screened, with what, by whom, and where the records go.

    ``worker`` is the class whose objects screen; ``partition`` how many photographs are committed
    together.
    """

    source: str
    place: Place
    setup: Setup
    address: str | None = None
    workers: int | None = None
    limit: int | None = None
    resume: bool = False
    retry_errors: bool = False
    partition: int = PARTITION
    worker: type = Worker


class Progress(Struct, frozen=True):
    """How far a run is: ``photos`` are those of this run that are done, ``before`` of those before.

    ``expected`` is how many photographs the archive has, None while nobody knows.
    """

    photos: int
    committed: int
    errors: int
    before: int
    expected: int | None
    seconds: float


def screen_archive(
    job: Job,
    listed: Listed,
    totals: Totals,
    on_progress: Callable[[Progress], None],
    *,
    check: Callable[[Classifier], None] = lambda _: None,
    trusted: "Trusted | None" = None,
) -> int:
    """Screen what isn't done yet of an archive.

    Args:
        job: What is to be done.
        listed: Counts what was listed.
        totals: Counts what was committed.
        on_progress: Told how far it is, each second or so.
        check: Looks at the model before anything is written.
        trusted: Whose signatures the bundle must have; the workers take that very bundle, by its
            identity.

    Returns:
        How many photographs had records before.

    Raises:
        FundusError: The source, the place, the bundle or the cluster can't be used.
    """
    check_address(job.address)
    setup, run = _settled(job.setup, check, trusted)
    source = place_of(job.source)
    check_source(job.source)
    with held(job.place):
        begin(job.place, run, setup.wanted, source=source, resume=job.resume)
        done = Done(job.place, retry_errors=job.retry_errors)
        is_done = done.has if done.photos else None
        found_now = entries(job.source, listed, max_pixels=setup.max_pixels, is_done=is_done)
        fresh = done.without(found_now, source)
        wanted = itertools.islice(fresh, job.limit)
        first = next(wanted, None)  # no cluster is started for nothing
        if first is None and not listed.photos:
            raise SourceError(source.text, _NOTHING)
        if first is not None:
            found = itertools.chain([first], wanted)
            with cluster(
                job.address, workers=job.workers, threads=setup.threads,
                shared_bytes=done.contents.nbytes,
            ) as workers:  # fmt: skip
                if job.address is not None:
                    check_nodes(setup, first.path)
                _screen(job, setup, source, workers, found, done, listed, totals, on_progress)
    totals.failed_before = done.failed
    return done.passed


def _settled(
    setup: Setup, check: Callable[[Classifier], None], trusted: "Trusted | None"
) -> tuple[Setup, Run]:
    """Say which bundle it is, so that each worker has that one, and what the run is made with."""
    classifier = open_for(setup, trusted)
    check(classifier)
    run = describe_run(classifier, choice=setup.wanted.choice)
    return replace(setup, identity=classifier.bundle.identity), run


def _screen(
    job: Job, setup: Setup, source: Place, workers: int, found: Any, done: Done, listed: Listed,
    totals: Totals, on_progress: Callable[[Progress], None],
) -> None:  # fmt: skip
    """Hand windows to Ray; the next one is listed while this one is screened."""
    started = time.monotonic()
    reader = Reader(source, max_pixels=setup.max_pixels, contents=shared(done.contents))
    cut = windows(found, first_part=done.next_part, workers=workers, partition=job.partition)
    coming = look_ahead(lambda _: next(cut, None), itertools.count(), ahead=1)
    with closing(coming) as each:
        for future in each:
            window = future.result()
            if window is None:
                return
            sizes = {number: len(part) for number, part in window.partitions.items()}
            gathering = Committer(job.place, sizes, totals)
            told = 0.0
            for table in _answers(window, job, setup, reader, workers):
                gathering.add(table)
                if (now := time.monotonic()) >= told + _EVERY_S or not gathering.missing:
                    told = now
                    photos, errors = totals.photos, totals.statuses["error"]
                    far = Progress(
                        photos + gathering.gathered, photos, errors, done.photos, listed.expected,
                        now - started,
                    )  # fmt: skip
                    on_progress(far)
            if gathering.missing:
                raise ClusterError(
                    f"the cluster ended with {gathering.missing} photos that it gave no answer to; "
                    "run the same command with --resume"
                )


def _answers(window: Window, job: Job, setup: Setup, reader: Reader, workers: int) -> Iterator[Any]:
    """Give the rows of a window's photographs, in tables, as they are done."""
    import ray.data
    from ray.data import ActorPoolStrategy, TaskPoolStrategy

    blocks = window.blocks(workers=workers)
    most = min(workers, len(blocks))
    with in_one_sentence():
        reading = 2 * min(workers, room_for(setup.threads))  # a task is a process
        rows = (
            ray.data.from_arrow(blocks)
            .map_batches(
                reader, batch_size=None, batch_format="pyarrow", num_cpus=0,
                compute=TaskPoolStrategy(size=min(reading, len(blocks))),
            )
            .map_batches(
                job.worker, fn_constructor_args=(setup,), batch_size=None, batch_format="pyarrow",
                num_cpus=setup.threads, zero_copy_batch=True,
                compute=ActorPoolStrategy(
                    min_size=1, max_size=most, initial_size=min(most, room_for(setup.threads))
                ),
            )
        )  # fmt: skip
        yield from rows.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0)
