#!/usr/bin/env bash
# Put an earlier version of the code behind the alias again; the model has `purvey rollback`.
set -euo pipefail

usage() {
  cat <<'END'
deploy/rollback.sh --function NAME [--to VERSION] [--alias live]

Moves the alias to VERSION, by default the one that was published before the alias's, and ends a canary that is under way.
It holds from the next call on. The next deployment goes on from the template as if nothing had happened.
Needs the AWS CLI and jq.
END
}

fail() {
  echo "rollback: $*" >&2
  exit 1
}

name='' alias=live version=''
while [ $# -gt 0 ]; do
  case $1 in
  --function) name=${2:?$1 needs a value} ;;
  --alias) alias=${2:?$1 needs a value} ;;
  --to) version=${2:?$1 needs a value} ;;
  --help | -h)
    usage
    exit
    ;;
  *) fail "no such option: $1; see --help" ;;
  esac
  shift 2
done
[ -n "$name" ] || fail "--function is missing; see --help"

current=$(aws lambda get-alias --function-name "$name" --name "$alias" --query FunctionVersion --output text)
if [ -z "$version" ]; then
  version=$(aws lambda list-versions-by-function --function-name "$name" --output json |
    jq -r --argjson current "$current" '[.Versions[].Version | select(. != "$LATEST") | tonumber | select(. < $current)] | max // empty')
  [ -n "$version" ] || fail "$name has no version before $current"
fi
aws lambda update-alias --function-name "$name" --name "$alias" --function-version "$version" \
  --routing-config AdditionalVersionWeights={} --output text --query FunctionVersion >/dev/null
echo "rollback: $name:$alias is version $version, was $current"
