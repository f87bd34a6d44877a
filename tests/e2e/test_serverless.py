"""The example `serverless`, from nothing to the end, resource by resource."""
import base64
import hashlib
import json
import shutil

from harness import ACCOUNT, REGION, Case, wait

OURS = {"convergd:installation": "e2e", "convergd:architecture": "shop", "team": "shop"}


class Serverless(Case):
    def setUp(self):
        super().setUp()
        self.repo.copy("examples/serverless")
        self.sha = self.repo.push()

    # ---- judges

    def owned(self, tags, resource):
        if isinstance(tags, list):
            tags = {t.get("Key", t.get("key")): t.get("Value", t.get("value")) for t in tags}
        self.assertSubset(OURS, tags)
        self.assertIn(resource, tags["convergd:resource"])

    def statements(self, role):
        """All that a role may do: {action: set of resources}."""
        out = {}
        for document in self.w.role_policies(role).values():
            for s in document["Statement"]:
                self.assertEqual("Allow", s["Effect"])
                for a in [s["Action"]] if isinstance(s["Action"], str) else s["Action"]:
                    out.setdefault(a, set()).update([s["Resource"]] if isinstance(s["Resource"], str) else s["Resource"])
        return out

    def tls_only(self, document):
        deny = [s for s in document["Statement"] if s["Effect"] == "Deny"]
        self.assertTrue(any(s.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}} for s in deny), document)

    def check_queues(self):
        self.assertEqual(["shop-audit", "shop-shipments", "shop-shipments-dlq"], self.w.queues())
        q, dlq, audit = (self.w.queue(n) for n in self.w.queues()[1:] + ["shop-audit"])
        self.assertSubset({"VisibilityTimeout": "90", "ReceiveMessageWaitTimeSeconds": "20", "SqsManagedSseEnabled": "true", "MaximumMessageSize": str(256 << 10),
                           "RedrivePolicy": {"deadLetterTargetArn": self.w.arn("sqs", "shop-shipments-dlq"), "maxReceiveCount": 5}}, q)
        self.assertSubset({"MessageRetentionPeriod": "1209600", "RedriveAllowPolicy": {
            "redrivePermission": "byQueue", "sourceQueueArns": [self.w.arn("sqs", "shop-shipments")]}}, dlq)
        self.assertEqual("1209600", audit["MessageRetentionPeriod"])
        for x in (q, dlq, audit):
            self.tls_only(x["Policy"])
        allow = [s for s in audit["Policy"]["Statement"] if s["Effect"] == "Allow"]
        self.assertEqual(1, len(allow))
        self.assertEqual({"Service": "sns.amazonaws.com"}, allow[0]["Principal"])
        self.assertEqual("sqs:SendMessage", allow[0]["Action"])
        self.assertIn(self.w.arn("sns", "shop-events"), json.dumps(allow[0]["Condition"]))
        for n in self.w.queues():
            self.owned(self.w.boto("sqs").list_queue_tags(QueueUrl=self.w.queue_url(n))["Tags"], "SqsQueue/" + n.split("-")[1])

    def check_topic(self):
        arn = self.w.arn("sns", "shop-events")
        topic = self.w.topic("shop-events")
        self.assertEqual("alias/aws/sns", topic["KmsMasterKeyId"])
        self.tls_only(topic["Policy"])
        subs = self.w.subscriptions("shop-events")
        self.assertEqual([self.w.arn("sqs", "shop-audit")], list(subs))
        sub = subs[self.w.arn("sqs", "shop-audit")]
        self.assertSubset({"Protocol": "sqs", "RawMessageDelivery": "true", "FilterPolicyScope": "MessageAttributes"}, sub)
        self.assertEqual({"type": ["placed", "shipped"]}, json.loads(sub["FilterPolicy"]))
        self.owned(self.w.boto("sns").list_tags_for_resource(ResourceArn=arn)["Tags"], "SnsTopic/events")

    def check_table(self):
        d = self.w.boto("dynamodb")
        t = d.describe_table(TableName="shop-orders")["Table"]
        self.assertEqual([{"AttributeName": "id", "KeyType": "HASH"}], t["KeySchema"])
        self.assertEqual({("id", "S"), ("customer", "S"), ("placed", "N")}, {(a["AttributeName"], a["AttributeType"]) for a in t["AttributeDefinitions"]})
        self.assertEqual("PAY_PER_REQUEST", t["BillingModeSummary"]["BillingMode"])
        self.assertTrue(t["DeletionProtectionEnabled"])
        index = t["GlobalSecondaryIndexes"][0]
        self.assertEqual(("by-customer", "ALL", [("customer", "HASH"), ("placed", "RANGE")]),
                         (index["IndexName"], index["Projection"]["ProjectionType"], [(k["AttributeName"], k["KeyType"]) for k in index["KeySchema"]]))
        self.assertEqual({"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}, d.describe_time_to_live(TableName="shop-orders")["TimeToLiveDescription"])
        backups = d.describe_continuous_backups(TableName="shop-orders")["ContinuousBackupsDescription"]
        self.assertEqual("ENABLED", backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"])
        self.owned(d.list_tags_of_resource(ResourceArn=t["TableArn"])["Tags"], "DynamoDbTable/orders")

    def check_function(self, name, timeout, environment):
        f = self.w.function(f"shop-{name}")
        c = f["Configuration"]
        self.assertSubset({"Runtime": "python3.12", "Handler": "app.handler", "Timeout": timeout, "MemorySize": 256, "Architectures": ["arm64"],
                           "TracingConfig": {"Mode": "Active"}, "EphemeralStorage": {"Size": 512}, "State": "Active"}, c)
        self.assertSubset({"LogFormat": "JSON", "LogGroup": f"/aws/lambda/shop-{name}"}, c["LoggingConfig"])
        self.assertEqual(environment, c["Environment"]["Variables"])
        self.owned(f["Tags"], f"LambdaFunction/{name}")
        role = c["Role"].rsplit("/", 1)[-1]
        self.assertEqual(["sts:AssumeRole"], [s["Action"] for s in self.w.role(role)["AssumeRolePolicyDocument"]["Statement"]])
        self.assertEqual("lambda.amazonaws.com", self.w.role(role)["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"])
        self.owned(self.w.role(role)["Tags"], f"LambdaFunction/{name}")
        group = self.w.boto("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/shop-{name}")["logGroups"]
        self.assertEqual([30], [g.get("retentionInDays") for g in group])
        may = self.statements(role)
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            self.assertIn(action, may)
            self.assertTrue(all(f"/aws/lambda/shop-{name}" in r for r in may[action]), may[action])
        self.assertTrue({"xray:PutTraceSegments", "xray:PutTelemetryRecords"} <= may.keys(), may.keys())
        self.assertFalse([a for a in may if "*" in a], may.keys())
        return may

    def check_functions(self):
        table, url = self.w.arn("dynamodb", "table/shop-orders"), self.w.queue_url("shop-shipments")
        may = self.check_function("orders", 10, {"STAGE": "prod", "ORDERS_TABLE": "shop-orders", "SHIPMENTS_QUEUE_URL": url,
                                                 "EVENTS_TOPIC_ARN": self.w.arn("sns", "shop-events")})
        for action in ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"):
            self.assertIn(table, may[action])
        self.assertEqual({self.w.arn("sqs", "shop-shipments")}, may["sqs:SendMessage"])
        self.assertEqual({self.w.arn("sns", "shop-events")}, may["sns:Publish"])
        self.assertNotIn("sqs:ReceiveMessage", may)
        may = self.check_function("shipper", 15, {"ORDERS_TABLE": "shop-orders"})
        self.assertEqual({self.w.arn("sqs", "shop-shipments")}, may["sqs:ReceiveMessage"])
        self.assertIn("dynamodb:UpdateItem", may)
        self.assertNotIn("dynamodb:GetItem", may)
        self.assertNotIn("sqs:SendMessage", may)
        maps = self.w.boto("lambda").list_event_source_mappings()["EventSourceMappings"]
        self.assertEqual(1, len(maps))
        self.assertSubset({"EventSourceArn": self.w.arn("sqs", "shop-shipments"), "BatchSize": 10, "MaximumBatchingWindowInSeconds": 5, "State": "Enabled",
                           "FunctionArn": self.w.arn("lambda", "function:shop-shipper")}, maps[0])

    def check_api(self):
        api = self.w.api("shop-web")
        fn = self.w.arn("lambda", "function:shop-orders")
        self.assertEqual("HTTP", api["ProtocolType"])
        self.owned(api["Tags"], "HttpApi/web")
        self.assertSubset({"AllowOrigins": ["https://shop.example.com"], "AllowHeaders": ["content-type"], "MaxAge": 3600}, api["CorsConfiguration"])
        self.assertEqual({"GET", "POST"}, set(api["CorsConfiguration"]["AllowMethods"]))
        self.assertEqual({"POST /orders", "GET /orders/{id}"}, set(api["routes"]))
        for key, timeout in (("POST /orders", None), ("GET /orders/{id}", 5000)):
            i = api["integrations"][api["routes"][key]["Target"].partition("/")[2]]
            self.assertEqual(("AWS_PROXY", "2.0"), (i["IntegrationType"], i["PayloadFormatVersion"]))
            self.assertIn(fn, i["IntegrationUri"])
            if timeout:
                self.assertEqual(timeout, i["TimeoutInMillis"])
        self.assertEqual(["$default"], list(api["stages"]))
        stage = api["stages"]["$default"]
        self.assertTrue(stage["AutoDeploy"])
        self.assertSubset({"ThrottlingRateLimit": 500.0, "ThrottlingBurstLimit": 200, "DetailedMetricsEnabled": True}, stage["DefaultRouteSettings"])
        group = stage["AccessLogSettings"]["DestinationArn"].split(":log-group:")[1].removesuffix(":*")
        found = self.w.boto("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        self.assertEqual([14], [g.get("retentionInDays") for g in found])
        statements = self.w.function_policy("shop-orders").values()
        self.assertEqual({f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api['ApiId']}/*/POST/orders",
                          f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api['ApiId']}/*/GET/orders/{{id}}"},
                         {s["Condition"]["ArnLike"]["AWS:SourceArn"] for s in statements})
        self.assertEqual({"apigateway.amazonaws.com"}, {s["Principal"]["Service"] for s in statements})

    def check_all(self):
        for check in (self.check_queues, self.check_topic, self.check_table, self.check_functions, self.check_api):
            with self.subTest(check.__name__):
                check()

    # ---- tests

    def test_from_empty_and_again(self):
        out = self.w.once()
        self.check_all()
        self.assertEqual([], [l for l in out.splitlines() if "failed" in l.lower()][:5])
        reads = [c for c in self.aws.calls if not c.write]
        self.assertLess(len(reads), 3 * len(self.aws.writes()) + 40, self.aws.counts())
        # The second pass reads only, and not much.
        self.aws.clear()
        self.w.once()
        self.no_writes()
        self.assertLess(len(self.aws.calls), 60, self.aws.counts())
        # Nothing to lose: without the state directory the same.
        shutil.rmtree(self.w.state)
        self.aws.clear()
        self.w.once()
        self.no_writes()
        # One changed property is one write.
        path = "shipping.yaml"
        with open(self.repo.work + "/" + path) as f:
            text = f.read()
        self.repo.push({path: text.replace("batchSize: 10", "batchSize: 7")})
        self.aws.clear()
        self.w.once()
        self.assertEqual({"lambda UpdateEventSourceMapping": 1}, self.aws.counts(write=True))
        self.assertEqual(7, self.w.boto("lambda").list_event_source_mappings()["EventSourceMappings"][0]["BatchSize"])

    def test_everything_out_of_band_gone(self):
        """All of it deleted behind our back comes again, once somebody says
        that it is no wrong account."""
        self.w.once()
        self.aws.fake.reset()
        self.aws.reset()
        self.assertIn("guard mass-absence", self.w.once(expect=None))
        self.no_writes()
        with open(self.repo.work + "/architecture.yaml") as f:
            text = f.read()
        self.repo.push({"architecture.yaml": text.replace("maxDeletes: 10", "maxMissingPercent: 100")})
        self.w.once()
        self.check_all()
        self.aws.clear()
        self.w.once()
        self.no_writes()

    def test_code_change_deploys_the_same_bytes(self):
        """Another commit that leaves a function's tree alone deploys nothing;
        a change of the code does; going back gives the first hash again."""
        self.w.once()
        first = self.w.function("shop-shipper")["Configuration"]["CodeSha256"]
        self.repo.push({"README.txt": "unrelated"})
        self.aws.clear()
        self.w.once()
        self.no_writes()
        app = "functions/shipper/app.py"
        with open(self.repo.work + "/" + app) as f:
            text = f.read()
        self.repo.push({app: text + "\nVERSION = 2\n"})
        self.w.once()
        self.assertEqual({"lambda UpdateFunctionCode": 1}, self.aws.counts(write=True))
        self.assertNotEqual(first, self.w.function("shop-shipper")["Configuration"]["CodeSha256"])
        self.repo.push({app: text})
        self.w.once()
        self.assertEqual(first, self.w.function("shop-shipper")["Configuration"]["CodeSha256"])
        sent = [c.input["ZipFile"] for c in self.aws.writes() if c.operation == "UpdateFunctionCode"]
        self.assertEqual(first, base64.b64encode(hashlib.sha256(base64.b64decode(sent[-1])).digest()).decode())

    def test_daemon_push_drift_and_removal(self):
        self.w.settings(reconcile={"interval": "2s"})
        d = self.w.start()
        self.w.wait_synced(self.sha, seconds=90)
        with self.subTest("drift"):
            self.w.boto("lambda").update_function_configuration(FunctionName="shop-orders", MemorySize=128)
            wait(lambda: self.w.function("shop-orders")["Configuration"]["MemorySize"] == 256, 60, "healed")
        with self.subTest("removal"):
            with open(self.repo.work + "/shipping.yaml") as f:
                text = f.read()
            topic = text.index("# What happened")
            with open(self.repo.work + "/orders.yaml") as f:
                orders = f.read()
            sha = self.repo.push({"shipping.yaml": text[:topic].rstrip().removesuffix("---"),
                                  "orders.yaml": orders.replace("    - { target: SnsTopic/events, access: publish }\n", "")})
            self.w.wait_synced(sha, seconds=90)
            wait(lambda: self.w.queues() == ["shop-shipments", "shop-shipments-dlq"], 30, "the audit queue is gone")
            self.assertEqual([], self.w.boto("sns").list_topics()["Topics"])
            self.assertNotIn("EVENTS_TOPIC_ARN", self.w.function("shop-orders")["Configuration"]["Environment"]["Variables"])
        self.assertEqual(0, d.stop())

    def test_removal_of_all_but_data(self):
        self.w.once()
        arch = open(self.repo.work + "/architecture.yaml").read().replace("maxDeletes: 10", "maxDeletes: 100")
        for f in ("api.yaml", "orders.yaml", "shipping.yaml"):
            self.repo.write({f: None})
        self.repo.push({"architecture.yaml": arch})
        self.aws.clear()
        self.w.once(expect=None)
        order = [c.operation for c in self.aws.writes()]
        self.assertEqual([], self.w.queues())
        self.assertEqual([], self.w.boto("apigatewayv2").get_apis()["Items"])
        self.assertEqual([], self.w.boto("lambda").list_functions()["Functions"])
        self.assertEqual([], self.w.boto("lambda").list_event_source_mappings()["EventSourceMappings"])
        self.assertEqual([], self.w.boto("iam").list_roles(PathPrefix="/convergd/")["Roles"])
        self.assertEqual(["shop-orders"], self.w.boto("dynamodb").list_tables()["TableNames"], "data is not deleted without approval")
        self.assertLess(order.index("DeleteApi"), order.index("DeleteFunction"), order)
        self.assertLess(order.index("DeleteEventSourceMapping"), order.index("DeleteFunction"), order)
        self.assertLess(max(i for i, o in enumerate(order) if o == "DeleteFunction"), min(i for i, o in enumerate(order) if o == "DeleteRole"), order)
        self.assertLess(order.index("DeleteEventSourceMapping"), order.index("DeleteQueue"), order)


class Smallest(Case):
    def test_queue_example(self):
        self.repo.copy("examples/queue")
        self.repo.push()
        self.w.once()
        self.assertEqual(["hello-jobs", "hello-jobs-dlq"], self.w.queues())
        self.assertEqual("60", self.w.queue("hello-jobs")["VisibilityTimeout"])
        self.aws.clear()
        self.w.once()
        self.no_writes()
