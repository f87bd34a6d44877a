"""Everything in the account that our kinds can make, tagged or not, as boto3
finds it: equal for two accounts that are alike but for the ids AWS gives."""
import json
import re

# What AWS counts, dates or invents.
DROP = {"ResponseMetadata", "CreatedTimestamp", "LastModifiedTimestamp", "CreationDateTime", "CreateDate", "LastModified", "LastUpdated",
        "LastUpdatedDate", "CreatedDate", "creationTime", "CreationTime", "RoleId", "RevisionId", "TableId", "RouteId", "IntegrationId", "UUID", "SubscriptionArn",
        "EventSourceMappingArn", "DeploymentId", "LastDeploymentStatusMessage", "LastUpdateDateTime", "EarliestRestorableDateTime", "LatestRestorableDateTime",
        "LatestStreamLabel", "LatestStreamArn", "RoleLastUsed", "Location", "AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp", "StateTransitionedTimestamp",
        "StateReasonData", "Code", "storedBytes", "IndexId"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def steady(v, ids):
    """Without what differs from run to run; lists in any order are equal."""
    if isinstance(v, dict):
        return {k: steady(x, ids) for k, x in v.items() if k not in DROP and not k.startswith("Approximate")}
    if isinstance(v, (list, tuple)):
        return sorted((steady(x, ids) for x in v), key=lambda x: json.dumps(x, sort_keys=True))
    if not isinstance(v, str):
        return v if isinstance(v, (int, float, bool, type(None))) else str(v)
    if v[:1] == "{":
        try:
            return steady(json.loads(v), ids)
        except ValueError:
            pass
    for i, name in ids.items():
        v = v.replace(i, name)
    return UUID.sub("<uuid>", v)


def sqs(c):
    return [{"url": u, "attributes": c.get_queue_attributes(QueueUrl=u, AttributeNames=["All"])["Attributes"],
             "tags": c.list_queue_tags(QueueUrl=u).get("Tags")} for u in c.list_queues().get("QueueUrls", [])]


def sns(c):
    topics = [t["TopicArn"] for t in c.list_topics()["Topics"]]
    subs = [s["SubscriptionArn"] for s in c.list_subscriptions()["Subscriptions"]]
    return {"topics": [{"attributes": c.get_topic_attributes(TopicArn=t)["Attributes"], "tags": c.list_tags_for_resource(ResourceArn=t)["Tags"]} for t in topics],
            "subscriptions": [c.get_subscription_attributes(SubscriptionArn=s)["Attributes"] for s in subs]}


def dynamodb(c):
    def table(n):
        t = c.describe_table(TableName=n)["Table"]
        return {"table": t, "ttl": c.describe_time_to_live(TableName=n)["TimeToLiveDescription"],
                "backups": c.describe_continuous_backups(TableName=n)["ContinuousBackupsDescription"],
                "tags": c.list_tags_of_resource(ResourceArn=t["TableArn"])["Tags"]}
    return [table(n) for n in c.list_tables()["TableNames"]]


def iam(c):
    def role(r):
        n = r["RoleName"]
        return {"role": c.get_role(RoleName=n)["Role"], "attached": c.list_attached_role_policies(RoleName=n)["AttachedPolicies"],
                "policies": {p: c.get_role_policy(RoleName=n, PolicyName=p)["PolicyDocument"] for p in c.list_role_policies(RoleName=n)["PolicyNames"]}}
    return {"roles": [role(r) for r in c.list_roles()["Roles"]], "policies": c.list_policies(Scope="Local")["Policies"],
            "profiles": c.list_instance_profiles()["InstanceProfiles"], "users": c.list_users()["Users"]}


def logs(c):
    return [{**g, "tags": c.list_tags_log_group(logGroupName=g["logGroupName"])["tags"]} for g in c.describe_log_groups()["logGroups"]]


def functions(c):
    def function(n):
        try:
            policy = c.get_policy(FunctionName=n)["Policy"]
        except c.exceptions.ResourceNotFoundException:
            policy = None
        return {**c.get_function(FunctionName=n), "policy": policy, "versions": c.list_versions_by_function(FunctionName=n)["Versions"],
                "aliases": c.list_aliases(FunctionName=n)["Aliases"]}
    return {"functions": [function(f["FunctionName"]) for f in c.list_functions()["Functions"]],
            "mappings": c.list_event_source_mappings()["EventSourceMappings"], "layers": c.list_layers()["Layers"]}


def apis(c, ids):
    out = []
    for a in c.get_apis()["Items"]:
        i = a["ApiId"]
        ids[i] = "<api %s>" % a["Name"]
        integrations = c.get_integrations(ApiId=i)["Items"]
        ids.update({x["IntegrationId"]: "<integration %s>" % x.get("Description") for x in integrations})
        out.append({"api": a, "integrations": integrations, "routes": c.get_routes(ApiId=i)["Items"], "stages": c.get_stages(ApiId=i)["Items"],
                    "authorizers": c.get_authorizers(ApiId=i)["Items"]})
    return out


def scaling(c):
    return [[c.describe_scalable_targets(ServiceNamespace=n)["ScalableTargets"], c.describe_scaling_policies(ServiceNamespace=n)["ScalingPolicies"]]
            for n in ("dynamodb", "lambda")]


def inventory(boto):
    """boto: a client by the service's name."""
    ids = {}
    gateway = apis(boto("apigatewayv2"), ids)
    alarms = boto("cloudwatch").describe_alarms()
    return steady({"apigatewayv2": gateway, "sqs": sqs(boto("sqs")), "sns": sns(boto("sns")), "dynamodb": dynamodb(boto("dynamodb")),
                   "iam": iam(boto("iam")), "logs": logs(boto("logs")), "lambda": functions(boto("lambda")), "alarms": alarms,
                   "scaling": scaling(boto("application-autoscaling"))}, ids)


def count(inv):
    """Objects in it."""
    return sum(len(x) for x in (inv["sqs"], inv["sns"]["topics"], inv["sns"]["subscriptions"], inv["dynamodb"], inv["iam"]["roles"], inv["logs"],
                                inv["lambda"]["functions"], inv["lambda"]["mappings"], inv["apigatewayv2"]))


def differences(want, have, at=""):
    """["path: want, have"]"""
    if isinstance(want, dict) and isinstance(have, dict):
        return [d for k in sorted({*want, *have}) for d in differences(want.get(k), have.get(k), f"{at}/{k}")]
    if isinstance(want, list) and isinstance(have, list) and len(want) == len(have):
        return [d for i, (a, b) in enumerate(zip(want, have)) for d in differences(a, b, f"{at}/{i}")]
    return [] if want == have else [f"{at}: wanted {json.dumps(want)[:300]}, is {json.dumps(have)[:300]}"]
