"""`convergctl aws` against the AWS CLI: the same call on the same state of the
emulator gives the same JSON.

Per service, boto3 brings the account to a state and rows (operation, request)
are yielded; both programs then make each call, the AWS CLI first. What may
differ is in DIFFERS and in plain(); nothing else is forgiven.
"""
import datetime
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

from botocore import xform_name

from harness import CONVERGCTL, REGION, Case

# Two calls never agree on these: service operation -> members that differ.
DIFFERS = {
    ("sts", "GetSessionToken"): ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"),   # new keys each time
    ("ecr", "GetAuthorizationToken"): ("expiresAt", "authorizationToken"),          # a new token each time
    ("secretsmanager", "GetRandomPassword"): ("RandomPassword",),                   # random
    ("ecr", "GetLifecyclePolicy"): ("lastEvaluatedAt",),                            # the emulator's now
    ("rds", "DescribeDBInstances"): ("LatestRestorableTime",),                      # now
    ("rds", "DescribeDBClusters"): ("LatestRestorableTime",),                       # now
    ("lambda", "GetPolicy"): ("RevisionId",),                                       # the emulator makes it up
}
# A time is ISO 8601 in both, with another name for UTC and another precision
# of the fraction: compared as instants.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
NAMES = {"s3": "s3api"}       # commands that are not named as the service

# Many calls in one process of the AWS CLI: its start is most of its time.
DRIVER = """
import contextlib, io, json, sys
from awscli.clidriver import create_clidriver
driver = create_clidriver()
for line in sys.stdin:
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = driver.main(json.loads(line))
        except SystemExit as e:
            code = e.code
    out.flush()
    print(json.dumps([code, out.buffer.getvalue().decode(), err.getvalue()]), flush=True)
"""


def instant(text):
    text = re.sub(r"\.(\d+)", lambda m: "." + m[1][:6].ljust(6, "0"), text).replace("Z", "+00:00")
    return datetime.datetime.fromisoformat(text).astimezone(datetime.timezone.utc).isoformat()


def plain(v, without=()):
    if isinstance(v, dict):
        return {k: plain(x, without) for k, x in v.items() if k not in without}
    if isinstance(v, list):
        return [plain(x, without) for x in v]
    return instant(v) if isinstance(v, str) and TIME.match(v) else v


def same_time(ours, theirs):
    """Both are times, close together: moto stamps some when it is asked."""
    try:
        a, b = (datetime.datetime.fromisoformat(x) for x in (ours, theirs))
        return abs((a - b).total_seconds()) < 60
    except (TypeError, ValueError):
        return False


def difference(ours, theirs, at="", found=None):
    """Places where two documents differ, by path."""
    found = [] if found is None else found
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for k in sorted({*ours, *theirs}):
            difference(ours.get(k, "(absent)"), theirs.get(k, "(absent)"), f"{at}.{k}", found)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for i, (a, b) in enumerate(zip(ours, theirs)):
            difference(a, b, f"{at}[{i}]", found)
    elif (type(ours) is not type(theirs) or ours != theirs) and not same_time(ours, theirs):
        found.append(f"{at}: ours {json.dumps(ours)[:150]}, theirs {json.dumps(theirs)[:150]}")
    return found


class AwsCli:
    """The `aws` command; in one process where its Python is ours."""

    def __init__(self, world):
        self.config = tempfile.NamedTemporaryFile("w", suffix=".aws-config")
        self.config.write("[default]\ncli_timestamp_format = iso8601\ncli_pager =\n")
        self.config.flush()
        self.env = {**world.env, "HOME": os.environ["HOME"], "AWS_CONFIG_FILE": self.config.name, "AWS_PAGER": "",
                    "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION, "AWS_MAX_ATTEMPTS": "1"}
        self.more = ["--endpoint-url", world.aws.url, "--no-paginate", "--output", "json"]
        self.process = None
        if subprocess.run([sys.executable, "-c", "import awscli.clidriver"], capture_output=True).returncode == 0:
            self.process = subprocess.Popen([sys.executable, "-c", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.env)

    def call(self, service, operation, request):
        """(exit code, standard output, standard error)"""
        args = [NAMES.get(service, service), xform_name(operation, "-"), "--cli-input-json", json.dumps(request), *self.more]
        if not self.process:
            r = subprocess.run(["aws", *args], env=self.env, capture_output=True, text=True)
            return r.returncode, r.stdout, r.stderr
        self.process.stdin.write(json.dumps(args) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


_cli = None


def shared_cli(world):
    """One for all tests of this process, as the emulator is."""
    global _cli
    if _cli is None:
        _cli = AwsCli(world)
    return _cli


# ---- the states

TAGS = [{"Key": "team", "Value": "ü & <b>"}, {"Key": "empty", "Value": ""}]
POLICY = {"Version": "2012-10-17", "Statement": [{"Sid": "one", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": ["*"]}]}


def sqs(w):
    c = w.boto("sqs")
    dead = c.create_queue(QueueName="dead")["QueueUrl"]
    arn = w.arn("sqs", "dead")
    url = c.create_queue(QueueName="jobs", Attributes={"DelaySeconds": "3", "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})},
                         tags={"team": "ü & <b>"})["QueueUrl"]
    yield "GetQueueUrl", {"QueueName": "jobs"}
    yield "GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["All"]}
    yield "ListQueues", {}
    yield "ListQueueTags", {"QueueUrl": url}
    yield "ListDeadLetterSourceQueues", {"QueueUrl": dead}
    yield "ListQueues", {"QueueNamePrefix": "none"}
    yield "ReceiveMessage", {"QueueUrl": url}


def sns(w):
    c = w.boto("sns")
    arn = c.create_topic(Name="news", Tags=TAGS, Attributes={"DisplayName": "N"})["TopicArn"]
    w.boto("sqs").create_queue(QueueName="q")
    sub = c.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=w.arn("sqs", "q"), ReturnSubscriptionArn=True, Attributes={"RawMessageDelivery": "true"})["SubscriptionArn"]
    yield "GetTopicAttributes", {"TopicArn": arn}
    yield "ListTopics", {}
    yield "GetSubscriptionAttributes", {"SubscriptionArn": sub}
    yield "ListSubscriptions", {}
    yield "ListSubscriptionsByTopic", {"TopicArn": arn}
    yield "ListTagsForResource", {"ResourceArn": arn}


def iam(w):
    c = w.boto("iam")
    c.create_role(RoleName="r", Path="/p/", AssumeRolePolicyDocument=json.dumps(POLICY), Tags=TAGS, Description="ä", MaxSessionDuration=7200)
    c.put_role_policy(RoleName="r", PolicyName="inline", PolicyDocument=json.dumps(ALLOW))
    arn = c.create_policy(PolicyName="pol", PolicyDocument=json.dumps(ALLOW), Tags=TAGS)["Policy"]["Arn"]
    c.attach_role_policy(RoleName="r", PolicyArn=arn)
    c.create_instance_profile(InstanceProfileName="ip")
    c.add_role_to_instance_profile(InstanceProfileName="ip", RoleName="r")
    c.create_user(UserName="u")
    c.create_group(GroupName="g")
    c.add_user_to_group(GroupName="g", UserName="u")
    provider = c.create_open_id_connect_provider(Url="https://oidc.example.com", ThumbprintList=["a" * 40], ClientIDList=["x"])["OpenIDConnectProviderArn"]
    yield "GetRole", {"RoleName": "r"}
    yield "ListRoles", {"PathPrefix": "/p/"}
    yield "ListRoleTags", {"RoleName": "r"}
    yield "GetRolePolicy", {"RoleName": "r", "PolicyName": "inline"}
    yield "ListRolePolicies", {"RoleName": "r"}
    yield "ListAttachedRolePolicies", {"RoleName": "r"}
    yield "GetPolicy", {"PolicyArn": arn}
    yield "GetPolicyVersion", {"PolicyArn": arn, "VersionId": "v1"}
    yield "ListPolicyVersions", {"PolicyArn": arn}
    yield "ListPolicies", {"Scope": "Local"}
    yield "ListEntitiesForPolicy", {"PolicyArn": arn}
    yield "GetInstanceProfile", {"InstanceProfileName": "ip"}
    yield "ListInstanceProfilesForRole", {"RoleName": "r"}
    yield "GetOpenIDConnectProvider", {"OpenIDConnectProviderArn": provider}
    yield "ListOpenIDConnectProviders", {}
    yield "GetUser", {"UserName": "u"}
    yield "GetGroup", {"GroupName": "g"}


def sts(w):
    yield "GetCallerIdentity", {}
    yield "GetSessionToken", {"DurationSeconds": 900}


def ec2(w):
    c = w.boto("ec2")
    spec = lambda kind: [{"ResourceType": kind, "Tags": TAGS}]
    vpc = c.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec("vpc"))["Vpc"]["VpcId"]
    subnet = c.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone=REGION + "a", TagSpecifications=spec("subnet"))["Subnet"]["SubnetId"]
    gateway = c.create_internet_gateway(TagSpecifications=spec("internet-gateway"))["InternetGateway"]["InternetGatewayId"]
    c.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = c.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    c.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    c.associate_route_table(RouteTableId=table, SubnetId=subnet)
    group = c.create_security_group(GroupName="web", Description="d", VpcId=vpc)["GroupId"]
    c.authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}]}])
    address = c.allocate_address(Domain="vpc")["AllocationId"]
    c.create_nat_gateway(SubnetId=subnet, AllocationId=address)
    c.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway", RouteTableIds=[table])
    c.create_network_interface(SubnetId=subnet, Description="eni")
    mine = {"Filters": [{"Name": "vpc-id", "Values": [vpc]}]}
    yield "DescribeVpcs", {"VpcIds": [vpc]}
    yield "DescribeVpcs", {}
    yield "DescribeVpcAttribute", {"VpcId": vpc, "Attribute": "enableDnsSupport"}
    yield "DescribeSubnets", mine
    yield "DescribeInternetGateways", {"InternetGatewayIds": [gateway]}
    yield "DescribeRouteTables", mine
    yield "DescribeSecurityGroups", mine
    yield "DescribeSecurityGroupRules", {"Filters": [{"Name": "group-id", "Values": [group]}]}
    yield "DescribeAddresses", {}
    yield "DescribeNatGateways", {}
    yield "DescribeVpcEndpoints", {}
    yield "DescribeNetworkInterfaces", {}
    yield "DescribeNetworkAcls", mine
    yield "DescribeAvailabilityZones", {}
    yield "DescribeTags", {"Filters": [{"Name": "resource-id", "Values": [vpc, subnet]}]}
    yield "DescribeManagedPrefixLists", {}
    yield "DescribeFlowLogs", {}


def ecs(w):
    c = w.boto("ecs")
    arn = c.create_cluster(clusterName="main", tags=[{"key": "a", "value": "b"}])["cluster"]["clusterArn"]
    task = c.register_task_definition(family="web", cpu="256", memory="512", networkMode="awsvpc", containerDefinitions=[
        {"name": "web", "image": "nginx", "memory": 128, "portMappings": [{"containerPort": 80}], "environment": [{"name": "A", "value": "1"}]}])
    c.create_service(cluster="main", serviceName="web", taskDefinition="web", desiredCount=2)
    yield "DescribeClusters", {"clusters": ["main"], "include": ["TAGS", "SETTINGS"]}
    yield "ListClusters", {}
    yield "DescribeTaskDefinition", {"taskDefinition": task["taskDefinition"]["taskDefinitionArn"]}
    yield "ListTaskDefinitions", {}
    yield "ListServices", {"cluster": "main"}
    yield "DescribeServices", {"cluster": "main", "services": ["web", "none"]}
    yield "ListTagsForResource", {"resourceArn": arn}


def elbv2(w):
    e = w.boto("ec2")
    vpc = e.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [e.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=REGION + z)["Subnet"]["SubnetId"] for i, z in enumerate("ab")]
    c = w.boto("elbv2")
    lb = c.create_load_balancer(Name="lb", Subnets=subnets, Tags=TAGS)["LoadBalancers"][0]["LoadBalancerArn"]
    group = c.create_target_group(Name="tg", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
    listener = c.create_listener(LoadBalancerArn=lb, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])["Listeners"][0]["ListenerArn"]
    c.create_rule(ListenerArn=listener, Priority=5, Conditions=[{"Field": "path-pattern", "Values": ["/x*"]}],
                  Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "MessageBody": "", "ContentType": "text/plain"}}])
    c.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.9", "Port": 80}])
    yield "DescribeLoadBalancers", {"Names": ["lb"]}
    yield "DescribeLoadBalancerAttributes", {"LoadBalancerArn": lb}
    yield "DescribeTargetGroups", {}
    yield "DescribeTargetGroupAttributes", {"TargetGroupArn": group}
    yield "DescribeListeners", {"LoadBalancerArn": lb}
    yield "DescribeRules", {"ListenerArn": listener}
    yield "DescribeTargetHealth", {"TargetGroupArn": group}
    yield "DescribeTags", {"ResourceArns": [lb]}


def apigateway(w):
    c = w.boto("apigateway")
    api = c.create_rest_api(name="rest", description="d", tags={"a": "b"})["id"]
    root = c.get_resources(restApiId=api)["items"][0]["id"]
    c.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    c.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK", requestTemplates={"application/json": "{\"statusCode\": 200}"})
    deployment = c.create_deployment(restApiId=api)["id"]
    c.create_stage(restApiId=api, stageName="prod", deploymentId=deployment)
    yield "GetRestApi", {"restApiId": api}
    yield "GetRestApis", {}
    yield "GetResources", {"restApiId": api}
    yield "GetMethod", {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    yield "GetStages", {"restApiId": api}
    yield "GetStage", {"restApiId": api, "stageName": "prod"}
    yield "GetDeployments", {"restApiId": api}


def apigatewayv2(w):
    c = w.boto("apigatewayv2")
    api = c.create_api(Name="http", ProtocolType="HTTP", CorsConfiguration={"AllowOrigins": ["*"], "MaxAge": 60}, Tags={"a": "b"})["ApiId"]
    integration = c.create_integration(ApiId=api, IntegrationType="HTTP_PROXY", IntegrationUri="https://example.com", IntegrationMethod="ANY", PayloadFormatVersion="1.0")["IntegrationId"]
    c.create_route(ApiId=api, RouteKey="GET /x", Target=f"integrations/{integration}")
    c.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    yield "GetApi", {"ApiId": api}
    yield "GetApis", {}
    yield "GetRoutes", {"ApiId": api}
    yield "GetIntegrations", {"ApiId": api}
    yield "GetStage", {"ApiId": api, "StageName": "$default"}
    yield "GetStages", {"ApiId": api}
    yield "GetTags", {"ResourceArn": f"arn:aws:apigateway:{REGION}::/apis/{api}"}


def dynamodb(w):
    c = w.boto("dynamodb")
    c.create_table(TableName="t", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "i", "KeyType": "HASH"}], Tags=TAGS,
                   AttributeDefinitions=[{"AttributeName": "i", "AttributeType": "S"}], StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    c.put_item(TableName="t", Item={"i": {"S": "a"}, "n": {"N": "1.50"}, "b": {"B": b"\x00\xff"}, "l": {"L": [{"BOOL": True}, {"NULL": True}]}, "s": {"SS": ["x"]}})
    c.update_time_to_live(TableName="t", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    yield "DescribeTable", {"TableName": "t"}
    yield "ListTables", {}
    yield "GetItem", {"TableName": "t", "Key": {"i": {"S": "a"}}}
    yield "Scan", {"TableName": "t"}
    yield "Query", {"TableName": "t", "KeyConditionExpression": "i = :i", "ExpressionAttributeValues": {":i": {"S": "a"}}}
    yield "DescribeTimeToLive", {"TableName": "t"}
    yield "DescribeContinuousBackups", {"TableName": "t"}
    yield "ListTagsOfResource", {"ResourceArn": w.arn("dynamodb", "table/t")}
    yield "DescribeLimits", {}


def autoscaling(w):
    w.boto("dynamodb").create_table(TableName="t", KeySchema=[{"AttributeName": "i", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "i", "AttributeType": "S"}],
                                    ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
    c = w.boto("application-autoscaling")
    where = {"ServiceNamespace": "dynamodb", "ResourceId": "table/t", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}
    c.register_scalable_target(MinCapacity=1, MaxCapacity=9, **where)
    c.put_scaling_policy(PolicyName="p", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={
        "TargetValue": 70.5, "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}}, **where)
    c.put_scheduled_action(ScheduledActionName="night", Schedule="cron(0 0 * * ? *)", ScalableTargetAction={"MinCapacity": 1}, **where)
    yield "DescribeScalableTargets", {"ServiceNamespace": "dynamodb"}
    yield "DescribeScalingPolicies", {"ServiceNamespace": "dynamodb"}
    yield "DescribeScheduledActions", {"ServiceNamespace": "dynamodb"}


def ecr(w):
    c = w.boto("ecr")
    arn = c.create_repository(repositoryName="app", tags=TAGS, imageTagMutability="IMMUTABLE")["repository"]["repositoryArn"]
    c.put_lifecycle_policy(repositoryName="app", lifecyclePolicyText=json.dumps({"rules": [
        {"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 9}, "action": {"type": "expire"}}]}))
    c.put_image(repositoryName="app", imageTag="v1", imageManifest=json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "layers": [],
                "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 3, "digest": "sha256:" + "0" * 64}}))
    yield "DescribeRepositories", {}
    yield "GetLifecyclePolicy", {"repositoryName": "app"}
    yield "ListTagsForResource", {"resourceArn": arn}
    yield "DescribeImages", {"repositoryName": "app"}
    yield "ListImages", {"repositoryName": "app"}
    yield "GetAuthorizationToken", {}
    yield "DescribeRegistry", {}


def wafv2(w):
    c = w.boto("wafv2")
    see = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    acl = c.create_web_acl(Name="acl", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=see, Tags=TAGS, Rules=[
        {"Name": "r", "Priority": 0, "Action": {"Block": {}}, "VisibilityConfig": see, "Statement": {"ByteMatchStatement": {
            "SearchString": b"\x01bad", "FieldToMatch": {"UriPath": {}}, "TextTransformations": [{"Priority": 0, "Type": "NONE"}], "PositionalConstraint": "CONTAINS"}}}])["Summary"]
    addresses = c.create_ip_set(Name="ips", Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=["192.0.2.0/24"])["Summary"]
    yield "GetWebACL", {"Name": "acl", "Scope": "REGIONAL", "Id": acl["Id"]}
    yield "ListWebACLs", {"Scope": "REGIONAL"}
    yield "GetIPSet", {"Name": "ips", "Scope": "REGIONAL", "Id": addresses["Id"]}
    yield "ListIPSets", {"Scope": "REGIONAL"}
    yield "ListTagsForResource", {"ResourceARN": acl["ARN"]}


def cloudwatch(w):
    c = w.boto("cloudwatch")
    c.put_metric_alarm(AlarmName="a", MetricName="m", Namespace="n", Period=60, EvaluationPeriods=2, Threshold=1.5, ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
                       Dimensions=[{"Name": "d", "Value": "v"}], Tags=TAGS, TreatMissingData="notBreaching")
    c.put_dashboard(DashboardName="d", DashboardBody=json.dumps({"widgets": []}))
    c.put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 2.5, "Unit": "Count"}])
    yield "DescribeAlarms", {}
    yield "DescribeAlarmsForMetric", {"MetricName": "m", "Namespace": "n"}
    yield "GetDashboard", {"DashboardName": "d"}
    yield "ListDashboards", {}
    yield "ListMetrics", {}
    yield "ListTagsForResource", {"ResourceARN": w.arn("cloudwatch", "alarm:a")}


def logs(w):
    c = w.boto("logs")
    c.create_log_group(logGroupName="/a/b", tags={"team": "ü"})
    c.put_retention_policy(logGroupName="/a/b", retentionInDays=7)
    c.create_log_stream(logGroupName="/a/b", logStreamName="s")
    c.put_metric_filter(logGroupName="/a/b", filterName="f", filterPattern="ERROR", metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1", "defaultValue": 0.5}])
    yield "DescribeLogGroups", {}
    yield "DescribeLogStreams", {"logGroupName": "/a/b"}
    yield "DescribeMetricFilters", {"logGroupName": "/a/b"}
    yield "GetLogEvents", {"logGroupName": "/a/b", "logStreamName": "s"}
    yield "ListTagsForResource", {"resourceArn": w.arn("logs", "log-group:/a/b")}


def cloudfront(w):
    c = w.boto("cloudfront")
    made = c.create_distribution_with_tags(DistributionConfigWithTags={"Tags": {"Items": TAGS}, "DistributionConfig": {
        "CallerReference": "one", "Comment": "c", "Enabled": True, "Origins": {"Quantity": 1, "Items": [
            {"Id": "o", "DomainName": "example.com", "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}}]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all", "MinTTL": 0, "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}}}})["Distribution"]
    access = c.create_origin_access_control(OriginAccessControlConfig={"Name": "oac", "Description": "", "SigningProtocol": "sigv4", "SigningBehavior": "always",
                                                                      "OriginAccessControlOriginType": "s3"})["OriginAccessControl"]["Id"]
    c.get_distribution(Id=made["Id"])
    yield "GetDistribution", {"Id": made["Id"]}
    yield "GetDistributionConfig", {"Id": made["Id"]}
    yield "ListDistributions", {}
    yield "GetOriginAccessControl", {"Id": access}
    yield "ListOriginAccessControls", {}
    yield "ListTagsForResource", {"Resource": made["ARN"]}


def s3(w):
    c = w.boto("s3")
    c.create_bucket(Bucket="bkt", CreateBucketConfiguration={"LocationConstraint": REGION})
    c.put_bucket_tagging(Bucket="bkt", Tagging={"TagSet": TAGS})
    c.put_bucket_versioning(Bucket="bkt", VersioningConfiguration={"Status": "Enabled"})
    c.put_bucket_policy(Bucket="bkt", Policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
    c.put_public_access_block(Bucket="bkt", PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False})
    c.put_bucket_encryption(Bucket="bkt", ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]})
    c.put_bucket_lifecycle_configuration(Bucket="bkt", LifecycleConfiguration={"Rules": [
        {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "log/"}, "Expiration": {"Days": 9}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}]})
    c.put_bucket_cors(Bucket="bkt", CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]})
    c.put_object(Bucket="bkt", Key="a b+é", Body=b"x", Metadata={"one": "1"}, ContentType="text/plain")
    c.put_bucket_ownership_controls(Bucket="bkt", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    b = {"Bucket": "bkt"}
    yield "ListBuckets", {}
    for what in ("Location", "Tagging", "Versioning", "Policy", "Encryption", "LifecycleConfiguration", "Cors", "OwnershipControls", "Acl", "Logging", "NotificationConfiguration"):
        yield "GetBucket" + what, b
    yield "GetPublicAccessBlock", b
    yield "HeadBucket", b
    yield "ListObjectsV2", b
    yield "ListObjectVersions", {**b, "Prefix": "a"}
    yield "HeadObject", {**b, "Key": "a b+é"}
    yield "GetObjectTagging", {**b, "Key": "a b+é"}


def lambda_(w):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as z:
        z.writestr(zipfile.ZipInfo("index.py"), "def handler(e, c): pass\n")
    role = w.boto("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(POLICY))["Role"]["Arn"]
    c = w.boto("lambda")
    arn = c.create_function(FunctionName="f", Runtime="python3.12", Handler="index.handler", Role=role, Code={"ZipFile": data.getvalue()}, Tags={"a": "b"},
                            Environment={"Variables": {"A": "ü"}}, MemorySize=256)["FunctionArn"]
    c.publish_version(FunctionName="f")
    c.create_alias(FunctionName="f", Name="live", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {}})
    c.add_permission(FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="events.amazonaws.com")
    w.boto("sqs").create_queue(QueueName="q")
    mapping = c.create_event_source_mapping(FunctionName="f", EventSourceArn=w.arn("sqs", "q"), BatchSize=7)["UUID"]
    c.create_function_url_config(FunctionName="f", AuthType="NONE", Cors={"AllowOrigins": ["*"]})
    c.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=3)
    yield "GetFunction", {"FunctionName": "f"}
    yield "GetFunctionConfiguration", {"FunctionName": "f"}
    yield "ListFunctions", {}
    yield "ListVersionsByFunction", {"FunctionName": "f"}
    yield "GetAlias", {"FunctionName": "f", "Name": "live"}
    yield "ListAliases", {"FunctionName": "f"}
    yield "GetPolicy", {"FunctionName": "f"}
    yield "GetEventSourceMapping", {"UUID": mapping}
    yield "ListEventSourceMappings", {}
    yield "GetFunctionUrlConfig", {"FunctionName": "f"}
    yield "GetFunctionConcurrency", {"FunctionName": "f"}
    yield "ListTags", {"Resource": arn}


def rds(w):
    e = w.boto("ec2")
    vpc = e.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [e.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=REGION + z)["Subnet"]["SubnetId"] for i, z in enumerate("ab")]
    c = w.boto("rds")
    c.create_db_subnet_group(DBSubnetGroupName="sg", DBSubnetGroupDescription="d", SubnetIds=subnets)
    c.create_db_parameter_group(DBParameterGroupName="pg", DBParameterGroupFamily="postgres16", Description="d", Tags=TAGS)
    arn = c.create_db_instance(DBInstanceIdentifier="db", DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20, MasterUsername="u", MasterUserPassword="password1",
                               DBSubnetGroupName="sg", DBParameterGroupName="pg", Tags=TAGS)["DBInstance"]["DBInstanceArn"]
    c.create_db_cluster(DBClusterIdentifier="cl", Engine="aurora-postgresql", MasterUsername="u", MasterUserPassword="password1")
    c.describe_db_clusters()
    yield "DescribeDBInstances", {"DBInstanceIdentifier": "db"}
    yield "DescribeDBClusters", {}
    yield "DescribeDBSubnetGroups", {}
    yield "DescribeDBParameterGroups", {}
    yield "ListTagsForResource", {"ResourceName": arn}


def stepfunctions(w):
    role = w.boto("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(POLICY))["Role"]["Arn"]
    c = w.boto("stepfunctions")
    arn = c.create_state_machine(name="m", roleArn=role, definition=json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}), tags=[{"key": "a", "value": "b"}])["stateMachineArn"]
    yield "DescribeStateMachine", {"stateMachineArn": arn}
    yield "ListStateMachines", {}
    yield "ListTagsForResource", {"resourceArn": arn}
    yield "ListExecutions", {"stateMachineArn": arn}


def secretsmanager(w):
    c = w.boto("secretsmanager")
    c.create_secret(Name="s", SecretString="ä secret", Tags=TAGS, Description="d")
    c.create_secret(Name="b", SecretBinary=b"\x00\x01\xff")
    yield "DescribeSecret", {"SecretId": "s"}
    yield "ListSecrets", {}
    yield "GetSecretValue", {"SecretId": "s"}
    yield "GetSecretValue", {"SecretId": "b"}
    yield "ListSecretVersionIds", {"SecretId": "s"}
    yield "GetRandomPassword", {"PasswordLength": 12}


def bedrock(w):
    c = w.boto("bedrock")
    c.put_model_invocation_logging_configuration(loggingConfig={"cloudWatchConfig": {"logGroupName": "g", "roleArn": "arn:aws:iam::123456789012:role/r"}, "textDataDeliveryEnabled": True})
    yield "GetModelInvocationLoggingConfiguration", {}


def bedrock_agent(w):
    c = w.boto("bedrock-agent")
    agent = c.create_agent(agentName="a", agentResourceRoleArn="arn:aws:iam::123456789012:role/r", foundationModel="m", instruction="i" * 40, tags={"a": "b"})["agent"]
    yield "GetAgent", {"agentId": agent["agentId"]}
    yield "ListAgents", {}
    yield "ListTagsForResource", {"resourceArn": agent["agentArn"]}


def agentcore(w):
    c = w.boto("bedrock-agentcore-control")
    made = c.create_memory(name="mem", eventExpiryDuration=30)["memory"]
    yield "GetMemory", {"memoryId": made["id"]}
    yield "ListMemories", {}


def tagging(w):
    w.boto("sqs").create_queue(QueueName="q", tags={"team": "ü"})
    yield "GetResources", {"TagFilters": [{"Key": "team"}]}
    yield "GetTagKeys", {}
    yield "GetTagValues", {"Key": "team"}


def route53(w):
    c = w.boto("route53")
    zone = c.create_hosted_zone(Name="example.com.", CallerReference="one", HostedZoneConfig={"Comment": "c", "PrivateZone": False})["HostedZone"]["Id"]
    c.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": {
        "Name": "*.example.com.", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": "\"a & b\""}]}}]})
    c.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone.rsplit("/")[-1], AddTags=TAGS)
    check = c.create_health_check(CallerReference="x", HealthCheckConfig={"Type": "HTTP", "FullyQualifiedDomainName": "example.com", "Port": 80})["HealthCheck"]["Id"]
    yield "GetHostedZone", {"Id": zone}
    yield "ListHostedZones", {}
    yield "ListHostedZonesByName", {"DNSName": "example.com."}
    yield "ListResourceRecordSets", {"HostedZoneId": zone}
    yield "GetHealthCheck", {"HealthCheckId": check}
    yield "ListTagsForResource", {"ResourceType": "hostedzone", "ResourceId": zone.rsplit("/")[-1]}


def acm(w):
    c = w.boto("acm")
    arn = c.request_certificate(DomainName="example.com", SubjectAlternativeNames=["www.example.com"], ValidationMethod="DNS", Tags=TAGS)["CertificateArn"]
    yield "DescribeCertificate", {"CertificateArn": arn}
    yield "ListCertificates", {}
    yield "ListTagsForCertificate", {"CertificateArn": arn}


def events(w):
    c = w.boto("events")
    arn = c.put_rule(Name="r", ScheduleExpression="rate(5 minutes)", Tags=TAGS, Description="d")["RuleArn"]
    c.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": w.arn("sqs", "q"), "Input": "{\"a\":1}"}])
    c.create_event_bus(Name="bus")
    yield "DescribeRule", {"Name": "r"}
    yield "ListRules", {}
    yield "ListTargetsByRule", {"Rule": "r"}
    yield "ListEventBuses", {}
    yield "ListTagsForResource", {"ResourceARN": arn}


def kms(w):
    c = w.boto("kms")
    key = c.create_key(Description="k", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]["KeyId"]
    c.create_alias(AliasName="alias/main", TargetKeyId=key)
    yield "DescribeKey", {"KeyId": key}
    yield "ListKeys", {}
    yield "GetKeyPolicy", {"KeyId": key, "PolicyName": "default"}
    yield "ListAliases", {}
    yield "ListResourceTags", {"KeyId": key}
    yield "GetKeyRotationStatus", {"KeyId": key}


STATES = {"sqs": sqs, "sns": sns, "iam": iam, "sts": sts, "ec2": ec2, "ecs": ecs, "elbv2": elbv2, "apigateway": apigateway, "apigatewayv2": apigatewayv2,
          "dynamodb": dynamodb, "application-autoscaling": autoscaling, "ecr": ecr, "wafv2": wafv2, "cloudwatch": cloudwatch, "logs": logs, "cloudfront": cloudfront,
          "s3": s3, "lambda": lambda_, "rds": rds, "stepfunctions": stepfunctions, "secretsmanager": secretsmanager, "bedrock": bedrock, "bedrock-agent": bedrock_agent,
          "bedrock-agentcore-control": agentcore, "resourcegroupstaggingapi": tagging, "route53": route53, "acm": acm, "events": events, "kms": kms}


class CliEqual(Case):
    """One test per service, below."""

    def setUp(self):
        if not shutil.which("aws"):
            self.skipTest("the AWS CLI is not installed (no `aws` on PATH)")
        super().setUp()
        self.cli = shared_cli(self.w)

    def ours(self, service, operation, request):
        env = {**self.w.env, "AWS_ENDPOINT_URL": self.aws.url, "AWS_REGION": REGION, "AWS_MAX_ATTEMPTS": "1"}
        r = subprocess.run([CONVERGCTL, "aws", service, operation, "--input", json.dumps(request)], env=env, capture_output=True, text=True)
        return r.returncode, r.stdout, r.stderr

    def both(self, service, operation, request):
        """What differs: [text]."""
        theirs, ours = self.cli.call(service, operation, request), self.ours(service, operation, request)
        self.assertEqual(0, theirs[0], f"aws {service} {operation}: {theirs[2]}")
        if ours[0] != 0:
            return [f"exit code {ours[0]}: {ours[2].strip()[:300]}"]
        without = DIFFERS.get((service, operation), ())
        return difference(*(plain(json.loads(r[1] or "{}"), without) for r in (ours, theirs)))

    def compare(self, service):
        found = [f"{service} {operation} {json.dumps(request)}\n    {text}" for operation, request in STATES[service](self.w)
                 for text in self.both(service, operation, request)]
        self.assertEqual([], found, "\n".join(found))


for service_name in STATES:
    setattr(CliEqual, "test_" + service_name.replace("-", "_"), lambda self, service=service_name: self.compare(service))
