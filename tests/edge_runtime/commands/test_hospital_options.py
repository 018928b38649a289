"""What the options of an export for a hospital say."""

import click
import pytest
from click.testing import CliRunner

from edge_runtime.commands.hospital_options import chosen_for_hospital, hospital_options


def chosen(*options):
    """Give what the options ask for, and how the command ended."""
    found = []

    @click.command()
    @hospital_options
    def command(hospital):
        found.append(chosen_for_hospital(hospital, deidentify=False, move_dates=False))

    told = CliRunner().invoke(command, options)
    return (found or [None])[0], told.output


def test_an_issuer_is_for_bundles_too_and_spaces_around_say_nothing():
    asked, said = chosen("--fhir", "--issuer", " Camp 7 ")
    assert said == ""
    assert (asked.has_fhir, asked.issuer) == (True, "Camp 7")
    assert chosen("--fhir", "--issuer", "  ")[0].issuer == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--issuer", "Camp 7"], "--issuer needs --dicom or --fhir"),
        (["--fhir", "--issuer", "a\nb"], "--issuer must be one line of 64 letters"),
        (["--fhir", "--issuer", "a\\b"], "--issuer must be one line of 64 letters"),
    ],
)
def test_an_issuer_that_is_none_or_of_nothing_is_refused(options, said):
    asked, told = chosen(*options)
    assert asked is None
    assert said in told
