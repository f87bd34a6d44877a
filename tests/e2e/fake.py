"""What moto 5.2.1 lacks or gets wrong, for the services our kinds use.

A handler sees the decoded request and either answers by itself (model-driven,
wire.answer) or corrects moto's answer. State is kept per region of the one
account; moto's own objects are used where they exist.

Corrected here (everything else is moto's):

sqs           CreateQueue/SetQueueAttributes: RedriveAllowPolicy is kept and
              given back; a policy stays when the call does not name it;
              SqsManagedSseEnabled is false under a KMS key; ListQueues has
              pages
sns           TracingConfig, SignatureVersion; CreateTopic of an existing topic
              with other attributes is refused; Get/PutDataProtectionPolicy; an
              empty RedrivePolicy is removed; e-mail subscriptions are pending
dynamodb      TableClass and SSESpecification of UpdateTable; a stream may be
              switched off and on again; one index per UpdateTable; TimeToLive
              set twice is refused, disabled has no attribute; a tag set twice
              is one tag; definitions of attributes without a key go
kms           DescribeKey: the manager of AWS's key; others' keys are denied
logs          logGroupClass, AssociateKmsKey, DisassociateKmsKey
lambda        LoggingConfig, DeadLetterConfig, TracingConfig, EphemeralStorage,
              Architectures, KMSKeyArn, ImageConfig of updates; the image's URI; permissions, function URLs
              and invoke configurations per qualifier, with AWS's statements
              and conflicts; provisioned concurrency; a second event source mapping
              of a source and function is refused, and keeps an alias as its
              function; an alias goes with what it had
apigatewayv2  UpdateStage, DeleteAccessLogSettings, DeleteRouteSettings,
              GetAuthorizers, ImportApi; tags of stages; DeleteApi of none,
              a second route of a key, and DeleteIntegration in use are refused;
              UpdateRoute without scopes; no link without VPC_LINK;
              ReimportApi keeps the stages
resourcegroupstaggingapi
              GetResources: HTTP APIs, their stages, event source mappings and
              scalable targets are found; only the services of our kinds are looked through, in pages
application-autoscaling
              tags of scalable targets; policies go with their target

Lists have pages as AWS bounds them (pages.py); Fake.page elements at most, if
it is set. With Fake.pending seconds > 0, new tables are CREATING, and new or
changed functions Pending, for so long; writes to them are refused meanwhile.
"""
import json
import re
import time
import uuid

import pages
import wire
from wire import AwsError

ACCOUNT = "123456789012"


class Fake:
    def __init__(self, emulator):
        self.emulator = emulator
        self.reset()

    def reset(self):
        self.state, self.pending, self.busy, self.page = {}, 0.0, {}, None

    def of(self, req, what):
        """State of one sort in the request's region: {key: value}."""
        return self.state.setdefault((req.region, what), {})

    def serve(self, req):
        return pages.serve(req, self.page, self.answer)

    def answer(self, req):
        handler = req.service and HANDLERS.get((req.service.name, req.operation))
        if not handler:
            return self.emulator.moto(req)
        try:
            result = handler(self, req)
        except AwsError as e:
            return wire.error(req, e.code, e.message, e.status)
        return wire.answer(req, result) if isinstance(result, dict) else result

    def moto(self, req):
        return self.emulator.moto(req)

    # ---- things that take time

    def start(self, req, what, name):
        if self.pending:
            self.busy[req.region, what, name] = time.monotonic() + self.pending

    def is_busy(self, req, what, name):
        return self.busy.get((req.region, what, name), 0) > time.monotonic()


HANDLERS = {}


def on(service, *operations):
    def mark(f):
        for op in operations:
            HANDLERS[service, op] = f
        return f
    return mark


def edit(triple, change):
    """moto's JSON answer with changes, when it is a good one."""
    status, headers, body = triple
    if status >= 300 or not body:
        return triple
    doc = json.loads(body)
    change(doc)
    headers = {k: v for k, v in headers.items() if k.lower() != "x-amz-crc32"}
    return status, headers, json.dumps(doc).encode()


def good(triple):
    return triple[0] < 300


# ---- sqs

def queue_name(req):
    return req.input.get("QueueName") or req.input["QueueUrl"].rsplit("/", 1)[-1]


@on("sqs", "CreateQueue", "SetQueueAttributes")
def sqs_set(fake, req):
    from moto.sqs.models import sqs_backends
    attrs, queues = req.input.get("Attributes") or {}, sqs_backends[ACCOUNT][req.region].queues
    old = queues[queue_name(req)].policy if queue_name(req) in queues else None
    result = fake.moto(req)
    if good(result) and "RedriveAllowPolicy" in attrs:
        fake.of(req, "allow")[queue_name(req)] = attrs["RedriveAllowPolicy"]
    if good(result) and old and "Policy" not in attrs:
        queues[queue_name(req)].policy = old
    return result


@on("sqs", "GetQueueAttributes")
def sqs_get(fake, req):
    names = req.input.get("AttributeNames") or []
    allow = fake.of(req, "allow").get(queue_name(req))

    def change(doc):
        attrs = doc.setdefault("Attributes", {})
        if allow and ("All" in names or "RedriveAllowPolicy" in names):
            attrs["RedriveAllowPolicy"] = allow
        if attrs.get("KmsMasterKeyId") and "SqsManagedSseEnabled" in attrs:
            attrs["SqsManagedSseEnabled"] = "false"
    return edit(fake.moto(req), change)


@on("sqs", "ListQueues")
def sqs_list(fake, req):
    """moto shows the first thousand, whatever it is asked."""
    from urllib.parse import urlparse
    from moto.sqs.models import sqs_backends
    url, queues = urlparse(f"http://{req.headers['host']}"), sqs_backends[ACCOUNT][req.region].queues
    names = [n for n in list(queues) if n.startswith(req.input.get("QueueNamePrefix") or "")]
    start, most = int(req.input.get("NextToken") or 0), req.input.get("MaxResults")
    end = start + (most or 1000)
    if len(names) <= end - start:
        return fake.moto(req)
    out = {"QueueUrls": [queues[n].url(url) for n in names[start:end]]}
    return {**out, "NextToken": str(end)} if most and end < len(names) else out


@on("sqs", "DeleteQueue")
def sqs_delete(fake, req):
    fake.of(req, "allow").pop(queue_name(req), None)
    return fake.moto(req)


# ---- sns

TOPIC_KEEPS = ("TracingConfig", "SignatureVersion")


def topics(req):
    from moto.sns.models import sns_backends
    return sns_backends[ACCOUNT][req.region].topics


@on("sns", "CreateTopic")
def sns_create(fake, req):
    arn = f"arn:aws:sns:{req.region}:{ACCOUNT}:{req.input['Name']}"
    attrs = req.input.get("Attributes") or {}
    old = fake.of(req, "topic").get(arn)
    if arn in topics(req) and old and any(old["created"].get(k) != v for k, v in attrs.items()):
        raise AwsError("InvalidParameter", "Invalid parameter: Attributes Reason: Topic already exists with different attributes")
    result = fake.moto(req)
    if good(result) and not old:
        fake.of(req, "topic")[arn] = {"created": dict(attrs),
                                      "kept": {k: v for k, v in attrs.items() if k in TOPIC_KEEPS}}
        if "DataProtectionPolicy" in req.input:
            fake.of(req, "protection")[arn] = req.input["DataProtectionPolicy"]
    return result


@on("sns", "SetTopicAttributes")
def sns_set(fake, req):
    result = fake.moto(req)
    name, value = req.input["AttributeName"], req.input.get("AttributeValue", "")
    t = fake.of(req, "topic").setdefault(req.input["TopicArn"], {"created": {}, "kept": {}})
    if good(result):
        t["created"][name] = value
        if name in TOPIC_KEEPS:
            t["kept"][name] = value
    return result


def no_value(name):
    return re.compile(rb"<key>" + name.encode() + rb"</key>\s*(<value>\s*</value>|<value\s*/>)")


def add_entries(triple, entries):
    status, headers, body = triple
    if status >= 300:
        return triple
    text = body.decode()
    for k, v in entries.items():
        text = re.sub(rf"<entry>\s*<key>{k}</key>\s*(<value>[^<]*</value>|<value\s*/>)\s*</entry>", "", text)
        if v is not None:
            text = text.replace("</Attributes>", f"<entry><key>{k}</key><value>{wire.escape(v)}</value></entry></Attributes>")
    return status, headers, text.encode()


@on("sns", "GetTopicAttributes")
def sns_get(fake, req):
    kept = fake.of(req, "topic").get(req.input["TopicArn"], {"kept": {}})["kept"]
    result = fake.moto(req)
    entries = {k: v for k, v in kept.items() if v}
    if no_value("DeliveryPolicy").search(result[2]):
        entries["DeliveryPolicy"] = None
    return add_entries(result, entries)


@on("sns", "DeleteTopic")
def sns_delete(fake, req):
    for what in ("topic", "protection"):
        fake.of(req, what).pop(req.input["TopicArn"], None)
    return fake.moto(req)


@on("sns", "PutDataProtectionPolicy", "GetDataProtectionPolicy")
def sns_protection(fake, req):
    arn = req.input["ResourceArn"]
    if arn not in topics(req):
        raise AwsError("NotFound", "Topic does not exist", 404)
    if req.write:
        fake.of(req, "protection")[arn] = req.input["DataProtectionPolicy"]
        return {}
    return {"DataProtectionPolicy": fake.of(req, "protection").get(arn, "")}


@on("sns", "Subscribe")
def sns_subscribe(fake, req):
    status, headers, body = fake.moto(req)
    if status < 300 and req.input["Protocol"].startswith("email"):
        arn = re.search(rb"<SubscriptionArn>([^<]+)<", body).group(1)
        fake.of(req, "unconfirmed")[arn.decode()] = True
        if not req.input.get("ReturnSubscriptionArn"):
            body = body.replace(arn, b"pending confirmation")
    return status, headers, body


@on("sns", "ListSubscriptions", "ListSubscriptionsByTopic")
def sns_subscriptions(fake, req):
    status, headers, body = fake.moto(req)
    for arn in list(fake.of(req, "unconfirmed")):
        body = body.replace(f"<SubscriptionArn>{arn}<".encode(), b"<SubscriptionArn>PendingConfirmation<")
    return status, headers, body


@on("sns", "GetSubscriptionAttributes")
def sns_subscription(fake, req):
    if not req.input["SubscriptionArn"].startswith("arn:"):
        raise AwsError("InvalidParameter", "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1")
    result = fake.moto(req)
    entries = {}
    for name in ("RedrivePolicy", "FilterPolicy", "DeliveryPolicy"):
        if no_value(name).search(result[2]):
            entries[name] = None
    if req.input["SubscriptionArn"] in fake.of(req, "unconfirmed"):
        entries["PendingConfirmation"] = "true"
    return add_entries(result, entries)


# ---- dynamodb

def table(req, name=None):
    from moto.dynamodb.models import dynamodb_backends
    name = (name or req.input["TableName"]).rsplit("/", 1)[-1]
    return dynamodb_backends[ACCOUNT][req.region].tables.get(name)


def managed_key(req):
    """ARN of the account's key that AWS made for DynamoDB."""
    from moto.dynamodb.models.table import Table
    return Table._get_default_encryption_key(None, ACCOUNT, req.region)


@on("kms", "DescribeKey")
def kms_describe(fake, req):
    """Whose key it is; nobody may ask for those of other accounts."""
    def change(doc):
        if doc["KeyMetadata"]["Arn"] == managed_key(req):
            doc["KeyMetadata"]["KeyManager"] = "AWS"
    if req.input["KeyId"].startswith("arn:") and f":{ACCOUNT}:" not in req.input["KeyId"]:
        raise AwsError("AccessDeniedException", "The ciphertext refers to a key that does not exist, or access is denied")
    return edit(fake.moto(req), change)


def describe_table(fake, req, key):
    name = req.input["TableName"].rsplit("/", 1)[-1]
    kept = fake.of(req, "table").get(name, {})

    def change(doc):
        t = doc[key]
        keys = {k["AttributeName"] for part in [t, *(t.get("GlobalSecondaryIndexes") or []), *(t.get("LocalSecondaryIndexes") or [])]
                for k in part["KeySchema"]}
        t["AttributeDefinitions"] = [a for a in t["AttributeDefinitions"] if a["AttributeName"] in keys]
        if "TableClass" in kept:
            t["TableClassSummary"] = {"TableClass": kept["TableClass"]}
        sse = kept.get("SSESpecification")
        if sse is not None:
            t.pop("SSEDescription", None)
        if sse and sse.get("Enabled"):
            arn = sse.get("KMSMasterKeyId") or managed_key(req)
            if not arn.startswith("arn:"):
                arn = f"arn:aws:kms:{req.region}:{ACCOUNT}:" + (arn if arn.startswith("alias/") else f"key/{arn}")
            t["SSEDescription"] = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": arn}
        if fake.is_busy(req, "table", name):
            t["TableStatus"] = fake.of(req, "status").get(name, "CREATING")
    return change


def keep_table(fake, req):
    name = req.input["TableName"].rsplit("/", 1)[-1]
    kept = fake.of(req, "table").setdefault(name, {})
    kept.update({k: req.input[k] for k in ("TableClass", "SSESpecification") if k in req.input})


@on("dynamodb", "CreateTable")
def ddb_create(fake, req):
    result = fake.moto(req)
    if good(result):
        fake.of(req, "table").pop(req.input["TableName"], None)
        keep_table(fake, req)
        fake.of(req, "status")[req.input["TableName"]] = "CREATING"
        fake.start(req, "table", req.input["TableName"])
    return edit(result, describe_table(fake, req, "TableDescription"))


@on("dynamodb", "UpdateTable")
def ddb_update(fake, req):
    name = req.input["TableName"].rsplit("/", 1)[-1]
    if fake.is_busy(req, "table", name):
        raise AwsError("ResourceInUseException", f"Attempt to change a resource which is still in use: Table is being created: {name}")
    if len([u for u in req.input.get("GlobalSecondaryIndexUpdates") or [] if "Update" not in u]) > 1:
        raise AwsError("LimitExceededException", "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
    result = fake.moto(req)
    if good(result):
        keep_table(fake, req)
        stream = req.input.get("StreamSpecification")
        if stream and not stream.get("StreamEnabled"):
            table(req).latest_stream_label = None
        fake.of(req, "status")[name] = "UPDATING"
        fake.start(req, "table", name)
    return edit(result, describe_table(fake, req, "TableDescription"))


@on("dynamodb", "DescribeTable")
def ddb_describe(fake, req):
    return edit(fake.moto(req), describe_table(fake, req, "Table"))


@on("dynamodb", "DeleteTable")
def ddb_delete(fake, req):
    if fake.is_busy(req, "table", req.input["TableName"]):
        raise AwsError("ResourceInUseException", "Attempt to change a resource which is still in use: Table is being created")
    result = fake.moto(req)
    if good(result):
        fake.of(req, "table").pop(req.input["TableName"], None)
    return result


@on("dynamodb", "TagResource")
def ddb_tag(fake, req):
    t = table(req, req.input["ResourceArn"])
    if t is None:
        return fake.moto(req)
    have = {**pairs(t.tags), **pairs(req.input["Tags"])}
    t.tags = [{"Key": k, "Value": v} for k, v in have.items()]
    return {}


@on("dynamodb", "UpdateTimeToLive")
def ddb_ttl(fake, req):
    t = table(req)
    if t is not None:
        want = req.input["TimeToLiveSpecification"]
        enabled = t.ttl.get("TimeToLiveStatus") == "ENABLED"
        if want["Enabled"] == enabled:
            raise AwsError("ValidationException", f"TimeToLive is already {'enabled' if enabled else 'disabled'}")
    return fake.moto(req)


@on("dynamodb", "DescribeTimeToLive")
def ddb_ttl_get(fake, req):
    def change(doc):
        d = doc.get("TimeToLiveDescription", {})
        if d.get("TimeToLiveStatus") == "DISABLED":
            d.pop("AttributeName", None)
    return edit(fake.moto(req), change)


# ---- logs

@on("logs", "CreateLogGroup")
def logs_create(fake, req):
    result = fake.moto(req)
    if good(result):
        fake.of(req, "group")[req.input["logGroupName"]] = req.input.get("logGroupClass", "STANDARD")
    return result


@on("logs", "AssociateKmsKey", "DisassociateKmsKey")
def logs_key(fake, req):
    from moto.logs.models import logs_backends
    group = logs_backends[ACCOUNT][req.region].groups.get(req.input["logGroupName"])
    if group is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    group.kms_key_id = req.input.get("kmsKeyId")
    return {}


@on("logs", "DescribeLogGroups")
def logs_describe(fake, req):
    def change(doc):
        for g in doc.get("logGroups", []):
            g["logGroupClass"] = fake.of(req, "group").get(g["logGroupName"], "STANDARD")
    return edit(fake.moto(req), change)


# ---- lambda: configuration

KEEPS = ("DeadLetterConfig", "TracingConfig", "KMSKeyArn", "EphemeralStorage", "LoggingConfig")


def function_name(req):
    """(name, qualifier or None) of the FunctionName in its three spellings."""
    name = req.input["FunctionName"].split(":function:")[-1]
    name, _, qualifier = name.partition(":")
    return name, req.input.get("Qualifier") or qualifier or None


def function_arn(req, name, qualifier=None):
    return f"arn:aws:lambda:{req.region}:{ACCOUNT}:function:{name}" + (f":{qualifier}" if qualifier else "")


def existing(req):
    from moto.awslambda.models import lambda_backends
    name, qualifier = function_name(req)
    functions = lambda_backends[ACCOUNT][req.region]._lambdas._functions
    if name not in functions or not functions[name]["latest"]:
        raise AwsError("ResourceNotFoundException", f"Function not found: {function_arn(req, name)}", 404)
    return name, qualifier


def logging_of(name, wanted):
    c = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}", **(wanted or {})}
    if c["LogFormat"] == "JSON":
        c = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **c}
    return c


def configure(fake, req, doc):
    name = doc["FunctionName"]
    kept = fake.of(req, "function").get((name, doc.get("Version", "$LATEST"))) \
        or fake.of(req, "function").get((name, "$LATEST")) or {}
    doc.update({k: v for k, v in kept.items() if v is not None and k != "image"})
    if "ImageConfigResponse" in kept and kept["ImageConfigResponse"] is None:
        doc.pop("ImageConfigResponse", None)
    doc["LoggingConfig"] = logging_of(name, kept.get("LoggingConfig"))
    if fake.is_busy(req, "function", name):
        if fake.of(req, "created").get(name, 0) + fake.pending > time.monotonic():
            doc["State"], doc["StateReasonCode"] = "Pending", "Creating"
        else:
            doc["LastUpdateStatus"] = "InProgress"


def keep_function(fake, req, name):
    kept = dict(fake.of(req, "function").get((name, "$LATEST"), {}))
    kept.update({k: req.input[k] for k in KEEPS if k in req.input})
    if "Architectures" in req.input:
        kept["Architectures"] = req.input["Architectures"]
    image = req.input.get("ImageUri") or req.input.get("Code", {}).get("ImageUri")
    if image:
        kept["image"] = image
    if "ImageConfig" in req.input:
        kept["ImageConfigResponse"] = {"ImageConfig": req.input["ImageConfig"]} if req.input["ImageConfig"] else None
    if not (kept.get("DeadLetterConfig") or {}).get("TargetArn"):
        kept.pop("DeadLetterConfig", None)
    if not kept.get("KMSKeyArn"):
        kept.pop("KMSKeyArn", None)
    fake.of(req, "function")[name, "$LATEST"] = kept


@on("lambda", "CreateFunction")
def fn_create(fake, req):
    result = fake.moto(req)
    if good(result):
        name = function_name(req)[0]
        forget_function(fake, req, name)
        keep_function(fake, req, name)
        fake.of(req, "created")[name] = time.monotonic()
        fake.start(req, "function", name)
    return edit(result, lambda doc: configure(fake, req, doc))


@on("lambda", "UpdateFunctionConfiguration", "UpdateFunctionCode")
def fn_update(fake, req):
    name = existing(req)[0]
    if fake.is_busy(req, "function", name):
        raise AwsError("ResourceConflictException", f"The operation cannot be performed at this time. An update is in progress for resource: {function_arn(req, name)}", 409)
    result = fake.moto(req)
    if good(result) and not req.input.get("DryRun"):
        keep_function(fake, req, name)
        fake.start(req, "function", name)
    return edit(result, lambda doc: configure(fake, req, doc))


@on("lambda", "GetFunctionConfiguration")
def fn_configuration(fake, req):
    return edit(fake.moto(req), lambda doc: configure(fake, req, doc))


@on("lambda", "PublishVersion")
def fn_publish(fake, req):
    result = fake.moto(req)

    def change(doc):
        kept = fake.of(req, "function")
        kept.setdefault((doc["FunctionName"], doc["Version"]), dict(kept.get((doc["FunctionName"], "$LATEST"), {})))
        configure(fake, req, doc)
    return edit(result, change)


@on("lambda", "GetFunction")
def fn_get(fake, req):
    def change(doc):
        configure(fake, req, doc["Configuration"])
        image = fake.of(req, "function").get((function_name(req)[0], "$LATEST"), {}).get("image")
        if image:
            doc["Code"] = {"RepositoryType": "ECR", "ImageUri": image, "ResolvedImageUri": image}
    return edit(fake.moto(req), change)


@on("lambda", "ListFunctions", "ListVersionsByFunction")
def fn_list(fake, req):
    key = "Functions" if req.operation == "ListFunctions" else "Versions"
    return edit(fake.moto(req), lambda doc: [configure(fake, req, d) for d in doc[key]])


def forget_function(fake, req, name):
    for what in ("function", "policy", "url", "invoke", "provisioned"):
        state = fake.of(req, what)
        for k in [k for k in list(state) if k[0] == name]:
            del state[k]


@on("lambda", "DeleteFunction")
def fn_delete(fake, req):
    result = fake.moto(req)
    if good(result) and not function_name(req)[1]:
        forget_function(fake, req, function_name(req)[0])
    return result


@on("lambda", "DeleteAlias")
def alias_delete(fake, req):
    result = fake.moto(req)
    if good(result):
        for what in ("policy", "url", "invoke", "provisioned"):
            fake.of(req, what).pop((function_name(req)[0], req.input["Name"]), None)
    return result


@on("lambda", "CreateEventSourceMapping")
def mapping_create(fake, req):
    from moto.awslambda.models import lambda_backends
    name, qualifier = existing(req)
    for m in lambda_backends[ACCOUNT][req.region]._event_source_mappings.values():
        if m.event_source_arn == req.input.get("EventSourceArn") and m.function_arn == function_arn(req, name, qualifier):
            raise AwsError("ResourceConflictException", f"An event source mapping with the same source and function exists. UUID {m.uuid}", 409)
    return pointed(fake, req)


@on("lambda", "UpdateEventSourceMapping")
def mapping_update(fake, req):
    return pointed(fake, req) if req.input.get("FunctionName") else fake.moto(req)


def pointed(fake, req):
    """moto resolves an alias to its version; AWS keeps the alias."""
    from moto.awslambda.models import lambda_backends

    def change(doc):
        doc["FunctionArn"] = function_arn(req, *function_name(req))
        lambda_backends[ACCOUNT][req.region]._event_source_mappings[doc["UUID"]].function_arn = doc["FunctionArn"]
    return edit(fake.moto(req), change)


@on("lambda", "ListEventSourceMappings")
def mapping_list(fake, req):
    from moto.awslambda.models import lambda_backends
    want = req.input.get("FunctionName") and function_arn(req, *function_name(req))
    source = req.input.get("EventSourceArn")
    found = [m for m in list(lambda_backends[ACCOUNT][req.region]._event_source_mappings.values())
             if want in (None, m.function_arn) and source in (None, m.event_source_arn)]
    shape = req.service.ops["ListEventSourceMappings"]["o"]
    return wire.from_json(req.service, shape, {"EventSourceMappings": [m.get_configuration() for m in found]})


# ---- lambda: permissions

def principal(p):
    if p == "*":
        return "*"
    if p.endswith(".amazonaws.com") or p.endswith(".amazon.com"):
        return {"Service": p}
    return {"AWS": f"arn:aws:iam::{p}:root" if p.isdigit() else p}


CONDITIONS = (("SourceAccount", "StringEquals", "AWS:SourceAccount"), ("SourceArn", "ArnLike", "AWS:SourceArn"),
              ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
              ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
              ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
              ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"))


@on("lambda", "AddPermission")
def permission_add(fake, req):
    name, qualifier = existing(req)
    statements = fake.of(req, "policy").setdefault((name, qualifier), [])
    sid = req.input["StatementId"]
    if any(s["Sid"] == sid for s in statements):
        raise AwsError("ResourceConflictException", f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing statement.", 409)
    s = {"Sid": sid, "Effect": "Allow", "Principal": principal(req.input["Principal"]),
         "Action": req.input["Action"], "Resource": function_arn(req, name, qualifier)}
    for member, op, key in CONDITIONS:
        if req.input.get(member) not in (None, False):
            v = req.input[member]
            s.setdefault("Condition", {}).setdefault(op, {})[key] = "true" if v is True else v
    statements.append(s)
    return {"Statement": json.dumps(s)}


@on("lambda", "RemovePermission")
def permission_remove(fake, req):
    name, qualifier = existing(req)
    statements = fake.of(req, "policy").get((name, qualifier), [])
    left = [s for s in statements if s["Sid"] != req.input["StatementId"]]
    if len(left) == len(statements):
        raise AwsError("ResourceNotFoundException", f"Statement {req.input['StatementId']} is not found in resource policy.", 404)
    fake.of(req, "policy")[name, qualifier] = left
    return {}


@on("lambda", "GetPolicy")
def permission_list(fake, req):
    name, qualifier = existing(req)
    statements = fake.of(req, "policy").get((name, qualifier))
    if not statements:
        raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
    return {"Policy": json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": statements}),
            "RevisionId": str(uuid.uuid4())}


# ---- lambda: function URLs, invoke configurations, provisioned concurrency

@on("lambda", "CreateFunctionUrlConfig", "UpdateFunctionUrlConfig", "GetFunctionUrlConfig",
    "DeleteFunctionUrlConfig", "ListFunctionUrlConfigs")
def function_url(fake, req):
    name, qualifier = existing(req)
    urls = fake.of(req, "url")
    if req.operation.startswith("List"):
        return {"FunctionUrlConfigs": [u for k, u in list(urls.items()) if k[0] == name]}
    key = name, qualifier
    if req.operation.startswith("Create"):
        if key in urls:
            raise AwsError("ResourceConflictException", "Failed to create function url config for [functionArn = "
                           f"{function_arn(req, name)}]. Error message:  FunctionUrlConfig exists for this Lambda function", 409)
        urls[key] = {"FunctionUrl": f"https://{uuid.uuid4().hex}.lambda-url.{req.region}.on.aws/",
                     "FunctionArn": function_arn(req, name, qualifier), "CreationTime": wire.now(), "InvokeMode": "BUFFERED"}
    if key not in urls:
        raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
    if req.operation.startswith("Delete"):
        del urls[key]
        return {}
    if req.write:
        urls[key].update({k: req.input[k] for k in ("AuthType", "Cors", "InvokeMode") if k in req.input}, LastModifiedTime=wire.now())
        if not urls[key].get("Cors"):
            urls[key].pop("Cors", None)
    return urls[key]


@on("lambda", "PutFunctionEventInvokeConfig", "UpdateFunctionEventInvokeConfig", "GetFunctionEventInvokeConfig",
    "DeleteFunctionEventInvokeConfig", "ListFunctionEventInvokeConfigs")
def invoke_config(fake, req):
    name, qualifier = existing(req)
    configs = fake.of(req, "invoke")
    if req.operation.startswith("List"):
        return {"FunctionEventInvokeConfigs": [c for k, c in list(configs.items()) if k[0] == name]}
    key = name, qualifier or "$LATEST"
    arn = function_arn(req, *key)
    if req.operation.startswith("Put"):
        configs[key] = {"DestinationConfig": {"OnSuccess": {}, "OnFailure": {}}}
    if key not in configs:
        raise AwsError("ResourceNotFoundException", f"The function {arn} doesn't have an EventInvokeConfig", 404)
    if req.operation.startswith("Delete"):
        del configs[key]
        return {}
    if req.write:
        configs[key].update({k: req.input[k] for k in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds") if k in req.input})
        dest = req.input.get("DestinationConfig") or {}
        configs[key]["DestinationConfig"] = {**configs[key]["DestinationConfig"], **dest}
        configs[key].update(FunctionArn=arn, LastModified=round(time.time(), 3))
    return configs[key]


@on("lambda", "PutProvisionedConcurrencyConfig", "GetProvisionedConcurrencyConfig",
    "DeleteProvisionedConcurrencyConfig", "ListProvisionedConcurrencyConfigs")
def provisioned(fake, req):
    name, qualifier = existing(req)
    configs = fake.of(req, "provisioned")
    if req.operation.startswith("List"):
        return {"ProvisionedConcurrencyConfigs": [{**c, "FunctionArn": function_arn(req, *k)} for k, c in list(configs.items()) if k[0] == name]}
    if qualifier in (None, "$LATEST"):
        raise AwsError("InvalidParameterValueException", "Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    key = name, qualifier
    if req.operation.startswith("Put"):
        n = req.input["ProvisionedConcurrentExecutions"]
        configs[key] = {"RequestedProvisionedConcurrentExecutions": n, "AvailableProvisionedConcurrentExecutions": n,
                        "AllocatedProvisionedConcurrentExecutions": n, "Status": "READY", "LastModified": wire.now()}
        return {**configs[key], "Status": "IN_PROGRESS"}
    if key not in configs:
        raise AwsError("ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found for this function", 404)
    if req.operation.startswith("Delete"):
        del configs[key]
        return {}
    return configs[key]


# ---- apigatewayv2

def apis(req):
    from moto.apigatewayv2.models import apigatewayv2_backends
    return apigatewayv2_backends[ACCOUNT][req.region].apis


def api_of(req):
    api = apis(req).get(req.input["ApiId"])
    if api is None:
        raise AwsError("NotFoundException", f"Invalid API identifier specified {ACCOUNT}:{req.input['ApiId']}", 404)
    return api


def stage_of(req):
    stage = api_of(req).stages.get(req.input["StageName"])
    if stage is None:
        raise AwsError("NotFoundException", "Invalid stage identifier specified", 404)
    return stage


def lower(v):
    """Members as they travel: defaultRouteSettings. Keys of maps stay."""
    if isinstance(v, dict):
        return {k[0].lower() + k[1:]: lower(x) for k, x in v.items()}
    return v


@on("apigatewayv2", "UpdateStage")
def stage_update(fake, req):
    stage, doc = stage_of(req), req.input
    if "AccessLogSettings" in doc:
        stage.access_log_settings = lower(doc["AccessLogSettings"])
    if "DefaultRouteSettings" in doc:
        stage.default_route_settings = {**stage.default_route_settings, **lower(doc["DefaultRouteSettings"])}
    if "RouteSettings" in doc:
        stage.route_settings.update({k: lower(v) for k, v in doc["RouteSettings"].items()})
    for member, attr in (("AutoDeploy", "auto_deploy"), ("Description", "description"),
                         ("StageVariables", "stage_variables"), ("ClientCertificateId", "client_certificate_id")):
        if member in doc:
            setattr(stage, attr, doc[member])
    return stage_answer(req, stage)


def stage_answer(req, stage):
    shape = req.service.ops[req.operation]["o"]
    return wire.from_json(req.service, shape, stage.to_json())


@on("apigatewayv2", "DeleteAccessLogSettings")
def stage_no_log(fake, req):
    stage_of(req).access_log_settings = None
    return {}


@on("apigatewayv2", "DeleteRouteSettings")
def stage_no_route_settings(fake, req):
    if stage_of(req).route_settings.pop(req.input["RouteKey"], None) is None:
        raise AwsError("NotFoundException", "Invalid route key specified", 404)
    return {}


@on("apigatewayv2", "GetAuthorizers")
def authorizers(fake, req):
    item = req.service.shapes[dict((m, t) for m, t, _ in req.service.members(req.service.ops["GetAuthorizers"]["o"]))["Items"]][1]
    return {"Items": [wire.from_json(req.service, item, a.to_json()) for a in api_of(req).authorizers.values()]}


@on("apigatewayv2", "ImportApi")
def api_import(fake, req):
    from moto.apigatewayv2.models import apigatewayv2_backends
    body = json.loads(req.input["Body"])
    backend = apigatewayv2_backends[ACCOUNT][req.region]
    create = wire.Request("POST", "/v2/apis", req.headers, json.dumps(
        {"name": body["info"]["title"], "protocolType": "HTTP"}).encode())
    status, headers, answer = fake.moto(create)
    if status < 300:
        backend.reimport_api(json.loads(answer)["apiId"], req.input["Body"], False)
        api = apis(req)[json.loads(answer)["apiId"]]
        tidy_import(api)
        answer = json.dumps(api.to_json()).encode()
    return (201 if status < 300 else status), headers, answer


def tidy_import(api):
    for i in api.integrations.values():
        i.integration_type = i.integration_type.upper()


@on("apigatewayv2", "ReimportApi")
def api_reimport(fake, req):
    api = api_of(req)
    stages = dict(api.stages)
    result = fake.moto(req)
    api.stages.update(stages)
    tidy_import(api)
    return result


@on("apigatewayv2", "DeleteApi")
def api_delete(fake, req):
    api_of(req)
    return fake.moto(req)


@on("apigatewayv2", "CreateRoute")
def route_create(fake, req):
    if any(r.route_key == req.input["RouteKey"] for r in api_of(req).routes.values()):
        raise AwsError("ConflictException", f"Route with key {req.input['RouteKey']} already exists for this API", 409)
    return fake.moto(req)


@on("apigatewayv2", "UpdateRoute")
def route_update(fake, req):
    result = fake.moto(req)
    if good(result) and req.input.get("AuthorizationScopes") == []:
        api_of(req).routes[req.input["RouteId"]].authorization_scopes = []
        return edit(result, lambda doc: doc.pop("authorizationScopes", None))
    return result


@on("apigatewayv2", "UpdateIntegration")
def integration_update(fake, req):
    result = fake.moto(req)
    if good(result) and req.input.get("ConnectionType") == "INTERNET":
        api_of(req).integrations[req.input["IntegrationId"]].connection_id = None
        return edit(result, lambda doc: doc.pop("connectionId", None))
    return result


@on("apigatewayv2", "DeleteIntegration")
def integration_delete(fake, req):
    target = "integrations/" + req.input["IntegrationId"]
    if any(r.target == target for r in api_of(req).routes.values()):
        raise AwsError("ConflictException", "Cannot delete Integration: it is used by a Route", 409)
    return fake.moto(req)


@on("apigatewayv2", "GetTags", "TagResource", "UntagResource")
def api_tags(fake, req):
    m = re.search(r"/apis/([^/]+)/stages/(.+)$", req.input["ResourceArn"])
    if not m:
        return fake.moto(req)
    api = apis(req).get(m[1])
    if api is None or m[2] not in api.stages:
        raise AwsError("NotFoundException", "Invalid stage identifier specified", 404)
    tags = api.stages[m[2]].tags
    if req.operation == "TagResource":
        tags.update(req.input["Tags"])
        return {}
    if req.operation == "UntagResource":
        for k in req.input["TagKeys"]:
            tags.pop(k, None)
        return {}
    return {"Tags": tags}


# ---- resourcegroupstaggingapi

def tags_match(tags, filters):
    return all(f["Key"] in tags and (not f.get("Values") or tags[f["Key"]] in f["Values"]) for f in filters)


def pairs(tags):
    """Tags in any of their shapes as a map."""
    if isinstance(tags, dict):
        return tags
    return {t.get("Key", t.get("key")): t.get("Value", t.get("value")) for t in tags or []}


def tagged(fake, req):
    """(type, ARN, tags) of everything that our kinds make and tag."""
    from moto.apigatewayv2.models import apigatewayv2_backends
    from moto.applicationautoscaling.models import applicationautoscaling_backends
    from moto.awslambda.models import lambda_backends
    from moto.cloudwatch.models import cloudwatch_backends
    from moto.dynamodb.models import dynamodb_backends
    from moto.logs.models import logs_backends
    from moto.sqs.models import sqs_backends

    def of(backends):
        return backends[ACCOUNT][req.region]
    for q in list(of(sqs_backends).queues.values()):
        yield "sqs", q.queue_arn, pairs(q.tags)
    for t in list(topics(req).values()):
        yield "sns", t.arn, pairs(t._tags)
    for t in list(of(dynamodb_backends).tables.values()):
        yield "dynamodb:table", t.table_arn, pairs(t.tags)
    for f in list(of(lambda_backends).list_functions()):
        if f.version == "$LATEST":
            yield "lambda:function", function_arn(req, f.function_name), pairs(f.tags)
    for m in list(of(lambda_backends)._event_source_mappings.values()):
        yield "lambda:event-source-mapping", m.arn, pairs(m.tags)
    for g in list(of(logs_backends).groups.values()):
        yield "logs:log-group", g.arn.removesuffix(":*"), pairs(of(logs_backends).list_tags_for_resource(g.arn))
    for a in list(of(cloudwatch_backends).alarms.values()):
        yield "cloudwatch:alarm", a.alarm_arn, pairs(of(cloudwatch_backends).list_tags_for_resource(a.alarm_arn))
    backend = of(apigatewayv2_backends)
    for api in list(backend.apis.values()):
        arn = f"arn:aws:apigateway:{req.region}::/apis/{api.api_id}"
        yield "apigateway:apis", arn, backend.tagger.get_tag_dict_for_resource(api.arn)
        for s in list(api.stages.values()):
            yield "apigateway:apis", f"{arn}/stages/{s.name}", s.tags or {}
    for t in of(applicationautoscaling_backends).describe_scalable_targets("dynamodb", None, None):
        yield "application-autoscaling:scalable-target", t.arn, fake.of(req, "scaling").get(t.arn, {})


TAGGED = ("sqs", "sns", "dynamodb", "lambda", "logs", "cloudwatch", "apigateway", "application-autoscaling")


@on("resourcegroupstaggingapi", "GetResources")
def tagging(fake, req):
    """By ourselves: moto loads every service it knows for this."""
    types = req.input.get("ResourceTypeFilters") or []
    if any(t.partition(":")[0] not in TAGGED for t in types):
        return fake.moto(req)
    filters, per = req.input.get("TagFilters") or [], req.input.get("ResourcesPerPage") or 100
    found = sorted((arn, tags) for kind, arn, tags in tagged(fake, req)
                   if tags and tags_match(tags, filters) and (not types or any(kind == t or kind.partition(":")[0] == t for t in types)))
    start = int(req.input.get("PaginationToken") or 0)
    page, more = found[start:start + per], len(found) > start + per
    return {"PaginationToken": str(start + per) if more else "",
            "ResourceTagMappingList": [{"ResourceARN": arn, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]} for arn, tags in page]}


# ---- application-autoscaling

@on("application-autoscaling", "TagResource", "UntagResource", "ListTagsForResource")
def scaling_tags(fake, req):
    tags = fake.of(req, "scaling").setdefault(req.input["ResourceARN"], {})
    if req.operation == "TagResource":
        tags.update(req.input["Tags"])
    elif req.operation == "UntagResource":
        for k in req.input["TagKeys"]:
            tags.pop(k, None)
    else:
        return {"Tags": tags}
    return {}


@on("application-autoscaling", "DeregisterScalableTarget")
def scaling_deregister(fake, req):
    """Its policies go with it."""
    from moto.applicationautoscaling.models import applicationautoscaling_backends
    result = fake.moto(req)
    policies = applicationautoscaling_backends[ACCOUNT][req.region].policies
    if good(result):
        for key, p in list(policies.items()):
            if (p.resource_id, p.scalable_dimension) == (req.input["ResourceId"], req.input["ScalableDimension"]):
                del policies[key]
    return result


@on("application-autoscaling", "RegisterScalableTarget")
def scaling_register(fake, req):
    result = fake.moto(req)
    if good(result) and req.input.get("Tags"):
        fake.of(req, "scaling").setdefault(json.loads(result[2])["ScalableTargetARN"], {}).update(req.input["Tags"])
    return result
