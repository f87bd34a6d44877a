"""Terraform over what is in the emulator already: a state file that knows
only identities, so that a plan reads every resource and creates none.

It needs `terraform`, and the AWS provider where `terraform init` finds it
without the network: in a mirror that TF_CLI_CONFIG_FILE, ~/.terraformrc or
TERRAFORM_MIRROR (a directory) names.
"""
import json
import os
import shutil
import subprocess
import uuid

from harness import REGION, emulator
from process import measure

SERVICES = ("apigatewayv2", "dynamodb", "iam", "lambda", "logs", "sns", "sqs", "sts")
KEY = "AKIDCONVERGD"


def pages(client, operation, member, **args):
    for page in client.get_paginator(operation).paginate(**args):
        yield from page.get(member, [])


def functions(w):
    """A function, its role's name apart, and what belongs to it."""
    fn = w.boto("lambda")
    for f in pages(fn, "list_functions", "Functions"):
        name = f["FunctionName"]
        yield "aws_lambda_function", name, {"function_name": name, "role": f["Role"], "runtime": f["Runtime"], "handler": f["Handler"],
                                            "s3_bucket": "b", "s3_key": "k"}
        for c in fn.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]:
            yield "aws_lambda_function_event_invoke_config", name, {"function_name": name}
        for sid, s in w.function_policy(name).items():
            yield "aws_lambda_permission", sid, {"statement_id": sid, "action": s["Action"], "function_name": name, "principal": s["Principal"]["Service"]}
    for m in fn.list_event_source_mappings()["EventSourceMappings"]:
        yield "aws_lambda_event_source_mapping", m["UUID"], {"function_name": m["FunctionArn"], "event_source_arn": m["EventSourceArn"]}


def roles(w):
    iam = w.boto("iam")
    for r in pages(iam, "list_roles", "Roles"):
        name = r["RoleName"]
        yield "aws_iam_role", name, {"name": name, "path": r["Path"], "assume_role_policy": json.dumps(r["AssumeRolePolicyDocument"])}
        for p in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            yield "aws_iam_role_policy", f"{name}:{p}", {"name": p, "role": name, "policy": "{}"}


def apis(w):
    c = w.boto("apigatewayv2")
    for a in c.get_apis()["Items"]:
        i = {"api_id": a["ApiId"]}
        yield "aws_apigatewayv2_api", a["ApiId"], {"name": a["Name"], "protocol_type": "HTTP"}
        for r in c.get_routes(ApiId=a["ApiId"])["Items"]:
            yield "aws_apigatewayv2_route", r["RouteId"], {**i, "route_key": r["RouteKey"]}
        for x in c.get_integrations(ApiId=a["ApiId"])["Items"]:
            yield "aws_apigatewayv2_integration", x["IntegrationId"], {**i, "integration_type": x["IntegrationType"], "integration_uri": x["IntegrationUri"]}
        for s in c.get_stages(ApiId=a["ApiId"])["Items"]:
            yield "aws_apigatewayv2_stage", s["StageName"], {**i, "name": s["StageName"]}


def resources(w):
    """(type, id, attributes) of all that is in the account."""
    for url in pages(w.boto("sqs"), "list_queues", "QueueUrls"):
        yield "aws_sqs_queue", url, {"name": url.rsplit("/", 1)[-1]}
    for t in pages(w.boto("sns"), "list_topics", "Topics"):
        yield "aws_sns_topic", t["TopicArn"], {"name": t["TopicArn"].rsplit(":", 1)[-1]}
    for s in pages(w.boto("sns"), "list_subscriptions", "Subscriptions"):
        yield "aws_sns_topic_subscription", s["SubscriptionArn"], {"topic_arn": s["TopicArn"], "protocol": s["Protocol"], "endpoint": s["Endpoint"]}
    for name in pages(w.boto("dynamodb"), "list_tables", "TableNames"):
        yield "aws_dynamodb_table", name, {"name": name, "hash_key": "id", "billing_mode": "PAY_PER_REQUEST"}
    for g in pages(w.boto("logs"), "describe_log_groups", "logGroups"):
        yield "aws_cloudwatch_log_group", g["logGroupName"], {"name": g["logGroupName"]}
    yield from roles(w)
    yield from functions(w)
    yield from apis(w)


def configuration(w, found):
    blocks = {}
    for i, (kind, _, attributes) in enumerate(found):
        block = {**attributes, "lifecycle": {"ignore_changes": "all"}}
        if kind == "aws_dynamodb_table":
            block["attribute"] = [{"name": "id", "type": "S"}]
        blocks.setdefault(kind, {})[f"r{i}"] = block
    return {"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}}, "resource": blocks, "provider": {"aws": {
        "region": REGION, "access_key": KEY, "secret_key": emulator.KEYS[KEY], "max_retries": 1, "skip_credentials_validation": True,
        "skip_metadata_api_check": True, "endpoints": [{s: w.aws.url for s in SERVICES}]}}}


def state(found):
    """schema_version is the AWS provider's, 5.x; identities only."""
    return {"version": 4, "terraform_version": "1.5.0", "serial": 1, "lineage": str(uuid.uuid4()), "outputs": {}, "resources": [
        {"mode": "managed", "type": kind, "name": f"r{i}", "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
         "instances": [{"schema_version": 1 if kind == "aws_dynamodb_table" else 0, "attributes": {**attributes, "id": ident}}]}
        for i, (kind, ident, attributes) in enumerate(found)]}


def environment(directory):
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "CHECKPOINT_DISABLE": "1"}
    mirror, given = os.environ.get("TERRAFORM_MIRROR"), os.environ.get("TF_CLI_CONFIG_FILE")
    if mirror:
        given = os.path.join(directory, "terraformrc")
        with open(given, "w") as f:
            f.write('provider_installation {\n  filesystem_mirror { path = "%s" }\n}\n' % mirror)
    if given and os.path.exists(given):
        env["TF_CLI_CONFIG_FILE"] = given
    return env


def why_not(env, directory):
    """None when it can run here."""
    if not shutil.which("terraform"):
        return "terraform is not installed"
    r = subprocess.run(["terraform", "init", "-input=false", "-no-color"], cwd=directory, env=env, capture_output=True, text=True)
    return None if r.returncode == 0 else "terraform init finds no AWS provider: " + " ".join(r.stderr.split())[:200]


def plan(w):
    """Plans over the account: (blocks, measured process, calls by operation), or the reason why not."""
    directory = os.path.join(w.dir, "terraform")
    shutil.rmtree(directory, ignore_errors=True)
    os.mkdir(directory)
    found = list(resources(w))
    for name, document in (("main.tf.json", configuration(w, found)), ("terraform.tfstate", state(found))):
        with open(os.path.join(directory, name), "w") as f:
            json.dump(document, f)
    env = environment(directory)
    reason = why_not(env, directory)
    if reason:
        return reason
    w.aws.clear()
    m = measure(["terraform", "plan", "-input=false", "-no-color"], cwd=directory, env=env)
    if m.code or "No changes" not in m.output:
        raise SystemExit("terraform plan: " + m.output[-3000:])
    return len(found), m, w.aws.counts()


