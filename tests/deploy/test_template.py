#!/usr/bin/env python3
"""The templates of deploy/: valid for AWS as written and as expanded, and what a validator does not ask: who may do what, and
whether alarms, metrics and names are those of the program.

test_template.py
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "aws"))

import packages

packages.enter()

import expanded_template as stack

EMF = (ROOT / "apps" / "lambda" / "emf.c").read_text(encoding="utf-8")
SETTINGS = (ROOT / "apps" / "lambda" / "lambda_settings.c").read_text(encoding="utf-8")


def lint(*paths):
    """(name of the file, rule) of each finding."""
    done = subprocess.run([packages.PROGRAMS / "cfn-lint", "--format", "json", *paths], capture_output=True, text=True)
    return {(pathlib.Path(found["Filename"]).name, found["Rule"]["Id"]) for found in json.loads(done.stdout)}


class Templates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.template = stack.expanded()
        cls.resources = cls.template["Resources"]
        cls.account = stack.as_written(stack.ACCOUNT)

    def properties(self, name):
        return self.resources[name]["Properties"]

    # --- valid -------------------------------------------------------------------------------------------------------

    def test_the_linter_finds_nothing_as_written_and_as_expanded_and_something_in_a_broken_one(self):
        broken = json.loads(json.dumps(self.template))
        broken["Resources"]["ServingLog"]["Properties"]["RetentionInDays"] = 29
        with tempfile.TemporaryDirectory() as name:
            paths = [pathlib.Path(name) / file for file in ("expanded.json", "broken.json")]
            for path, template in zip(paths, (self.template, broken)):
                path.write_text(json.dumps(template))
            self.assertEqual(lint(stack.TEMPLATE, stack.ACCOUNT, *paths), {("broken.json", "E3030")})

    def test_the_function_is_what_lambda_takes(self):
        function = self.properties("Recommend")
        self.assertEqual((function["Runtime"], function["Handler"]), ("provided.al2023", "bootstrap"))
        self.assertEqual(function["Architectures"], [{"Ref": "Architecture"}])
        self.assertEqual(self.template["Parameters"]["Architecture"]["Default"], "arm64")
        self.assertEqual((function["Timeout"], function["TracingConfig"]), (10, {"Mode": "Active"}))
        self.assertEqual(function["LoggingConfig"]["LogFormat"], "JSON")

    def test_the_url_wants_signed_requests_and_asks_the_alias(self):
        (url,) = stack.of_type(self.template, "AWS::Lambda::Url").values()
        self.assertEqual((url["AuthType"], url["TargetFunctionArn"]), ("AWS_IAM", {"Ref": "RecommendAliaslive"}))
        self.assertNotIn('"NONE"', json.dumps(self.template))

    def test_the_api_asks_the_alias_and_never_without_authorization(self):
        route = self.properties("ApiRoute")
        self.assertEqual(route["AuthorizationType"], {"Fn::If": ["HasJwt", "JWT", "AWS_IAM"]})
        self.assertEqual(self.properties("ApiIntegration")["IntegrationUri"], {"Ref": "RecommendAliaslive"})

    def test_every_version_goes_through_a_canary_with_alarms_that_exist(self):
        (group,) = stack.of_type(self.template, "AWS::CodeDeploy::DeploymentGroup").values()
        self.assertIn("Canary10Percent5Minutes", json.dumps(group["DeploymentConfigName"]))
        alarms = [alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"]]
        self.assertEqual(alarms, ["ErrorsAlarm", "SlowAlarm", "ServerErrorsAlarm"])
        for name in alarms:
            self.assertEqual(self.resources[name]["Type"], "AWS::CloudWatch::Alarm")
        self.assertEqual(self.resources["RecommendAliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]["Ref"], "RecommendDeploymentGroup")

    def test_the_environment_is_what_the_program_reads(self):
        variables = self.properties("Recommend")["Environment"]["Variables"]
        for name in variables:
            self.assertIn(f'"{name}"', SETTINGS)
        self.assertEqual((variables["PURVEY_AS_OF"], self.template["Parameters"]["AsOf"]["Default"]), ({"Ref": "AsOf"}, "now"))
        self.assertEqual(variables["PURVEY_REGISTRY"], {"Fn::Sub": "s3://${Bucket}/purvey"})

    # --- metrics -----------------------------------------------------------------------------------------------------

    def test_alarms_and_dashboard_show_metrics_that_the_program_has_and_all_of_them(self):
        written = set(re.findall(r'\{"(\w+)", "\w+"\}', EMF))
        self.assertGreater(len(written), 10)
        dashboard = json.loads(self.properties("Dashboard")["DashboardBody"]["Fn::Sub"])
        shown, namespace, name = set(), None, None
        for widget in dashboard["widgets"]:
            for metric in widget["properties"]["metrics"]:
                if metric[0] != "...":
                    namespace, name = (old if new == "." else new for old, new in zip((namespace, name), metric))
                shown |= {name} if namespace == "purvey" else set()
        self.assertEqual(shown, written)
        alarms = stack.of_type(self.template, "AWS::CloudWatch::Alarm").values()
        metrics = [each for alarm in alarms for each in ([alarm] if "MetricName" in alarm else [m["MetricStat"]["Metric"] for m in alarm["Metrics"] if "MetricStat" in m])]
        own = [metric for metric in metrics if metric["Namespace"] == "purvey"]
        self.assertEqual({metric["MetricName"] for metric in own}, {"Errors5xx", "ReloadFailed", "ModelAgeSeconds"})
        for metric in own:  # the dimensions that the program writes, or the alarm would look at nothing
            self.assertEqual([each["Name"] for each in metric["Dimensions"]], re.findall(r'\w+', re.search(r'\[\[(.*?)\]\]', EMF)[1].replace("\\", "")))

    # --- who may do what ---------------------------------------------------------------------------------------------

    def rights(self, *names):
        """(action, resource) of what these roles and policies allow, resources as in the template."""
        found = set()
        for name in names:
            for statement in stack.statements(self.properties(name)):
                self.assertEqual(statement["Effect"], "Allow")
                for action in stack.as_list(statement["Action"]):
                    for resource in stack.as_list(statement["Resource"]):
                        found.add((action, resource if isinstance(resource, str) else next(iter(resource.values())) if "Ref" in resource or "Fn::Sub" in resource else ".".join(resource["Fn::GetAtt"])))
        return found

    def test_serving_reads_models_pointer_and_overlay_and_puts_events_and_nothing_else(self):
        objects = "${Bucket.Arn}/purvey"
        self.assertEqual(
            {right for right in self.rights("ServingRole") if right[0].startswith("s3:")},
            {
                ("s3:GetObject", f"{objects}/models/*"),
                ("s3:GetObject", f"{objects}/current.json"),
                ("s3:GetObject", f"{objects}/overlay.json"),
                ("s3:GetObject", f"{objects}/events/*"),
                ("s3:PutObject", f"{objects}/events/*"),
            },
        )
        others = {right for right in self.rights("ServingRole") if not right[0].startswith("s3:")}
        self.assertEqual({action.split(":")[0] for action, _ in others}, {"logs", "xray"})
        self.assertEqual({resource for action, resource in others if action.startswith("logs:")}, {"${ServingLog.Arn}"})
        self.assertNotIn("ManagedPolicyArns", self.properties("ServingRole"))
        self.assertEqual(self.properties("Recommend")["Role"], {"Fn::GetAtt": ["ServingRole", "Arn"]})

    def test_training_writes_models_and_the_pointer_and_nothing_else(self):
        writes = {resource for action, resource in self.rights("TrainingRole", "TrainingPolicy") if not action.startswith(("s3:Get", "s3:List", "logs:"))}
        self.assertEqual(writes, {"${Bucket.Arn}/purvey/models/*", "${Bucket.Arn}/purvey/current.json"})
        for name in ("TrainingRole", "GitHubTrainingRole"):
            self.assertEqual(self.properties(name)["ManagedPolicyArns"], [{"Ref": "TrainingPolicy"}])

    def test_no_role_of_the_stack_has_more_than_the_boundary(self):
        roles = stack.of_type(self.template, "AWS::IAM::Role")
        self.assertGreaterEqual(len(roles), 6)
        policy = self.account["Resources"]["Boundary"]["Properties"]
        bound = {action for statement in stack.statements(policy) for action in stack.as_list(statement["Action"])}
        for name, role in roles.items():
            self.assertEqual(role["PermissionsBoundary"], {"Fn::If": ["HasBoundary", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]}, name)
            wanted = {action for action, _ in self.rights(name)}
            self.assertLessEqual(wanted, bound, name)
        self.assertLessEqual({action for action, _ in self.rights("TrainingPolicy")}, bound)
        for action in bound:
            self.assertNotRegex(action, r"\*|^iam:|^sts:")

    def test_no_right_has_a_wildcard_for_its_action(self):
        for name, properties in self.resources.items():
            for statement in stack.statements(properties["Properties"]) if properties["Type"].startswith("AWS::IAM::") else []:
                for action in stack.as_list(statement["Action"]):
                    self.assertNotIn("*", action, name)

    def test_only_jobs_of_one_environment_of_one_repository_become_a_role(self):
        trusted = [self.properties("GitHubTrainingRole"), self.account["Resources"]["DeployRole"]["Properties"]]
        for role in trusted:
            (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
            self.assertEqual(
                statement["Condition"],
                {
                    "StringEquals": {
                        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                        "token.actions.githubusercontent.com:sub": {"Fn::Sub": "repo:${GitHubRepository}:environment:${GitHubEnvironment}"},
                    }
                },
            )

    def test_the_deploy_role_passes_on_one_role_alone(self):
        passed = [s for s in stack.statements(self.account["Resources"]["DeployRole"]["Properties"]) if "iam:PassRole" in stack.as_list(s["Action"])]
        self.assertEqual([statement["Resource"] for statement in passed], [{"Fn::GetAtt": ["StackRole", "Arn"]}])

    def test_roles_are_made_within_the_boundary_alone(self):
        makers = [s for s in stack.statements(self.account["Resources"]["StackRole"]["Properties"]) if {"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"} & set(stack.as_list(s["Action"]))]
        self.assertEqual([statement["Condition"] for statement in makers], [{"StringEquals": {"iam:PermissionsBoundary": {"Ref": "Boundary"}}}])

    def test_what_makes_roles_cannot_change_the_boundary_or_the_roles_of_its_own_stack(self):
        denied = [s for s in stack.statements(self.account["Resources"]["StackRole"]["Properties"]) if s["Effect"] == "Deny"]
        owned = [f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:{kind}/${{AWS::StackName}}-*" for kind in ("role", "policy")]
        self.assertEqual([(s["Action"], [r["Fn::Sub"] for r in s["Resource"]]) for s in denied], [("iam:*", owned)])

    def test_the_buckets_are_private_encrypted_and_reached_over_tls(self):
        for template, name in ((self.template, "Bucket"), (self.account, "Artifacts")):
            bucket = template["Resources"][name]
            self.assertEqual((bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]), ("Retain", "Retain"))
            self.assertEqual(set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()), {True})
            self.assertIn("BucketEncryption", bucket["Properties"])
            (policy,) = [p for p in stack.of_type(template, "AWS::S3::BucketPolicy").values() if p["Bucket"] == {"Ref": name}]
            (statement,) = policy["PolicyDocument"]["Statement"]
            self.assertEqual((statement["Effect"], statement["Condition"]), ("Deny", {"Bool": {"aws:SecureTransport": "false"}}))
        self.assertEqual(self.properties("Bucket")["VersioningConfiguration"], {"Status": "Enabled"})

    def test_jobs_run_what_is_in_the_tree(self):
        source = self.properties("Retrain")["Source"]
        self.assertTrue((ROOT / source["BuildSpec"]).is_file())
        self.assertEqual(self.properties("RetrainSchedule")["State"], {"Ref": "Retraining"})


if __name__ == "__main__":
    unittest.main()
