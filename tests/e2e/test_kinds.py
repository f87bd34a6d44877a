"""Forms of the kinds that the drift tables and the example do not use."""
import json

from harness import ACCOUNT, REGION, Case, architecture, documents, manifest, wait

CODE = {"app/app.py": "def handler(event, context):\n\treturn event\n"}
FUNCTION = {"code": "./app", "runtime": "python3.12", "handler": "app.handler"}


class Forms(Case):
    def converge(self, *manifests, files=None, expect=0, again=True):
        self.repo.push({**(files or {}), "a.yaml": documents(architecture(), *manifests)})
        out = self.w.once("--timeout", "40s", expect=expect)
        if again:
            self.aws.clear()
            self.w.once("--timeout", "20s", expect=expect)
            self.no_writes()
        return out

    def test_queue_with_the_dead_letters_of_another(self):
        self.converge(manifest("SqsQueue", "lost"), manifest("SqsQueue", "a", {"deadLetter": {"target": "SqsQueue/lost", "maxReceives": 2}}))
        self.assertEqual({"deadLetterTargetArn": self.w.arn("sqs", "shop-lost"), "maxReceiveCount": 2}, self.w.queue("shop-a")["RedrivePolicy"])

    def test_topic_that_calls_a_function(self):
        self.converge(manifest("LambdaFunction", "f", FUNCTION), manifest("SnsTopic", "t", {"subscriptions": {"f": {"target": "LambdaFunction/f"}}}), files=CODE)
        arn = self.w.arn("lambda", "function:shop-f")
        self.assertEqual("lambda", self.w.subscriptions("shop-t")[arn]["Protocol"])
        statement = list(self.w.function_policy("shop-f").values())[0]
        self.assertEqual({"ArnLike": {"AWS:SourceArn": self.w.arn("sns", "shop-t")}}, statement["Condition"])
        self.assertEqual({"Service": "sns.amazonaws.com"}, statement["Principal"])

    def test_mail_waits_for_its_click_and_is_no_error(self):
        self.repo.push({"a.yaml": documents(architecture(), manifest("SnsTopic", "t", {"subscriptions": {"me": {"protocol": "email", "endpoint": "me@example.com"}}}))})
        d = self.w.start()

        def waits():
            text = self.w.ctl("status", "--socket", self.w.socket, "-o", "json", expect=None)[0]
            resources = {r["type"]: r for a in json.loads(text)["architectures"] for r in a["resources"]}
            return resources["sns.topic"]["health"] == "Healthy" and resources["sns.subscription"]["health"] == "Progressing"
        wait(waits, 30, "the subscription is Progressing")
        self.assertNotRegex(d.log(), r" error .*subscription")
        n = self.w.quiet()
        self.w.ctl("reconcile", "--socket", self.w.socket, "--wait", expect=None)
        wait(lambda: len(self.aws.calls) > n + 2, 20, "another pass")
        self.no_writes(n)

    def test_fifo_topic_to_fifo_queue(self):
        self.converge(manifest("SqsQueue", "q", {"fifo": True}), manifest("SnsTopic", "t", {"fifo": True, "contentBasedDeduplication": True,
                      "subscriptions": {"q": {"target": "SqsQueue/q"}}}))
        self.assertSubset({"FifoTopic": "true", "ContentBasedDeduplication": "true"}, self.w.topic("shop-t.fifo"))
        self.assertEqual([self.w.arn("sqs", "shop-q.fifo")], list(self.w.subscriptions("shop-t.fifo")))

    def test_role_with_documents(self):
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}]}
        self.converge(manifest("IamRole", "r", {"trust": trust, "policies": {"p": document}}))
        self.assertEqual("s3:GetObject", self.w.role_policies("shop-r")["p"]["Statement"][0]["Action"])
        self.assertEqual({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, self.w.role("shop-r")["AssumeRolePolicyDocument"]["Statement"][0]["Principal"])
        self.assertTrue(self.w.role("shop-r")["Path"].startswith("/convergd/shop"))

    def test_function_with_a_role_of_git(self):
        self.converge(manifest("IamRole", "r", {"trust": ["lambda.amazonaws.com"]}), manifest("LambdaFunction", "f", {**FUNCTION, "role": "IamRole/r"}), files=CODE)
        self.assertEqual(self.w.role("shop-r")["Arn"], self.w.function("shop-f")["Configuration"]["Role"])

    def test_function_open_to_the_world(self):
        """Both permissions that AWS demands since October 2025."""
        self.converge(manifest("LambdaFunction", "f", {**FUNCTION, "url": {"auth": "NONE", "cors": {"origins": ["*"]}}}), files=CODE)
        statements = self.w.function_policy("shop-f").values()
        self.assertEqual({"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}, {s["Action"] for s in statements})
        self.assertEqual({"*"}, {s["Principal"] for s in statements})
        conditions = json.dumps([s["Condition"] for s in statements])
        self.assertIn('"lambda:FunctionUrlAuthType": "NONE"', conditions)
        self.assertIn('"lambda:InvokedViaFunctionUrl": "true"', conditions)

    def test_alias_follows_the_code(self):
        f = manifest("LambdaFunction", "f", {**FUNCTION, "alias": {"name": "live", "publish": True}, "concurrency": {"provisioned": 2}})
        self.converge(f, files=CODE)
        c = self.w.boto("lambda")
        self.assertEqual("1", c.get_alias(FunctionName="shop-f", Name="live")["FunctionVersion"])
        self.assertEqual(2, c.get_provisioned_concurrency_config(FunctionName="shop-f", Qualifier="live")["RequestedProvisionedConcurrentExecutions"])
        self.converge(f, files={"app/app.py": "def handler(event, context):\n\treturn 2\n"})
        self.assertEqual("2", c.get_alias(FunctionName="shop-f", Name="live")["FunctionVersion"])

    def test_code_of_a_bucket(self):
        s3 = self.w.boto("s3")
        s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
        from test_drift import zipped
        s3.put_object(Bucket="code", Key="f.zip", Body=zipped("def handler(e, c): pass\n"))
        self.converge(manifest("LambdaFunction", "f", {**FUNCTION, "code": {"s3": {"bucket": "code", "key": "f.zip"}}}))
        self.assertEqual("shop-f", self.w.function("shop-f")["Configuration"]["FunctionName"])

    def test_api_with_a_function_as_authorizer(self):
        self.converge(manifest("LambdaFunction", "f", FUNCTION), manifest("HttpApi", "a", {
            "authorizers": {"me": {"lambda": "LambdaFunction/f"}}, "routes": {"$default": {"target": "LambdaFunction/f", "authorizer": "me"}}}), files=CODE)
        api = self.w.api("shop-a")
        self.assertSubset({"AuthorizerType": "REQUEST", "AuthorizerPayloadFormatVersion": "2.0"}, api["authorizers"]["me"])
        self.assertEqual(("CUSTOM", api["authorizers"]["me"]["AuthorizerId"]), (api["routes"]["$default"]["AuthorizationType"], api["routes"]["$default"]["AuthorizerId"]))
        self.assertTrue(any("/authorizers/" in json.dumps(s["Condition"]) for s in self.w.function_policy("shop-f").values()), self.w.function_policy("shop-f"))

    def test_api_of_an_openapi_document(self):
        doc = {"openapi": "3.0.1", "info": {"title": "shop-a", "version": "1"}, "paths": {"/pets": {"get": {"responses": {}, "x-amazon-apigateway-integration": {
            "type": "http_proxy", "httpMethod": "GET", "uri": "https://example.com/pets", "payloadFormatVersion": "1.0"}}}}}
        self.converge(manifest("HttpApi", "a", {"openapi": "api.json.txt"}), files={"api.json.txt": json.dumps(doc)})
        self.assertEqual(["GET /pets"], list(self.w.api("shop-a")["routes"]))

    def test_table_with_data_and_a_change_of_its_key(self):
        """A fixed field of a table: refused, nothing written."""
        self.converge(manifest("DynamoDbTable", "t", {"partitionKey": "id:S"}))
        self.repo.push({"a.yaml": documents(architecture(), manifest("DynamoDbTable", "t", {"partitionKey": "other:S"}))})
        self.aws.clear()
        self.w.once(expect=None)
        self.no_writes()

    def test_two_regions(self):
        self.repo.push({"one/a.yaml": documents(architecture("one"), manifest("SqsQueue", "q")),
                        "two/a.yaml": documents(architecture("two", region="us-west-2"), manifest("SqsQueue", "q"))})
        self.w.once()
        self.assertEqual(["one-q"], self.w.queues())
        self.assertEqual(["two-q"], [u.rsplit("/", 1)[-1] for u in self.w.boto("sqs", "us-west-2").list_queues()["QueueUrls"]])

    def test_many_resources(self):
        """Pages and pools: 150 queues, and the second pass by bulk."""
        self.converge(*(manifest("SqsQueue", f"q{i}") for i in range(150)))
        self.assertEqual(150, len(self.w.queues()))
