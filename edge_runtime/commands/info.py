"""The command ``fundus-edge info``."""

import json
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.commands.trust_options import read_trusted, trust_option
from edge_runtime.errors import printable

if TYPE_CHECKING:
    from edge_runtime.bundle.bundle import Bundle


@click.command()
@click.argument("bundle", type=GivenPath(), required=False)
@trust_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--sbom",
    type=GivenPath(),
    metavar="FILE.json",
    help="Write also what this installation and the bundle consist of, as CycloneDX 1.6, for "
    "programs that look for known flaws.",
)
@click.option(
    "--page",
    type=GivenPath(),
    metavar="FILE.html",
    help="Write what is shown also as a page, to read, to file and to print.",
)
def info(bundle: Path | None, as_json: bool, sbom: Path | None, page: Path | None) -> None:
    """Show who made a bundle, and of what.

    Who signed it, which release it is, what a validation said of its models, on which data they
    were trained and measured, by which options and versions. Then what each step that made it
    (export, calibrate, validate --record) stated of itself, and what of that doesn't fit the files
    that are there. Without BUNDLE it is the one in the package. With --trust the signature is
    checked, and a bundle that nobody trusted signed is refused; without it, it is what the bundle
    says of itself.
    """
    from edge_runtime.bundle.attestations import read_attestations
    from edge_runtime.bundle.attested import attested, doubts_of
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.bundle.provenance import provenance
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.system.codec import plain

    loaded = load_bundle(bundle, trusted=read_trusted(remembers=False))
    signed, stated = _signed(loaded), read_attestations(loaded)
    name = printable(loaded.manifest.name)
    known = _printable((*(("signed", each) for each in signed), *provenance(loaded)))
    told = _printable(attested(stated, loaded.manifest))
    if sbom is not None:
        from datetime import datetime, timezone

        from edge_runtime.bundle.sbom import bill_of_materials

        made = datetime.now(timezone.utc).isoformat(timespec="seconds")
        listed = json.dumps(bill_of_materials(loaded, made=made), indent=2) + "\n"
        _write(sbom, listed, "--sbom")
    if page is not None:
        from edge_runtime.results.bundle_page import bundle_page

        _write(page, bundle_page(name, known=known, stated=told), "--page")
    if as_json:
        found = {
            "bundle": str(loaded.path), "identity": loaded.identity, "signed": signed,
            "manifest": plain(loaded.manifest), "attestations": [each.raw for each in stated],
            "doubts": [*doubts_of(stated, loaded.manifest)] if stated else [],
            "disclaimer": DISCLAIMER,
        }  # fmt: skip
        click.echo(json.dumps(found))
        return
    click.echo(f"{name} ({printable(loaded.path)})")
    for about, said in (*known, *told):
        click.echo(_line(about, said))
    click.echo(DISCLAIMER)


def _printable(lines: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(about, printable(said)) for about, said in lines]


def _write(file: Path, text: str, option: str) -> None:
    from edge_runtime.system.files import one_sentence, write_file

    if file.exists():
        raise click.UsageError(f"{option} {printable(file)} already exists; choose another name")
    with one_sentence(file):
        write_file(file, text.encode())


def _line(about: str, said: str) -> str:
    """Lay a line of the page out for a terminal; what is long goes on below itself."""
    return textwrap.fill(
        said, 100, initial_indent=f"{about:<13}", subsequent_indent=" " * 13,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _signed(bundle: "Bundle") -> list[str]:
    """Say who signed a bundle, and whether that was checked."""
    from edge_runtime.contract import DEFAULT_IDENTITY
    from edge_runtime.trust.releases import told_age
    from edge_runtime.trust.verify import signature_files

    sealed = bundle.sealed
    if sealed is not None and sealed.signers:
        return [f"by {sealed.by}{told_age(sealed.release)}; checked", *sealed.apart]
    said = [_unchecked(file) for file in signature_files(bundle.path)]
    if bundle.identity == DEFAULT_IDENTITY:
        shipped = "it is the one that comes with this version of fundus-edge"
        said = [*said, shipped] if said else [f"by nobody: {shipped}"]
    return said or ["by nobody"]


def _unchecked(file: Path) -> str:
    from edge_runtime.trust.releases import told_age
    from edge_runtime.trust.signed_file import read_signed_file
    from edge_runtime.trust.statement import read_statement

    try:
        envelope = read_signed_file(file)
        age = told_age(read_statement(envelope.payload).release)
    except ValueError as error:
        return f"{file.name} {error}"
    by = f"by the key {envelope.hint[:16] or 'that it does not name'}{age}, as {file.name} says"
    return f"{by}; not checked (name the keys that you trust with --trust)"
