"""Who only looks needs only to read: every write is denied, and what observes,
plans and finds drift does not notice."""
import json

import emulator
from harness import Case, architecture, documents, manifest, wait
from test_frugal import CODE as ALL_CODE, all_kinds
from test_kinds import CODE, FUNCTION

MANIFESTS = (manifest("SqsQueue", "q", {"deadLetter": {"maxReceives": 3}}), manifest("SnsTopic", "t", {"subscriptions": {"q": {"target": "SqsQueue/q"}}}),
             manifest("DynamoDbTable", "d", {"partitionKey": "id:S", "billing": {"read": 3, "write": 3, "autoscaling": {"min": 3, "max": 9}}}),
             manifest("IamRole", "r", {"trust": ["ec2.amazonaws.com"], "instanceProfile": True}),
             manifest("LambdaFunction", "f", {**FUNCTION, "alias": {"name": "live"}, "events": [{"source": "SqsQueue/q"}], "url": {"auth": "AWS_IAM"}}),
             manifest("HttpApi", "a", {"routes": {"GET /a": {"target": "LambdaFunction/f"}}}))


class ReadOnly(Case):
    def setUp(self):
        super().setUp()
        self.repo.push({**CODE, "a.yaml": documents(architecture(), *MANIFESTS)})
        self.w.once()
        self.aws.clear()
        self.deny = emulator.Fault("error", write=True, code="AccessDenied", message="read only", status=403)
        self.aws.faults.append(self.deny)

    def drift(self):
        self.w.boto("sqs").set_queue_attributes(QueueUrl=self.w.queue_url("shop-q"), Attributes={"VisibilityTimeout": "99"})

    def tried(self):
        """Writes that were denied, besides those that succeeded."""
        self.no_writes()
        self.assertEqual(0, self.deny.hits, "writes were tried")

    def test_plan(self):
        out, _ = self.w.ctl("plan", "--installation", "e2e")
        self.assertNotIn("VisibilityTimeout", out)
        self.drift()
        out, _ = self.w.ctl("plan", "--installation", "e2e", expect=None)
        self.assertIn("VisibilityTimeout", out)
        self.tried()

    def test_observe(self):
        self.repo.push({"a.yaml": documents(architecture(mode="observe"), *MANIFESTS)})
        self.drift()
        self.w.start()

        def seen():
            status = json.loads(self.w.ctl("status", "--socket", self.w.socket, "-o", "json", expect=None)[0])
            return any(r["sync"] == "OutOfSync" for a in status["architectures"] for r in a["resources"])
        wait(seen, 40, "the drift is reported")
        self.assertIn("VisibilityTimeout", self.w.ctl("drift", "--socket", self.w.socket, expect=None)[0])
        self.w.quiet()
        self.tried()
        self.assertEqual("99", self.w.queue("shop-q")["VisibilityTimeout"])


class Pages(Case):
    """Lists whose pages hold no more than two elements."""

    def test_all_kinds(self):
        self.aws.fake.page = 2
        self.repo.push({**ALL_CODE, "a.yaml": documents(architecture(), *(m for i in range(3) for m in all_kinds(i)))})
        self.w.once()
        self.aws.clear()
        d = self.w.start()
        self.w.wait_synced()
        self.w.quiet()
        self.no_writes()
        for call in ("iam GetAccountAuthorizationDetails", "iam ListRoles", "cloudwatch DescribeAlarms", "lambda ListEventSourceMappings",
                     "apigatewayv2 GetApis", "application-autoscaling DescribeScalableTargets"):
            self.assertGreater(self.aws.counts().get(call, 0), 1, call)
        self.repo.push({"a.yaml": documents(architecture(limits={"maxDeletes": 1000, "maxDeletePercent": 100}))})
        wait(lambda: not self.w.boto("iam").list_roles()["Roles"] and not self.w.boto("apigatewayv2").get_apis()["Items"]
             and not self.w.boto("lambda").list_functions()["Functions"], 20, "what left Git is deleted")
        self.assertEqual(0, d.stop())
