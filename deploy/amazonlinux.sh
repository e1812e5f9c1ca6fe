#!/usr/bin/env bash
# In a container of amazonlinux:2023, the system that AWS Lambda runs on: build from source, train, answer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'END'
deploy/amazonlinux.sh [--build FOLDER]

A second proof beside Debian's build, with other compilers and libraries: builds the program, trains on examples/simple-shop and
asks for a customer. Installs what it needs with dnf, so it runs as root:
  docker run --rm -v "$PWD:/src" public.ecr.aws/amazonlinux/amazonlinux:2023 bash /src/deploy/amazonlinux.sh --build /tmp/build
END
}

build=build/amazonlinux
while [ $# -gt 0 ]; do
  case $1 in
  --build) build=${2:?$1 needs a value} ;;
  --help | -h)
    usage
    exit
    ;;
  *)
    echo "amazonlinux: no such option: $1; see --help" >&2
    exit 2
    ;;
  esac
  shift 2
done

packages=(cmake ninja-build pkgconf-pkg-config gcc sqlite-devel jansson-devel libyaml-devel zlib-devel libzstd-devel
  xxhash-devel libmicrohttpd-devel nettle-devel expat-devel openssl-devel)
dnf install -q -y "${packages[@]}"
cmake -S . -B "$build" -G Ninja -DPURVEY_TESTS=OFF
cmake --build "$build" --target purvey_cli
"$build/purvey" train examples/simple-shop -o "$build/simple.model" --quiet
"$build/purvey" recommend "$build/simple.model" --user 123 -n 3
