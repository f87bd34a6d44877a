"""The judge of crashes and chaos: blind for what AWS invents, for nothing else."""
from harness import Case
from inventory import differences, inventory, without_past

KEYS = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
TRUST = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}'


class Inventory(Case):
    def build(self):
        """Some of everything that has invented ids."""
        boto = self.w.boto
        boto("sqs").create_queue(QueueName="shop-q", Attributes={"DelaySeconds": "3"})
        topic = boto("sns").create_topic(Name="shop-t")["TopicArn"]
        boto("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.w.arn("sqs", "shop-q"))
        boto("iam").create_role(RoleName="shop-r", AssumeRolePolicyDocument=TRUST)
        boto("dynamodb").create_table(TableName="shop-d", BillingMode="PAY_PER_REQUEST", **KEYS)
        api = boto("apigatewayv2").create_api(Name="shop-a", ProtocolType="HTTP")["ApiId"]
        i = boto("apigatewayv2").create_integration(ApiId=api, IntegrationType="HTTP_PROXY", IntegrationUri="https://example.com", IntegrationMethod="GET",
                                                    PayloadFormatVersion="1.0")["IntegrationId"]
        boto("apigatewayv2").create_route(ApiId=api, RouteKey="GET /x", Target=f"integrations/{i}")
        boto("logs").create_log_group(logGroupName=f"/aws/apigateway/{api}")

    def changes(self):
        """(what is done by hand, where it must be seen)"""
        boto = self.w.boto
        api = boto("apigatewayv2").get_apis()["Items"][0]["ApiId"]
        table = self.w.arn("dynamodb", "table/shop-d")
        return [(lambda: boto("sqs").set_queue_attributes(QueueUrl=self.w.queue_url("shop-q"), Attributes={"DelaySeconds": "4"}), "/DelaySeconds: wanted \"3\", is \"4\""),
                (lambda: boto("iam").put_role_policy(RoleName="shop-r", PolicyName="p", PolicyDocument=POLICY), "role shop-r/policies/p"),
                (lambda: boto("dynamodb").tag_resource(ResourceArn=table, Tags=[{"Key": "a", "Value": "b"}]), "table shop-d/tags"),
                (lambda: boto("apigatewayv2").create_route(ApiId=api, RouteKey="GET /y"), "api shop-a/routes"),
                (lambda: boto("apigatewayv2").create_api(Name="shop-a", ProtocolType="HTTP"), "api shop-a: "),
                (lambda: boto("logs").delete_log_group(logGroupName=f"/aws/apigateway/{api}"), "log_group /aws/apigateway/<api shop-a>: "),
                (lambda: boto("sns").unsubscribe(SubscriptionArn=boto("sns").list_subscriptions()["Subscriptions"][0]["SubscriptionArn"]), "subscription ")]

    def test_twins_are_equal_and_changes_seen(self):
        self.build()
        first = inventory(self.w.boto)
        self.assertEqual(7, len(first), sorted(first))
        self.aws.reset()
        self.build()
        self.assertEqual([], differences(first, inventory(self.w.boto)))
        self.assertEqual(set(first) - {"log_group /aws/apigateway/<api shop-a>"}, set(inventory(self.w.boto, "shop-")))
        self.assertEqual({}, inventory(self.w.boto, "stranger"))
        for change, seen in self.changes():
            before = inventory(self.w.boto)
            change()
            after = inventory(self.w.boto)
            self.assertTrue(any(seen in d for d in differences(before, after)), f"{seen} is not in {differences(before, after)}")
            self.assertNotEqual(without_past(before), without_past(after))
