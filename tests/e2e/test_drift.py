"""Every property that a kind manages, changed behind its back: found, healed,
and nothing else written. One table of rows per kind."""
import io
import json
import zipfile

from harness import ACCOUNT, REGION, Case, architecture, documents, manifest, policy
from inventory import differences, steady

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
OTHER = {"Version": "2012-10-17", "Statement": [{"Sid": "Other", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]}


def zipped(text):
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w") as z:
        z.writestr("app.py", text)
    return b.getvalue()


class Drift(Case):
    """files(): the manifests. look(): everything that AWS holds of them.
    rows: (what is done, function). rest: rows whose healing makes ids anew."""

    spec = {}

    def files(self):
        raise NotImplementedError

    def look(self):
        raise NotImplementedError

    def rows(self):
        raise NotImplementedError

    def seen(self):
        try:
            return steady(self.look())
        except Exception as e:
            return f"{type(e).__name__}: {e}"

    def test_every_property(self):
        if type(self) is Drift:
            return
        self.repo.push(self.files())
        self.w.once()
        self.aws.clear()
        self.w.once()
        self.no_writes()
        good, failed = self.seen(), []
        self.assertIsInstance(good, dict, good)
        for name, change in self.rows():
            problem = self.heals(name, change, good)
            if problem:
                failed.append(f"{name}: {problem}")
        self.assertEqual([], failed, f"{len(failed)} rows:\n" + "\n".join(failed))

    def heals(self, name, change, good):
        try:
            change()
        except Exception as e:
            return f"the test's own change failed: {type(e).__name__}: {e}"
        if self.seen() == good:
            return "the test's own change is not visible"
        try:
            self.aws.clear()
            self.w.once()
            left = differences(good, self.seen())
            if left:
                self.w.once(expect=None)
                return "not healed: " + "; ".join(left[:4])
            if len(self.aws.writes()) > 25:
                return f"{len(self.aws.writes())} writes: {self.aws.counts(write=True)}"
            self.aws.clear()
            self.w.once()
            if self.aws.writes():
                return f"healed, but the next pass writes {self.aws.counts(write=True)}"
        except AssertionError as e:
            return str(e)[-1800:]
        return None


def load_tests(loader, tests, pattern):
    """Not the abstract one."""
    import unittest
    suite = unittest.TestSuite()
    for c in Drift.__subclasses__():
        suite.addTests(loader.loadTestsFromTestCase(c))
    return suite


class SqsQueue(Drift):
    def files(self):
        return {"q.yaml": documents(architecture(tags={"team": "shop"}), manifest("SqsQueue", "main", {
            "visibilityTimeout": "45s", "messageRetention": "2d", "delay": "5s", "maxMessageSize": "128KiB", "receiveWait": "10s",
            "deadLetter": {"maxReceives": 7, "retention": "10d"},
            "policy": [{"Sid": "Guest", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sqs:SendMessage"}],
            "tags": {"cost": "42"}}),
            manifest("SqsQueue", "secret", {"encryption": {"kmsKey": "alias/aws/sqs", "dataKeyReuse": "10m"}}),
            manifest("SqsQueue", "order", {"fifo": True, "contentBasedDeduplication": True, "highThroughput": True}))}

    def look(self):
        sqs = self.w.boto("sqs")
        return {n: {**self.w.queue(n), "tags": sqs.list_queue_tags(QueueUrl=self.w.queue_url(n)).get("Tags", {})}
                for n in ("shop-main", "shop-main-dlq", "shop-secret", "shop-order.fifo")}

    def set(self, queue, **attributes):
        return lambda: self.w.boto("sqs").set_queue_attributes(
            QueueUrl=self.w.queue_url(queue), Attributes={k: v if isinstance(v, str) else json.dumps(v) for k, v in attributes.items()})

    def tag(self, queue, **tags):
        return lambda: self.w.boto("sqs").tag_queue(QueueUrl=self.w.queue_url(queue), Tags=tags)

    def rows(self):
        m, d, k, f = "shop-main", "shop-main-dlq", "shop-secret", "shop-order.fifo"
        sqs = self.w.boto("sqs")
        arn = self.w.arn("sqs", k)
        return [("visibility", self.set(m, VisibilityTimeout="99")),
                ("retention", self.set(m, MessageRetentionPeriod="600")),
                ("delay", self.set(m, DelaySeconds="0")),
                ("size", self.set(m, MaximumMessageSize="2048")),
                ("wait", self.set(m, ReceiveMessageWaitTimeSeconds="0")),
                ("policy", self.set(m, Policy={**OTHER, "Statement": [{**OTHER["Statement"][0], "Resource": self.w.arn("sqs", m)}]})),
                ("no policy", self.set(m, Policy="")),
                ("redrive count", self.set(m, RedrivePolicy={"deadLetterTargetArn": self.w.arn("sqs", d), "maxReceiveCount": 2})),
                ("redrive target", self.set(m, RedrivePolicy={"deadLetterTargetArn": arn, "maxReceiveCount": 7})),
                ("no redrive", self.set(m, RedrivePolicy="")),
                ("a KMS key", self.set(m, KmsMasterKeyId="alias/aws/sqs")),
                ("several at once", self.set(m, VisibilityTimeout="1", DelaySeconds="9", RedrivePolicy="")),
                ("tag", self.tag(m, cost="1")),
                ("architecture's tag", self.tag(m, team="others")),
                ("no tag", lambda: sqs.untag_queue(QueueUrl=self.w.queue_url(m), TagKeys=["cost"])),
                ("dlq retention", self.set(d, MessageRetentionPeriod="600")),
                ("dlq allow", self.set(d, RedriveAllowPolicy={"redrivePermission": "allowAll"})),
                ("dlq policy", self.set(d, Policy="")),
                ("kms key", self.set(k, KmsMasterKeyId="alias/other")),
                ("kms reuse", self.set(k, KmsDataKeyReusePeriodSeconds="60")),
                ("no encryption", self.set(k, KmsMasterKeyId="")),
                ("deduplication", self.set(f, ContentBasedDeduplication="false")),
                ("throughput", self.set(f, FifoThroughputLimit="perQueue", DeduplicationScope="queue")),
                ("delete", lambda: sqs.delete_queue(QueueUrl=self.w.queue_url(m))),
                ("delete dlq", lambda: sqs.delete_queue(QueueUrl=self.w.queue_url(d))),
                ("delete fifo", lambda: sqs.delete_queue(QueueUrl=self.w.queue_url(f)))]


class SnsTopic(Drift):
    PROTECTION = {"Name": "p", "Description": "", "Version": "2021-06-01", "Statement": [{
        "Sid": "deny", "DataDirection": "Inbound", "Principal": ["*"],
        "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/CreditCardNumber"], "Operation": {"Deny": {}}}]}

    def files(self):
        return {"t.yaml": documents(architecture(), manifest("SqsQueue", "in"), manifest("SqsQueue", "lost"), manifest("SnsTopic", "news", {
            "displayName": "News", "tracing": "Active", "tags": {"cost": "42"},
            "deliveryPolicy": {"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 5, "maxDelayTarget": 20, "numRetries": 3}}},
            "dataProtection": self.PROTECTION,
            "policy": [{"Sid": "Guest", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sns:Publish"}],
            "subscriptions": {
                "queue": {"target": "SqsQueue/in", "rawDelivery": True, "filterPolicy": {"kind": ["a", "b"]}, "deadLetter": "SqsQueue/lost"},
                "web": {"protocol": "https", "endpoint": "https://example.com/hook", "filterScope": "MessageBody",
                        "filterPolicy": {"x": [{"exists": True}]}}}}))}

    def look(self):
        sns, arn = self.w.boto("sns"), self.w.arn("sns", "shop-news")
        return {"topic": {k: v for k, v in self.w.topic("shop-news").items() if k != "EffectiveDeliveryPolicy"},
                "tags": sns.list_tags_for_resource(ResourceArn=arn)["Tags"],
                "protection": policy(sns.get_data_protection_policy(ResourceArn=arn)["DataProtectionPolicy"] or "{}"),
                "subscriptions": {e: {k: policy(v) if v[:1] == "{" else v for k, v in a.items()}
                                  for e, a in self.w.subscriptions("shop-news").items()},
                "queue policy": self.w.queue("shop-in").get("Policy"), "lost policy": self.w.queue("shop-lost").get("Policy")}

    def set(self, name, value):
        return lambda: self.w.boto("sns").set_topic_attributes(
            TopicArn=self.w.arn("sns", "shop-news"), AttributeName=name, AttributeValue=value if isinstance(value, str) else json.dumps(value))

    def sub_arn(self, endpoint):
        return next(s["SubscriptionArn"] for s in self.w.boto("sns").list_subscriptions_by_topic(
            TopicArn=self.w.arn("sns", "shop-news"))["Subscriptions"] if s["Endpoint"] == endpoint)

    def sub(self, endpoint, name, value):
        return lambda: self.w.boto("sns").set_subscription_attributes(
            SubscriptionArn=self.sub_arn(endpoint), AttributeName=name, AttributeValue=value if isinstance(value, str) else json.dumps(value))

    def rows(self):
        sns, sqs, arn = self.w.boto("sns"), self.w.boto("sqs"), self.w.arn("sns", "shop-news")
        q, web = self.w.arn("sqs", "shop-in"), "https://example.com/hook"
        return [("display name", self.set("DisplayName", "Old")),
                ("no display name", self.set("DisplayName", "")),
                ("tracing", self.set("TracingConfig", "PassThrough")),
                ("policy", self.set("Policy", {**OTHER, "Statement": [{"Sid": "x", "Effect": "Allow", "Principal": "*", "Action": "SNS:Publish", "Resource": arn}]})),
                ("encryption", self.set("KmsMasterKeyId", "alias/other")),
                ("no encryption", self.set("KmsMasterKeyId", "")),
                ("delivery policy", self.set("DeliveryPolicy", {"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 2, "numRetries": 9}}})),
                ("data protection", lambda: sns.put_data_protection_policy(ResourceArn=arn, DataProtectionPolicy=json.dumps({**self.PROTECTION, "Name": "q"}))),
                ("tag", lambda: sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "cost", "Value": "0"}])),
                ("no tag", lambda: sns.untag_resource(ResourceArn=arn, TagKeys=["cost"])),
                ("raw", self.sub(q, "RawMessageDelivery", "false")),
                ("filter", self.sub(q, "FilterPolicy", {"kind": ["a"]})),
                ("no filter", self.sub(q, "FilterPolicy", "{}")),
                ("filter of the body", self.sub(web, "FilterPolicy", {"x": [{"exists": False}]})),
                ("scope", self.sub(web, "FilterPolicyScope", "MessageAttributes")),
                ("dead letter", self.sub(q, "RedrivePolicy", {"deadLetterTargetArn": q})),
                ("no dead letter", self.sub(q, "RedrivePolicy", "")),
                ("unsubscribe", lambda: sns.unsubscribe(SubscriptionArn=self.sub_arn(q))),
                ("unsubscribe web", lambda: sns.unsubscribe(SubscriptionArn=self.sub_arn(web))),
                ("queue side", lambda: sqs.set_queue_attributes(QueueUrl=self.w.queue_url("shop-in"), Attributes={"Policy": ""})),
                ("delete", lambda: sns.delete_topic(TopicArn=arn))]


KEY = "arn:aws:kms:eu-west-1:123456789012:key/0000000%s-0000-4000-8000-000000000000"


class DynamoDbTable(Drift):
    def files(self):
        return {"d.yaml": documents(architecture(), manifest("SnsTopic", "alerts", {"encryption": "none"}), manifest("DynamoDbTable", "orders", {
            "partitionKey": "id:S", "sortKey": "at:N", "ttl": "expires", "stream": "NEW_AND_OLD_IMAGES", "encryption": "aws-managed",
            "deletionProtection": False, "tableClass": "STANDARD", "tags": {"cost": "42"},
            "indexes": {"by-user": {"partitionKey": "user:S", "sortKey": "at:N", "project": "ALL"},
                        "by-state": {"partitionKey": "state:S", "project": ["total"]}},
            "localIndexes": {"by-total": {"sortKey": "total:N", "project": "KEYS_ONLY"}},
            "throttleAlarms": {"topic": "SnsTopic/alerts"}}),
            manifest("DynamoDbTable", "counters", {"partitionKey": "id:S", "deletionProtection": False, "encryption": {"kmsKey": KEY % "1"},
                     "billing": {"read": 5, "write": 6, "autoscaling": {"min": 5, "max": 50, "target": 60}}}),
            manifest("DynamoDbTable", "fixed", {"partitionKey": "id:B", "deletionProtection": True, "billing": {"read": 2, "write": 3},
                     "pointInTimeRecovery": False}))}

    def look(self):
        d, out = self.w.boto("dynamodb"), {}
        for n in ("orders", "counters", "fixed"):
            t = d.describe_table(TableName=f"shop-{n}")["Table"]
            for key in ("WarmThroughput", "TableSizeBytes", "ItemCount"):
                t.pop(key, None)
            t["billing"] = t.pop("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
            for i in t.get("GlobalSecondaryIndexes", []):
                i.pop("WarmThroughput", None)
                i.pop("IndexArn", None)
            key = t.get("SSEDescription", {}).get("KMSMasterKeyArn")   # which ids alone do not tell
            t["whose key"] = {KEY % "1": "ours", self.managed_key(): "AWS's", None: "none"}.get(key, "another's")
            out[n] = {**t, "tags": d.list_tags_of_resource(ResourceArn=t["TableArn"])["Tags"],
                      "ttl": d.describe_time_to_live(TableName=f"shop-{n}")["TimeToLiveDescription"],
                      "pitr": d.describe_continuous_backups(TableName=f"shop-{n}")["ContinuousBackupsDescription"]}
        a = self.w.boto("application-autoscaling")
        out["targets"] = a.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
        out["scaling"] = a.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"]
        out["alarms"] = [x for x in self.w.boto("cloudwatch").describe_alarms()["MetricAlarms"] if not x["AlarmName"].startswith("TargetTracking")]
        for x in out["alarms"]:
            for key in ("StateReason", "StateReasonData", "StateValue"):
                x.pop(key, None)
        return out

    def managed_key(self):
        try:
            return self.w.boto("kms").describe_key(KeyId="alias/aws/dynamodb")["KeyMetadata"]["Arn"]
        except Exception:
            return None

    def update(self, table, **change):
        return lambda: self.w.boto("dynamodb").update_table(TableName=table, **change)

    def rows(self):
        d, a, cw = self.w.boto("dynamodb"), self.w.boto("application-autoscaling"), self.w.boto("cloudwatch")
        o, c, f = "shop-orders", "shop-counters", "shop-fixed"
        definitions = [{"AttributeName": n, "AttributeType": t} for n, t in (("id", "S"), ("at", "N"), ("user", "S"), ("state", "S"), ("total", "N"), ("extra", "S"))]
        target = {"ServiceNamespace": "dynamodb", "ResourceId": f"table/{c}", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}

        def any_alarm():
            return self.look()["alarms"][0]

        def other_alarm():
            x = any_alarm()
            keep = ("AlarmName", "MetricName", "Namespace", "Statistic", "Dimensions", "Period", "EvaluationPeriods", "ComparisonOperator", "Metrics", "DatapointsToAlarm")
            cw.put_metric_alarm(**{k: v for k, v in x.items() if k in keep}, Threshold=x["Threshold"] + 100)

        def scaling(**change):
            p = next(x for x in a.describe_scaling_policies(**target)["ScalingPolicies"])
            a.put_scaling_policy(PolicyName=p["PolicyName"], PolicyType="TargetTrackingScaling", **target,
                                 TargetTrackingScalingPolicyConfiguration={**p["TargetTrackingScalingPolicyConfiguration"], **change})

        def no_scaling():
            p = next(x for x in a.describe_scaling_policies(**target)["ScalingPolicies"])
            a.delete_scaling_policy(PolicyName=p["PolicyName"], **target)
        return [("time to live", lambda: d.update_time_to_live(TableName=o, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires"})),
                ("recovery", lambda: d.update_continuous_backups(TableName=o, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False})),
                ("recovery on", lambda: d.update_continuous_backups(TableName=f, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})),
                ("stream off", self.update(o, StreamSpecification={"StreamEnabled": False})),
                ("encryption", self.update(o, SSESpecification={"Enabled": False})),
                ("encryption by a key of AWS", self.update(f, SSESpecification={"Enabled": True})),
                ("encryption by a customer's key", self.update(f, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY % "2"})),
                ("no key of ours", self.update(c, SSESpecification={"Enabled": False})),
                ("not our key", self.update(c, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY % "2"})),
                ("a key of AWS, not ours", self.update(c, SSESpecification={"Enabled": True, "SSEType": "KMS"})),
                ("a customer's key, not AWS's", self.update(o, SSESpecification={
                    "Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": self.w.boto("kms").create_key()["KeyMetadata"]["Arn"]})),
                ("a key of another account", self.update(o, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": (KEY % "2").replace("1234", "9999")})),
                ("class", self.update(o, TableClass="STANDARD_INFREQUENT_ACCESS")),
                ("protection", self.update(f, DeletionProtectionEnabled=False)),
                ("capacity", self.update(f, ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 3})),
                ("on demand", self.update(f, BillingMode="PAY_PER_REQUEST")),
                ("index gone", self.update(o, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-user"}}])),
                ("index more", self.update(o, AttributeDefinitions=definitions, GlobalSecondaryIndexUpdates=[{"Create": {
                    "IndexName": "extra", "KeySchema": [{"AttributeName": "extra", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}}])),
                ("tag", lambda: d.tag_resource(ResourceArn=self.w.arn("dynamodb", f"table/{o}"), Tags=[{"Key": "cost", "Value": "0"}])),
                ("no tag", lambda: d.untag_resource(ResourceArn=self.w.arn("dynamodb", f"table/{o}"), TagKeys=["cost"])),
                ("scaling maximum", lambda: a.register_scalable_target(**target, MinCapacity=5, MaxCapacity=7)),
                ("scaling minimum", lambda: a.register_scalable_target(**target, MinCapacity=1, MaxCapacity=50)),
                ("scaling aim", lambda: scaling(TargetValue=11.0)),
                ("no scaling policy", no_scaling),
                ("no scaling target", lambda: a.deregister_scalable_target(**target)),
                ("alarm threshold", other_alarm),
                ("alarm gone", lambda: cw.delete_alarms(AlarmNames=[any_alarm()["AlarmName"]])),
                ("delete", lambda: d.delete_table(TableName=o))]


class IamRole(Drift):
    def files(self):
        return {"r.yaml": documents(architecture(), manifest("IamRole", "worker", {
            "trust": ["ec2.amazonaws.com"], "maxSession": "2h", "instanceProfile": True, "tags": {"cost": "42"},
            "managedPolicies": ["AmazonSSMManagedInstanceCore"],
            "permissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess",
            "policies": {"read": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}],
                         "more": [{"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}]}}))}

    def look(self):
        iam = self.w.boto("iam")
        role = self.w.role("shop-worker")
        profile = iam.list_instance_profiles_for_role(RoleName="shop-worker")["InstanceProfiles"]
        return {**role, "inline": self.w.role_policies("shop-worker"),
                "managed": iam.list_attached_role_policies(RoleName="shop-worker")["AttachedPolicies"],
                "profile": [{"name": p["InstanceProfileName"], "path": p["Path"], "roles": [r["RoleName"] for r in p["Roles"]],
                             "tags": iam.get_instance_profile(InstanceProfileName=p["InstanceProfileName"])["InstanceProfile"].get("Tags")} for p in profile]}

    def empty(self):
        iam = self.w.boto("iam")
        for p in iam.list_instance_profiles_for_role(RoleName="shop-worker")["InstanceProfiles"]:
            iam.remove_role_from_instance_profile(InstanceProfileName=p["InstanceProfileName"], RoleName="shop-worker")
        for p in iam.list_attached_role_policies(RoleName="shop-worker")["AttachedPolicies"]:
            iam.detach_role_policy(RoleName="shop-worker", PolicyArn=p["PolicyArn"])
        for p in iam.list_role_policies(RoleName="shop-worker")["PolicyNames"]:
            iam.delete_role_policy(RoleName="shop-worker", PolicyName=p)
        iam.delete_role(RoleName="shop-worker")

    def rows(self):
        iam, n = self.w.boto("iam"), "shop-worker"
        statement = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
        trust = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "lambda.amazonaws.com"}}]}
        ssm = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"

        def no_profile():
            iam.remove_role_from_instance_profile(InstanceProfileName=n, RoleName=n)
            iam.delete_instance_profile(InstanceProfileName=n)
        return [("trust", lambda: iam.update_assume_role_policy(RoleName=n, PolicyDocument=json.dumps(trust))),
                ("session", lambda: iam.update_role(RoleName=n, MaxSessionDuration=3600)),
                ("boundary", lambda: iam.put_role_permissions_boundary(RoleName=n, PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")),
                ("no boundary", lambda: iam.delete_role_permissions_boundary(RoleName=n)),
                ("inline", lambda: iam.put_role_policy(RoleName=n, PolicyName="read", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}))),
                ("inline gone", lambda: iam.delete_role_policy(RoleName=n, PolicyName="more")),
                ("inline more", lambda: iam.put_role_policy(RoleName=n, PolicyName="mine", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}))),
                ("managed gone", lambda: iam.detach_role_policy(RoleName=n, PolicyArn=ssm)),
                ("managed more", lambda: iam.attach_role_policy(RoleName=n, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")),
                ("tag", lambda: iam.tag_role(RoleName=n, Tags=[{"Key": "cost", "Value": "0"}])),
                ("no tag", lambda: iam.untag_role(RoleName=n, TagKeys=["cost"])),
                ("profile without role", lambda: iam.remove_role_from_instance_profile(InstanceProfileName=n, RoleName=n)),
                ("no profile", no_profile),
                ("delete", self.empty)]


FUNCTION = {"app/app.py": "def handler(event, context):\n\treturn event\n", "app/lib/util.py": "X = 1\n"}


class LambdaFunction(Drift):
    def files(self):
        return {**FUNCTION, "f.yaml": documents(
            architecture(), manifest("SqsQueue", "in", {"visibilityTimeout": "2m"}), manifest("SqsQueue", "lost"),
            manifest("DynamoDbTable", "orders", {"partitionKey": "id:S", "stream": "NEW_IMAGE", "deletionProtection": False}),
            manifest("LambdaFunction", "work", {
                "code": "./app", "runtime": "python3.12", "handler": "app.handler", "memory": "512MiB", "timeout": "60s",
                "ephemeralStorage": "1024MiB", "environment": {"STAGE": "prod", "LOST": "${SqsQueue/lost.url}"}, "tags": {"cost": "42"},
                "logs": {"retention": "14d", "format": "JSON", "level": "WARN"}, "concurrency": {"reserved": 7},
                "retries": {"attempts": 1, "maxAge": "1h", "onFailure": "SqsQueue/lost"},
                "events": [{"source": "SqsQueue/in", "batchSize": 5, "window": "1s", "maxConcurrency": 4, "filters": [{"body": {"x": ["y"]}}]},
                           {"source": "DynamoDbTable/orders", "batchSize": 20, "startingPosition": "LATEST"}],
                "url": {"auth": "AWS_IAM", "cors": {"origins": ["https://example.com"]}},
                "alias": {"name": "live", "publish": True},
                "policy": [{"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}],
                "uses": [{"target": "DynamoDbTable/orders", "access": "readWrite"}]}),
            manifest("LambdaFunction", "open", {"code": "./app", "runtime": "python3.12", "handler": "app.handler", "url": {"auth": "NONE"}, "deadLetter": "SqsQueue/lost"}))}

    def look(self):
        out = {n: self.one(f"shop-{n}") for n in ("work", "open")}
        iam = self.w.boto("iam")
        role = out["work"]["config"]["Role"].rsplit("/", 1)[-1]
        out["role"] = {**self.w.role(role), "inline": self.w.role_policies(role),
                       "managed": iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]}
        return out

    def mappings(self, name):
        """Of the function and of its aliases."""
        return [m for m in self.w.boto("lambda").list_event_source_mappings()["EventSourceMappings"]
                if m["FunctionArn"].split(":function:")[1].split(":")[0] == name]

    def one(self, name):
        c = self.w.boto("lambda")
        f = c.get_function(FunctionName=name)
        f["Configuration"].pop("StateReason", None)

        def maybe(call, **kw):
            try:
                return call(FunctionName=name, **kw)
            except c.exceptions.ResourceNotFoundException:
                return None
        maps = [{k: (v.split("/stream/")[0] if k == "EventSourceArn" else v) for k, v in m.items() if k not in ("EventSourceMappingArn", "StateTransitionReason")}
                for m in self.mappings(name)]
        groups = [g for g in self.w.boto("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"] if g["logGroupName"] == f"/aws/lambda/{name}"]
        aliases = [{**a, "FunctionVersion": "n"} for a in c.list_aliases(FunctionName=name)["Aliases"]]
        return {"config": f["Configuration"], "tags": f.get("Tags"), "policy": self.w.function_policy(name),
                "concurrency": c.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions"),
                "invoke": c.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"],
                "url": c.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"], "maps": maps, "groups": groups, "aliases": aliases}

    def rows(self):
        c, iam, logs, n = self.w.boto("lambda"), self.w.boto("iam"), self.w.boto("logs"), "shop-work"
        arn, group = self.w.arn("lambda", f"function:{n}"), f"/aws/lambda/{n}"

        def conf(**change):
            return lambda: c.update_function_configuration(FunctionName=n, **change)

        def mapping(source, **change):
            def f():
                m = next(m for m in self.mappings(n) if f":{source}" in m["EventSourceArn"])
                c.update_event_source_mapping(UUID=m["UUID"], **change) if change else c.delete_event_source_mapping(UUID=m["UUID"])
            return f

        def role():
            return c.get_function(FunctionName=n)["Configuration"]["Role"].rsplit("/", 1)[-1]

        def other_role():
            iam.create_role(RoleName="other", AssumeRolePolicyDocument=json.dumps({**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "lambda.amazonaws.com"}}]}))
            c.update_function_configuration(FunctionName=n, Role=f"arn:aws:iam::{ACCOUNT}:role/other")

        def invoke(**change):
            i = c.list_function_event_invoke_configs(FunctionName=n)["FunctionEventInvokeConfigs"][0]["FunctionArn"].split(":function:")[1].partition(":")
            (c.update_function_event_invoke_config if change else c.delete_function_event_invoke_config)(FunctionName=i[0], **({"Qualifier": i[2]} if i[2] else {}), **change)

        def url(**change):
            u = c.list_function_url_configs(FunctionName=n)["FunctionUrlConfigs"][0]["FunctionArn"].split(":function:")[1].partition(":")
            (c.update_function_url_config if change else c.delete_function_url_config)(FunctionName=u[0], **({"Qualifier": u[2]} if u[2] else {}), **change)

        def no_permission():
            c.remove_permission(FunctionName="shop-open", StatementId=sorted(self.w.function_policy("shop-open"))[0])

        def inline(**document):
            name = sorted(self.w.role_policies(role()))[0]
            iam.put_role_policy(RoleName=role(), PolicyName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
        return [("memory", conf(MemorySize=1024)), ("timeout", conf(Timeout=3)), ("handler", conf(Handler="a.b")), ("runtime", conf(Runtime="python3.11")),
                ("environment", conf(Environment={"Variables": {"STAGE": "test"}})), ("no environment", conf(Environment={"Variables": {}})),
                ("storage", conf(EphemeralStorage={"Size": 600})), ("tracing", conf(TracingConfig={"Mode": "PassThrough"})),
                ("logging", conf(LoggingConfig={"LogFormat": "Text"})), ("dead letter", lambda: c.update_function_configuration(FunctionName="shop-open", DeadLetterConfig={"TargetArn": self.w.arn("sqs", "shop-in")})),
                ("no dead letter", lambda: c.update_function_configuration(FunctionName="shop-open", DeadLetterConfig={"TargetArn": ""})),
                ("dead letter more", conf(DeadLetterConfig={"TargetArn": self.w.arn("sqs", "shop-in")})), ("role", other_role),
                ("code", lambda: c.update_function_code(FunctionName=n, ZipFile=zipped("evil = 1\n"))),
                ("concurrency", lambda: c.put_function_concurrency(FunctionName=n, ReservedConcurrentExecutions=1)),
                ("no concurrency", lambda: c.delete_function_concurrency(FunctionName=n)),
                ("concurrency more", lambda: c.put_function_concurrency(FunctionName="shop-open", ReservedConcurrentExecutions=1)),
                ("retries", lambda: invoke(MaximumRetryAttempts=0)), ("age", lambda: invoke(MaximumEventAgeInSeconds=60)),
                ("failure", lambda: invoke(DestinationConfig={"OnFailure": {"Destination": self.w.arn("sqs", "shop-in")}})), ("no retries", lambda: invoke()),
                ("batch", mapping("shop-in", BatchSize=1)), ("window", mapping("shop-in", MaximumBatchingWindowInSeconds=9)),
                ("disabled", mapping("shop-in", Enabled=False)), ("scaling", mapping("shop-in", ScalingConfig={"MaximumConcurrency": 9})),
                ("filters", mapping("shop-in", FilterCriteria={"Filters": [{"Pattern": "{}"}]})), ("no filters", mapping("shop-in", FilterCriteria={})),
                ("stream batch", mapping("table/shop-orders", BatchSize=1)),
                ("mapping gone", mapping("shop-in")), ("stream mapping gone", mapping("table/shop-orders")),
                ("url", lambda: url(AuthType="NONE")), ("cors", lambda: url(Cors={"AllowOrigins": ["*"]})), ("no url", lambda: url()),
                ("no permission", no_permission),
                ("tag", lambda: c.tag_resource(Resource=arn, Tags={"cost": "0"})), ("no tag", lambda: c.untag_resource(Resource=arn, TagKeys=["cost"])),
                ("retention", lambda: logs.put_retention_policy(logGroupName=group, retentionInDays=1)),
                ("no retention", lambda: logs.delete_retention_policy(logGroupName=group)),
                ("no log group", lambda: logs.delete_log_group(logGroupName=group)),
                ("role policy", inline), ("role policy more", lambda: iam.put_role_policy(RoleName=role(), PolicyName="zz", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))),
                ("role policy gone", lambda: iam.delete_role_policy(RoleName=role(), PolicyName=sorted(self.w.role_policies(role()))[0])),
                ("alias gone", lambda: c.delete_alias(FunctionName=n, Name="live")),
                ("delete open", lambda: c.delete_function(FunctionName="shop-open")),
                ("delete", lambda: c.delete_function(FunctionName=n))]


class HttpApi(Drift):
    def files(self):
        return {**FUNCTION, "a.yaml": documents(
            architecture(), manifest("LambdaFunction", "web", {"code": "./app", "runtime": "python3.12", "handler": "app.handler"}),
            manifest("HttpApi", "api", {
                "routes": {"GET /orders/{id}": {"target": "LambdaFunction/web"},
                           "POST /orders": {"target": "LambdaFunction/web", "authorizer": "users", "scopes": ["write"], "timeout": "10s",
                                            "throttle": {"rate": 5, "burst": 10}},
                           "ANY /old/{proxy+}": {"target": "https://example.com/{proxy}"}},
                "cors": {"origins": ["https://example.com"], "methods": ["GET", "POST"], "headers": ["content-type"], "maxAge": "1h"},
                "authorizers": {"users": {"jwt": {"issuer": "https://issuer.example.com", "audience": ["app"]}}},
                "throttle": {"rate": 100, "burst": 50}, "accessLogs": {"retention": "14d"}, "tags": {"cost": "42"}}))}

    def look(self):
        api = self.w.api("shop-api")
        integrations, authorizers = api.pop("integrations"), {a["AuthorizerId"]: n for n, a in api["authorizers"].items()}
        for r in api["routes"].values():
            target = r.get("Target", "").partition("/")[2]
            r["Target"] = integrations.pop(target, f"no integration {target}") if target else None
            r["authorizer"] = authorizers.get(r.pop("AuthorizerId", None))
        api["unused"] = sorted(str(i["IntegrationUri"]) for i in integrations.values())
        group = {g["logGroupName"]: g for g in self.w.boto("logs").describe_log_groups()["logGroups"]}
        api["permissions"] = {k: json.loads(json.dumps(v).replace(api["ApiId"], "API")) for k, v in self.w.function_policy("shop-web").items()}
        return {**api, "groups": group}

    def rows(self):
        c, f, logs = self.w.boto("apigatewayv2"), self.w.boto("lambda"), self.w.boto("logs")

        def api():
            return self.w.api("shop-api")

        def with_api(call, **kw):
            return lambda: call(ApiId=api()["ApiId"], **kw)

        def route(key, **change):
            def go():
                a = api()
                c.update_route(ApiId=a["ApiId"], RouteId=a["routes"][key]["RouteId"], **change) if change else \
                    c.delete_route(ApiId=a["ApiId"], RouteId=a["routes"][key]["RouteId"])
            return go

        def integration(key, **change):
            def go():
                a = api()
                i = a["routes"][key]["Target"].partition("/")[2]
                c.update_integration(ApiId=a["ApiId"], IntegrationId=i, **change)
            return go

        def lost_integration():
            a = api()
            key = "ANY /old/{proxy+}"
            c.delete_route(ApiId=a["ApiId"], RouteId=a["routes"][key]["RouteId"])
            c.delete_integration(ApiId=a["ApiId"], IntegrationId=a["routes"][key]["Target"].partition("/")[2])

        def authorizer(**change):
            a = api()
            c.update_authorizer(ApiId=a["ApiId"], AuthorizerId=a["authorizers"]["users"]["AuthorizerId"], **change)

        def no_authorizer():
            a = api()
            c.update_route(ApiId=a["ApiId"], RouteId=a["routes"]["POST /orders"]["RouteId"], AuthorizationType="NONE")
            c.delete_authorizer(ApiId=a["ApiId"], AuthorizerId=a["authorizers"]["users"]["AuthorizerId"])

        def stage(**change):
            return with_api(c.update_stage, StageName="$default", **change)

        def group():
            return next(g for g in self.look()["groups"] if "web" not in g)

        def tags(call, **kw):
            return lambda: call(ResourceArn=f"arn:aws:apigateway:{REGION}::/apis/{api()['ApiId']}", **kw)

        def no_permission():
            f.remove_permission(FunctionName="shop-web", StatementId=sorted(self.w.function_policy("shop-web"))[0])
        get, post = "GET /orders/{id}", "POST /orders"
        return [("cors", with_api(c.update_api, CorsConfiguration={"AllowOrigins": ["*"]})), ("no cors", with_api(c.delete_cors_configuration)),
                ("endpoint", with_api(c.update_api, DisableExecuteApiEndpoint=True)),
                ("route authorization", route(post, AuthorizationType="NONE")), ("route scopes", route(post, AuthorizationScopes=["read"])),
                ("route target", route(get, Target="integrations/none")), ("route gone", route(get)),
                ("route more", with_api(c.create_route, RouteKey="GET /spy")),
                ("integration timeout", integration(post, TimeoutInMillis=50)), ("integration payload", integration(get, PayloadFormatVersion="1.0")),
                ("integration uri", integration("ANY /old/{proxy+}", IntegrationUri="https://example.org/")),
                ("integration gone", lost_integration),
                ("authorizer audience", lambda: authorizer(JwtConfiguration={"Audience": ["spy"], "Issuer": "https://issuer.example.com"})),
                ("authorizer source", lambda: authorizer(IdentitySource=["$request.querystring.token"])),
                ("no authorizer", no_authorizer),
                ("throttle", stage(DefaultRouteSettings={"ThrottlingRateLimit": 1.0, "ThrottlingBurstLimit": 1})),
                ("metrics", stage(DefaultRouteSettings={"DetailedMetricsEnabled": False})),
                ("route throttle", stage(RouteSettings={post: {"ThrottlingRateLimit": 1.0, "ThrottlingBurstLimit": 1}})),
                ("deployment", stage(AutoDeploy=False)),
                ("access log format", stage(AccessLogSettings={"DestinationArn": self.w.arn("logs", "log-group:x"), "Format": "$context.requestId"})),
                ("no access log", with_api(c.delete_access_log_settings, StageName="$default")),
                ("stage gone", with_api(c.delete_stage, StageName="$default")),
                ("log retention", lambda: logs.put_retention_policy(logGroupName=group(), retentionInDays=1)),
                ("no log group", lambda: logs.delete_log_group(logGroupName=group())),
                ("tag", tags(c.tag_resource, Tags={"cost": "0"})), ("no tag", tags(c.untag_resource, TagKeys=["cost"])),
                ("no permission", no_permission),
                ("delete", with_api(c.delete_api))]
