"""Everything that an account holds of what has a prefix in its name, without
what differs from one life to the next: ids, times, numbers of versions."""
import json
import re

from botocore.exceptions import ClientError
from test_drift import VOLATILE, steady

ID = re.compile(r"(?<=apis/)\w{8,}|(?<=:)[a-z0-9]{8,}(?=/\*)|(?<=integrations/)\w+|(?<=authorizers/)\w+|"
                r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=/stream/)[\w:.\-]+")
DROP = VOLATILE | {"FunctionVersion", "EventSourceMappingArn", "StateTransitionReason", "ETag", "CodeSize", "RoutingConfig", "LastUpdateStatusReason",
                   "WarmThroughput", "StateReason", "StateReasonData", "StateValue", "AuthorizerUri", "storedBytes", "arn", "IndexArn", "ItemCount", "TableSizeBytes", "ProvisionedThroughput"}


def plain(v):
    """Ids become one word; the tag that remembers children goes."""
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items() if k not in DROP and k != "convergd:children"}
    if isinstance(v, list):
        return [plain(x) for x in v if not (isinstance(x, dict) and x.get("Key") == "convergd:children")]
    if isinstance(v, str) and v[:1] == "{":
        try:
            return plain(json.loads(v))
        except ValueError:
            return v
    return ID.sub("ID", v) if isinstance(v, str) else v


def maybe(call, **kw):
    try:
        return call(**kw)
    except ClientError:
        return None


def queues(w, prefix):
    sqs = w.boto("sqs")
    for url in sqs.list_queues(QueueNamePrefix=prefix).get("QueueUrls", []):
        yield url.rsplit("/", 1)[-1], [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"], sqs.list_queue_tags(QueueUrl=url).get("Tags", {})]


def topics(w, prefix):
    sns = w.boto("sns")
    for t in sns.list_topics()["Topics"]:
        arn = t["TopicArn"]
        if f":{prefix}" in arn:
            subs = [sns.get_subscription_attributes(SubscriptionArn=s["SubscriptionArn"])["Attributes"] for s in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]]
            yield arn, [sns.get_topic_attributes(TopicArn=arn)["Attributes"], subs, sns.list_tags_for_resource(ResourceArn=arn)["Tags"]]


def roles(w, prefix):
    iam = w.boto("iam")
    for r in iam.list_roles()["Roles"]:
        name = r["RoleName"]
        if name.startswith(prefix):
            inline = {p: iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"] for p in iam.list_role_policies(RoleName=name)["PolicyNames"]}
            yield name, [iam.get_role(RoleName=name)["Role"], inline, iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
                         [p["InstanceProfileName"] for p in iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"]]]
    for p in iam.list_instance_profiles()["InstanceProfiles"]:
        if p["InstanceProfileName"].startswith(prefix):
            yield "profile " + p["InstanceProfileName"], [x["RoleName"] for x in p["Roles"]]


def tables(w, prefix):
    d, a = w.boto("dynamodb"), w.boto("application-autoscaling")
    for name in d.list_tables()["TableNames"]:
        if name.startswith(prefix):
            t = d.describe_table(TableName=name)["Table"]
            yield name, [t, d.list_tags_of_resource(ResourceArn=t["TableArn"])["Tags"], d.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]]
    for t in a.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]:
        if t["ResourceId"].startswith(f"table/{prefix}"):
            yield f"target {t['ResourceId']} {t['ScalableDimension']}", t
    for p in a.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"]:
        if p["ResourceId"].startswith(f"table/{prefix}"):
            yield f"policy {p['PolicyName']}", p["TargetTrackingScalingPolicyConfiguration"]


def functions(w, prefix):
    c = w.boto("lambda")
    for f in c.list_functions()["Functions"]:
        name = f["FunctionName"]
        if not name.startswith(prefix):
            continue
        aliases = c.list_aliases(FunctionName=name)["Aliases"]
        policies = [maybe(c.get_policy, FunctionName=name, **q) for q in [{}, *({"Qualifier": a["Name"]} for a in aliases)]]
        yield name, [f, c.list_tags(Resource=f["FunctionArn"])["Tags"], aliases, [json.loads(p["Policy"])["Statement"] for p in policies if p],
                     c.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"], c.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]]
    for m in c.list_event_source_mappings()["EventSourceMappings"]:
        if f":{prefix}" in m["FunctionArn"]:
            yield "mapping " + ID.sub("ID", m["EventSourceArn"]) + " " + m["FunctionArn"], m


def apis(w, prefix):
    c = w.boto("apigatewayv2")
    for n, a in enumerate(sorted((a for a in c.get_apis()["Items"] if a["Name"].startswith(prefix)), key=lambda a: a["Name"])):
        i = a["ApiId"]
        integrations = {x["IntegrationId"]: x for x in c.get_integrations(ApiId=i)["Items"]}
        routes = [{**r, "Target": (integrations.get(r.get("Target", "/").partition("/")[2]) or {}).get("IntegrationUri")} for r in c.get_routes(ApiId=i)["Items"]]
        yield f"{a['Name']} {n}", json.loads(json.dumps([a, routes, list(integrations.values()), c.get_stages(ApiId=i)["Items"], c.get_authorizers(ApiId=i)["Items"]],
                                                       default=str).replace(i, "API"))


def others(w, prefix):
    for g in w.boto("logs").describe_log_groups()["logGroups"]:
        if f"/{prefix}" in g["logGroupName"] or g["logGroupName"].startswith("/" + prefix):
            yield re.sub(r"(apigateway/)\w+$", r"\1API", g["logGroupName"]), g
    for a in w.boto("cloudwatch").describe_alarms()["MetricAlarms"]:
        if a["AlarmName"].startswith(prefix):
            yield "alarm " + a["AlarmName"], a


def inventory(w, prefix):
    out = {}
    for look in (queues, topics, roles, tables, functions, apis, others):
        for name, value in look(w, prefix):
            key = f"{look.__name__} {name}"
            while key in out:
                key += " again"
            out[key] = plain(json.loads(json.dumps(steady(json.loads(json.dumps(value, default=str))), default=str)))
    return out


def differences(a, b, at=""):
    """["path: this became that"]"""
    if isinstance(a, dict) and isinstance(b, dict):
        return [d for k in sorted(a.keys() | b.keys()) for d in differences(a.get(k), b.get(k), f"{at}/{k}")]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [d for i, (x, y) in enumerate(zip(a, b)) for d in differences(x, y, f"{at}/{i}")]
    return [] if a == b else [f"{at}: {str(a)[:300]} became {str(b)[:300]}"]
