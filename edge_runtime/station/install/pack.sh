#!/bin/sh
# On a computer with a network: put all that the camp station needs into a folder to carry.
#
#   sh pack.sh FOLDER [--for aarch64|x86_64] [--dicom]
#
# With --dicom it has what reads DICOM files and asks a hospital's worklist, too.
# Run it from a clone, with the Python of the computer for which it is (Debian 12: 3.11). There,
# without a network:  sudo sh FOLDER/install.sh
set -eu

die() {
  echo "pack.sh: $*" >&2
  exit 1
}

here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
source=$(CDPATH='' cd "$here/../../.." && pwd)
folder='' machine=$(uname -m) extras=station,trust
while [ $# -gt 0 ]; do
  case $1 in
    --for) machine=${2:-} && shift ;;
    --dicom) extras=station,trust,hospital ;;
    -*) die "$1 is no option; there are --for aarch64, --for x86_64 and --dicom" ;;
    *) [ -z "$folder" ] || die "name one folder" && folder=$1 ;;
  esac
  shift
done
[ -n "$folder" ] || die "name the folder to carry, such as /media/stick/station"
[ -f "$source/pyproject.toml" ] || die "run it from a clone of fundus-edge"
case $machine in aarch64 | x86_64) ;; *) die "there is nothing for $machine: take --for aarch64 or --for x86_64" ;; esac
if [ -d "$folder" ] && [ -n "$(ls -A "$folder")" ]; then die "$folder isn't empty: name a new folder"; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
python3 -m venv "$work/venv" || die "apt install python3-venv first"
python=$work/venv/bin/python
wheels=$work/packed/wheels
mkdir -p "$wheels"

echo "Making the wheel of fundus-edge ..."
"$python" -m pip wheel -q --no-deps --wheel-dir "$wheels" "$source"
echo "Fetching what it needs, for $machine and $("$python" --version) ..."
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$python" -m pip download -q --dest "$wheels" --find-links "$wheels" --only-binary :all: \
  --python-version "$version" --implementation cp \
  --platform "manylinux_2_28_$machine" --platform "manylinux_2_27_$machine" \
  --platform "manylinux_2_17_$machine" --platform "manylinux2014_$machine" \
  -c "$source/constraints.txt" "fundus-edge[$extras]" pip
cp "$source/constraints.txt" "$source/docs/station.md" "$here"/install.sh "$here"/kiosk.sh \
  "$here"/kiosk.desktop "$here"/fundus-edge-station.service "$work/packed/"
(cd "$work/packed" && find . -type f -exec sha256sum {} + >"$work/SHA256SUMS")
mv "$work/SHA256SUMS" "$work/packed/"
mkdir -p "$folder"
cp -R "$work/packed/." "$folder/"
(cd "$folder" && sha256sum -c --quiet SHA256SUMS) || die "$folder holds something else than was written: take another stick"
sync
echo "Carry $folder to the camp's computer, and there: sudo sh $(basename "$folder")/install.sh"
