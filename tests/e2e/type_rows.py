"""Test data of every property of every resource type, one row each.

    TYPES[type] = {
        "needs":    {local: resource}       what must be there besides
        "parent":   local                   of a child
        "variants": {name: {property: row}} every property in at least one
        "lets go":  {property: value} that has to be before it is removed
        "spare":    {property: value}       another object beside it, for
                                            collections that are ours alone
        "limits":   {property or what: reason}  what cannot be proved here
    }

A row is to(first, other): both are values that AWS takes. fixed(first, other)
cannot change in place. A plain value is desired and proved in another variant.
Keywords of a row:

    seen     the member of AWS's answers that holds it, when named otherwise;
             or {member: value} of what is seen for `other`
    unseen   why no answer shows it
    also     {property: value} that has to change with it
    gone     {property: value} that has to change when it is removed;
             False: it cannot be removed
    plans    what a fixed one plans: "replace", unless another value is another
             object already: "create"
    writes   the operations of its change, where the hook of the type makes
             other ones of it than its update rows say

A value {"$ref": [local, attribute]} refers to another resource.
"""
import json

ACCOUNT, REGION = "123456789012", "eu-west-1"


class Row:
    def __init__(self, first, other, fixed, notes):
        self.first, self.other, self.fixed = first, other, fixed
        self.seen, self.unseen = notes.pop("seen", None), notes.pop("unseen", None)
        self.also, self.gone, self.writes = notes.pop("also", {}), notes.pop("gone", {}), notes.pop("writes", None)
        self.by, self.plans = notes.pop("by", None), notes.pop("plans", "replace")
        assert not notes, notes


def to(first, other, **notes):
    return Row(first, other, False, notes)


def fixed(first, other, **notes):
    return Row(first, other, True, notes)


def hand(value, service, operation, request):
    """Always this value: only others change it, with this call."""
    return Row(value, None, False, {"by": (service, operation, request)})


def ref(local, attribute="@arn"):
    return {"$ref": [local, attribute]}


def join(*parts):
    return {"$join": list(parts)}


def arn(service, rest):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


USUAL = {"VisibilityTimeout": 30, "MessageRetentionPeriod": 345600, "DelaySeconds": 0, "MaximumMessageSize": 262144, "ReceiveMessageWaitTimeSeconds": 20}


def queue(name, **props):
    return {"type": "sqs.queue", "props": {"QueueName": name, **USUAL, **props}}


def role(name):
    return {"type": "iam.role", "props": {"RoleName": name, "Path": "/", "AssumeRolePolicyDocument": trust("lambda")}}


def trust(service):
    return policy({"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"})


CODE = {"one/app.py": "def handler(event, context):\n\treturn 1\n", "two/app.py": "def handler(event, context):\n\treturn 2\n"}
FUNCTION = {"FunctionName": "f", "Runtime": "python3.12", "Handler": "app.handler", "Role": ref("role"), "Timeout": 3,
            "MemorySize": 128, "CodeSha256": {"$code": "one"}, "Architectures": ["x86_64"], "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"}}
TABLE = {"type": "dynamodb.table", "props": {
    "TableName": "t", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "KeyTypes": {"id": "S"},
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}}
PROVISIONED = {**TABLE, "props": {**TABLE["props"], "BillingMode": "PROVISIONED", "Autoscaled": True,
                                  "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}}
LAMBDA = {"role": role("r"), "f": {"type": "lambda.function", "props": FUNCTION}}
PUBLISHED = {**LAMBDA, "v": {"type": "lambda.version", "parent": "f", "props": {"Description": "v1"}},
             "alias": {"type": "lambda.alias", "parent": "f", "props": {"FunctionName": "f", "Name": "live", "FunctionVersion": ref("v", "Version")}}}
API = {"api": {"type": "apigatewayv2.api", "props": {"ProtocolType": "HTTP", "Name": "api"}}}


def document(title, path):
    return json.dumps({"openapi": "3.0.1", "info": {"title": title, "version": "1"}, "paths": {path: {"get": {
        "responses": {}, "x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "GET", "uri": "https://example.com/",
                                                             "payloadFormatVersion": "1.0"}}}}})


OPENAPI = {"ProtocolType": "HTTP", "Name": "doc", "Version": "v1", "Body": document("doc", "/a")}


def definitions(*names):
    return [{"AttributeName": n, "AttributeType": "S"} for n in names]


def keys(*names):
    return [{"AttributeName": n, "KeyType": k} for n, k in zip(names, ("HASH", "RANGE"))]


def index(name, *names, project="ALL", **more):
    return {"IndexName": name, "KeySchema": keys(*names), "Projection": {"ProjectionType": project}, **more}


def capacity(n):
    return {"ReadCapacityUnits": n, "WriteCapacityUnits": n}


def cors(origin, **more):
    return {"AllowOrigins": [origin], "AllowMethods": ["GET", "POST"], "AllowHeaders": ["x-a", "x-b"], "MaxAge": 60, **more}


PERMISSION = {
    "StatementId": fixed("one", "two"), "Action": fixed("lambda:InvokeFunction", "lambda:GetFunction"),
    "Principal": fixed("sns.amazonaws.com", "s3.amazonaws.com"), "SourceArn": fixed(arn("sns", "a"), arn("sns", "b")),
    "SourceAccount": fixed(ACCOUNT, "210987654321")}
PERMISSIONS = {
    "service": PERMISSION,
    "account": {"StatementId": fixed("one", "two"), "Action": fixed("lambda:InvokeFunction", "lambda:GetFunction"),
                "Principal": fixed(ACCOUNT, "210987654321"), "PrincipalOrgID": fixed("o-aaaaaaaaaa", "o-bbbbbbbbbb")},
    "url": {"StatementId": fixed("one", "two"), "Action": fixed("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"),
            "Principal": fixed("*", ACCOUNT), "FunctionUrlAuthType": fixed("NONE", "AWS_IAM")},
    "url, invoked": {"StatementId": fixed("one", "two"), "Action": fixed("lambda:InvokeFunction", "lambda:InvokeFunctionUrl"),
                     "Principal": fixed("*", ACCOUNT), "InvokedViaFunctionUrl": fixed(True, False)}}
SPARE_PERMISSION = {"StatementId": "spare", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}

FILTERS = {"Filters": [{"Pattern": json.dumps({"body": {"x": ["y"]}})}]}
MAPPINGS = {
    "queue": {
        "EventSourceArn": fixed(ref("q"), ref("q2")), "Enabled": to(True, False, seen={"State": "Disabled"}), "BatchSize": to(5, 7),
        "MaximumBatchingWindowInSeconds": to(1, 2), "FilterCriteria": to(FILTERS, {"Filters": [{"Pattern": json.dumps({"body": {"x": ["z"]}})}]}),
        "ScalingConfig": to({"MaximumConcurrency": 4}, {"MaximumConcurrency": 5}),
        "FunctionResponseTypes": to(["ReportBatchItemFailures"], [], gone=False)},
    "stream": {
        "EventSourceArn": fixed(ref("t", "LatestStreamArn"), ref("q2")), "StartingPosition": fixed("LATEST", "TRIM_HORIZON"), "BatchSize": to(100, 50),
        "DestinationConfig": to({"OnFailure": {"Destination": ref("q")}}, {"OnFailure": {"Destination": ref("q2")}}),
        "BisectBatchOnFunctionError": to(True, False), "MaximumRetryAttempts": to(3, 4),
        "MaximumRecordAgeInSeconds": to(120, 180), "ParallelizationFactor": to(2, 3)}}
SOURCES = {"q": queue("q"), "q2": queue("q2"), "t": TABLE}
SPARE_MAPPING = {"EventSourceArn": ref("q2"), "BatchSize": 3}

INVOKE = {"all": {
    "MaximumRetryAttempts": to(1, 0), "MaximumEventAgeInSeconds": to(120, 240),
    "DestinationConfig": to({"OnFailure": {"Destination": ref("q")}}, {"OnFailure": {"Destination": ref("q2")}})}}
URL = {"all": {"AuthType": to("AWS_IAM", "NONE"), "InvokeMode": to("RESPONSE_STREAM", "BUFFERED"),
               "Cors": to(cors("https://a.example"), cors("https://b.example"))}}
STAGE = {"all": {
    "StageName": fixed("$default", "prod"), "AutoDeploy": to(True, False),
    "AccessLogSettings": to({"DestinationArn": arn("logs", "log-group:a"), "Format": "$context.requestId"},
                            {"DestinationArn": arn("logs", "log-group:a"), "Format": "$context.status"}, gone={}),
    "DefaultRouteSettings": to({"ThrottlingRateLimit": 100.0, "ThrottlingBurstLimit": 50}, {"ThrottlingRateLimit": 10.0, "ThrottlingBurstLimit": 5}),
    "RouteSettings": to({"GET /a": {"ThrottlingRateLimit": 5.0, "ThrottlingBurstLimit": 2}}, {"GET /a": {"ThrottlingRateLimit": 6.0, "ThrottlingBurstLimit": 2}}),
    "StageVariables": to({"a": "1"}, {"a": "2"})}}

TYPES = {
    "iam.role": {
        "variants": {"all": {
            "RoleName": fixed("r", "s"), "Path": fixed("/a/", "/b/"), "AssumeRolePolicyDocument": to(trust("lambda"), trust("ec2")),
            "Description": to("one", "two"), "MaxSessionDuration": to(7200, 3600),
            "PermissionsBoundary": to("arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess",
                                      seen="PermissionsBoundaryArn"),
            "Policies": to({"p": policy(allow("s3:GetObject")), "q": policy(allow("sqs:*"))},
                           {"p": policy(allow("s3:PutObject")), "x": policy(allow("sns:*"))}, seen={"PolicyName": "x", "PolicyDocument": policy(allow("s3:PutObject"))}),
            "ManagedPolicyArns": to(["arn:aws:iam::aws:policy/ReadOnlyAccess"], ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AdministratorAccess"],
                                    seen={"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})}}},
    "iam.instance-profile": {
        "needs": {"role": role("r")}, "parent": "role",
        "variants": {"all": {"InstanceProfileName": fixed("p", "o"), "Path": fixed("/a/", "/b/"), "RoleName": hand(
            ref("role", "RoleName"), "iam", "RemoveRoleFromInstanceProfile", {"InstanceProfileName": "p", "RoleName": "r"})}},
        "spare": {"InstanceProfileName": "spare", "RoleName": ref("role", "RoleName")}},
    "logs.log-group": {
        "variants": {"all": {"logGroupName": fixed("/a", "/b"), "logGroupClass": fixed("INFREQUENT_ACCESS", "STANDARD"), "retentionInDays": to(14, 30),
                             "kmsKeyId": to(arn("kms", "key/a"), arn("kms", "key/b"))}}},
    "sqs.queue": {
        "needs": {"dead": queue("dead")},
        "variants": {
            "standard": {
                "QueueName": fixed("a", "b"), "VisibilityTimeout": to(45, 99), "MessageRetentionPeriod": to(7200, 600), "DelaySeconds": to(5, 9),
                "MaximumMessageSize": to(2048, 4096), "ReceiveMessageWaitTimeSeconds": to(10, 3), "SqsManagedSseEnabled": to(True, False),
                "RedrivePolicy": to({"deadLetterTargetArn": ref("dead"), "maxReceiveCount": 5}, {"deadLetterTargetArn": ref("dead"), "maxReceiveCount": 7}),
                "RedriveAllowPolicy": to({"redrivePermission": "denyAll"}, {"redrivePermission": "byQueue", "sourceQueueArns": [arn("sqs", "x")]}),
                "Policy": to(policy(allow("sqs:SendMessage", arn("sqs", "a"), Principal="*")), policy(allow(["sqs:ReceiveMessage", "sqs:SendMessage"], arn("sqs", "a"), Principal="*")))},
            "encrypted": {**USUAL, "QueueName": fixed("a", "b"), "KmsMasterKeyId": to("alias/a", "alias/b", gone={"KmsDataKeyReusePeriodSeconds": None}), "KmsDataKeyReusePeriodSeconds": to(300, 600)},
            "fifo": {**USUAL, "QueueName": fixed("a.fifo", "b.fifo"), "FifoQueue": fixed(True, False), "ContentBasedDeduplication": to(True, False),
                     "DeduplicationScope": to("messageGroup", "queue", also={"FifoThroughputLimit": "perQueue"}),
                     "FifoThroughputLimit": to("perMessageGroupId", "perQueue", also={"DeduplicationScope": "queue"})}}},
    "sns.topic": {
        "variants": {
            "standard": {
                "Name": fixed("a", "b"), "DisplayName": to("One", "Two"), "KmsMasterKeyId": to("alias/a", "alias/b"), "TracingConfig": to("Active", "PassThrough"),
                "SignatureVersion": to("2", "1"),
                "DeliveryPolicy": to({"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 5, "maxDelayTarget": 20, "numRetries": 3}}},
                                     {"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 20, "numRetries": 9}}}),
                "DataProtectionPolicy": to({"Name": "p", "Version": "2021-06-01", "Statement": []}, {"Name": "q", "Version": "2021-06-01", "Statement": []}),
                "Policy": to(policy(allow("SNS:Publish", arn("sns", "a"), Principal="*")), policy(allow("SNS:Subscribe", arn("sns", "a"), Principal="*")))},
            "fifo": {"Name": fixed("a.fifo", "b.fifo"), "FifoTopic": fixed(True, False), "ContentBasedDeduplication": to(True, False)}}},
    "sns.subscription": {
        "needs": {"topic": {"type": "sns.topic", "props": {"Name": "t"}}, "q": queue("q"), "q2": queue("q2"), "role": role("r"), "role2": role("r2")},
        "parent": "topic",
        "variants": {
            "queue": {
                "Protocol": fixed("sqs", "https"), "Endpoint": fixed(ref("q"), ref("q2")), "RawMessageDelivery": to(True, False),
                "FilterPolicyScope": to("MessageBody", "MessageAttributes"), "FilterPolicy": to({"a": ["b"]}, {"a": ["c", "d"]}),
                "RedrivePolicy": to({"deadLetterTargetArn": ref("q")}, {"deadLetterTargetArn": ref("q2")})},
            "https": {
                "Protocol": fixed("https", "sqs"), "Endpoint": fixed("https://example.com/a", "https://example.com/b"),
                "DeliveryPolicy": to({"healthyRetryPolicy": {"minDelayTarget": 5, "maxDelayTarget": 20, "numRetries": 3}},
                                     {"healthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 20, "numRetries": 9}})},
            "firehose": {
                "Protocol": fixed("firehose", "sqs"), "Endpoint": fixed(arn("firehose", "deliverystream/a"), arn("firehose", "deliverystream/b")),
                "SubscriptionRoleArn": to(ref("role"), ref("role2"))}},
        "spare": {"Protocol": "https", "Endpoint": "https://example.com/spare"}},
    "dynamodb.table": {
        "lets go": {"DeletionProtectionEnabled": False},
        "limits": {"SSESpecification from a key of one's own to the managed one": "AWS tells the key's ARN, and only KMS whose it is"},
        "variants": {
            "on demand": {
                "TableName": fixed("a", "b"), "KeySchema": fixed(keys("id", "at"), keys("id")), "KeyTypes": fixed({"id": "S", "at": "S", "total": "S"}, {"id": "S", "at": "S", "total": "N"}),
                "AttributeDefinitions": to(definitions("id", "at", "user", "total"), definitions("id", "at", "user", "total", "more"), unseen="set by CreateTable and index changes alone"),
                "LocalSecondaryIndexes": fixed([index("by-total", "id", "total")], [index("by-sum", "id", "total")]),
                "BillingMode": to("PAY_PER_REQUEST", "PROVISIONED", also={"ProvisionedThroughput": capacity(5), "IndexThroughput": {"by-user": capacity(5)}, "IndexUpdates": None}),
                "GlobalSecondaryIndexes": to([index("by-user", "user")], [index("by-user", "user", project="KEYS_ONLY")],
                                             seen={"ProjectionType": "KEYS_ONLY"}),
                "StreamSpecification": to({"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}, {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}),
                "SSESpecification": to({"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": arn("kms", "key/a")}, {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": arn("kms", "key/b")},
                                       seen={"KMSMasterKeyArn": arn("kms", "key/b")}),
                "TableClass": to("STANDARD_INFREQUENT_ACCESS", "STANDARD"), "DeletionProtectionEnabled": to(True, False),
                "PointInTimeRecoverySpecification": to({"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 20}, {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 21},
                                                       seen={"RecoveryPeriodInDays": 21}),
                "TimeToLiveSpecification": to({"Enabled": True, "AttributeName": "expires"}, {"Enabled": True, "AttributeName": "ends"}, seen={"AttributeName": "ends"})},
            "provisioned": {
                "TableName": fixed("a", "b"), "KeySchema": fixed(keys("id"), keys("user")), "KeyTypes": fixed({"id": "S"}, {"id": "N"}),
                "AttributeDefinitions": to(definitions("id", "user"), definitions("id", "user", "x"), unseen="set by CreateTable and index changes alone"),
                "BillingMode": to("PROVISIONED", "PAY_PER_REQUEST", also={"ProvisionedThroughput": None, "IndexThroughput": None}),
                "ProvisionedThroughput": to(capacity(3), capacity(4), seen={"ReadCapacityUnits": 4}),
                "GlobalSecondaryIndexes": to([index("by-user", "user", ProvisionedThroughput=capacity(3))],
                                             [index("by-user", "user", ProvisionedThroughput=capacity(3)), index("by-two", "user", "id", ProvisionedThroughput=capacity(3))],
                                             also={"IndexThroughput": {"by-user": capacity(3), "by-two": capacity(3)}}, gone={"IndexThroughput": None}, seen={"IndexName": "by-two"}),
                "IndexThroughput": to({"by-user": capacity(3)}, {"by-user": capacity(6)}, seen={"ReadCapacityUnits": 6})},
            "scaled": {
                "TableName": fixed("a", "b"), "KeySchema": fixed(keys("id"), keys("user")), "KeyTypes": fixed({"id": "S"}, {"id": "N"}),
                "AttributeDefinitions": to(definitions("id"), definitions("id", "x"), unseen="set by CreateTable and index changes alone"),
                "BillingMode": to("PROVISIONED", "PAY_PER_REQUEST", also={"ProvisionedThroughput": None, "Autoscaled": None}),
                "ManagedKey": to(True, None, unseen="nothing of AWS's"),
                "ProvisionedThroughput": to(capacity(3), capacity(4), unseen="autoscaling's alone", writes=[]), "Autoscaled": to(True, None, unseen="nothing of AWS's"),
                "IndexUpdates": to(None, [], unseen="made by the type's hook")}}},
    "application-autoscaling.scalable-target": {
        "needs": {"t": PROVISIONED}, "parent": "t",
        "variants": {"all": {
            "ServiceNamespace": fixed("dynamodb", "ecs"), "ResourceId": fixed("table/t", "table/u"), "ScalableDimension": fixed("dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits"),
            "MinCapacity": to(5, 6), "MaxCapacity": to(50, 60)}},
        "spare": {"ServiceNamespace": "dynamodb", "ResourceId": "table/t", "ScalableDimension": "dynamodb:table:WriteCapacityUnits", "MinCapacity": 1, "MaxCapacity": 2}},
    "application-autoscaling.scaling-policy": {
        "needs": {"t": PROVISIONED, "target": {"type": "application-autoscaling.scalable-target", "parent": "t", "props": {
            "ServiceNamespace": "dynamodb", "ResourceId": "table/t", "ScalableDimension": "dynamodb:table:ReadCapacityUnits", "MinCapacity": 5, "MaxCapacity": 50}}},
        "parent": "target",
        "variants": {"all": {
            "PolicyName": fixed("p", "o"), "ServiceNamespace": fixed("dynamodb", "ecs"), "ResourceId": fixed("table/t", "table/u"),
            "ScalableDimension": fixed("dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits"),
            "PolicyType": fixed("TargetTrackingScaling", "StepScaling"),
            "TargetTrackingScalingPolicyConfiguration": to(
                {"TargetValue": 70.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}},
                {"TargetValue": 60.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}})}},
        "spare": {"PolicyName": "spare", "ServiceNamespace": "dynamodb", "ResourceId": "table/t", "ScalableDimension": "dynamodb:table:ReadCapacityUnits", "PolicyType": "TargetTrackingScaling",
                  "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 50.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}}}},
    "lambda.function": {
        "needs": {"role": role("r"), "role2": role("r2"), "q": queue("q"), "q2": queue("q2")},
        "variants": {
            "zip": {
                "FunctionName": fixed("f", "g"), "CodeSha256": to({"$code": "one"}, {"$code": "two"}, seen="CodeSha256"), "Architectures": to(["x86_64"], ["arm64"]),
                "Runtime": to("python3.12", "python3.13"), "Handler": to("app.handler", "app.other"), "Role": to(ref("role"), ref("role2")), "Description": to("one", "two"),
                "Timeout": to(3, 4), "MemorySize": to(128, 256), "EphemeralStorage": to({"Size": 600}, {"Size": 700}),
                "Environment": to({"Variables": {"A": "1", "B": "2"}}, {"Variables": {"A": "1", "B": "3"}}),
                "Layers": to([arn("lambda", "layer:a:1")], [arn("lambda", "layer:a:2"), arn("lambda", "layer:a:1")], seen={"Arn": arn("lambda", "layer:a:2")}),
                "TracingConfig": to({"Mode": "Active"}, {"Mode": "PassThrough"}), "DeadLetterConfig": to({"TargetArn": ref("q")}, {"TargetArn": ref("q2")}),
                "KMSKeyArn": to(arn("kms", "key/a"), arn("kms", "key/b")),
                "LoggingConfig": to({"LogFormat": "JSON", "LogGroup": "/aws/lambda/f", "ApplicationLogLevel": "WARN", "SystemLogLevel": "INFO"},
                                    {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"}),
                "ReservedConcurrentExecutions": to(7, 8)},
            "bucket": {
                "FunctionName": fixed("f", "g"), "Runtime": to("python3.12", "python3.13"), "Handler": to("app.handler", "app.other"), "Role": to(ref("role"), ref("role2")),
                "Timeout": to(3, 4), "MemorySize": to(128, 256), "Architectures": to(["x86_64"], ["arm64"]), "LoggingConfig": FUNCTION["LoggingConfig"],
                **{k: to(a, b, gone=False, unseen="AWS does not tell; a tag of ours does", writes=["UpdateFunctionCode", "TagResource"]) for k, a, b in (
                    ("S3Bucket", "code", "more"), ("S3Key", "f.zip", "g.zip"), ("S3ObjectVersion", "1", "2"))}},
            "image": {
                "FunctionName": fixed("f", "g"), "PackageType": fixed("Image", "Zip"), "Role": to(ref("role"), ref("role2")), "Timeout": to(3, 4), "MemorySize": to(128, 256),
                "Architectures": to(["x86_64"], ["arm64"]), "LoggingConfig": FUNCTION["LoggingConfig"],
                "ImageUri": to(f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/a@sha256:" + "a" * 64, f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/a@sha256:" + "b" * 64),
                "ImageConfig": to({"Command": ["a"]}, {"Command": ["b"]})}}},
    "lambda.version": {"limits": {"removal": "published versions stay: an alias may lead to them"}, "needs": LAMBDA, "parent": "f", "variants": {"all": {"Description": fixed("v1", "v2")}}},
    "lambda.alias": {
        "needs": {k: v for k, v in PUBLISHED.items() if k != "alias"}, "parent": "f",
        "variants": {"all": {
            "FunctionName": fixed("f", "g"), "Name": fixed("live", "old"), "FunctionVersion": to(ref("v", "Version"), "$LATEST", also={"RoutingConfig": None}),
            "Description": to("one", "two"), "RoutingConfig": to({"AdditionalVersionWeights": {"2": 0.1}}, {"AdditionalVersionWeights": {"2": 0.2}}),
            "Rollout": to({"Percent": 10, "Minutes": 0}, {"Percent": 20, "Minutes": 0}, unseen="a wish about time, not a property"),
            "PublishedAt": to("2026-01-01T00:00:00", "2026-01-02T00:00:00", unseen="a wish about time, not a property")}}},
    "lambda.provisioned-concurrency": {
        "needs": PUBLISHED, "parent": "alias",
        "variants": {"all": {"ProvisionedConcurrentExecutions": to(2, 3, seen="RequestedProvisionedConcurrentExecutions")}}},
    "lambda.event-invoke-config": {"needs": {**LAMBDA, "q": queue("q"), "q2": queue("q2")}, "parent": "f", "variants": INVOKE},
    "lambda.alias-event-invoke-config": {"needs": {**PUBLISHED, "q": queue("q"), "q2": queue("q2")}, "parent": "alias", "variants": INVOKE},
    "lambda.permission": {"needs": LAMBDA, "parent": "f", "variants": PERMISSIONS, "spare": SPARE_PERMISSION},
    "lambda.alias-permission": {"needs": PUBLISHED, "parent": "alias", "variants": PERMISSIONS, "spare": SPARE_PERMISSION},
    "lambda.event-source-mapping": {"needs": {**LAMBDA, **SOURCES}, "parent": "f", "variants": MAPPINGS, "spare": SPARE_MAPPING},
    "lambda.alias-event-source-mapping": {"needs": {**PUBLISHED, **SOURCES}, "parent": "alias", "variants": MAPPINGS, "spare": SPARE_MAPPING},
    "lambda.url": {"needs": LAMBDA, "parent": "f", "variants": URL},
    "lambda.alias-url": {"needs": PUBLISHED, "parent": "alias", "variants": URL},
    "apigatewayv2.api": {
        "variants": {"all": {
            "ProtocolType": fixed("HTTP", "WEBSOCKET"), "Name": to("a", "b"), "Description": to("one", "two"), "DisableExecuteApiEndpoint": to(True, False),
            "CorsConfiguration": to(cors("https://a.example"), cors("https://b.example"))}}},
    "apigatewayv2.openapi": {
        "tags": {"convergd:openapi": "true"},
        "variants": {"all": {
            "ProtocolType": fixed("HTTP", "WEBSOCKET"), "Name": to("doc", "doc2"), "Description": to("one", "two"), "DisableExecuteApiEndpoint": to(True, False),
            "CorsConfiguration": to(cors("https://a.example"), cors("https://b.example")), "Version": to("v1", "v2", also={"Body": document("doc", "/b")}),
            "Body": to(document("doc", "/a"), document("doc", "/b"), unseen="its hash is the version")}}},
    "apigatewayv2.integration": {
        "needs": API, "parent": "api",
        "variants": {"all": {
            "Description": fixed("a", "b"), "IntegrationType": fixed("HTTP_PROXY", "AWS_PROXY"), "IntegrationUri": to("https://example.com/a", "https://example.com/b"),
            "IntegrationMethod": to("GET", "ANY"), "PayloadFormatVersion": to("1.0", "2.0"), "TimeoutInMillis": to(5000, 6000),
            "ConnectionType": to("VPC_LINK", "INTERNET", also={"ConnectionId": None}), "ConnectionId": to("link-a", "link-b", gone=False),
            "RequestParameters": to({"overwrite:path": "/a"}, {"overwrite:path": "/b"})}},
        "spare": {"Description": "spare", "IntegrationType": "HTTP_PROXY", "IntegrationUri": "https://example.com/", "IntegrationMethod": "ANY", "PayloadFormatVersion": "1.0"}},
    "apigatewayv2.route": {
        "needs": {**API, "one": {"type": "apigatewayv2.integration", "parent": "api", "props": {"Description": "a", "IntegrationType": "HTTP_PROXY", "IntegrationUri": "https://example.com/a", "IntegrationMethod": "ANY", "PayloadFormatVersion": "1.0"}},
                  "two": {"type": "apigatewayv2.integration", "parent": "api", "props": {"Description": "b", "IntegrationType": "HTTP_PROXY", "IntegrationUri": "https://example.com/b", "IntegrationMethod": "ANY", "PayloadFormatVersion": "1.0"}},
                  "who": {"type": "apigatewayv2.authorizer", "parent": "api", "props": {"Name": "who", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"], "JwtConfiguration": {"Audience": ["a"], "Issuer": "https://a.example"}}},
                  "her": {"type": "apigatewayv2.authorizer", "parent": "api", "props": {"Name": "her", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"], "JwtConfiguration": {"Audience": ["a"], "Issuer": "https://a.example"}}}},
        "parent": "api",
        "variants": {"all": {
            "RouteKey": fixed("GET /a", "GET /b"), "Target": to(join("integrations/", ref("one", "IntegrationId")), join("integrations/", ref("two", "IntegrationId"))),
            "AuthorizationType": to("JWT", "NONE", also={"AuthorizerId": None, "AuthorizationScopes": None}), "AuthorizerId": to(ref("who", "AuthorizerId"), ref("her", "AuthorizerId")),
            "AuthorizationScopes": to(["a", "b"], ["b", "c"]), "ApiKeyRequired": to(True, False)}},
        "spare": {"RouteKey": "GET /spare", "AuthorizationType": "NONE"}},
    "apigatewayv2.authorizer": {
        "needs": API, "parent": "api",
        "variants": {
            "jwt": {"Name": fixed("a", "b"), "AuthorizerType": fixed("JWT", "REQUEST"), "IdentitySource": to(["$request.header.Authorization"], ["$request.querystring.token"]),
                    "JwtConfiguration": to({"Audience": ["a"], "Issuer": "https://a.example"}, {"Audience": ["b"], "Issuer": "https://a.example"})},
            "function": {"Name": fixed("a", "b"), "AuthorizerType": fixed("REQUEST", "JWT"), "IdentitySource": to(["$request.header.A", "$request.header.B"], ["$request.header.A"]),
                         "AuthorizerUri": to(arn("lambda", "function:a"), arn("lambda", "function:b")), "AuthorizerPayloadFormatVersion": to("2.0", "1.0"),
                         "AuthorizerResultTtlInSeconds": to(60, 90), "EnableSimpleResponses": to(True, False)}},
        "spare": {"Name": "spare", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"], "JwtConfiguration": {"Audience": ["a"], "Issuer": "https://a.example"}}},
    "apigatewayv2.stage": {
        "needs": {**API, "route": {"type": "apigatewayv2.route", "parent": "api", "props": {"RouteKey": "GET /a"}}}, "parent": "api",
        "variants": {"all": {**STAGE["all"], "ApiId": fixed(ref("api", "ApiId"), "x", unseen="for the ARN alone"), "Routes": to([ref("route", "RouteId")], [], unseen="for the order alone"),
                             "ExecutionArn": to("a", "b", unseen="what others refer to")}},
        "spare": {"StageName": "spare", "ApiId": ref("api", "ApiId")}},
    "apigatewayv2.openapi-stage": {
        "needs": {"api": {"type": "apigatewayv2.openapi", "tags": {"convergd:openapi": "true"}, "props": OPENAPI}}, "parent": "api",
        "variants": {"all": {**STAGE["all"], "ApiId": fixed(ref("api", "ApiId"), "x", unseen="for the ARN alone"), "Routes": to([], ["x"], unseen="for the order alone"),
                             "ExecutionArn": to("a", "b", unseen="what others refer to")}},
        "spare": {"StageName": "spare", "ApiId": ref("api", "ApiId")}},
    "cloudwatch.alarm": {
        "variants": {
            "statistic": {
                "AlarmName": fixed("a", "b"), "AlarmDescription": to("one", "two"), "ActionsEnabled": to(False, True), "AlarmActions": to([arn("sns", "a"), arn("sns", "b")], [arn("sns", "b")]),
                "OKActions": to([arn("sns", "a")], [arn("sns", "b")]), "InsufficientDataActions": to([arn("sns", "a")], [arn("sns", "b")]), "Namespace": to("AWS/SQS", "AWS/SNS"),
                "MetricName": to("A", "B"), "Dimensions": to([{"Name": "x", "Value": "1"}, {"Name": "y", "Value": "2"}], [{"Name": "x", "Value": "3"}]), "Statistic": to("Sum", "Average"),
                "Period": to(60, 120), "EvaluationPeriods": to(2, 3), "DatapointsToAlarm": to(1, 2), "Threshold": to(1.5, 2.5),
                "ComparisonOperator": to("GreaterThanThreshold", "LessThanThreshold"), "TreatMissingData": to("notBreaching", "breaching"), "Unit": to("Count", "Seconds")},
            "percentile": {
                "AlarmName": fixed("a", "b"), "Namespace": to("AWS/SQS", "AWS/SNS"), "MetricName": to("A", "B"), "ExtendedStatistic": to("p99", "p90"), "Period": to(60, 120),
                "EvaluationPeriods": to(2, 3), "Threshold": to(1.0, 2.0), "ComparisonOperator": to("GreaterThanThreshold", "LessThanThreshold")}}},
}
