"""Work on many photos at a time."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

import cv2
from threadpoolctl import threadpool_limits


@contextmanager
def thread_pool() -> Iterator[Executor]:
    """Give a pool of as many threads as the machine has processors.

    Meanwhile OpenCV and BLAS start none of their own: beside these they take thrice the time.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1), ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            yield pool
    finally:
        cv2.setNumThreads(threads)
