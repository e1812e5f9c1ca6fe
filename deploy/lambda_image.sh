#!/usr/bin/env bash
# A package in AWS's own image of Lambda's system: does it start there, and answer?
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
  cat <<'END'
deploy/lambda_image.sh --package ZIP --model MODEL [--port 9000]

Runs the package's bootstrap with the model beside it in public.ecr.aws/lambda/provided:al2023, whose emulator takes calls on
127.0.0.1, and asks it with deploy/smoke.sh. The machine must be of the package's architecture. Needs docker, unzip, the AWS
CLI and jq.
END
}

fail() {
  echo "lambda_image: $*" >&2
  exit 1
}

package='' model='' port=9000
while [ $# -gt 0 ]; do
  case $1 in
  --package) package=${2:?$1 needs a value} ;;
  --model) model=${2:?$1 needs a value} ;;
  --port) port=${2:?$1 needs a value} ;;
  --help | -h)
    usage
    exit
    ;;
  *) fail "no such option: $1; see --help" ;;
  esac
  shift 2
done
if [ -z "$package" ] || [ -z "$model" ]; then
  fail "--package and --model are needed; see --help"
fi

task=$(mktemp -d)
container=''
trap '[ -z "$container" ] || docker rm --force "$container" >/dev/null; rm -rf "$task"' EXIT
unzip -q "$package" -d "$task"
cp "$model" "$task/purvey.model"
chmod -R go+rX "$task"
container=$(docker run --detach --publish "127.0.0.1:$port:8080" --volume "$task:/var/task:ro" \
  --volume "$task/bootstrap:/var/runtime/bootstrap:ro" public.ecr.aws/lambda/provided:al2023 bootstrap)

# The emulator needs no credentials, but the AWS CLI signs whatever it sends.
export AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:$port AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=emulator AWS_SECRET_ACCESS_KEY=emulator
"$here/smoke.sh" --function function || {
  docker logs "$container" >&2
  exit 1
}
