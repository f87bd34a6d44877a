"""Everything in the account that our kinds can make, tagged or not, as boto3
finds it: equal for two accounts that are alike but for what AWS invents.

    inventory(boto)             {"what name": what it is}; boto: a client by its service
    inventory(w.boto, "shop-")  only what is named so
    without_past(inv)           ... of accounts that came there on different ways
    differences(want, have)     in words
"""
import json
import re

from botocore.exceptions import ClientError

# What AWS counts, dates or invents, whatever was asked of it.
INVENTED = {
    "Alarms", "AlarmConfigurationUpdatedTimestamp", "ApiEndpoint", "ApiId", "AuthorizerId", "Code", "CreateDate", "CreatedDate",
    "CreatedTimestamp", "CreationDateTime", "CreationTime", "DeploymentId", "EarliestRestorableDateTime", "EventSourceMappingArn",
    "FunctionUrl", "IndexId", "InstanceProfileId", "IntegrationId", "LastDeploymentStatusMessage", "LastModified", "LastModifiedTime",
    "LastModifiedTimestamp", "LastStatusChange", "LastUpdateDateTime", "LastUpdated", "LastUpdatedDate", "LatestRestorableDateTime",
    "LatestStreamArn", "LatestStreamLabel", "Location", "NumberOfDecreasesToday", "PolicyARN", "ResponseMetadata", "RevisionId", "RoleId",
    "RoleLastUsed", "RouteId", "ScalableTargetARN", "StateReasonData", "StateTransitionedTimestamp", "StateUpdatedTimestamp",
    "SubscriptionArn", "SubscriptionsConfirmed", "SubscriptionsDeleted", "SubscriptionsPending", "TableId", "UUID", "creationTime",
    "storedBytes"}
# What also depends on the way: versions that were published, states that were.
PAST = {"AuthorizerUri", "CodeSize", "ETag", "FunctionVersion", "ItemCount", "LastUpdateStatusReason", "ProvisionedThroughput",
        "RoutingConfig", "StateReason", "StateTransitionReason", "StateValue", "TableSizeBytes", "WarmThroughput", "convergd:children",
        "theirs", "versions"}
UNIQUE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=/stream/)[\w:.\-]+")


# ---- what is equal

def steady(v, names=None):
    """Without what differs from run to run; lists in any order are equal.
    names: of ids, which take their places."""
    if isinstance(v, dict):
        return {steady(k, names): steady(x, names) for k, x in v.items() if k not in INVENTED and not k.startswith("Approximate")}
    if isinstance(v, (list, tuple)):
        return in_order(steady(x, names) for x in v)
    if not isinstance(v, str):
        return v if isinstance(v, (int, float, bool, type(None))) else str(v)
    if v[:1] == "{":
        try:
            return steady(json.loads(v), names)
        except ValueError:
            pass
    for i, name in (names or {}).items():
        v = v.replace(i, name)
    return UNIQUE.sub("<id>", v)


def in_order(values):
    return sorted(values, key=lambda x: json.dumps(x, sort_keys=True))


def without_past(v):
    """The tag that remembers children is one of the past's, too, and `theirs`,
    which others set and which stays."""
    if isinstance(v, dict):
        return {k: without_past(x) for k, x in v.items() if k not in PAST}
    if isinstance(v, list):
        return in_order(without_past(x) for x in v if not (isinstance(x, dict) and x.get("Key") in PAST))
    return v


def differences(want, have, at=""):
    """["path: want, have"]"""
    if isinstance(want, dict) and isinstance(have, dict):
        return [d for k in sorted({*want, *have}) for d in differences(want.get(k), have.get(k), f"{at}/{k}")]
    if isinstance(want, list) and isinstance(have, list) and len(want) == len(have):
        return [d for i, (a, b) in enumerate(zip(want, have)) for d in differences(a, b, f"{at}/{i}")]
    return [] if want == have else [f"{at}: wanted {json.dumps(want)[:300]}, is {json.dumps(have)[:300]}"]


# ---- what there is: each yields (name, what it is) of all that is named so

def maybe(call, **kw):
    try:
        return call(**kw)
    except ClientError:
        return None


def queue(boto, prefix):
    c = boto("sqs")
    for url in c.list_queues(QueueNamePrefix=prefix).get("QueueUrls", []):
        yield url, {"attributes": c.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"], "tags": c.list_queue_tags(QueueUrl=url).get("Tags", {})}


def topic(boto, prefix):
    c = boto("sns")
    for arn in (t["TopicArn"] for t in c.list_topics()["Topics"]):
        if f":{prefix}" in arn:
            yield arn, {"attributes": c.get_topic_attributes(TopicArn=arn)["Attributes"], "tags": c.list_tags_for_resource(ResourceArn=arn)["Tags"]}


def subscription(boto, prefix):
    c = boto("sns")
    for s in c.list_subscriptions()["Subscriptions"]:
        if f":{prefix}" in s["TopicArn"]:
            yield f"{s['TopicArn']} {s['Protocol']} {s['Endpoint']}", maybe(c.get_subscription_attributes, SubscriptionArn=s["SubscriptionArn"])


def role(boto, prefix):
    c = boto("iam")
    for n in (r["RoleName"] for r in c.list_roles()["Roles"]):
        if n.startswith(prefix):
            yield n, {"role": c.get_role(RoleName=n)["Role"], "attached": c.list_attached_role_policies(RoleName=n)["AttachedPolicies"],
                      "policies": {p: c.get_role_policy(RoleName=n, PolicyName=p)["PolicyDocument"] for p in c.list_role_policies(RoleName=n)["PolicyNames"]}}


def identity(boto, prefix):
    c = boto("iam")
    for p in c.list_instance_profiles()["InstanceProfiles"]:
        if p["InstanceProfileName"].startswith(prefix):
            yield "profile " + p["InstanceProfileName"], {"path": p["Path"], "roles": [r["RoleName"] for r in p["Roles"]]}
    for p in c.list_policies(Scope="Local")["Policies"]:
        if p["PolicyName"].startswith(prefix):
            yield "policy " + p["PolicyName"], p
    for u in c.list_users()["Users"]:
        if u["UserName"].startswith(prefix):
            yield "user " + u["UserName"], u


def table(boto, prefix):
    c = boto("dynamodb")
    for n in c.list_tables()["TableNames"]:
        if n.startswith(prefix):
            t = c.describe_table(TableName=n)["Table"]
            yield n, {"table": t, "ttl": c.describe_time_to_live(TableName=n)["TimeToLiveDescription"],
                      "backups": c.describe_continuous_backups(TableName=n)["ContinuousBackupsDescription"],
                      "tags": c.list_tags_of_resource(ResourceArn=t["TableArn"])["Tags"]}


def scaling(boto, prefix):
    c = boto("application-autoscaling")
    for n in ("dynamodb", "lambda"):
        for t in c.describe_scalable_targets(ServiceNamespace=n)["ScalableTargets"]:
            if f"/{prefix}" in t["ResourceId"] or f":{prefix}" in t["ResourceId"]:
                yield f"target {t['ResourceId']} {t['ScalableDimension']}", t
        for p in c.describe_scaling_policies(ServiceNamespace=n)["ScalingPolicies"]:
            if f"/{prefix}" in p["ResourceId"] or f":{prefix}" in p["ResourceId"]:
                yield f"policy {p['ResourceId']} {p['PolicyName']}", p


def alarm(boto, prefix):
    for a in boto("cloudwatch").describe_alarms()["MetricAlarms"]:
        if a["AlarmName"].startswith(prefix):
            yield a["AlarmName"], a


def log_group(boto, prefix):
    c = boto("logs")
    for g in c.describe_log_groups()["logGroups"]:
        n = g["logGroupName"]
        if f"/{prefix}" in n or n.startswith(prefix):
            yield n, {"group": g, "tags": c.list_tags_log_group(logGroupName=n)["tags"]}


def function(boto, prefix):
    c = boto("lambda")
    for n in (f["FunctionName"] for f in c.list_functions()["Functions"]):
        if not n.startswith(prefix):
            continue
        aliases = c.list_aliases(FunctionName=n)["Aliases"]
        policies = [maybe(c.get_policy, FunctionName=n, **q) for q in [{}, *({"Qualifier": a["Name"]} for a in aliases)]]
        yield n, {"function": c.get_function(FunctionName=n), "versions": c.list_versions_by_function(FunctionName=n)["Versions"], "aliases": aliases,
                  "policies": [json.loads(p["Policy"])["Statement"] for p in policies if p],
                  "urls": c.list_function_url_configs(FunctionName=n)["FunctionUrlConfigs"],
                  "invocations": c.list_function_event_invoke_configs(FunctionName=n)["FunctionEventInvokeConfigs"]}


def mapping(boto, prefix):
    for m in boto("lambda").list_event_source_mappings()["EventSourceMappings"]:
        if f":{prefix}" in m["FunctionArn"]:
            yield f"{m['EventSourceArn']} {m['FunctionArn']}", m


def layer(boto, prefix):
    for x in boto("lambda").list_layers()["Layers"]:
        if x["LayerName"].startswith(prefix):
            yield x["LayerName"], x


def api(boto, prefix, names):
    """Names its ids: they are in ARNs, log groups and routes."""
    c = boto("apigatewayv2")
    for a in c.get_apis()["Items"]:
        if not a["Name"].startswith(prefix):
            continue
        i = a["ApiId"]
        integrations, authorizers = c.get_integrations(ApiId=i)["Items"], c.get_authorizers(ApiId=i)["Items"]
        names[i] = f"<api {a['Name']}>"
        names.update({x["IntegrationId"]: f"<integration {x.get('Description') or x.get('IntegrationUri')}>" for x in integrations})
        names.update({x["AuthorizerId"]: f"<authorizer {x['Name']}>" for x in authorizers})
        yield a["Name"], {"api": a, "integrations": integrations, "routes": c.get_routes(ApiId=i)["Items"], "stages": c.get_stages(ApiId=i)["Items"],
                          "authorizers": authorizers}


KINDS = (queue, topic, subscription, role, identity, table, scaling, alarm, log_group, function, mapping, layer)


def inventory(boto, prefix=""):
    names = {}
    found = [("api", *x) for x in api(boto, prefix, names)]
    found += [(kind.__name__, *x) for kind in KINDS for x in kind(boto, prefix)]
    out = {}
    for kind, name, value in found:
        key = steady(f"{kind} {name}", names)
        out.setdefault(key, []).append(steady(value, names))
    return {k: in_order(v) if len(v) > 1 else v[0] for k, v in out.items()}
