"""What others put beside and into what is ours: told apart, never touched, and
no write follows."""
import json

from harness import Case, architecture, documents, manifest
from test_kinds import CODE, FUNCTION

OTHERS = {"CostCenter": "42", "owner": "them"}
HEADING = "Not managed by Git, left as it is:"


class Unmanaged(Case):
    def setUp(self):
        super().setUp()
        self.manifests = lambda **queue: {**CODE, "a.yaml": documents(
            architecture(tags={"team": "shop"}), manifest("SqsQueue", "q", queue), manifest("SnsTopic", "t", {"encryption": "none"}),
            manifest("DynamoDbTable", "d", {"partitionKey": "id:S", "deletionProtection": False}),
            manifest("IamRole", "r", {"trust": ["ec2.amazonaws.com"]}), manifest("LambdaFunction", "f", {**FUNCTION, "alias": {"name": "live"}}),
            manifest("HttpApi", "a", {"routes": {"GET /a": {"target": "LambdaFunction/f"}}}))}
        self.repo.push(self.manifests(tags={"cost": "1"}))
        self.w.once()

    def list_of(self):
        return [{"Key": k, "Value": v} for k, v in OTHERS.items()]

    def tag_all(self):
        """Every shape of tags."""
        w = self.w
        w.boto("sqs").tag_queue(QueueUrl=w.queue_url("shop-q"), Tags=OTHERS)
        w.boto("sns").tag_resource(ResourceArn=w.arn("sns", "shop-t"), Tags=self.list_of())
        w.boto("dynamodb").tag_resource(ResourceArn=w.arn("dynamodb", "table/shop-d"), Tags=self.list_of())
        w.boto("iam").tag_role(RoleName="shop-r", Tags=self.list_of())
        w.boto("lambda").tag_resource(Resource=w.arn("lambda", "function:shop-f"), Tags=OTHERS)
        w.boto("apigatewayv2").tag_resource(ResourceArn=f"arn:aws:apigateway:eu-west-1::/apis/{w.api('shop-a')['ApiId']}", Tags=OTHERS)

    def strangers(self):
        """All that stays; what is drift in the same places is elsewhere."""
        w = self.w
        self.tag_all()
        w.boto("sns").subscribe(TopicArn=w.arn("sns", "shop-t"), Protocol="https", Endpoint="https://example.com/theirs")
        w.boto("lambda").update_function_configuration(FunctionName="shop-f", VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]})
        w.boto("lambda").publish_version(FunctionName="shop-f", Description="by hand")
        return w.boto("sqs").list_queue_tags(QueueUrl=w.queue_url("shop-q"))["Tags"], w.boto("lambda").get_function(FunctionName="shop-f")["Tags"]

    def expected(self):
        tags = [(f"{d}/tags", t, "CostCenter, owner") for d, t in (
            ("DynamoDbTable/d", "dynamodb.table"), ("HttpApi/a", "apigatewayv2.api"), ("IamRole/r", "iam.role"),
            ("LambdaFunction/f", "lambda.function"), ("SnsTopic/t", "sns.topic"), ("SqsQueue/q", "sqs.queue"))]
        vpc = self.w.boto("lambda").get_function(FunctionName="shop-f")["Configuration"]["VpcConfig"]["VpcId"]
        return [("LambdaFunction/f/VpcConfig", "lambda.function", vpc)] + tags

    def extras(self, plan):
        return [(x["display"], x["type"], x["id"]) for x in plan["extras"]]

    def plan(self, *args, **kw):
        return self.w.ctl("plan", "--installation", "e2e", *args, **kw)[0]

    def test_plan(self):
        self.strangers()
        self.w.boto("sns").unsubscribe(SubscriptionArn=self.theirs())
        self.aws.clear()
        plan = json.loads(self.plan("-o", "json", "--detailed-exitcode"))["plans"][0]
        self.assertEqual(self.expected(), self.extras(plan))
        self.assertEqual((len(self.expected()), []), (plan["summary"]["extra"], plan["actions"]))
        text = self.plan("--detailed-exitcode")
        self.assertIn(HEADING, text)
        self.assertTrue(text.endswith("No changes.\n"), text)
        self.assertIn("SqsQueue/q/tags", self.plan("-o", "markdown"))
        self.no_writes()

    def theirs(self):
        return next(s["SubscriptionArn"] for s in self.w.boto("sns").list_subscriptions_by_topic(
            TopicArn=self.w.arn("sns", "shop-t"))["Subscriptions"] if s["Endpoint"].endswith("theirs"))

    def test_nothing_is_touched(self):
        """But for a subscription that is confirmed: that is drift."""
        before = self.strangers()
        self.aws.clear()
        self.w.once()
        self.assertEqual({"sns Unsubscribe": 1}, self.aws.counts(write=True))
        self.aws.clear()
        self.w.once()
        self.no_writes()
        self.assertEqual(before, (self.w.boto("sqs").list_queue_tags(QueueUrl=self.w.queue_url("shop-q"))["Tags"],
                                  self.w.boto("lambda").get_function(FunctionName="shop-f")["Tags"]))
        self.assertEqual(["subnet-1"], self.w.boto("lambda").get_function(FunctionName="shop-f")["Configuration"]["VpcConfig"]["SubnetIds"])

    def test_what_leaves_git_goes_and_theirs_stays(self):
        self.tag_all()
        for queue in ({"tags": {"cost": "2", "more": "x"}}, {"tags": {"CostCenter": "ours"}}, {}):
            self.repo.push(self.manifests(**queue))
            self.w.once()
            self.aws.clear()
            self.w.once()
            self.no_writes()
            tags = {k: v for k, v in self.w.boto("sqs").list_queue_tags(QueueUrl=self.w.queue_url("shop-q"))["Tags"].items()
                    if not k.startswith("convergd:")}
            # a tag that Git has had is Git's
            theirs = OTHERS if "more" in queue.get("tags", {}) else {"owner": "them"}
            self.assertEqual({"team": "shop", **theirs, **queue.get("tags", {})}, tags)

    def test_pending_subscription(self):
        """Nobody can remove it before it is confirmed or expires."""
        arn = self.w.arn("sns", "shop-t")
        self.w.boto("sns").subscribe(TopicArn=arn, Protocol="email", Endpoint="me@example.com")
        self.pending(arn)
        self.aws.clear()
        self.w.once()
        self.no_writes()
        plan = json.loads(self.plan("-o", "json"))["plans"][0]
        self.assertEqual([("SnsTopic/t/email me@example.com", "sns.subscription", "email me@example.com")], self.extras(plan))

    def pending(self, arn):
        """moto confirms at once; AWS waits for the person."""
        import moto.sns.models
        for backend in moto.sns.models.sns_backends["123456789012"].values():
            for s in list(getattr(backend, "subscriptions", {}).values()):
                if s.endpoint == "me@example.com":
                    s.confirmed = False
                    s.attributes["PendingConfirmation"] = "true"

    def test_what_must_stay_is_an_action(self):
        """prune: never is a refused delete, and nothing besides."""
        self.repo.push({"b.yaml": manifest("SqsQueue", "kept", policy={"prune": "never"})})
        self.w.once()
        self.repo.push({"b.yaml": None})
        self.w.once(expect=2)
        plan = json.loads(self.plan("-o", "json", expect=None))["plans"][0]
        self.assertEqual([("delete", "SqsQueue/kept")], [(a["action"], a["display"]) for a in plan["actions"]])
        self.assertIn("prune was never", plan["actions"][0]["refused"])
        self.assertEqual([], plan["extras"])

    def test_daemon(self):
        d = self.w.start()
        self.w.wait_synced()
        self.assertEqual(0, self.w.metric("convergd_extra_resources", architecture="shop"))
        self.tag_all()
        self.w.quiet()
        self.aws.clear()
        for _ in range(3):      # said once
            out, _ = self.w.ctl("drift", "--socket", self.w.socket, "--detailed-exitcode")
            self.assertIn(HEADING, out)
            self.assertIn("IamRole/r/tags", out)
        self.no_writes()
        self.assertEqual(1, d.log().count("SqsQueue/q/tags: not managed: found CostCenter, owner (sqs.queue)"), d.log())
        self.assertEqual(6, self.w.metric("convergd_extra_resources", architecture="shop"))
        self.assertIn("6 not managed by Git, left as they are", self.w.ctl("status", "--socket", self.w.socket)[0])
        self.w.boto("sqs").untag_queue(QueueUrl=self.w.queue_url("shop-q"), TagKeys=list(OTHERS))
        self.w.ctl("drift", "--socket", self.w.socket)
        self.assertEqual(1, d.log().count("SqsQueue/q/tags: not managed: gone: CostCenter, owner"), d.log())
        events = json.loads(self.w.ctl("events", "shop/SqsQueue/q", "--socket", self.w.socket, "-o", "json")[0])
        self.assertEqual(["found CostCenter, owner", "gone: CostCenter, owner"],
                         [e["text"] for e in (events if isinstance(events, list) else events["events"]) if e["kind"] == "extra"])
        self.assertEqual(0, d.stop())
