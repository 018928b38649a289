#!/bin/sh
# Show the station's page on the whole screen, once it is there: kiosk.sh ADDRESS. Alt+F4 leaves it.
set -eu

address=$1
own=${XDG_STATE_HOME:-$HOME/.local/state}/fundus-edge-station # a profile without anybody's pages
python=$(dirname "$0")/current/bin/python
mkdir -p "$own"

answers() {
  "$python" -c '
import socket, sys, urllib.parse
place = urllib.parse.urlsplit(sys.argv[1])
socket.create_connection((place.hostname, place.port), 3).close()' "$address" 2>/dev/null
}

until answers; do sleep 1; done

for browser in chromium chromium-browser google-chrome; do
  if command -v "$browser" >/dev/null; then
    exec "$browser" --kiosk --user-data-dir="$own/chromium" --no-first-run --noerrdialogs \
      --disable-session-crashed-bubble --disable-background-networking --disable-sync \
      --disable-features=Translate --password-store=basic "$address"
  fi
done
for browser in firefox-esr firefox; do
  if command -v "$browser" >/dev/null; then
    mkdir -p "$own/firefox"
    exec "$browser" --kiosk --no-remote --profile "$own/firefox" "$address"
  fi
done
echo "No browser is here: install chromium or firefox-esr, or open $address elsewhere." >&2
exit 1
