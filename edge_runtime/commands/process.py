"""The process that ``fundus-edge`` is: a Ctrl-C is never a traceback, however early it comes."""

import os

_INTERRUPTED = 130  # 128 and the number of the signal, as shells have it


def run() -> None:
    """Import the command line and run it; click says of a Ctrl-C from when it is there."""
    try:
        from edge_runtime.commands import main

        main.run()
    except KeyboardInterrupt:
        os._exit(_INTERRUPTED)
