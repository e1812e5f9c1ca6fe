#!/usr/bin/env bash
# A shop's calls to purvey with curl and jq.
#   ./client.sh [URL] [USER]      PURVEY_KEY=... where the server asks for a key
set -euo pipefail
url=${1:-http://127.0.0.1:8080}
user=${2:-AW00000047}

# ask METHOD PATH [BODY]: the answer, or the server's error on standard error.
ask() {
  local options=(--silent --show-error --fail-with-body --max-time 10 --request "$1" --header 'Content-Type: application/json')
  [ -z "${PURVEY_KEY:-}" ] || options+=(--header "X-API-Key: $PURVEY_KEY")
  [ $# -lt 3 ] || options+=(--data "$3")
  local answer
  answer=$(curl "${options[@]}" "$url$2") || { echo "$answer" >&2; return 1; }
  echo "$answer"
}

recommend() {
  ask POST /v1/recommend "$(jq -n --arg user "$user" '{$user, mode: "new", n: 3}')"
}

# How many products were left out because of $1.
left_out() {
  jq --arg gate "$1" '.filtered[$gate] // 0'
}

ask GET /v1/health/ready | jq -r '"ready, with model \(.model)"'

answer=$(recommend)
jq -r '.items[] | "\(.rank). \(.product.name // .item)", (.reasons[] | "   \(.contribution * 100 | round / 100)  \(.text)")' <<<"$answer"

# The customer buys the first one. `time` is when it happened; here it is just after what the example's data knows.
item=$(jq -r '.items[0].item' <<<"$answer")
before=$(left_out bought_before <<<"$answer")
event=$(jq -n --arg user "$user" --arg item "$item" --argjson time "$(jq '.as_of // (now | todate)' <<<"$answer")" \
  --arg id "$(date +%s%N)" '[{event_id: "line-\($id)", type: "purchase", $user, $item, $time, order: "order-\($id)", quantity: 2}]')
ask POST /v1/events "$event" | jq -r '.results[] | "purchase of '"$item"': \(.status)"'
answer=$(recommend)
echo "bought before: $before, now $(left_out bought_before <<<"$answer")"

# The next one is sold out.
item=$(jq -r '.items[0].item' <<<"$answer")
before=$(left_out out_of_stock <<<"$answer")
ask PUT /v1/items:batch "$(jq -n --arg item "$item" '[{$item, stock: 0}]')" | jq -r '.results[] | "no stock of \(.item): \(.status)"'
answer=$(recommend)
echo "out of stock: $before, now $(left_out out_of_stock <<<"$answer")"
