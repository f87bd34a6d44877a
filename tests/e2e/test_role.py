"""An architecture that lives in another account: assumeRole."""
import boto3

from harness import REGION, Case, architecture, documents, manifest

OTHER = "222222222222"
ROLE = f"arn:aws:iam::{OTHER}:role/deploy"


class AssumedRole(Case):
    def setUp(self):
        super().setUp()
        self.files = {"q.yaml": documents(architecture(assumeRole=ROLE), manifest("SqsQueue", "jobs"))}

    def queues_of_role(self):
        keys = self.w.boto("sts").assume_role(RoleArn=ROLE, RoleSessionName="judge")["Credentials"]
        self.aws.learn(keys["AccessKeyId"], keys["SecretAccessKey"])
        sqs = boto3.client("sqs", endpoint_url=self.aws.url, region_name=REGION, aws_access_key_id=keys["AccessKeyId"],
                           aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])
        return [u.rsplit("/", 2)[-2:] for u in sqs.list_queues().get("QueueUrls", [])]

    def test_daemon_writes_to_the_other_account(self):
        self.repo.push(self.files)
        self.w.once()
        self.assertEqual([], self.w.queues())
        self.assertEqual([[OTHER, "shop-jobs"]], self.queues_of_role())
        self.assertIn("sts AssumeRole", self.aws.counts())

    def test_plan_and_apply_do_as_well(self):
        self.repo.write(self.files)
        out = self.w.ctl("plan")[0]
        self.assertIn(f"account {OTHER}, {REGION}", out)
        self.w.ctl("apply", "--yes")
        self.assertEqual([], self.w.queues())
        self.assertEqual([[OTHER, "shop-jobs"]], self.queues_of_role())
        self.assertIn("No changes.", self.w.ctl("plan")[0])

    def test_refused_role_changes_nothing(self):
        self.aws.faults.append(self.fault("AccessDenied"))
        self.repo.push(self.files)
        out = self.w.once(expect=None)
        self.assertIn(ROLE, out)
        self.assertIn("AccessDenied", out)
        self.no_writes(but=["AssumeRole"])
        self.assertEqual([], self.w.queues())

    @staticmethod
    def fault(code):
        import emulator
        return emulator.Fault("error", service="sts", operation="AssumeRole", code=code, status=403)
