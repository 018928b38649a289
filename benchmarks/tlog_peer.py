"""Hold trees, proofs, notes and tiles of our logs against Go's golang.org/x/mod/sumdb.

Go takes some 450 MB, so the tests have what it said of a few trees instead. On Debian:

apt-get install golang-go golang-golang-x-mod-dev
python benchmarks/tlog_peer.py [--most 256] [--vectors tests/edge_runtime/tlog/go_tlog.json]

With --vectors what it says of some small trees, and a note that it signed, are kept there.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from edge_runtime.tlog.checkpoint import read_checkpoint
from edge_runtime.tlog.entry import Thing
from edge_runtime.tlog.examine import read_public_key
from edge_runtime.tlog.note import is_signed, parse_key, parse_note
from edge_runtime.tlog.tree import (
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
)
from edge_runtime.tlog.whole_tree import WholeTree
from edge_runtime.tlog.writer import Log

_KEPT = (0, 1, 2, 3, 7, 8, 33, 64)
_TEXT = "go.example/log\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
_GOPATH = "/usr/share/gocode"


def main() -> None:
    """Print a line for each comparison, and end with 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=256)
    parser.add_argument("--vectors", type=Path)
    options = parser.parse_args()
    go = shutil.which("go") or sys.exit("go isn't installed")
    with tempfile.TemporaryDirectory() as made:
        peer = Path(made) / "peer"
        source = Path(__file__).with_name("tlog_peer.go")
        environment = {
            **os.environ,
            "GO111MODULE": "off",
            "GOPATH": _GOPATH,
            "GOCACHE": made + "/c",
        }
        build = [go, "build", "-o", str(peer), str(source)]
        subprocess.run(build, env=environment, check=True)  # noqa: S603
        trees = json.loads(_ask(peer, "trees", options.most))
        key, _, note = _ask(peer, "sign", _TEXT).partition("\n")
        wrong = [_trees(trees, options.most), _their_note(key, note), _our_log(peer, Path(made))]
    if options.vectors:
        kept = {str(size): trees[str(size)] for size in _KEPT}
        text = json.dumps({"trees": kept, "key": key, "note": note}, indent=1)
        options.vectors.write_text(text + "\n", encoding="utf-8")
    sys.exit(any(wrong))


def _ask(peer: Path, *arguments: object) -> str:
    command = [str(peer), *map(str, arguments)]
    ran = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")  # noqa: S603
    return ran.stdout


def _trees(told: dict[str, dict[str, list[list[str]]]], most: int) -> int:
    tree = WholeTree([leaf_hash(b"entry %d" % number) for number in range(most)])
    proofs = wrong = 0
    for size in range(most + 1):
        root, theirs = tree.root(size), told[str(size)]
        wrong += root.hex() != theirs["root"]
        for index, proof in enumerate(theirs["inclusion"]):
            raw = tuple(map(bytes.fromhex, proof))
            wrong += raw != inclusion_proof(index, size, tree.subtree)
            wrong += not is_included(tree.rows[0][index], index, size, raw, root)
            proofs += 1
        for before, proof in enumerate(theirs["consistency"], 1):
            raw = tuple(map(bytes.fromhex, proof)) if before < size else ()
            wrong += raw != consistency_proof(before, size, tree.subtree)
            wrong += not is_consistent(before, size, tree.root(before), root, raw)
            proofs += 1
    print(f"roots of {most + 1} trees, {proofs} proofs: {wrong} differ")
    return wrong


def _their_note(key: str, note: str) -> int:
    is_ours = is_signed(parse_note(note.encode()), parse_key(key)) is True
    print(f"a note that Go signed: {'verified' if is_ours else 'NOT verified'}")
    return not is_ours


def _our_log(peer: Path, folder: Path) -> int:
    with Log(folder / "log") as log:
        for number in range(600):
            log.append(Thing("photo", b"record %d" % number))
    checkpoint, key = read_checkpoint(folder / "log"), read_public_key(folder / "log")
    text = _ask(peer, "open", key.text, folder / "log" / "checkpoint")
    said = _ask(peer, "check", folder / "log", text, 300).strip()
    print(f"our checkpoint of {checkpoint.size} entries and its tiles, read by Go: {said}")
    return said != "ok" or text != checkpoint.note.text


if __name__ == "__main__":
    main()
