"""Compare our de-identification of DICOM photographs with dicom-anonymizer's, on planted names.

    pip install dicom-anonymizer==2.1.0
    python benchmarks/deidentify_peer.py FOLDER

Into an ophthalmic photograph identifiers are planted wherever the dictionary has an attribute that
takes one, into items and private blocks too (tests/edge_runtime/exchange/deidentify/planted.py).
Printed is how many of the planted values stand in what each makes of it, by attribute, and whether
the two agree on the action of each attribute of PS3.15, Table E.1-1. FOLDER is where files go.
"""

import sys
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))


def main(folder: Path) -> None:
    """Plant, de-identify with both, and count."""
    from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as theirs
    from dicomanonymizer.simpledicomanonymizer import anonymize_dicom_file, initialize_actions
    from pydicom import dcmread

    from edge_runtime.exchange.deidentify.photograph import How, deidentify_photograph
    from edge_runtime.exchange.deidentify.profile import actions
    from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms
    from tests.edge_runtime.exchange.deidentify.planted import plant
    from tests.edge_runtime.hospital.objects import make, save

    warnings.simplefilter("ignore")
    folder.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    data = make(noise)
    planted = plant(data)
    file = save(data, folder / "planted.dcm")
    listed = sum(len(getattr(theirs, name)) for name in vars(theirs) if name.endswith("_TAGS"))
    listed -= len(theirs.ALL_TAGS)
    print(f"attributes in the table: {len(actions())} and 3 repeated here, {listed} there")
    print(f"identifiers planted in {planted} attributes of the dictionary")
    made = deidentify_photograph(file, How(is_looked_at=True), Pseudonyms.forgotten())
    (folder / "ours.dcm").write_bytes(made.data)
    ours = left(dcmread(folder / "ours.dcm"))
    print(f"attributes in which one is left, fundus-edge: {len(ours)}")
    try:
        anonymize_dicom_file(
            str(file), str(folder / "theirs.dcm"),
            base_rules_gen=lambda: initialize_actions("dicomfields_2026c"),
        )  # fmt: skip
    except NotImplementedError as error:
        print(f"dicom-anonymizer stopped: {error}")
        return
    found = left(dcmread(folder / "theirs.dcm"))
    print(f"attributes in which one is left, dicom-anonymizer 2.1.0: {len(found)}, such as")
    print(", ".join(sorted(found)[:8]))


def left(data: object) -> set[str]:
    """List the attributes whose value, or one in whose items, has a mark of what was planted."""
    from tests.edge_runtime.exchange.deidentify.planted import found_in

    return {
        each.keyword or str(each.tag)
        for each in data  # type: ignore[attr-defined]
        if found_in(str(each.value).encode())
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
