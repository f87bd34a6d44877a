"""Test data of every field of every kind, one row each.

    KINDS[kind] = {variant: (spec, {path: another value})}

A path is dotted as in the table of fields, with keys and indices in it
("subscriptions.queue.rawDelivery", "events.0.batchSize"); None removes. A
value that changes nothing in AWS is same(value, why); `never` says why a
field cannot be changed alone.
"""
ACCOUNT, REGION = "123456789012", "eu-west-1"


class Same:
    def __init__(self, value, why):
        self.value, self.why = value, why


def same(value, why):
    return Same(value, why)


def arn(service, rest):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def guest(action):
    return {"Sid": "Guest", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": action}


# Statements of policies are documents: compared whole, test_compare.c has their meaning.
DOCUMENTS = ("policy.", "policies.")

FILES = {"one/app.py": "def handler(event, context):\n\treturn 1\n", "two/app.py": "def handler(event, context):\n\treturn 2\n",
         **{f"{n}.json.txt": '{"openapi": "3.0.1", "info": {"title": "shop-it", "version": "1"}, "paths": {"/%s": {"get": {"responses": {}, '
            '"x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "GET", "uri": "https://example.com/%s", '
            '"payloadFormatVersion": "1.0"}}}}}' % (n, n) for n in ("a", "b")}}

CODE = {"code": "./one", "runtime": "python3.12", "handler": "app.handler"}
OTHERS = [("SqsQueue", "q", {}), ("SqsQueue", "q2", {}), ("SqsQueue", "fifo", {"fifo": True}), ("SnsTopic", "topic", {"encryption": "none"}), ("SnsTopic", "topic2", {"encryption": "none"}),
          ("IamRole", "role", {"trust": ["lambda.amazonaws.com"]}), ("IamRole", "role2", {"trust": ["lambda.amazonaws.com"]}),
          ("DynamoDbTable", "stream", {"partitionKey": "id:S", "stream": "NEW_IMAGE", "deletionProtection": False}),
          ("LambdaFunction", "f", CODE), ("LambdaFunction", "f2", CODE)]
CORS = {"origins": ["https://a.example"], "methods": ["GET"], "headers": ["x-a"], "exposeHeaders": ["x-b"], "credentials": False, "maxAge": "1m"}


def cors(at):
    return {f"{at}.origins": ["https://b.example"], f"{at}.methods": ["GET", "POST"], f"{at}.headers": ["x-a", "x-c"], f"{at}.exposeHeaders": ["x-d"],
            f"{at}.credentials": True, f"{at}.maxAge": "2m"}


KINDS = {
    "SqsQueue": {
        "standard": ({"visibilityTimeout": "45s", "messageRetention": "2d", "delay": "5s", "maxMessageSize": "128KiB", "receiveWait": "10s", "encryption": "sqs",
                      "deadLetter": {"maxReceives": 7, "retention": "10d"}, "tlsOnly": True, "policy": [guest("sqs:SendMessage")]},
                     {"visibilityTimeout": "60s", "messageRetention": "3d", "delay": "6s", "maxMessageSize": "64KiB", "receiveWait": "11s",
                      "encryption": {"kmsKey": "alias/a"}, "deadLetter": None, "deadLetter.maxReceives": 8, "deadLetter.retention": "11d", "tlsOnly": False,
                      "policy": None, "policy.0.Action": "sqs:ReceiveMessage"}),
        "encrypted": ({"encryption": {"kmsKey": "alias/a", "dataKeyReuse": "10m"}, "deadLetter": {"target": "SqsQueue/q"}},
                      {"encryption": None, "encryption.kmsKey": "alias/b", "encryption.dataKeyReuse": "11m", "deadLetter.target": "SqsQueue/q2"}),
        "fifo": ({"fifo": True, "contentBasedDeduplication": True, "highThroughput": True}, {"contentBasedDeduplication": False, "highThroughput": False}),
        "plain": ({}, {"fifo": True})},
    "SnsTopic": {
        "standard": ({"displayName": "One", "encryption": {"kmsKey": "alias/a"}, "tracing": "Active", "signatureVersion": "2", "tlsOnly": True, "policy": [guest("sns:Publish")],
                      "deliveryPolicy": {"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 5, "maxDelayTarget": 20, "numRetries": 3}}},
                      "dataProtection": {"Name": "p", "Version": "2021-06-01", "Statement": []},
                      "subscriptions": {"queue": {"target": "SqsQueue/q", "rawDelivery": True, "filterPolicy": {"a": ["b"]}, "filterScope": "MessageBody", "deadLetter": "SqsQueue/q"},
                                        "web": {"protocol": "https", "endpoint": "https://a.example/x", "deliveryPolicy": {"healthyRetryPolicy": {"minDelayTarget": 5, "maxDelayTarget": 20, "numRetries": 3}}},
                                        "hose": {"protocol": "firehose", "endpoint": arn("firehose", "deliverystream/a"), "role": "IamRole/role"}}},
                     {"displayName": None, "encryption": "none", "encryption.kmsKey": "alias/b", "tracing": "PassThrough", "signatureVersion": "1", "tlsOnly": False,
                      "policy": None, "policy.0.Action": "sns:Subscribe", "deliveryPolicy": {"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 20, "numRetries": 3}}},
                      "dataProtection": {"Name": "q", "Version": "2021-06-01", "Statement": []}, "subscriptions.web": None, "subscriptions.web.protocol": "http",
                      "subscriptions.queue.target": "SqsQueue/q2", "subscriptions.web.endpoint": "https://b.example/x", "subscriptions.queue.filterPolicy": {"a": ["c"]},
                      "subscriptions.queue.filterScope": "MessageAttributes", "subscriptions.queue.rawDelivery": False, "subscriptions.queue.deadLetter": "SqsQueue/q2",
                      "subscriptions.web.deliveryPolicy": {"healthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 20, "numRetries": 3}}, "subscriptions.hose.role": "IamRole/role2"}),
        "fifo": ({"fifo": True, "contentBasedDeduplication": True}, {"contentBasedDeduplication": False}),
        "plain fifo": ({"fifo": True}, {"fifo": False})},
    "IamRole": {
        "all": ({"trust": ["ec2.amazonaws.com"], "description": "one", "managedPolicies": ["ReadOnlyAccess"], "policies": {"p": [allow("s3:GetObject")]}, "maxSession": "2h",
                 "permissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess", "path": "/a/", "instanceProfile": True, "policy": [allow("sqs:ListQueues")]},
                {"trust": ["lambda.amazonaws.com"], "description": None, "managedPolicies": ["ReadOnlyAccess", "AmazonSSMManagedInstanceCore"],
                 "policies": {"q": [allow("s3:GetObject")]}, "policies.p.0.Action": "s3:PutObject", "maxSession": "3h", "permissionsBoundary": None, "path": "/b/", "instanceProfile": False,
                 "policy": None, "policy.0.Action": "sqs:GetQueueUrl"})},
    "DynamoDbTable": {
        "on demand": ({"partitionKey": "id:S", "sortKey": "at:N", "deletionProtection": True, "pointInTimeRecovery": True, "recoveryPeriod": "20d", "ttl": "expires", "stream": "NEW_IMAGE",
                       "encryption": {"kmsKey": arn("kms", "key/a")}, "tableClass": "STANDARD", "indexes": {"by-user": {"partitionKey": "user:S", "sortKey": "at:N", "project": ["total"]}},
                       "localIndexes": {"by-total": {"sortKey": "total:N", "project": ["x"]}}, "throttleAlarms": {"topic": "SnsTopic/topic", "threshold": 10}},
                      {"partitionKey": "pk:S", "sortKey": "when:S", "deletionProtection": False, "pointInTimeRecovery": False, "recoveryPeriod": "21d", "ttl": "ends", "stream": "KEYS_ONLY",
                       "encryption": "aws-owned", "encryption.kmsKey": arn("kms", "key/b"), "tableClass": "STANDARD_INFREQUENT_ACCESS", "indexes.by-user": None, "indexes.by-user.partitionKey": "user:N",
                       "indexes.by-user.sortKey": None, "indexes.by-user.project": ["total", "x"], "localIndexes": None, "localIndexes.by-total.sortKey": "sum:S",
                       "localIndexes.by-total.project": ["y"], "throttleAlarms": None, "throttleAlarms.topic": "SnsTopic/topic2", "throttleAlarms.threshold": 11}),
        "no time to live": ({"partitionKey": "id:S", "ttl": "expires", "stream": "NEW_IMAGE", "encryption": "aws-managed"}, {"ttl": None, "stream": None, "encryption": None}),
        "provisioned": ({"partitionKey": "id:S", "billing": {"read": 3, "write": 4}, "indexes": {"by-user": {"partitionKey": "user:S", "capacity": {"read": 5, "write": 6}}}},
                        {"billing.read": 4, "billing.write": 5, "indexes.by-user.capacity": None, "indexes.by-user.capacity.read": 6, "indexes.by-user.capacity.write": 7,
                         "billing.autoscaling": {"min": 5, "max": 50}}),
        "provisioned, plain": ({"partitionKey": "id:S", "billing": {"read": 3, "write": 4}, "indexes": {"by-user": {"partitionKey": "user:S"}}}, {"billing": "onDemand"}),
        "scaled": ({"partitionKey": "id:S", "billing": {"read": 5, "write": 5, "autoscaling": {"min": 5, "max": 50, "target": 60}}},
                   {"billing": "onDemand", "billing.autoscaling": None, "billing.autoscaling.min": 6, "billing.autoscaling.max": 60, "billing.autoscaling.target": 65})},
    "LambdaFunction": {
        "all": ({**CODE, "description": "one", "architecture": "x86_64", "memory": "512MiB", "timeout": "20s", "ephemeralStorage": "1024MiB", "environment": {"A": "1", "B": "2"},
                 "layers": [arn("lambda", "layer:a:1")], "kmsKey": arn("kms", "key/a"), "tracing": "Active", "logs": {"retention": "14d", "format": "JSON", "level": "WARN", "systemLevel": "WARN"},
                 "concurrency": {"reserved": 7}, "retries": {"attempts": 1, "maxAge": "1h", "onFailure": "SqsQueue/q", "onSuccess": "SqsQueue/q"}, "deadLetter": "SnsTopic/topic",
                 "events": [{"source": "SqsQueue/q", "batchSize": 5, "window": "1s", "filters": [{"body": {"x": ["y"]}}], "maxConcurrency": 4, "partialFailures": True, "enabled": True},
                            {"source": "DynamoDbTable/stream", "startingPosition": "LATEST", "attempts": 3, "maxAge": "2m", "bisect": True, "parallel": 2, "onFailure": "SqsQueue/q"}],
                 "url": {"auth": "AWS_IAM", "stream": False, "cors": CORS}, "uses": [{"target": "DynamoDbTable/stream", "access": "read"}], "policy": [allow("ses:SendEmail")]},
                {"code": "./two", "runtime": "python3.13", "handler": "app.other", "description": None, "architecture": "arm64", "memory": "256MiB", "timeout": "21s", "ephemeralStorage": "512MiB",
                 "environment": None, "environment.B": None, "layers": [arn("lambda", "layer:a:2")], "kmsKey": None, "tracing": "PassThrough",
                 "logs.retention": "30d", "logs.format": "Text", "logs.level": "INFO", "logs.systemLevel": "INFO", "concurrency": None, "concurrency.reserved": 8, "retries": None, "retries.attempts": 2,
                 "retries.maxAge": "2h", "retries.onFailure": None, "retries.onSuccess": "SqsQueue/q2", "deadLetter": None, "events": None, "events.0": None, "events.0.source": "SqsQueue/q2", "events.0.batchSize": 6,
                 "events.0.window": "2s", "events.0.filters": [{"body": {"x": ["z"]}}], "events.0.maxConcurrency": 5, "events.0.partialFailures": False, "events.0.enabled": False,
                 "events.1.startingPosition": "TRIM_HORIZON", "events.1.attempts": 4, "events.1.maxAge": "3m", "events.1.bisect": False, "events.1.parallel": 3, "events.1.onFailure": None,
                 "url": None, "url.auth": "NONE", "url.stream": True, "url.cors": None, **cors("url.cors"), "alias": {"name": "live"}, "uses": None, "uses.0.access": "readWrite",
                 "uses.0.target": same("DynamoDbTable/stream", "several accesses fit one sort of target only"), "uses.0.env": "TABLE", "policy": None, "policy.0.Action": "ses:SendRawEmail"}),
        "role of its own": ({**CODE, "role": "IamRole/role"}, {"role": "IamRole/role2"}),
        "alias": ({**CODE, "concurrency": {"provisioned": 2}, "alias": {"name": "live", "publish": True, "rollout": {"percent": 10, "minutes": 1}}, "url": {"auth": "NONE"},
                   "retries": {"onFailure": "SqsQueue/q"}, "events": [{"source": "SqsQueue/q"}]},
                  {"concurrency": None, "concurrency.provisioned": 3, "alias.name": "new", "alias.publish": False, "url": None, "events": None,
                   "alias.rollout": same("all-at-once", "no new version is on its way"), "alias.rollout.percent": same(20, "no new version is on its way"),
                   "alias.rollout.minutes": same(2, "no new version is on its way")}),
        "bucket": ({"code": {"s3": {"bucket": "code", "key": "f.zip"}}, "runtime": "python3.12", "handler": "app.handler"},
                   {"code.s3.bucket": "more", "code.s3.key": "g.zip", "code.s3.version": "1"}),
        "image": ({"code": {"image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/a@sha256:" + "a" * 64, "command": ["a"], "entryPoint": ["b"], "workingDirectory": "/c"}},
                  {"code.image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/a@sha256:" + "b" * 64, "code.command": ["x"], "code.entryPoint": ["y"], "code.workingDirectory": "/z"})},
    "HttpApi": {
        "routes": ({"description": "one", "routes": {"GET /a": {"target": "LambdaFunction/f", "timeout": "10s", "throttle": {"rate": 5, "burst": 10}},
                                                     "POST /a": {"target": "LambdaFunction/f", "authorizer": "users", "scopes": ["write"]},
                                                     "PUT /a": {"target": "LambdaFunction/f", "authorizer": "me"}, "ANY /b": {"target": "https://a.example/b"}},
                    "cors": CORS, "authorizers": {"users": {"jwt": {"issuer": "https://i.example", "audience": ["app"]}, "identity": ["$request.header.Authorization"]},
                                                  "me": {"lambda": "LambdaFunction/f", "cache": "1m"}},
                    "throttle": {"rate": 100, "burst": 50}, "accessLogs": {"retention": "14d", "format": "$context.requestId"}, "detailedMetrics": True, "disableDefaultEndpoint": False},
                   {"description": None, "routes.ANY /b": None, "routes.GET /a.target": "LambdaFunction/f2", "routes.POST /a.authorizer": "AWS_IAM", "routes.POST /a.scopes": ["read"], "routes.GET /a.timeout": "11s",
                    "routes.GET /a.throttle": None, "routes.GET /a.throttle.rate": 6, "routes.GET /a.throttle.burst": 11, "cors": None, **cors("cors"), "authorizers.users.jwt.issuer": "https://j.example",
                    "authorizers.users.jwt.audience": ["web"], "authorizers.users.identity": ["$request.querystring.token"], "authorizers.me.lambda": "LambdaFunction/f2", "authorizers.me.cache": "2m",
                    "throttle": None, "throttle.rate": 90, "throttle.burst": 40, "accessLogs": False, "accessLogs.retention": "30d", "accessLogs.format": "$context.status", "detailedMetrics": False,
                    "disableDefaultEndpoint": True}),
        "document": ({"openapi": "a.json.txt", "functions": ["LambdaFunction/f"]}, {"openapi": "b.json.txt", "functions": ["LambdaFunction/f2"]})},
}
