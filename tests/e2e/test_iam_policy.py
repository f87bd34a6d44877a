"""What `convergctl iam-policy` allows is what a pass does: every call that the
emulator saw, on the object it was about, and for looking the reads alone."""
import fnmatch
import json
import re

from botocore.session import get_session
from harness import ACCOUNT, REGION, Case, architecture, documents
from test_frugal import CODE, all_kinds

FREE = {"sts:GetCallerIdentity"}        # needs no permission
PREFIX = {"resourcegroupstaggingapi": "tag", "apigatewayv2": "apigateway"}
CHANGES = {"api.yaml": ("rate: 500", "rate: 400"), "shipping.yaml": ("batchSize: 10", "batchSize: 7"),
           "orders.yaml": ("timeout: 10s", "timeout: 12s"), "architecture.yaml": ("maxDeletes: 10", "maxDeletes: 100")}


def http(call):
    """Method and path, as botocore's model and the input have them."""
    model = get_session().get_service_model(call.service).operation_model(call.operation)
    names = {m.serialization.get("name", k): k for k, m in (model.input_shape.members if model.input_shape else {}).items()}
    path = re.sub(r"\{([\w-]+)\}", lambda m: str(call.input[names[m[1]]]), model.http["requestUri"])
    return model.http["method"], path.removeprefix("/v2")


def action(call):
    prefix = PREFIX.get(call.service, call.service)
    return f"{prefix}:{http(call)[0] if call.service == 'apigatewayv2' else call.operation}"


def first(call, *names):
    return next((call.input[n] for n in names if isinstance(call.input.get(n), str)), None)


def named(call):
    """The ARN that the call is about, as far as its input tells."""
    i, own = call.input, first(call, "ResourceArn", "ResourceARN", "resourceArn", "TopicArn", "Resource")
    where = f"arn:aws:{call.service}:{REGION}:{ACCOUNT}:"
    if call.service == "apigatewayv2":
        return f"arn:aws:apigateway:{REGION}::{http(call)[1]}"
    if own:
        return own
    if call.service == "lambda" and "UUID" in i:
        return where + "event-source-mapping:" + i["UUID"]
    if call.service == "application-autoscaling" and "ScalableDimension" in i:
        return where + "scalable-target/id"
    name = first(call, "QueueName", "QueueUrl", "FunctionName", "TableName", "logGroupName", "AlarmName", "Name", "RoleName", "InstanceProfileName")
    if name is None:
        return None
    name = name.rsplit(":function:", 1)[-1]
    sort = {"lambda": "function:", "dynamodb": "table/", "logs": "log-group:", "cloudwatch": "alarm:"}.get(call.service, "")
    if call.service == "iam":
        sort = "instance-profile" if "InstanceProfileName" in i else "role"
        return f"arn:aws:iam::{ACCOUNT}:{sort}/convergd/shop/{name}"
    return where + sort + (name.rsplit("/", 1)[-1] if call.service == "sqs" else name)


class Policy:
    def __init__(self, text):
        self.document = json.loads(text)

    def lists(self, s, key):
        return [s[key]] if isinstance(s[key], str) else s[key]

    def actions(self):
        return {a for s in self.document["Statement"] for a in self.lists(s, "Action")}

    def allows(self, what, arn):
        return any(what in self.lists(s, "Action") and any(r == "*" or arn and fnmatch.fnmatchcase(arn, r) for r in self.lists(s, "Resource"))
                   for s in self.document["Statement"])


class IamPolicy(Case):
    def policy(self, *args):
        return Policy(self.w.ctl("iam-policy", *args)[0])

    def missing(self, policy):
        calls = [(f"{c.service}:{c.operation}", c) for c in self.aws.calls]
        self.assertTrue(calls)
        return sorted({(action(c), named(c)) for name, c in calls if name not in FREE and not policy.allows(action(c), named(c))}, key=str)

    def rewrite(self, path, old, new):
        with open(f"{self.repo.work}/{path}") as f:
            text = f.read()
        self.assertIn(old, text)
        self.repo.write({path: text.replace(old, new)})

    def test_serverless(self):
        """Created, looked at, changed, drifted, deleted: under one policy."""
        self.repo.copy("examples/serverless")
        self.repo.push()
        policy, exact, reads = self.policy(), self.policy("--exact"), self.policy("--read-only")
        self.w.once()
        self.assertEqual([[], []], [self.missing(policy), self.missing(exact)])
        seen = {action(c) for c in self.aws.calls}
        self.aws.clear()
        self.w.once()
        self.no_writes()
        self.assertEqual([], self.missing(reads))
        for path, (old, new) in CHANGES.items():
            self.rewrite(path, old, new)
        self.repo.push()
        self.w.boto("sqs").set_queue_attributes(QueueUrl=self.w.queue_url("shop-audit"), Attributes={"VisibilityTimeout": "99"})
        self.aws.clear()
        self.w.once()
        self.assertGreater(len(self.aws.writes()), 3)
        self.assertEqual([[], []], [self.missing(policy), self.missing(exact)])
        self.repo.push({f: None for f in ("api.yaml", "orders.yaml", "shipping.yaml")})
        self.aws.clear()
        self.w.once(expect=None)
        self.assertEqual([], self.w.queues())
        self.assertEqual([[], []], [self.missing(policy), self.missing(exact)])
        # nothing of services that nobody uses
        seen |= {action(c) for c in self.aws.calls}
        self.assertEqual({a.partition(":")[0] for a in seen - FREE}, {a.partition(":")[0] for a in policy.actions()})
        self.assertLess(reads.actions(), policy.actions())
        self.assertEqual(set(), {a for a in reads.actions() if not re.search(r":(Get|List|Describe|GET$)", a)})

    def test_every_kind(self):
        """All types, and who only looks needs no write."""
        self.repo.push({**CODE, "a.yaml": documents(architecture(), *all_kinds(0))})
        policy, reads, kinds = self.policy(), self.policy("--read-only"), self.policy("--all-kinds")
        self.w.once("--timeout", "60s")
        self.assertEqual([[], []], [self.missing(policy), self.missing(kinds)])
        self.aws.clear()
        self.w.once()
        self.assertEqual([], self.missing(reads))
        self.assertEqual([], self.missing(self.policy("--all-kinds", "--read-only")))
        self.assertLessEqual(policy.actions(), kinds.actions())

    def test_observe_mode_needs_to_read(self):
        self.repo.push({**CODE, "a.yaml": documents(architecture(mode="observe"), *all_kinds(0))})
        self.assertEqual(self.policy("--read-only").document, self.policy().document)
