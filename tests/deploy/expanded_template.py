"""deploy/template.yaml as CloudFormation sees it: expanded by AWS's own SAM translator, its package already on S3."""

import os
import pathlib

import samtranslator.yaml_helper
from samtranslator.translator.transform import transform

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "deploy" / "template.yaml"
ACCOUNT = ROOT / "deploy" / "account.yaml"
REGION = "eu-central-1"


class NoManagedPolicies:
    def load(self):
        return {}


def as_written(path):
    return samtranslator.yaml_helper.yaml_parse(path.read_text(encoding="utf-8"))


def expanded():
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    template = as_written(TEMPLATE)
    template["Resources"]["Recommend"]["Properties"]["CodeUri"] = "s3://artifacts/lambda.zip"
    return transform(template, {}, NoManagedPolicies())


def of_type(template, kind):
    return {name: each["Properties"] for name, each in template["Resources"].items() if each["Type"] == kind}


def statements(properties):
    """Of a role's own policies, or of a managed policy."""
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
    return [statement for document in documents for statement in document["Statement"]]


def as_list(value):
    return value if isinstance(value, list) else [value]
