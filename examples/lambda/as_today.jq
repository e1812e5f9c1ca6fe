# An answer of purvey's function in the words of handler_today.py:  jq -c -f as_today.jq answer.json
if .statusCode == 200 then
  (.body | fromjson) as $said
  | ($said.user | if . != null and test("^(0|[1-9][0-9]{0,14})$") then tonumber else . end) as $user
  | {statusCode, body: ({user_id: $user, recommendations: [$said.items[] | {product_id: .item, score}]} | tojson)}
else . end
