"""Parts that leave Git while what they belong to stays: all of them go, also
when the process and its state are new."""
import shutil

from harness import Case, architecture, documents, manifest
from test_kinds import CODE, FUNCTION

TARGET = "https://example.com/"
JWT = {"jwt": {"issuer": "https://issuer.example.com", "audience": ["app"]}}


class Parts(Case):
    def function(self, **spec):
        return manifest("LambdaFunction", "f", {**FUNCTION, **spec})

    def api(self, **spec):
        return manifest("HttpApi", "a", spec)

    def push(self, *manifests):
        self.repo.push({**CODE, "a.yaml": documents(architecture(), manifest("SqsQueue", "q"), *manifests)})
        shutil.rmtree(self.w.state, ignore_errors=True)
        self.w.once("--timeout", "60s")

    def quiet(self):
        self.aws.clear()
        self.w.once()
        self.no_writes()

    def aliases(self):
        return [a["Name"] for a in self.w.boto("lambda").list_aliases(FunctionName="shop-f")["Aliases"]]

    def provisioned(self):
        return self.w.boto("lambda").list_provisioned_concurrency_configs(FunctionName="shop-f")["ProvisionedConcurrencyConfigs"]

    def test_of_an_alias(self):
        c = self.w.boto("lambda")
        everything = {"alias": {}, "concurrency": {"provisioned": 1}, "url": {}, "retries": {"attempts": 1}, "events": [{"source": "SqsQueue/q"}]}
        self.push(self.function(**everything))
        self.assertEqual((["live"], 1), (self.aliases(), len(self.provisioned())))
        self.push(self.function(alias={}))
        self.assertEqual((["live"], []), (self.aliases(), self.provisioned()))
        self.assertEqual([], c.list_function_url_configs(FunctionName="shop-f")["FunctionUrlConfigs"])
        self.assertEqual([], c.list_event_source_mappings()["EventSourceMappings"])
        self.assertEqual(2, c.get_function_event_invoke_config(FunctionName="shop-f", Qualifier="live")["MaximumRetryAttempts"])
        self.push(self.function(**everything))
        self.push(self.function())
        self.assertEqual([], self.aliases())
        self.assertEqual([], c.list_event_source_mappings()["EventSourceMappings"])
        self.quiet()

    def test_of_a_function(self):
        c = self.w.boto("lambda")
        self.push(self.function(url={}, retries={"attempts": 1}, events=[{"source": "SqsQueue/q"}]))
        self.push(self.function())
        self.assertEqual([], c.list_function_url_configs(FunctionName="shop-f")["FunctionUrlConfigs"])
        self.assertEqual([], c.list_event_source_mappings()["EventSourceMappings"])
        self.assertEqual(2, c.get_function_event_invoke_config(FunctionName="shop-f")["MaximumRetryAttempts"])
        self.quiet()

    def test_of_an_api(self):
        api = self.w.boto("apigatewayv2")
        self.push(self.api(routes={"GET /": {"target": TARGET, "authorizer": "users"}, "GET /more": {"target": TARGET + "more"}}, authorizers={"users": JWT}))
        id = api.get_apis()["Items"][0]["ApiId"]
        self.push(self.api(routes={"GET /": {"target": TARGET}}))
        self.assertEqual([], api.get_authorizers(ApiId=id)["Items"])
        self.assertEqual(["GET /"], [r["RouteKey"] for r in api.get_routes(ApiId=id)["Items"]])
        self.assertEqual([TARGET], [i["IntegrationUri"] for i in api.get_integrations(ApiId=id)["Items"]])
        self.quiet()

    def test_of_the_others(self):
        table = {"partitionKey": "id:S", "deletionProtection": False}
        self.push(manifest("DynamoDbTable", "d", {**table, "billing": {"autoscaling": {"min": 1, "max": 5}}, "throttleAlarms": {"topic": "SnsTopic/t"}}, policy={"prune": "auto"}),
                  manifest("SnsTopic", "t", {"encryption": "none", "subscriptions": {"q": {"target": "SqsQueue/q"}}}),
                  manifest("IamRole", "r", {"trust": ["ec2.amazonaws.com"], "instanceProfile": True}))
        self.push(manifest("DynamoDbTable", "d", {**table, "billing": {"read": 1, "write": 1}}, policy={"prune": "auto"}),
                  manifest("SnsTopic", "t", {"encryption": "none"}), manifest("IamRole", "r", {"trust": ["ec2.amazonaws.com"]}))
        self.assertEqual([], self.w.boto("application-autoscaling").describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"])
        self.assertEqual([], self.w.boto("cloudwatch").describe_alarms(AlarmNamePrefix="shop-")["MetricAlarms"])
        self.assertEqual([], self.w.boto("sns").list_subscriptions()["Subscriptions"])
        self.assertEqual([], self.w.boto("iam").list_instance_profiles()["InstanceProfiles"])
        self.quiet()
