"""The emulator itself: signatures, faults, and what fake.py corrects."""
import io
import json
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import emulator
from emulator import Fault
from harness import REGION, Case

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


class Emulated(Case):
    def client(self, service, secret=None, attempts=1):
        return boto3.client(service, endpoint_url=self.aws.url, region_name=REGION, aws_access_key_id="AKIDCONVERGD",
                            aws_secret_access_key=secret or emulator.KEYS["AKIDCONVERGD"], config=Config(retries={"total_max_attempts": attempts}))

    def refused(self, code, call, *args, **kw):
        with self.assertRaises(ClientError) as e:
            call(*args, **kw)
        self.assertEqual(code, e.exception.response["Error"]["Code"])

    def function(self):
        self.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
        b = io.BytesIO()
        with zipfile.ZipFile(b, "w") as z:
            z.writestr("app.py", "")
        c = self.client("lambda")
        c.create_function(FunctionName="f", Runtime="python3.12", Role="arn:aws:iam::123456789012:role/r", Handler="app.h", Code={"ZipFile": b.getvalue()})
        return c

    def test_signatures(self):
        self.client("sqs").list_queues()
        self.client("apigatewayv2").get_apis()
        self.assertEqual([], self.aws.bad)
        self.refused("SignatureDoesNotMatch", self.client("sqs", "wrong").list_queues)
        self.assertEqual(1, len(self.aws.bad))
        self.aws.bad.clear()

    def test_counts_and_faults(self):
        sqs = self.client("sqs")
        self.aws.faults += [Fault("throttle", "sqs", "CreateQueue", times=1), Fault("error", "sqs", "ListQueues", code="X", status=400, after=1)]
        self.refused("RequestThrottled", sqs.create_queue, QueueName="q")
        sqs.create_queue(QueueName="q")
        sqs.list_queues()
        self.refused("X", sqs.list_queues)
        self.assertEqual({"sqs CreateQueue": 2, "sqs ListQueues": 2}, self.aws.counts())
        self.assertEqual({"sqs CreateQueue": 1}, self.aws.counts(write=True))
        self.w.boto("sqs").list_queues()
        self.assertEqual(4, len(self.aws.calls))

    def test_down_and_up(self):
        self.aws.down()
        with self.assertRaises(Exception):
            self.client("sqs").list_queues()
        self.aws.up()
        self.client("sqs").list_queues()

    def test_queue_and_topic(self):
        sqs, sns = self.client("sqs"), self.client("sns")
        url = sqs.create_queue(QueueName="q", Attributes={"KmsMasterKeyId": "alias/aws/sqs"})["QueueUrl"]
        allow = json.dumps({"redrivePermission": "allowAll"})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": allow})
        self.assertSubset({"RedriveAllowPolicy": allow, "SqsManagedSseEnabled": "false"}, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "1"})
        self.assertEqual(policy, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])
        arn = sns.create_topic(Name="t", Attributes={"TracingConfig": "Active"})["TopicArn"]
        self.assertEqual("Active", sns.get_topic_attributes(TopicArn=arn)["Attributes"]["TracingConfig"])
        self.refused("InvalidParameter", sns.create_topic, Name="t", Attributes={"DisplayName": "other"})
        sns.put_data_protection_policy(ResourceArn=arn, DataProtectionPolicy='{"Name":"<p>"}')
        self.assertEqual('{"Name":"<p>"}', sns.get_data_protection_policy(ResourceArn=arn)["DataProtectionPolicy"])
        self.assertEqual("pending confirmation", sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="a@example.com")["SubscriptionArn"])
        self.assertEqual("PendingConfirmation", sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"][0]["SubscriptionArn"])

    def test_table(self):
        d = self.client("dynamodb")
        d.create_table(TableName="tab", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "i", "KeyType": "HASH"}],
                       AttributeDefinitions=[{"AttributeName": "i", "AttributeType": "S"}], StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
        d.update_table(TableName="tab", TableClass="STANDARD_INFREQUENT_ACCESS")
        d.update_table(TableName="tab", SSESpecification={"Enabled": True, "SSEType": "KMS"})
        d.update_table(TableName="tab", StreamSpecification={"StreamEnabled": False})
        d.update_table(TableName="tab", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
        t = d.describe_table(TableName="tab")["Table"]
        self.assertEqual(("STANDARD_INFREQUENT_ACCESS", "ENABLED", "KEYS_ONLY"),
                         (t["TableClassSummary"]["TableClass"], t["SSEDescription"]["Status"], t["StreamSpecification"]["StreamViewType"]))
        ttl = {"Enabled": True, "AttributeName": "x"}
        d.update_time_to_live(TableName="tab", TimeToLiveSpecification=ttl)
        self.refused("ValidationException", d.update_time_to_live, TableName="tab", TimeToLiveSpecification=ttl)

    def test_pages(self):
        iam, trust = self.client("iam"), {"AssumeRolePolicyDocument": TRUST}
        names = [f"r{i}" for i in range(7)]
        for name in names:
            iam.create_role(RoleName=name, Path="/a/" if name < "r5" else "/", **trust)
        page = iam.get_account_authorization_details(Filter=["Role"], MaxItems=5)
        self.assertEqual((5, True), (len(page["RoleDetailList"]), page["IsTruncated"]))
        page = iam.get_account_authorization_details(Filter=["Role"], MaxItems=5, Marker=page["Marker"])
        self.assertEqual((2, False, None), (len(page["RoleDetailList"]), page["IsTruncated"], page.get("Marker")))
        listed = list(iam.get_paginator("list_roles").paginate(PathPrefix="/a/", PaginationConfig={"PageSize": 2}))
        self.assertEqual([2, 2, 1], [len(p["Roles"]) for p in listed])
        self.assertEqual(names[:5], sorted(r["RoleName"] for p in listed for r in p["Roles"]))

    def test_most_of_a_page(self):
        """Of several lists, too."""
        iam, api = self.client("iam"), self.client("apigatewayv2")
        for i in range(3):
            iam.create_role(RoleName=f"r{i}", AssumeRolePolicyDocument=TRUST)
            api.create_api(Name=f"a{i}", ProtocolType="HTTP")
        iam.create_policy(PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}))
        self.aws.fake.page = 2
        details = iam.get_paginator("get_account_authorization_details").paginate(Filter=["Role", "LocalManagedPolicy"])
        self.assertEqual([(2, 0), (1, 1)], [(len(p["RoleDetailList"]), len(p["Policies"])) for p in details])
        self.assertEqual([2, 1], [len(p["Items"]) for p in api.get_paginator("get_apis").paginate()])

    def test_policies_go_with_their_target(self):
        a = self.w.boto("application-autoscaling")
        self.w.boto("dynamodb").create_table(
            TableName="t", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
        target = {"ServiceNamespace": "dynamodb", "ResourceId": "table/t", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}
        a.register_scalable_target(**target, MinCapacity=1, MaxCapacity=5)
        a.put_scaling_policy(PolicyName="p", PolicyType="TargetTrackingScaling", **target, TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 50.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}})
        self.assertEqual(1, len(a.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"]))
        a.deregister_scalable_target(**target)
        self.assertEqual([], a.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"])

    def test_function(self):
        c = self.function()
        c.update_function_configuration(FunctionName="f", TracingConfig={"Mode": "Active"}, LoggingConfig={"LogFormat": "JSON"}, EphemeralStorage={"Size": 700})
        conf = c.get_function(FunctionName="f")["Configuration"]
        self.assertSubset({"TracingConfig": {"Mode": "Active"}, "EphemeralStorage": {"Size": 700},
                           "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/aws/lambda/f", "ApplicationLogLevel": "INFO"}}, conf)
        permission = dict(FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com", SourceArn="arn:aws:sns:eu-west-1:1:t")
        c.add_permission(**permission)
        self.refused("ResourceConflictException", c.add_permission, **permission)
        self.assertEqual({"ArnLike": {"AWS:SourceArn": "arn:aws:sns:eu-west-1:1:t"}}, self.w.function_policy("f")["s"]["Condition"])
        c.publish_version(FunctionName="f")
        c.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
        self.refused("ResourceNotFoundException", c.get_policy, FunctionName="f", Qualifier="live")
        c.put_provisioned_concurrency_config(FunctionName="f", Qualifier="live", ProvisionedConcurrentExecutions=2)
        self.assertEqual("READY", c.get_provisioned_concurrency_config(FunctionName="f", Qualifier="live")["Status"])
        c.create_function_url_config(FunctionName="f", Qualifier="live", AuthType="NONE", InvokeMode="RESPONSE_STREAM")
        self.assertEqual(["RESPONSE_STREAM"], [u["InvokeMode"] for u in c.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"]])

    def test_pages_of_queues(self):
        c = self.client("sqs")
        for name in "abc":
            c.create_queue(QueueName=name)
        pages = [[u.rsplit("/", 1)[-1] for u in p["QueueUrls"]] for p in c.get_paginator("list_queues").paginate(PaginationConfig={"PageSize": 2})]
        self.assertEqual([["a", "b"], ["c"]], pages)

    def test_pending(self):
        self.aws.fake.pending = 60
        c = self.function()
        self.assertEqual("Pending", c.get_function(FunctionName="f")["Configuration"]["State"])
        self.refused("ResourceConflictException", c.update_function_configuration, FunctionName="f", Timeout=9)

    def test_http_api(self):
        c = self.client("apigatewayv2")
        api = c.create_api(Name="a", ProtocolType="HTTP")["ApiId"]
        i = c.create_integration(ApiId=api, IntegrationType="HTTP_PROXY", IntegrationUri="https://example.com", IntegrationMethod="GET", PayloadFormatVersion="1.0")["IntegrationId"]
        c.create_route(ApiId=api, RouteKey="GET /x", Target=f"integrations/{i}")
        self.refused("ConflictException", c.create_route, ApiId=api, RouteKey="GET /x")
        self.refused("ConflictException", c.delete_integration, ApiId=api, IntegrationId=i)
        c.create_stage(ApiId=api, StageName="$default", AutoDeploy=True, Tags={"a": "b"})
        c.update_stage(ApiId=api, StageName="$default", DefaultRouteSettings={"ThrottlingRateLimit": 5.0}, RouteSettings={"GET /x": {"ThrottlingBurstLimit": 1}})
        c.delete_route_settings(ApiId=api, StageName="$default", RouteKey="GET /x")
        stage = c.get_stage(ApiId=api, StageName="$default")
        self.assertEqual((5.0, {}), (stage["DefaultRouteSettings"]["ThrottlingRateLimit"], stage["RouteSettings"]))
        c.create_authorizer(ApiId=api, AuthorizerType="JWT", Name="j", IdentitySource=["$request.header.Authorization"], JwtConfiguration={"Audience": ["x"], "Issuer": "https://x"})
        self.assertEqual({"Audience": ["x"], "Issuer": "https://x"}, c.get_authorizers(ApiId=api)["Items"][0]["JwtConfiguration"])
        body = json.dumps({"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/p": {"get": {
            "x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "GET", "uri": "https://example.com", "payloadFormatVersion": "1.0"}}}}})
        other = c.import_api(Body=body)["ApiId"]
        self.assertEqual(["GET /p"], [r["RouteKey"] for r in c.get_routes(ApiId=other)["Items"]])
        found = self.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "a", "Values": ["b"]}])["ResourceTagMappingList"]
        self.assertEqual([f"arn:aws:apigateway:{REGION}::/apis/{api}/stages/$default"], [r["ResourceARN"] for r in found])
