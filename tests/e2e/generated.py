"""An architecture of any size, always the same: a mix of what small services
are made of. Of 100 resources 27 are queues, 15 each topics, tables and roles,
and 28 belong to 7 functions, each with its role, log group and settings of
asynchronous calls."""
from harness import architecture, documents, manifest

CODE = {"app/app.py": "def handler(event, context):\n    return event\n"}
FUNCTION = {"code": "./app", "runtime": "python3.12", "handler": "app.handler"}
ROLE = {"trust": ["ecs-tasks.amazonaws.com"], "description": "reads a bucket",
        "policies": {"read": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}}}

# kind, spec, manifests of a hundred resources, resources of a manifest
MIX = (("SqsQueue", {"visibilityTimeout": "45s"}, 27, 1), ("SnsTopic", {}, 15, 1), ("DynamoDbTable", {"partitionKey": "id:S"}, 15, 1),
       ("IamRole", ROLE, 15, 1), ("LambdaFunction", FUNCTION, 7, 4))


def files(n, name="shop"):
    """{path: content} of about n resources; n is a multiple of 100."""
    out = dict(CODE)
    out["architecture.yaml"] = architecture(name, limits={"maxDeletes": 10})
    for kind, spec, share, _ in MIX:
        out[f"{kind.lower()}.yaml"] = documents(*(manifest(kind, f"{kind[:3].lower()}{i}", spec) for i in range(share * n // 100)))
    return out
