"""Hold the structured reports of ``fundus-edge dicom report`` against pixelmed's validator.

``python benchmarks/dicom_sr_validator.py FOLDER`` judges each ``report.dcm`` below FOLDER with
``com.pixelmed.validate.DicomSRValidator``, which checks the IOD and the templates of PS3.16 (TID
1500, 1501, 300, 4019 and those in them), and prints of each how many errors and warnings it found,
and each kind of error. The exit status is 1 if there is an error or a report that it didn't judge
to its end. It needs ``apt install default-jre-headless libpixelmed-java``, some 300 MB, and 15
seconds of a processor for a report. "Content Item not in template" is a warning: the templates may
be extended, and the validator's are of 2022.
"""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

_JARS = ("pixelmed", "commons-codec", "commons-net", "hsqldb", "jaxb-api", "jmdns", "javax.json",
         "slf4j-api", "vecmath")  # fmt: skip
_WHOLE = ("Root Template Validation Complete", "IOD validation complete")


def judge(report: Path) -> Counter[str]:
    """Count what the validator says of a report, by its words without places."""
    classes = ":".join(f"/usr/share/java/{name}.jar" for name in _JARS)
    command = [
        "java",
        # its stylesheets are larger than Java allows by default
        *(f"-Djdk.xml.xpath{limit}=0" for limit in ("ExprGrpLimit", "ExprOpLimit", "TotalOpLimit")),
        "-cp", classes, "com.pixelmed.validate.DicomSRValidator", str(report),
    ]  # fmt: skip
    ran = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    lines = (ran.stdout + ran.stderr).splitlines()
    missing = [each for each in _WHOLE if each not in lines]
    found = Counter(f"Error: not judged to its end, no '{each}'" for each in missing)
    for line in lines:
        if line.startswith(("Error", "Warning")):
            found[re.sub(r"^(\w+): .*: ", r"\1: ", line)] += 1
    return found


def main(folder: Path) -> int:
    """Judge every report and say what was found."""
    reports, errors = sorted(folder.rglob("report.dcm")), 0
    for report in reports:
        found = judge(report)
        bad = {words: count for words, count in found.items() if words.startswith("Error")}
        errors += sum(bad.values())
        print(f"{report.relative_to(folder)}: {sum(bad.values())} errors, "
              f"{found.total() - sum(bad.values())} warnings")  # fmt: skip
        for words, count in bad.items():
            print(f"  {count} x {words}")
    print(f"{len(reports)} reports, {errors} errors")
    return 1 if errors or not reports else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
