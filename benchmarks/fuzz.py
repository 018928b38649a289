"""Fuzz what reads files of others, guided by which lines of Python an input reaches.

atheris isn't among the extras, as no other program needs it: `pip install atheris pytest` beside
`pip install -c constraints.txt -e ".[station,hospital,trust,deep-jpeg]"`, on x86-64.

python benchmarks/fuzz.py TARGET [--seconds 600] [--finds FOLDER] [--input FILE ...]

A find is an exception that isn't an error of the program's own with a sentence on one line, an
ending of the process, more than 256 MiB of memory beyond what was used, or more than 5 seconds of
work for one input. Each kind of find is kept once in the folder of finds, and the fuzzing goes on.
With --input files are tried and nothing is fuzzed. Seeds are made by `fuzz_targets.py` each time.
"""

import argparse
import hashlib
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

_MOST_SECONDS, _MOST_MIB = 5.0, 256
_HANG_SECONDS, _RSS_MIB, _MOST_BYTES = 60, 4096, 1 << 15
_RUNS = 100_000  # of a process: atheris 3.0 never lets go of what a comparison gives, arrays too
_ENDED = 77  # how libFuzzer ends at a find of its own


def main() -> None:
    """Fuzz one target, and print how many inputs were tried and what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--finds", type=Path, default=Path("finds"))
    parser.add_argument("--input", type=Path, nargs="+", default=[])
    parser.add_argument("--corpus", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.input:
        target = _prepared(options.target)
        for file in options.input:
            print(f"{file}: {_tried(target.check, file.read_bytes()) or 'nothing found'}")
    elif options.corpus:
        _fuzz(options)
    else:
        _supervise(options)


def _supervise(options: argparse.Namespace) -> None:
    """Fuzz in a process of its own, and anew where a find ended it."""
    options.finds.mkdir(parents=True, exist_ok=True)
    end, executions, ended = time.monotonic() + options.seconds, 0, 0
    memory = Path("/dev/shm")  # noqa: S108 - files that never see a disk
    with (
        tempfile.TemporaryDirectory() as corpus,
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch,
    ):
        place = os.environ | {"TMPDIR": scratch, "FUNDUS_EDGE_CACHE": ""}
        while (left := int(end - time.monotonic())) > 2:
            command = [sys.executable, __file__, options.target, "--seconds", str(left),
                       "--finds", str(options.finds), "--corpus", corpus]  # fmt: skip
            ran = subprocess.run(  # noqa: S603
                command, env=place, check=False, capture_output=True, text=True
            )
            counted = re.findall(r"^#(\d+)\s|number_of_executed_units: (\d+)", ran.stderr, re.M)
            executions += max((int(one or other) for one, other in counted), default=0)
            if ran.returncode:
                ended += 1
                log = options.finds / f"{options.target}-ended-{ended}.txt"
                log.write_text(f"status {ran.returncode}\n{ran.stderr[-20_000:]}", "utf-8")
            if not counted:
                sys.exit(f"nothing was tried: {ran.stderr[-2000:]}")
        kept = len(list(Path(corpus).iterdir()))
    finds = sorted(each.name for each in options.finds.glob(f"{options.target}-*.txt"))
    print(f"{options.target}: {executions} inputs in {options.seconds} s, {kept} of them reached "
          f"something new; {len(finds)} finds{''.join(f', {name}' for name in finds)}")  # fmt: skip


def _prepared(name: str) -> Any:
    sys.path.insert(0, str(Path(__file__).parents[1]))  # tests make the seeds
    import fuzz_targets

    return fuzz_targets.TARGETS[name]()


def _fuzz(options: argparse.Namespace) -> None:
    """Be the process that fuzzes, until the time is over or something ends it."""
    import atheris

    with atheris.instrument_imports(include=["edge_runtime", "pydicom", "pynetdicom", "numpy.lib"]):
        target = _prepared(options.target)
    for number, seed in enumerate(target.seeds):
        (options.corpus / f"seed-{number}").write_bytes(seed)
    seen: set[str] = {each.name for each in options.finds.glob("*.txt")}

    def once(data: bytes) -> None:
        said = _tried(target.check, data)
        if said is None:
            return
        name = hashlib.sha256(_place(said).encode()).hexdigest()[:10]
        file = f"{options.target}-{name}.txt"
        if file not in seen:
            seen.add(file)
            (options.finds / file).write_text(said, "utf-8", "backslashreplace")
            (options.finds / file).with_suffix(".bin").write_bytes(data)

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        return bytes(target.mend(atheris.Mutate(data, most), seed)[:most])

    arguments = [
        sys.argv[0], str(options.corpus), f"-max_total_time={options.seconds}",
        f"-timeout={_HANG_SECONDS}", f"-rss_limit_mb={_RSS_MIB}", f"-max_len={_MOST_BYTES}",
        f"-runs={_RUNS}", "-print_final_stats=1", f"-error_exitcode={_ENDED}", "-reload=0",
        f"-artifact_prefix={options.finds}/{options.target}-ended-",
    ]  # fmt: skip
    if target.words:
        file = Path(tempfile.gettempdir(), "words")
        file.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words), "ascii")
        arguments.append(f"-dict={file}")
    atheris.Setup(arguments, once, custom_mutator=mutated if target.mend else None)
    atheris.Fuzz()


def _tried(check: Callable[[bytes], None], data: bytes) -> str | None:
    """Try an input; gives what was found, None for nothing."""
    before, started = _peak_mib(), time.thread_time()
    try:
        check(data)
    except Exception:
        return traceback.format_exc()
    used = time.thread_time() - started
    if used > _MOST_SECONDS:
        return f"slow\n{used:.0f} seconds"
    if _peak_mib() - before > _MOST_MIB:
        return f"memory\n{_peak_mib() - before:.0f} MiB"
    return None


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _place(said: str) -> str:
    """Tell one kind of find from another: by the error, and where ours and any other raised it."""
    lines = said.splitlines()
    places = re.findall(r'File "(.*?)", line (\d+)', said)
    ours = [each for each in places if "/edge_runtime/" in each[0] and "/tests/" not in each[0]]
    return f"{lines[-1].partition(':')[0]} {ours[-1:]} {places[-1:]}" if places else lines[0]


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    main()
