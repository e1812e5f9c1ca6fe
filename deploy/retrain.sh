#!/usr/bin/env bash
# Train from the shop and the events on S3, compare with the model in use, publish when the quality gate passes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
  cat <<'END'
deploy/retrain.sh [--shop SHOP] [--registry s3://BUCKET/PREFIX] [--work FOLDER] [--purvey PROGRAM] [--dry-run]
                  [--gate OPTION=VALUE]... [-- OPTIONS of purvey train and evaluate]

  --shop       folder, file or s3://BUCKET/PREFIX; $PURVEY_SHOP by default
  --registry   where the model in use and the events are and the new model goes; $PURVEY_REGISTRY by default
  --work       folder for what comes up: new.model, verdict.json, evaluation.json, ...; build/retrain by default
  --purvey     the program; build/purvey of this tree by default
  --dry-run    do everything but publish
  --gate       an option of deploy/quality_gate.py, such as --gate shrink=0.2; see its --help
  -- ...       settings of the model, such as -- --settings best.yaml

Exit codes: 0 published (or would be), 1 the gate holds the model back or another one was published meanwhile, others as
of purvey. Needs python3.
END
}

fail() {
  echo "retrain: $*" >&2
  exit 2
}

shop=${PURVEY_SHOP:-} registry=${PURVEY_REGISTRY:-} work=$here/../build/retrain purvey=$here/../build/purvey
is_dry=false gate=()
while [ $# -gt 0 ]; do
  case $1 in
  --shop) shop=${2:?$1 needs a value} ;;
  --registry) registry=${2:?$1 needs a value} ;;
  --work) work=${2:?$1 needs a value} ;;
  --purvey) purvey=${2:?$1 needs a value} ;;
  --gate) gate+=("--${2:?$1 needs a value}") ;;
  --dry-run)
    is_dry=true
    shift
    continue
    ;;
  --help | -h)
    usage
    exit
    ;;
  --)
    shift
    break
    ;;
  *) fail "no such option: $1; see --help" ;;
  esac
  shift 2
done
settings=("$@")
if [ -z "$shop" ] || [ -z "$registry" ]; then
  fail "--shop and --registry are needed; see --help"
fi
mkdir -p "$work"
rm -f "$work"/{shop.sqlite,models.json,live.json,live.csv,new.model,new.json,new.csv,evaluation.json,live_evaluation.json,verdict.json}

say() {
  echo "retrain: $*"
}

# The model in use: $live is its id, "none" where nothing was published yet.
look_at_live() {
  local status=0
  "$purvey" models "$registry" --format json >"$work/models.json" || status=$?
  if [ "$status" = 0 ]; then
    live=$(python3 -c 'import json, sys; print(next(m["model"] for m in json.load(sys.stdin)["models"] if m["in_use"]))' <"$work/models.json")
    "$purvey" info "$registry" --format json >"$work/live.json"
    "$purvey" recommend "$registry" --all -n 10 --quiet -o "$work/live.csv"
  elif grep -q '"code":"not_found"' "$work/models.json"; then
    live=none
  else
    exit "$status"
  fi
}

train_new() {
  "$purvey" import "$shop" -o "$work/shop.sqlite" --quiet
  "$purvey" train "$work/shop.sqlite" -o "$work/new.model" --events "$registry" --quiet "${settings[@]}"
  "$purvey" info "$work/new.model" --format json >"$work/new.json"
  "$purvey" recommend "$work/new.model" --all -n 10 --quiet -o "$work/new.csv"
}

# evaluate REPORT OPTIONS...
evaluate() {
  local report=$1
  shift
  "$purvey" evaluate "$work/shop.sqlite" --cutoffs 2 --quiet -o "$report" "$@"
}

evaluate_both() {
  local live_settings
  if ! python3 "$here/quality_gate.py" has-time "$work/new.json"; then
    say "the purchases have no time: nothing can be evaluated"
    return
  fi
  evaluate "$work/evaluation.json" "${settings[@]}"
  [ "$live" != none ] || return 0
  mapfile -t live_settings < <(python3 "$here/quality_gate.py" settings "$work/live.json" --unless-those-of "$work/new.json")
  [ ${#live_settings[@]} = 0 ] || evaluate "$work/live_evaluation.json" "${live_settings[@]}"
}

look_at_live
say "in use: $live"
train_new
say "trained: $(python3 -c 'import json, sys; m = json.load(sys.stdin); print(m["model"], m["purchase_lines"], "lines of purchases")' <"$work/new.json")"
evaluate_both
python3 "$here/quality_gate.py" judge "$work" "${gate[@]}" || {
  say "the model is held back: $work/verdict.json says why"
  exit 1
}
if $is_dry; then
  say "not published: --dry-run"
else
  "$purvey" publish "$work/new.model" "$registry" --expect "$live"
fi
