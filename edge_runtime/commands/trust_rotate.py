"""The command ``fundus-edge trust rotate``."""

from datetime import datetime, timezone
from pathlib import Path

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable


@click.command()
@click.argument("new", type=GivenPath(), metavar="NEW.pub")
@click.option(
    "--key", type=GivenPath(), required=True, help="Secret key whose place the new one takes."
)
@click.option(
    "--release",
    type=click.IntRange(1, 999_999_999),
    metavar="NUMBER",
    help="First release of bundles that the new key signs: lower ones are still taken from the old "
    "key, and only from it.  [default: from now on the new key alone]",
)
@click.option("--both", is_flag=True, help="Let the old key count as before, beside the new one.")
@click.option(
    "--out",
    type=GivenPath(),
    metavar="FILE.trust",
    help="The file to write.  [default: NEW.trust beside NEW.pub]",
)
def rotate(new: Path, key: Path, release: int | None, both: bool, out: Path | None) -> None:
    """Let a new key take the place of one that devices trust.

    NEW.pub is the public key of "fundus-edge keygen". The file that is made says, signed by the old
    key, that devices are to trust the new one in its place: bundles that only the old key signed
    are refused from then on. For a key that was stolen use "trust revoke", as the thief can make
    such a file too.
    """
    from edge_runtime.commands.signing_key import open_signing_key
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.trust.make_notice import check_notice_free, rotate_key
    from edge_runtime.trust.notice import NOTICE
    from edge_runtime.trust.public_keys import read_keys

    file = out or new.with_suffix(NOTICE)
    if file.suffix != NOTICE:
        raise click.UsageError(f"--out {printable(file)}: the name must end in {NOTICE}")
    check_notice_free(file)
    keys = read_keys([new])
    if len(keys) != 1:
        raise click.UsageError(f"{printable(new)} holds {len(keys)} keys; name one key's file")
    if both and release:
        raise click.UsageError("--both keeps the old key for every release; leave --release out")
    today = datetime.now(timezone.utc).date().isoformat()
    private = open_signing_key(key)
    made = rotate_key(file, keys[0], private, day=today, since=release or 0, keeps=both)
    click.echo(
        f"Wrote {printable(file)}: the key {made.new.hint[:16]} ({printable(made.new.name)}) "
        f"{'stands beside' if both else 'takes the place of'} the key {made.old[:16]}"
        f"{f' from release {release} on' if release else ''}."
    )
    if not (both or release):
        click.echo(
            "Devices that have it run no bundle that only the old key signed: sign the bundles "
            "that they need with the new key too, before you carry it to them.",
            err=True,
        )
    click.echo(DISCLAIMER, err=True)
