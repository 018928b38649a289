"""Do work in threads, a few items ahead of the one that is asked for."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def look_ahead(
    work: Callable[[T], R], items: Iterable[T], *, ahead: int, threads: int = 1
) -> Generator[Future[R], None, None]:
    """Do work on items in order, beside whoever takes the results.

    A future is given and not its result, so that a failure meets whoever asks for that one. Who
    stops early, by an error too, leaves no work that hasn't begun.

    Args:
        work: What to do, in a thread.
        items: With what; they are taken as they are needed.
        ahead: How many are begun beyond the one that is given, so many results are in memory.
        threads: How many work at once.
    """
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="ahead")
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > ahead:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    except BaseException:  # the end of a loop that stops early comes as one too
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()  # what was given and not asked for yet goes on
