#!/bin/sh
# Run the wheel under an emulated 64-bit ARM and compare its results with this computer's.
# See docs/arm64.md. Usage: benchmarks/arm64.sh FOLDER [PHOTO...]
# FOLDER keeps what is downloaded (about 250 MB). PYTHON is a Python 3.11 with this package.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 1 ] || { echo "usage: $0 FOLDER [PHOTO...]" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
[ $# -ge 1 ] || set -- "$here/examples/retina.jpg"
python=${PYTHON:-python3}
root=$folder/root
site=$folder/site
cpu=${ARM_CPU:-cortex-a72}

for tool in qemu-aarch64-static debootstrap dpkg-deb unzip; do
  command -v "$tool" >/dev/null || {
    echo "$tool is missing: apt install qemu-user-static debootstrap unzip" >&2
    exit 1
  }
done

if [ ! -e "$root/usr/bin/python3.11" ]; then # Debian's Python and C library for arm64
  packages=$folder/packages
  rm -rf "$packages" "$root"
  # The mirror that this computer's own packages come from.
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
  debootstrap --foreign --download-only --arch=arm64 --variant=minbase --include=python3 \
    bookworm "$packages" "$mirror" >"$folder/debootstrap.log"
  # /bin, /lib and /sbin are links into /usr: unpacking must follow them, not replace them.
  for name in bin lib sbin; do
    mkdir -p "$root/usr/$name"
    ln -s "usr/$name" "$root/$name"
  done
  for package in "$packages"/var/cache/apt/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$root"
  done
fi

# ONNX Runtime reads the processor's kind from here and crashes on an x86 description of it.
mkdir -p "$root/proc" "$root/sys/devices/system/cpu"
"$python" "$here/benchmarks/arm64_compare.py" cpuinfo "$cpu" >"$root/proc/cpuinfo"
echo 0-1 >"$root/sys/devices/system/cpu/possible"
echo 0-1 >"$root/sys/devices/system/cpu/present"

if [ ! -e "$site/onnxruntime" ]; then # the wheels that a Raspberry Pi gets
  needed=$("$python" -c 'import sys, tomllib
print(*tomllib.load(open(sys.argv[1], "rb"))["project"]["dependencies"])' "$here/pyproject.toml")
  "$python" -m pip download -q --only-binary=:all: --python-version 3.11 --implementation cp \
    --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 \
    --platform manylinux2014_aarch64 -d "$folder/wheels" -c "$here/constraints.txt" \
    $needed
  for wheel in "$folder"/wheels/*.whl; do unzip -qo "$wheel" -d "$site"; done
fi
rm -rf "$folder/dist" "$site/edge_runtime"
"$python" -m pip wheel -q --no-deps -w "$folder/dist" "$here"
unzip -qo "$folder"/dist/fundus_edge-*.whl -d "$site"

emulated() {
  qemu-aarch64-static -L "$root" -cpu "$cpu" -E PYTHONPATH="$site" "$root/usr/bin/python3.11" "$@"
}
compare=$here/benchmarks/arm64_compare.py
emulated "$compare" predict ${BUNDLE:+--bundle "$BUNDLE"} "$@" >"$folder/arm64.json"
PYTHONPATH=$here "$python" "$compare" predict ${BUNDLE:+--bundle "$BUNDLE"} "$@" >"$folder/here.json"
"$python" "$compare" compare "$folder/here.json" "$folder/arm64.json"
