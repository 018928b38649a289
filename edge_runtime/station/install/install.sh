#!/bin/sh
# Install the camp station on a computer of its own, from a clone or from a folder that pack.sh made:
#
#   sudo sh install.sh [--user NAME] [--inbox FOLDER] [--data FOLDER] [--archive FOLDER]
#                      [--language en|es] [--host ADDRESS] [--port NUMBER] [--no-kiosk]
#                      [--worklist AE@HOST:PORT] [-- OPTIONS OF THE STATION]
#   sudo sh install.sh --uninstall
#
# It asks nothing, and may be run again: with other options, or to bring a newer version. A run that
# fails leaves the station of before at work. Afterwards the station is a service that starts with
# the computer, and a browser shows its page to whoever logs in as the user.
#
# --user      who works with it [default: who called sudo, else the first user]
# --inbox     where the camera writes [default: camp/inbox in the user's home]
# --data      where all is kept [default: the inbox's name with -station behind it]
# --archive   where files go from the inbox once their photographs are kept [default: they stay]
# --host      0.0.0.0 lets other computers open the page; a password is needed then
# --worklist  the hospital's worklist (DICOM) that says who is expected; the service may talk to its
#             address then, or with a name to private networks
# --prefix    where the program lies [default: /opt/fundus-edge]
# --root      write below this folder and start nothing: for images and for tests
set -eu

umask 022
service=fundus-edge-station

say() { echo "== $*"; }

die() {
  echo "install.sh: $*" >&2
  exit 1
}

main() {
  here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
  user='' inbox='' data='' archive='' language=en host=127.0.0.1 port=8000 prefix=/opt/fundus-edge root=''
  worklist='' extras=station,trust
  kiosk=yes uninstall='' more='' starts=yes
  read_options "$@"
  [ -n "$root" ] || [ "$(id -u)" = 0 ] || die "it needs the rights of root: sudo sh $0"
  if [ -n "$uninstall" ]; then
    remove
    return
  fi
  choose_user
  choose_folders
  find_source
  install_packages
  install_program
  make_folders
  write_service
  write_kiosk
  start_service
  remove_old
}

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --no-kiosk) kiosk='' ;;
      --uninstall) uninstall=yes ;;
      --)
        shift
        for each; do
          plain "$each"
          more="$more \"$each\""
        done
        return
        ;;
      --worklist)
        case ${2:-} in ?*@?*:[0-9]*) ;; *) die "'${2:-}': a worklist is written AE@HOST:PORT" ;; esac
        plain "${2%@*}${2##*@}" # one @ parts its title and its place
        worklist=$2
        shift
        ;;
      --user | --inbox | --data | --archive | --language | --host | --port | --prefix | --root)
        if [ $# -lt 2 ] || [ -z "$2" ]; then die "$1 needs a value"; fi
        plain "$2"
        eval "${1#--}=\$2"
        shift
        ;;
      *) die "'$1' is no option; the head of $0 says which there are" ;;
    esac
    shift
  done
  for each in "$inbox" "$data" "$archive" "$prefix" "$root"; do
    case $each in '' | /*) ;; *) die "$each: write the whole path, from / on" ;; esac
  done
  case $language in en | es) ;; *) die "'$language' is no language of the pages; take en or es" ;; esac
  case $port in *[!0-9]* | 0 | '') die "'$port' is no port; take a number such as 8000" ;; esac
}

# What stands in a unit's file must mean itself there.
plain() {
  case $1 in
    *[\"\\\`\$%@]* | *'
'*) die "'$1': take a name without double quotes, \\, \`, \$, % and @" ;;
  esac
}

choose_user() {
  [ "$user" != root ] || die "the station doesn't run as root: name another user by --user"
  [ -n "$user" ] || user=${SUDO_USER:-}
  if [ -z "$user" ] || [ "$user" = root ]; then
    user=$(getent passwd | awk -F: '$3 >= 1000 && $3 < 60000 { print $1; exit }')
  fi
  [ -n "$user" ] || die "there is no user but root: make one (adduser camp), or name one by --user"
  home=$(getent passwd "$user" | cut -d: -f6)
  [ -n "$home" ] || die "there is no user $user: make one (adduser $user), or name another by --user"
}

choose_folders() {
  [ -n "$inbox" ] || inbox=$home/camp/inbox
  inbox=${inbox%/}
  [ -n "$inbox" ] || die "the whole disk can't be an inbox"
  [ -n "$data" ] || data=$inbox-station
  case $data/ in "$inbox"/*) die "$data lies in the inbox, so its pictures would be taken for photos" ;; esac
  writable='' readable="\"-$inbox\""
  if [ -n "$archive" ]; then
    writable=" \"$inbox\" \"$archive\"" readable=''
    more=" --archive \"$archive\"$more"
  fi
  secrets=''
  for each in .ssh .gnupg .mozilla .config/chromium .config/google-chrome .local/share/keyrings; do
    secrets="$secrets \"-$home/$each\""
  done
  users=yes # or the service wouldn't start where the kernel lets nobody have users of their own
  unshare --user true 2>/dev/null || users=no
  private='link-local 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7'
  case $host in
    127.* | ::1 | localhost) reached='' networks=localhost ;;
    *) reached=yes networks="localhost $private" ;;
  esac
  [ -z "$worklist" ] || choose_worklist
}

# A worklist's address is let through; of a name it isn't known before the network is there.
choose_worklist() {
  extras=station,trust,hospital
  more=" --worklist \"$worklist\"$more"
  place=${worklist##*@} && place=${place%:*}
  case $place in
    *:*) place=${place#[} && place=${place%]} ;;
    *[!0-9.]*) place=$private ;;
  esac
  networks="$networks $place"
}

# A folder to carry has the wheels; a clone is three folders up.
find_source() {
  wheels='' source=''
  if [ -d "$here/wheels" ]; then
    wheels=$here/wheels
    [ -z "$(find "$wheels" -name 'pydicom-*.whl')" ] || extras=station,trust,hospital
    say "Checking what was carried here"
    (cd "$here" && sha256sum -c --quiet SHA256SUMS) ||
      die "something in $here is damaged: copy it once more, or make it anew with pack.sh"
  else
    source=$(CDPATH='' cd "$here/../../.." && pwd)
    [ -f "$source/pyproject.toml" ] ||
      die "run it from a clone of fundus-edge, or from a folder that pack.sh made"
  fi
  case $(dpkg --print-architecture) in
    amd64 | arm64) ;;
    *) die "it needs a system of 64 bits (on a Raspberry Pi: Raspberry Pi OS, 64-bit)" ;;
  esac
}

install_packages() {
  [ -z "$root" ] || return 0
  needed=''
  command -v python3 >/dev/null || needed="python3 python3-venv"
  if [ -z "$needed" ] && [ -z "$wheels" ]; then
    python3 -c 'import ensurepip' 2>/dev/null || needed=python3-venv
  fi
  if [ -n "$kiosk" ] && has_desktop && ! has_browser; then needed="$needed chromium"; fi
  [ -n "$needed" ] || return 0
  if [ -n "$wheels" ]; then
    command -v python3 >/dev/null || die "there is no Python here: install python3 from Debian's own medium"
    say "No browser is here, so none will open by itself"
    return 0
  fi
  say "Installing from Debian: $needed"
  apt-get update -q >/dev/null
  # shellcheck disable=SC2086 # several packages
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $needed >/dev/null
}

has_desktop() {
  for each in /usr/share/xsessions/*.desktop /usr/share/wayland-sessions/*.desktop; do
    [ ! -e "$each" ] || return 0
  done
  return 1
}

has_browser() {
  for each in chromium chromium-browser google-chrome firefox-esr firefox; do
    if command -v "$each" >/dev/null; then return 0; fi
  done
  return 1
}

# Each version has a folder of its own, so that the one of before works until this one does.
install_program() {
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    die "Python 3.10 or newer is needed: take Debian 12 or newer"
  release=$(date +%Y%m%d-%H%M%S)-$$
  target=$root$prefix/releases/$release
  mkdir -p "$root$prefix/releases"
  trap 'rm -rf "$target"' EXIT
  trap 'exit 130' INT TERM
  say "Installing the program into $prefix"
  if python3 -c 'import ensurepip' 2>/dev/null; then
    python3 -m venv "$target"
    pip() { "$target/bin/python" -m pip "$@"; }
  else
    python3 -m venv --without-pip "$target"
    pip() { "$target/bin/python" "$(echo "$wheels"/pip-*.whl)/pip" "$@"; }
  fi
  if [ -n "$wheels" ]; then
    pip install -q --no-input --disable-pip-version-check --no-index --find-links "$wheels" \
      -c "$here/constraints.txt" "fundus-edge[$extras]"
  else
    pip install -q --no-input --disable-pip-version-check -c "$source/constraints.txt" \
      "${source}[$extras]"
  fi
  "$target/bin/fundus-edge" --version
  "$target/bin/fundus-edge" station --help >/dev/null
  chmod -R go-w,a+rX "$target"
  ln -sfn "releases/$release" "$root$prefix/current.new"
  mv -T "$root$prefix/current.new" "$root$prefix/current"
  trap - EXIT INT TERM
  install -m 755 "$here/kiosk.sh" "$root$prefix/kiosk.sh"
  for each in "$here/station.md" "$source/docs/station.md"; do
    [ ! -f "$each" ] || install -m 644 "$each" "$root$prefix/station.md"
  done
}

as_user() {
  if [ -n "$root" ]; then "$@"; else runuser -u "$user" -- "$@"; fi
}

make_folders() {
  for each in "$inbox" "$data" "$archive"; do
    [ -n "$each" ] || continue
    if ! as_user mkdir -p "$root$each" 2>/dev/null; then
      mkdir -p "$root$each"
      chown -h "$user:" "$root$each" # a link of the user's gives them nothing that it leads to
    fi
  done
  as_user chmod 700 "$root$data"
  say "The camera writes into $inbox, and all is kept in $data"
}

# Fill in what stands between two @.
fill() {
  sed -e "s|@PREFIX@|$(quoted "$prefix")|g" -e "s|@USER@|$(quoted "$user")|g" \
    -e "s|@INBOX@|$(quoted "$inbox")|g" -e "s|@DATA@|$(quoted "$data")|g" \
    -e "s|@HOST@|$(quoted "$host")|g" -e "s|@PORT@|$port|g" -e "s|@LANGUAGE@|$language|g" \
    -e "s|@WRITABLE@|$(quoted "$writable")|g" -e "s|@READABLE@|$(quoted "$readable")|g" \
    -e "s|@USERS@|$users|g" -e "s|@SECRETS@|$(quoted "${secrets# }")|g" \
    -e "s|@NETWORKS@|$networks|g" -e "s|@MORE@|$(quoted "$more")|g" \
    -e "s|@ADDRESS@|$(quoted "$address")|g" "$1"
}

quoted() { printf '%s' "$1" | sed 's/[&|\\]/\\&/g'; }

write_service() {
  case $host in 0.0.0.0 | localhost) at=127.0.0.1 ;; ::) at='[::1]' ;; *:*) at="[$host]" ;; *) at=$host ;; esac
  scheme=http
  case $more in *--tls-certificate*) scheme=https ;; esac
  address=$scheme://$at:$port/
  mkdir -p "$root/etc/systemd/system"
  fill "$here/$service.service" >"$root/etc/systemd/system/$service.service"
  chmod 644 "$root/etc/systemd/system/$service.service"
}

write_kiosk() {
  entry=$home/.config/autostart/$service.desktop
  if [ -z "$kiosk" ]; then
    as_user rm -f "$root$entry"
    return 0
  fi
  as_user mkdir -p "$root$home/.config/autostart"
  fill "$here/kiosk.desktop" | as_user tee "$root$entry" >/dev/null
  say "Whoever logs in as $user sees the page; Alt+F4 leaves it"
}

start_service() {
  if [ -n "$reached" ] && [ ! -f "$root$data/station.password" ]; then
    say "Not started, as others could open the page: set a password first, then start it"
    echo "   sudo -u $user $prefix/current/bin/fundus-edge station password --data \"$data\""
    echo "   sudo systemctl enable --now $service"
    starts=''
  fi
  [ -z "$root" ] || return 0
  if [ ! -d /run/systemd/system ]; then
    say "systemd doesn't run here, so the service isn't started"
    return 0
  fi
  systemctl daemon-reload
  if [ -z "$starts" ]; then
    systemctl disable -q --now "$service"
    return 0
  fi
  systemctl enable -q "$service"
  systemctl restart "$service"
  wait_for_page
}

wait_for_page() {
  tries=0
  until "$prefix/current/bin/python" -c '
import socket, sys, urllib.parse
place = urllib.parse.urlsplit(sys.argv[1])
socket.create_connection((place.hostname, place.port), 3).close()' "$address" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 60 ]; then
      journalctl -u "$service" -n 10 --no-pager -o cat >&2 || true
      die "the station doesn't answer; what it said stands above"
    fi
    sleep 1
  done
  say "It is at work: open $address"
}

remove_old() {
  for each in "$root$prefix/releases"/*; do
    [ "$each" = "$target" ] || rm -rf "$each"
  done
}

remove() {
  unit=$root/etc/systemd/system/$service.service
  [ -f "$unit" ] || die "there is no $service to remove"
  user=$(sed -n 's/^User=//p' "$unit")
  prefix=$(sed -n 's/^ExecStart="\(.*\)\/current\/bin\/fundus-edge" .*/\1/p' "$unit")
  data=$(sed -n 's/^ReadWritePaths="\([^"]*\)".*/\1/p' "$unit")
  home=$(getent passwd "$user" | cut -d: -f6)
  if [ -z "$root" ] && [ -d /run/systemd/system ]; then systemctl disable -q --now "$service"; fi
  rm -f "$unit"
  [ -z "$home" ] || rm -f "$root$home/.config/autostart/$service.desktop"
  rm -rf "$root${prefix:?}/releases" "$root$prefix/current" "$root$prefix/kiosk.sh" "$root$prefix/station.md"
  rmdir "$root$prefix" 2>/dev/null || true
  if [ -z "$root" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
  say "Removed. The photographs and $data stay as they are"
}

main "$@"
