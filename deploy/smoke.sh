#!/usr/bin/env bash
# Ask a deployed function, as a client would, and judge its answers.
set -euo pipefail

usage() {
  cat <<'END'
deploy/smoke.sh --function NAME [--qualifier ALIAS|VERSION] [--user ID] [--model MODEL-ID]

Calls {"op":"health"} and a question, through the Lambda API with the caller's AWS credentials, and fails unless both are
answered with status 200 and the question with at least one product. Needs the AWS CLI and jq.
  --qualifier   which version; live by default
  --user        whom to recommend to; by default somebody unknown, who gets the popular products
  --model       id of the model that must have answered
AWS_ENDPOINT_URL_LAMBDA names another server, such as AWS's runtime interface emulator.
END
}

fail() {
  echo "smoke: $*" >&2
  exit 1
}

name='' qualifier=live user='smoke test' model=''
while [ $# -gt 0 ]; do
  case $1 in
  --function) name=${2:?$1 needs a value} ;;
  --qualifier) qualifier=${2:?$1 needs a value} ;;
  --user) user=${2:?$1 needs a value} ;;
  --model) model=${2:?$1 needs a value} ;;
  --help | -h)
    usage
    exit
    ;;
  *) fail "no such option: $1; see --help" ;;
  esac
  shift 2
done
[ -n "$name" ] || fail "--function is missing; see --help"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# ask TITLE EVENT: the answer's body on standard output.
ask() {
  local title=$1 event=$2 error
  printf %s "$event" >"$folder/event"
  aws lambda invoke --function-name "$name" --qualifier "$qualifier" --output json --payload "fileb://$folder/event" \
    "$folder/answer" >"$folder/told" || fail "$title: the call failed"
  error=$(jq -r '.FunctionError // empty' "$folder/told")
  [ -z "$error" ] || fail "$title: $error: $(head -c 500 "$folder/answer")"
  jq -e '.statusCode == 200' "$folder/answer" >"$folder/is-good" || fail "$title: $(head -c 500 "$folder/answer")"
  jq -r .body "$folder/answer"
}

ask health '{"op":"health"}' >"$folder/health"
ask question "$(jq -cn --arg user "$user" '{user_id: $user, n: 3}')" >"$folder/list"
[ "$(jq .returned "$folder/list")" -gt 0 ] || fail "the list is empty: $(cat "$folder/list")"
answered=$(jq -r .model "$folder/list")
[ -z "$model" ] || [ "$model" = "$answered" ] || fail "model $answered answered, expected $model"
echo "smoke: $name:$qualifier answers with model $answered, $(jq .returned "$folder/list") products"
