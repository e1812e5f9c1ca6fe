#!/usr/bin/env bash
# A package and the template to AWS: canary, own questions meanwhile, and back to the former version when it fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'END'
deploy/deploy.sh --stack NAME --package ZIP --artifacts BUCKET [--stack-role ARN] [--user ID] [PARAMETER=VALUE...]

Uploads the package of `./run package` and deploys deploy/template.yaml; PARAMETER=VALUE are its parameters, and those that
are not named stay as they are. AWS shifts a tenth of the traffic to the new version and the rest after five minutes unless an
alarm rises; meanwhile this script asks the alias every few seconds, so that a shop without customers at this hour has a
canary too. Then it runs deploy/smoke.sh; if that fails, the alias goes back to the version before.
  --stack-role   role that CloudFormation acts as: StackRoleArn of deploy/account.yaml
  --user         a customer to ask about
Needs the AWS CLI, jq and git (the sources go to the bucket for retraining).
END
}

fail() {
  echo "deploy: $*" >&2
  exit 1
}

stack='' package='' artifacts='' stack_role='' user='smoke test' parameters=()
while [ $# -gt 0 ]; do
  case $1 in
  --stack) stack=${2:?$1 needs a value} ;;
  --package) package=${2:?$1 needs a value} ;;
  --artifacts) artifacts=${2:?$1 needs a value} ;;
  --stack-role) stack_role=${2:?$1 needs a value} ;;
  --user) user=${2:?$1 needs a value} ;;
  --help | -h)
    usage
    exit
    ;;
  [A-Za-z]*=*)
    parameters+=("$1")
    shift
    continue
    ;;
  *) fail "no such option: $1; see --help" ;;
  esac
  shift 2
done
if [ -z "$stack" ] || [ -z "$package" ] || [ -z "$artifacts" ]; then
  fail "--stack, --package and --artifacts are needed; see --help"
fi
[ -f "$package" ] || fail "$package: no such file"

output() {
  aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue"
}

version_in_use() {
  aws lambda get-alias --function-name "$stack" --name live --query FunctionVersion --output text 2>/dev/null || true
}

send_stack() {
  local packaged=build/packaged.yaml
  mkdir -p build
  [ "$package" -ef build/lambda.zip ] || cp "$package" build/lambda.zip
  aws cloudformation package --template-file deploy/template.yaml --s3-bucket "$artifacts" --s3-prefix "$stack" \
    --output-template-file "$packaged" >/dev/null
  aws cloudformation deploy --template-file "$packaged" --stack-name "$stack" --no-fail-on-empty-changeset \
    --s3-bucket "$artifacts" --s3-prefix "$stack" --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \
    ${stack_role:+--role-arn "$stack_role"} ${parameters[0]:+--parameter-overrides "${parameters[@]}"}
}

ask_meanwhile() {
  while sleep 3; do
    deploy/smoke.sh --function "$stack" --user "$user" >/dev/null 2>&1 || true
  done
}

send_sources() {
  local bucket
  bucket=$(output BucketName)
  git archive --format=zip -o build/source.zip HEAD
  aws s3 cp --only-show-errors build/source.zip "s3://$bucket/source/purvey.zip"
}

before=$(version_in_use)
[ -z "$before" ] || {
  ask_meanwhile &
  asking=$!
  trap 'kill "$asking" 2>/dev/null || true' EXIT
}
send_stack || fail "the stack was not changed; CloudFormation and CodeDeploy have gone back by themselves"
send_sources
if [ -z "$before" ]; then
  echo "deploy: $stack stands. Publish a model, then ask: purvey publish MODEL $(output Registry); deploy/smoke.sh --function $stack"
elif ! deploy/smoke.sh --function "$stack" --user "$user"; then
  deploy/rollback.sh --function "$stack" --to "$before"
  fail "the new version does not answer as it should"
fi
echo "deploy: $(output FunctionUrl)"
