#!/usr/bin/env python3
"""Every shape of event, and answers that carry the bytes that `purvey recommend` prints."""

import base64
import json
import unittest
import urllib.parse

from support.runtime_double import LambdaTestCase, Setting, main

JSON = {"content-type": "application/json"}
USER = "12"


def rest_event(method="GET", path="/v1/health/ready", **members):
    event = {"resource": "/{proxy+}", "path": path, "httpMethod": method, "headers": {"Host": "x"}, "multiValueHeaders": {"Host": ["x"]}}
    event |= {"queryStringParameters": None, "multiValueQueryStringParameters": None, "pathParameters": None, "stageVariables": None}
    event |= {"requestContext": {"stage": "prod", "httpMethod": method, "path": "/prod" + path}, "body": None, "isBase64Encoded": False}
    return event | members


def http_event(method="GET", path="/v1/health/ready", query="", stage="$default", **members):
    event = {"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "headers": {"host": "x"}}
    event |= {"requestContext": {"stage": stage, "http": {"method": method, "path": path, "protocol": "HTTP/1.1"}}, "isBase64Encoded": False}
    return event | members


def alb_event(method="GET", path="/v1/health/ready", **members):
    context = {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/shop/6d0ecf831eec9f09"}}
    event = {"requestContext": context, "httpMethod": method, "path": path, "queryStringParameters": {}, "headers": {"host": "x"}}
    return event | {"body": "", "isBase64Encoded": False} | members


class EventTestCase(LambdaTestCase):
    @classmethod
    def setUpClass(cls):
        cls.expected = Setting.run_purvey("recommend", Setting.model(), "--user", USER, "-n", "3", "--format", "json").decode().rstrip("\n")

    def setUp(self):
        self.double, self.bootstrap = self.start_with_model()

    def ask(self, event, status=200):
        """The answer and what its body says; bodies are texts."""
        answer = self.double.ask(event)
        self.assertEqual(answer["statusCode"], status, answer)
        self.assertIsInstance(answer["body"], str)
        return answer, json.loads(answer["body"]) if answer["body"] else None

    def assert_refused(self, event, *words, status=400):
        _, body = self.ask(event, status)
        for word in words:
            self.assertIn(word, body["error"]["message"])


class Direct(EventTestCase):
    def test_a_question_as_shops_ask_it_has_the_bytes_of_the_program(self):
        for user in (int(USER), USER, float(USER)):
            answer = self.double.ask({"user_id": user, "n": 3})
            self.assertEqual(answer, {"statusCode": 200, "headers": JSON, "body": self.expected})
            self.assertEqual(list(answer), ["statusCode", "headers", "body"])

    def test_user_is_another_name_of_user_id(self):
        self.assertEqual(self.double.ask({"user": USER, "n": 3})["body"], self.expected)
        self.assert_refused({"user": USER, "user_id": USER}, "user_id", "not both")

    def test_without_the_envelope_the_answer_is_the_json_itself(self):
        self.double.put({"user_id": USER, "n": 3, "envelope": False})
        self.assertEqual(self.double.take().body.decode(), self.expected)
        self.assertEqual(self.double.ask({"envelope": True, "user_id": USER, "n": 3})["body"], self.expected)
        self.assertEqual(self.double.ask({"user_id": USER, "n": 0, "envelope": False})["error"]["code"], "bad_value")

    def test_members_go_on_to_the_service_as_they_came(self):
        best = [item["item"] for item in json.loads(self.expected)["items"]]
        _, body = self.ask({"exclude": [best[0]], "user_id": USER, "n": 2, "explain": "none"})
        self.assertEqual([item["item"] for item in body["items"]], best[1:])
        self.assertEqual(body["items"][0]["reasons"], [])
        _, body = self.ask({"history": [{"item": "FR-R38B-52"}], "n": 1})
        self.assertIsNone(body["user"])

    def test_ids_and_escapes_survive(self):
        for user in ('a"b\\c', "käufer", "}{,:", "\t", "\u2028😀"):
            _, body = self.ask({"n": 1, "user_id": user, "mode": "mixed"})
            self.assertEqual(body["user"], user)

    def test_what_is_wrong_is_told_as_over_http(self):
        for event, word in (
            ({"user_id": USER, "n": 0}, "n 0"),
            ({"user_id": USER, "count": 5}, "count"),
            ({"user_id": 1.5}, "user_id"),
            ({"user_id": ""}, "user_id"),
            ({"user_id": [USER]}, "user_id"),
            ({"user_id": USER, "envelope": 1}, "envelope"),
            ({"user_id": USER, "mode": "fast"}, "mode"),
            ({"op": "stop"}, "op"),
            ({"Records": [{"eventSource": "aws:sqs", "body": "x"}]}, "neither"),
            ({"requestContext": {"connectionId": "x"}}, "neither"),
            ({"detail-type": "x"}, "neither"),
            ({}, "neither"),
            ([], "an object"),
            (5, "an object"),
            (None, "an object"),
        ):
            with self.subTest(event=event):
                self.assert_refused(event, word)

    def test_strict_questions_about_nobody_are_404(self):
        self.assert_refused({"user_id": "nobody", "strict": True}, "nobody", status=404)


class Http(EventTestCase):
    question = {"user": USER, "n": 3}

    def recommend_events(self):
        body, path = json.dumps(self.question), "/v1/recommend"
        coded = {"body": base64.b64encode(body.encode()).decode(), "isBase64Encoded": True}
        for make in (rest_event, http_event, alb_event):
            yield make("POST", path, body=body)
            yield make("POST", path, **coded)
        yield http_event("POST", "/prod" + path, stage="prod", body=body)

    def test_each_front_carries_the_same_bytes(self):
        for event in self.recommend_events():
            with self.subTest(event=event):
                answer, _ = self.ask(event)
                self.assertEqual(answer["body"], self.expected)
                self.assertIs(answer["isBase64Encoded"], False)
                self.assertEqual(answer["headers"]["content-type"], "application/json")
                self.assertRegex(answer["headers"]["x-recommendation-id"], "^[0-9a-f]{32}$")
                self.assertEqual("statusDescription" in answer, "elb" in event["requestContext"])

    def test_queries_come_through_each_front(self):
        path, excluded = f"/v1/users/{USER}/recommendations", ["BB-7421", "a b&c=d%é"]
        pairs = [("n", "2"), ("exclude", excluded[0]), ("exclude", excluded[1])]
        encoded = urllib.parse.urlencode(pairs)
        _, expected = self.ask(http_event("GET", path, encoded))
        many = {"n": ["2"], "exclude": excluded}
        events = [rest_event("GET", path, multiValueQueryStringParameters=many, queryStringParameters={"n": "1"})]
        quoted = {"n": ["2"], "exclude": [urllib.parse.quote_plus(value) for value in excluded]}
        events.append(alb_event("GET", path, multiValueQueryStringParameters=quoted))
        for event in events:
            self.assertEqual(self.ask(event)[1], expected)
        self.assertEqual(len(expected["items"]), 2)
        _, one = self.ask(rest_event("GET", path, queryStringParameters={"n": "1"}))
        self.assertEqual(len(one["items"]), 1)

    def test_the_decoded_path_of_payload_1_is_encoded_again(self):
        for name in ("no product", "50%", "100%25", "käse", "a?b#c"):
            for event in (rest_event("GET", f"/v1/items/{name}/similar"), http_event("GET", f"/v1/items/{urllib.parse.quote(name)}/similar")):
                _, body = self.ask(event, 404)
                self.assertIn(name, body["error"]["message"])

    def test_a_stage_is_cut_off_where_it_is_one(self):
        for path, stage, status in (
            ("/prod/v1/health/ready", "prod", 200),
            ("/v1/health/ready", "prod", 200),
            ("/v1/health/ready", "v1", 404),
            ("/production/v1/health/ready", "prod", 404),
            ("/$default/v1/health/ready", "$default", 404),
            ("/prod", "prod", 400),
        ):
            with self.subTest(path=path):
                self.ask(http_event("GET", path, stage=stage), status)

    def test_alb_is_answered_in_the_form_that_it_asked_in(self):
        event = alb_event("DELETE", "/v1/recommend")
        answer, _ = self.ask(event, 405)
        self.assertEqual(answer["headers"]["allow"], "POST")
        self.assertEqual(answer["statusDescription"], "405 Method Not Allowed")
        del event["headers"]
        answer, _ = self.ask(event | {"multiValueHeaders": {"user-agent": ["ELB-HealthChecker/2.0"]}}, 405)
        self.assertEqual(answer["multiValueHeaders"]["allow"], ["POST"])
        self.assertNotIn("headers", answer)

    def test_head_has_no_body(self):
        answer, _ = self.ask(http_event("HEAD"))
        self.assertEqual(answer["body"], "")

    def test_bodies_that_are_wrong_are_refused(self):
        post = {"method": "POST", "path": "/v1/recommend"}
        self.assert_refused(http_event(**post, body="abc=", isBase64Encoded=True), "no UTF-8")
        self.assert_refused(http_event(**post, body="ab*=", isBase64Encoded=True), "byte 2 is no base64")
        self.assert_refused(http_event(**post, body="abc", isBase64Encoded=True), "ends too early")
        self.assert_refused(http_event(**post, isBase64Encoded="yes"), "isBase64Encoded")
        self.assert_refused(http_event(**post), "empty")
        self.assert_refused(http_event(**post, body=5), "body")
        self.assert_refused(rest_event("GET", "/v1/health/ready", queryStringParameters={"n": 5}), "n")
        self.assert_refused(http_event(**post, body='{"user":"\x00"}'), "no JSON")
        self.assert_refused(rest_event("", "/v1/health/ready"), "method")

    def test_a_target_that_is_too_long_is_414(self):
        _, body = self.ask(http_event("GET", "/v1/items/" + "x" * 8200 + "/similar"), 414)
        self.assertEqual(body["error"]["code"], "too_large")


class LargeAnswers(LambdaTestCase):
    """A shop whose products have names of 900 bytes: a thousand of them with all their reasons have more than 6 MiB."""

    @classmethod
    def setUpClass(cls):
        shop = Setting.folder / "long-names"
        shop.mkdir()
        products = [f"P{k},{'n' * 900}{k},C{k % 7},1.5,0" for k in range(1001)]
        purchases = [f"{user},P{(user * 61 + k * 17) % 1001},1" for user in range(60) for k in range(60)]
        (shop / "products.csv").write_text("\n".join(["product_id,name,category,price,discount", *products, ""]))
        (shop / "user_purchases.csv").write_text("\n".join(["user_id,product_id,purchase_count", *purchases, ""]))
        cls.model = shop / "shop.model"
        Setting.run_purvey("train", shop, "-o", cls.model, "--factors", "4", "--iterations", "2", "--quiet")

    def test_what_lambda_does_not_pass_on_is_refused_in_its_place(self):
        double, bootstrap = self.start(model=self.model)
        answer = double.ask({"user_id": 1, "n": 1000, "explain": "full"})
        self.assertEqual(answer["statusCode"], 413)
        error = json.loads(answer["body"])["error"]
        self.assertEqual(error["code"], "too_large")
        self.assertIn("ask for fewer items", error["message"])
        self.assertEqual(double.ask({"user_id": 1, "n": 100, "explain": "full"})["statusCode"], 200)
        self.assertEqual([line["status"] for line in bootstrap.objects(2)], [413, 200])


class Jobs(EventTestCase):
    def test_health_is_that_of_the_service(self):
        _, expected = self.ask(http_event())
        answer, body = self.ask({"op": "health"})
        self.assertEqual((answer["headers"], body), (JSON, expected))
        self.assertEqual(self.double.ask({"op": "health", "envelope": False}), expected)

    def test_reload_takes_the_file_when_it_is_another_one(self):
        before = self.double.ask({"op": "reload"})
        self.assertEqual(before["reloaded"], False)
        path = self.bootstrap.task_root / "purvey.model"
        other = path.with_suffix(".new")
        other.write_bytes(Setting.model(7).read_bytes())
        other.replace(path)
        after = self.double.ask({"op": "reload"})
        self.assertEqual(after["reloaded"], True)
        self.assertNotEqual(after["model"], before["model"])
        self.assertEqual(self.double.ask({"op": "reload"}), {"reloaded": False, "model": after["model"]})

    def test_a_file_that_is_no_model_changes_nothing(self):
        model = self.double.ask({"op": "reload"})["model"]
        path = self.bootstrap.task_root / "purvey.model"
        path.unlink()
        path.write_bytes(b"no model")
        answer = self.double.ask({"op": "reload"})
        self.assertEqual((answer["reloaded"], answer["model"]), (False, model))
        self.assertIn("purvey.model", answer["error"])
        self.assertEqual(self.double.ask({"user_id": USER, "n": 3})["body"], self.expected)
        failed = [line for line in self.bootstrap.objects(4) if line.get("ReloadFailed")]
        self.assertEqual(len(failed), 1)

    def test_events_of_aws_are_answered_with_the_model_in_use(self):
        rule = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}, "resources": []}
        s3 = {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}, "object": {"key": "a+b%2Fcurrent.json"}}}]}
        model = json.loads(self.expected)["model"]
        for event in (rule, s3):
            self.assertEqual(self.double.ask(event), {"reloaded": False, "model": model})
        self.assert_refused({"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}}}]}, "bucket or key")


if __name__ == "__main__":
    main(__name__)
