#!/usr/bin/env bash
# arm64_root.sh FOLDER: Debian's arm64 headers and archives of the libraries that bootstrap is linked with, in FOLDER.
#
# The lists and packages of apt for arm64 are kept apart, so that nothing of this machine's own dpkg changes. Done once: a
# FOLDER that is complete is left alone.
set -euo pipefail
[ $# = 1 ] || {
  sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
packages=(libjansson-dev libsqlite3-dev libyaml-dev zlib1g-dev libzstd-dev libxxhash-dev libssl-dev libexpat1-dev)
root=$1
stamp="${packages[*]}"
[ "$(cat "$root/stamp" 2>/dev/null)" != "$stamp" ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,packages}
apt=(-q -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Architecture=arm64 -o APT::Architectures::=arm64
  -o APT::Sandbox::User= -o "Dir::State::status=/dev/null")
apt-get "${apt[@]}" update
(cd "$work/packages" && apt-get "${apt[@]}" download "${packages[@]/%/:arm64}")
rm -rf "$root"
mkdir -p "$root"
for package in "$work"/packages/*.deb; do
  dpkg-deb -x "$package" "$root"
done
echo "$stamp" >"$root/stamp"
