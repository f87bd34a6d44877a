"""The daemon over time: pushes, drift, bad manifests, outages, signals, guards."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request

from emulator import Fault
from harness import CONVERGD, Case, architecture, documents, free_port, git, manifest, wait

QUEUE = documents(architecture(), manifest("SqsQueue", "jobs", {"visibilityTimeout": "30s"}))


def queue(visibility, more=""):
    return documents(architecture(), manifest("SqsQueue", "jobs", {"visibilityTimeout": f"{visibility}s"}), *([more] if more else []))


class Pushes(Case):
    def test_push_is_applied_at_once(self):
        """A local repository is watched: no poll is needed."""
        self.repo.push({"q.yaml": queue(30)})
        self.w.settings(source={"interval": "10m"})
        d = self.w.start()
        self.w.wait_synced()
        times = []
        for i in range(5):
            n = len(self.aws.calls)
            self.repo.commit({"q.yaml": queue(40 + i)})
            start = time.time()
            git("push", "-q", "origin", "main", cwd=self.repo.work)
            first = wait(lambda: self.aws.writes(n), 15, "a write after the push")[0]
            times.append(first.time - start)
            wait(lambda: self.w.queue("shop-jobs")["VisibilityTimeout"] == str(40 + i), 15, "the queue changes")
            self.w.wait_synced(git("rev-parse", "HEAD", cwd=self.repo.work))
        self.assertLess(sorted(times)[2], 5, f"push to first write: {times}")
        self.assertEqual(0, d.stop())

    def test_poll_finds_a_push(self):
        """Over file:// nothing is watched by us, or it is: within the interval."""
        self.repo.push({"q.yaml": queue(30)})
        self.w.settings(source={"url": f"file://{self.repo.bare}", "interval": "1s"})
        self.w.start()
        self.w.wait_synced()
        sha = self.repo.push({"q.yaml": queue(31)})
        self.w.wait_synced(sha)
        self.assertEqual("31", self.w.queue("shop-jobs")["VisibilityTimeout"])

    def test_force_push_is_followed_and_said(self):
        self.repo.push({"q.yaml": queue(30)})
        d = self.w.start()
        self.w.wait_synced()
        git("update-ref", "-d", "refs/heads/main", cwd=self.repo.work)     # the next commit has no parent
        sha = self.repo.push({"q.yaml": queue(77)}, force=True)
        self.w.wait_synced(sha)
        self.assertEqual("77", self.w.queue("shop-jobs")["VisibilityTimeout"])
        d.said(r"(?i)force|history was rewritten")

    def test_unborn_branch_then_first_push(self):
        d = self.w.start()
        d.said(r"(?i)main")
        self.assertEqual(503, wait(lambda: self.w.http("/readyz"), 15, "an answer")[0])
        self.w.wait_synced(self.repo.push({"q.yaml": QUEUE}))
        wait(lambda: self.w.http("/readyz")[0] == 200, 15, "ready")

    def test_path_of_the_source(self):
        self.repo.push({"deploy/q.yaml": queue(33), "elsewhere/broken.yaml": "nonsense: [", "README.md": "x"})
        self.w.settings(source={"path": "deploy"})
        self.w.once()
        self.assertEqual(["shop-jobs"], self.w.queues())


class DriftInTime(Case):
    def test_found_and_healed_by_the_running_daemon(self):
        self.repo.push({"q.yaml": QUEUE})
        self.w.settings(reconcile={"interval": "1s"})
        self.w.start()
        self.w.wait_synced()
        sqs, url = self.w.boto("sqs"), self.w.queue_url("shop-jobs")
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "99"})
        wait(lambda: self.w.queue("shop-jobs")["VisibilityTimeout"] == "30", 30, "healed")
        wait(lambda: self.w.metric("convergd_drift_healed_total", architecture="shop") >= 1, 15, "the metric")
        self.assertGreaterEqual(self.w.metric("convergd_drift_detected_total", architecture="shop"), 1)
        sqs.delete_queue(QueueUrl=url)
        wait(lambda: self.w.queues() == ["shop-jobs"], 30, "made anew")

    def test_passes_without_change_write_nothing(self):
        self.repo.push({"q.yaml": QUEUE})
        self.w.settings(reconcile={"interval": "1s"})
        self.w.start()
        self.w.wait_synced()
        n = self.w.aws.calls and len(self.aws.calls)
        wait(lambda: len(self.aws.calls) >= n + 6, 30, "some passes")
        self.no_writes(n)

    def test_state_deleted_writes_nothing(self):
        self.repo.push({"q.yaml": QUEUE})
        d = self.w.start()
        self.w.wait_synced()
        d.stop()
        shutil.rmtree(self.w.state)
        self.aws.clear()
        d = self.w.start()
        self.w.wait_synced()
        d.stop()
        self.no_writes()

    def test_observe_mode_never_writes(self):
        self.repo.push({"q.yaml": documents(architecture(mode="observe"), manifest("SqsQueue", "jobs"))})
        self.w.once(expect=2)
        self.no_writes()
        self.assertEqual([], self.w.queues())

    def test_fields_that_somebody_else_owns(self):
        self.repo.push({"q.yaml": documents(architecture(), manifest("SqsQueue", "jobs", {"visibilityTimeout": "30s"},
                                                                     policy={"ignore": ["/spec/visibilityTimeout"]}))})
        self.w.once()
        self.aws.clear()
        self.w.boto("sqs").set_queue_attributes(QueueUrl=self.w.queue_url("shop-jobs"), Attributes={"VisibilityTimeout": "99"})
        self.w.once()
        self.no_writes()
        self.w.boto("sqs").set_queue_attributes(QueueUrl=self.w.queue_url("shop-jobs"), Attributes={"DelaySeconds": "9"})
        self.w.once()
        self.assertSubset({"VisibilityTimeout": "99", "DelaySeconds": "0"}, self.w.queue("shop-jobs"))

    def test_one_manifest_only_observed(self):
        self.repo.push({"q.yaml": documents(architecture(), manifest("SqsQueue", "jobs", {}, policy={"mode": "observe"}), manifest("SqsQueue", "other"))})
        self.w.once(expect=2)
        self.assertEqual(["shop-other"], self.w.queues())

    def test_replacement_of_a_fixed_field(self):
        self.repo.push({"q.yaml": documents(architecture(), manifest("SqsQueue", "jobs", {"name": "first"}))})
        self.w.once()
        self.repo.push({"q.yaml": documents(architecture(), manifest("SqsQueue", "jobs", {"name": "second"}))})
        self.w.once()
        self.assertEqual(["second"], self.w.queues())
        self.aws.clear()
        self.w.once()
        self.no_writes()

    def test_the_same_drift_again_and_again_is_said_not_fought(self):
        """Somebody whose writes always undo ours: NotConverging, not a war."""
        self.repo.push({"q.yaml": QUEUE})
        self.w.settings(reconcile={"interval": "1s"})
        d = self.w.start()
        self.w.wait_synced()
        # AWS says yes and keeps its own value.
        fake = self.aws.fake.serve

        def stubborn(req):
            if req.operation == "SetQueueAttributes" and req.key != "JUDGE":
                import wire
                return wire.answer(req, {})
            return fake(req)
        self.aws.fake.serve = stubborn
        self.addCleanup(setattr, self.aws.fake, "serve", fake)
        self.w.boto("sqs").set_queue_attributes(QueueUrl=self.w.queue_url("shop-jobs"), Attributes={"DelaySeconds": "9"})
        wait(lambda: self.w.metric("convergd_not_converging", architecture="shop", name="jobs") == 1, 40, "not converging")
        n = self.w.quiet(0.2)
        wait(lambda: len(self.aws.calls) >= n + 10, 30, "more passes")
        try:
            self.no_writes(n)
        except AssertionError as e:
            self.fail(f"{e}\n{d.log()[-3000:]}")
        self.assertRegex(d.log(), r"DelaySeconds")


class Removal(Case):
    FILES = {"a.yaml": documents(architecture(), manifest("SqsQueue", "in", {"deadLetter": {"maxReceives": 3}})),
             "b.yaml": manifest("SnsTopic", "news", {"subscriptions": {"q": {"target": "SqsQueue/in"}}})}

    def test_pruned_in_reverse_order(self):
        self.repo.push(self.FILES)
        self.w.once()
        self.aws.clear()
        self.repo.push({"a.yaml": architecture(), "b.yaml": None})
        out = self.w.once()
        self.assertEqual([], self.w.queues())
        self.assertEqual([], self.w.boto("sns").list_topics()["Topics"])
        order = [c.operation + ":" + str(c.input.get("QueueUrl", "")).rsplit("/", 1)[-1] for c in self.aws.writes()]
        self.assertIn("DeleteTopic:", order, out[-2000:])
        if "Unsubscribe:" in order:
            self.assertLess(order.index("Unsubscribe:"), order.index("DeleteTopic:"))
        for name in ("shop-in", "shop-in-dlq"):
            self.assertLess(order.index("DeleteTopic:"), order.index(f"DeleteQueue:{name}"), order)
        self.aws.clear()
        self.w.once()
        self.no_writes()

    def test_prune_off_keeps(self):
        self.repo.push(self.FILES)
        self.w.once()
        self.aws.clear()
        self.repo.push({"a.yaml": architecture(prune=False), "b.yaml": None})
        self.w.once(expect=None)
        self.no_writes()
        self.assertEqual(["shop-in", "shop-in-dlq"], self.w.queues())

    def test_max_deletes(self):
        many = documents(architecture(limits={"maxDeletes": 2}), *(manifest("SqsQueue", f"q{i}") for i in range(4)))
        self.repo.push({"a.yaml": many})
        self.w.once()
        self.aws.clear()
        self.repo.push({"a.yaml": architecture(limits={"maxDeletes": 2})})
        out = self.w.once(expect=None)
        self.no_writes()
        self.assertEqual(4, len(self.w.queues()))
        self.assertRegex(out, r"(?i)maxDeletes|max-deletes")
        self.repo.push({"a.yaml": architecture(limits={"maxDeletes": 4})})
        self.w.once()
        self.assertEqual([], self.w.queues())

    def test_stateful_needs_approval(self):
        table = manifest("DynamoDbTable", "orders", {"partitionKey": "id:S", "deletionProtection": False})
        self.repo.push({"a.yaml": documents(architecture(), table)})
        self.w.once()
        self.aws.clear()
        self.repo.push({"a.yaml": architecture()})
        out = self.w.once(expect=None)
        self.no_writes()
        self.assertEqual(["shop-orders"], self.w.boto("dynamodb").list_tables()["TableNames"])
        self.assertRegex(out, r"(?i)confirm|approv|prune")

    def test_foreign_things_stay(self):
        """What does not carry our tags is never deleted."""
        sqs = self.w.boto("sqs")
        sqs.create_queue(QueueName="shop-other", tags={"team": "x"})
        sqs.create_queue(QueueName="shop-theirs", tags={"convergd:installation": "another", "convergd:architecture": "shop",
                                                        "convergd:resource": "shop/SqsQueue/theirs/queue"})
        self.repo.push({"q.yaml": QUEUE})
        self.w.once()
        self.repo.push({"q.yaml": architecture()})
        self.w.once()
        self.assertEqual(["shop-other", "shop-theirs"], self.w.queues())


class Ownership(Case):
    def test_foreign_queue_of_our_name_is_a_conflict(self):
        self.w.boto("sqs").create_queue(QueueName="shop-jobs", Attributes={"VisibilityTimeout": "11"})
        self.repo.push({"q.yaml": QUEUE})
        out = self.w.once(expect=1)
        self.no_writes(but=("CreateQueue",))
        self.assertEqual("11", self.w.queue("shop-jobs")["VisibilityTimeout"])
        self.assertEqual({}, self.w.boto("sqs").list_queue_tags(QueueUrl=self.w.queue_url("shop-jobs")).get("Tags", {}))
        self.assertRegex(out, r"(?i)shop-jobs.*(exist|conflict|own)|(exist|conflict|own).*shop-jobs")

    def test_foreign_role_function_and_table(self):
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        self.w.boto("iam").create_role(RoleName="shop-worker", AssumeRolePolicyDocument=json.dumps(trust))
        self.w.boto("dynamodb").create_table(TableName="shop-orders", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "x", "KeyType": "HASH"}],
                                             AttributeDefinitions=[{"AttributeName": "x", "AttributeType": "S"}])
        self.repo.push({"a.yaml": documents(architecture(), manifest("IamRole", "worker", {"trust": ["lambda.amazonaws.com"]}),
                                            manifest("DynamoDbTable", "orders", {"partitionKey": "id:S"}))})
        self.w.once(expect=1)
        self.no_writes(but=("CreateRole", "CreateTable"))
        self.assertEqual(trust, self.w.role("shop-worker")["AssumeRolePolicyDocument"])

    def test_another_installation_is_a_conflict(self):
        self.repo.push({"q.yaml": QUEUE})
        self.w.once()
        self.aws.clear()
        self.w.settings(installation="second", state={"directory": self.w.dir + "/state2"})
        self.repo.push({"q.yaml": queue(55)})
        self.w.once(expect=1)
        self.no_writes(but=("CreateQueue",))
        self.assertEqual("30", self.w.queue("shop-jobs")["VisibilityTimeout"])

    def test_adopt_on_request(self):
        self.w.boto("sqs").create_queue(QueueName="shop-jobs", Attributes={"VisibilityTimeout": "11"})
        self.repo.push({"q.yaml": documents(architecture(), manifest("SqsQueue", "jobs", {}, policy={"adopt": "ifExists"}))})
        self.w.once()
        self.assertEqual("30", self.w.queue("shop-jobs")["VisibilityTimeout"])
        tags = self.w.boto("sqs").list_queue_tags(QueueUrl=self.w.queue_url("shop-jobs"))["Tags"]
        self.assertEqual("e2e", tags["convergd:installation"])

    def test_required_is_what_the_manifest_is_about(self):
        """Its dead-letter queue is made where it is missing, but not alone."""
        self.repo.push({"q.yaml": documents(architecture(), manifest("SqsQueue", "jobs", {"deadLetter": {"maxReceives": 3}}, policy={"adopt": "require"}))})
        out = self.w.once(expect=2)
        self.no_writes()
        self.assertIn("nothing to take over", out)
        sqs = self.w.boto("sqs")
        sqs.create_queue(QueueName="shop-jobs", Attributes={"VisibilityTimeout": "11"})
        self.w.once()
        self.assertEqual("30", self.w.queue("shop-jobs")["VisibilityTimeout"])
        self.assertEqual(self.w.queue("shop-jobs-dlq")["QueueArn"], self.w.queue("shop-jobs")["RedrivePolicy"]["deadLetterTargetArn"])
        for name in ("shop-jobs", "shop-jobs-dlq"):
            self.assertEqual("e2e", sqs.list_queue_tags(QueueUrl=self.w.queue_url(name))["Tags"]["convergd:installation"])

    def test_wrong_account_writes_nothing(self):
        self.repo.push({"q.yaml": documents(architecture(account="999999999999"), manifest("SqsQueue", "jobs"))})
        out = self.w.once(expect=1)
        self.no_writes()
        self.assertRegex(out, "999999999999")

    def test_ownership_tags(self):
        self.repo.push({"q.yaml": documents(architecture(tags={"team": "shop"}), manifest("SqsQueue", "jobs", {"tags": {"cost": "1"}}))})
        self.w.once()
        tags = self.w.boto("sqs").list_queue_tags(QueueUrl=self.w.queue_url("shop-jobs"))["Tags"]
        self.assertSubset({"convergd:installation": "e2e", "convergd:architecture": "shop", "team": "shop", "cost": "1"}, tags)
        self.assertIn("SqsQueue/jobs", tags["convergd:resource"])


class BadManifests(Case):
    def test_last_good_revision_stays_in_force(self):
        good = self.repo.push({"q.yaml": QUEUE})
        self.w.settings(reconcile={"interval": "1s"})
        d = self.w.start()
        self.w.wait_synced(good)
        self.repo.push({"q.yaml": QUEUE.replace("visibilityTimeout", "visiblityTimeout")})
        d.said(r"q\.yaml:\d+:\d+: .*visiblityTimeout.*visibilityTimeout")
        n = self.w.quiet(0.3)
        self.no_writes(n)
        # Drift is still healed, to the last good revision.
        self.w.boto("sqs").set_queue_attributes(QueueUrl=self.w.queue_url("shop-jobs"), Attributes={"VisibilityTimeout": "99"})
        wait(lambda: self.w.queue("shop-jobs")["VisibilityTimeout"] == "30", 30, "healed")
        self.assertTrue(self.w.metric("convergd_architecture_info", architecture="shop") == 1)
        out = self.w.ctl("status", "--socket", self.w.socket, expect=None)[0]
        self.assertRegex(out, r"q\.yaml:\d+:\d+")
        self.assertEqual(1, self.w.metric("convergd_manifest_errors"))
        err = self.w.ctl("reconcile", "--wait", "--socket", self.w.socket, expect=1)[1]
        self.assertIn("shop: the newest commit has errors", err)
        fixed = self.repo.push({"q.yaml": queue(35)})
        self.w.wait_synced(fixed)
        self.assertEqual("35", self.w.queue("shop-jobs")["VisibilityTimeout"])
        self.assertEqual(0, self.w.metric("convergd_manifest_errors"))
        self.w.ctl("reconcile", "--wait", "--socket", self.w.socket)

    def test_a_source_without_architecture_is_said(self):
        """As with a wrong source.path: nothing is managed, and that is no peace."""
        self.repo.push({"q.yaml": manifest("SqsQueue", "jobs")})
        d = self.w.start()
        d.said("no Architecture document")
        self.assertIn("! .: no Architecture document", self.w.ctl("status", "--socket", self.w.socket)[0])
        self.assertIn("no Architecture document", self.w.ctl("reconcile", "--wait", "--socket", self.w.socket, expect=1)[1])
        self.assertEqual((503, "source: no architecture in the newest revision\n"), self.w.http("/readyz"))
        self.assertGreater(self.w.metric("convergd_manifest_errors"), 0)
        self.w.wait_synced(self.repo.push({"q.yaml": QUEUE}))
        self.assertEqual(200, self.w.http("/readyz")[0])

    def test_bad_architecture_stops_only_itself(self):
        files = {n + "/a.yaml": documents(architecture(n), manifest("SqsQueue", "jobs")) for n in ("one", "two")}
        self.repo.push(files)
        self.w.once()
        self.assertEqual(["one-jobs", "two-jobs"], self.w.queues())
        self.aws.clear()
        self.repo.push({"one/a.yaml": documents(architecture("one"), manifest("SqsQueue", "jobs", {"delay": "9s", "oops": 1})),
                        "two/a.yaml": documents(architecture("two"), manifest("SqsQueue", "jobs", {"delay": "9s"}))})
        out = self.w.once(expect=1)
        self.assertRegex(out, r"one/a\.yaml:\d+:\d+: .*oops")
        self.assertEqual("0", self.w.queue("one-jobs")["DelaySeconds"])
        self.assertEqual("9", self.w.queue("two-jobs")["DelaySeconds"])

    def test_empty_source_deletes_nothing(self):
        self.repo.push({"q.yaml": QUEUE})
        d = self.w.start()
        self.w.wait_synced()
        self.repo.push({"q.yaml": None, "README.md": "nothing here"})
        wait(lambda: re.search(r"(?i)no architecture", d.log()) or "README" in d.log(), 15, "it is said")
        self.no_writes(self.w.quiet())
        self.assertEqual(["shop-jobs"], self.w.queues())


class Outages(Case):
    def test_git_away_and_back(self):
        self.repo.push({"q.yaml": QUEUE})
        self.w.settings(reconcile={"interval": "1s"})
        d = self.w.start()
        self.w.wait_synced()
        os.rename(self.repo.bare, self.repo.bare + ".away")
        wait(lambda: self.w.metric("convergd_git_fetch_total", result="error") + self.w.metric("convergd_git_fetch_total", result="failure") >= 1
             or self.w.metric("convergd_git_up") == 0, 30, "the metric says so")
        wait(lambda: self.w.http("/readyz")[0] == 503, 15, "readyz says so")
        self.assertEqual(200, self.w.http("/healthz")[0])
        self.w.boto("sqs").set_queue_attributes(QueueUrl=self.w.queue_url("shop-jobs"), Attributes={"VisibilityTimeout": "99"})
        wait(lambda: self.w.queue("shop-jobs")["VisibilityTimeout"] == "30", 30, "healed without Git")
        self.assertIn("cannot open the repository", self.w.ctl("reconcile", "--wait", "--socket", self.w.socket, expect=1)[1])
        os.rename(self.repo.bare + ".away", self.repo.bare)
        sha = self.repo.push({"q.yaml": queue(36)})
        self.w.wait_synced(sha, seconds=90)
        wait(lambda: self.w.http("/readyz")[0] == 200, 30, "ready again")
        d.stop()

    def test_git_away_at_start_uses_the_mirror(self):
        self.repo.push({"q.yaml": QUEUE})
        self.w.start()
        self.w.wait_synced()
        self.w.daemons[0].stop()
        os.rename(self.repo.bare, self.repo.bare + ".away")
        self.w.boto("sqs").delete_queue(QueueUrl=self.w.queue_url("shop-jobs"))
        self.w.settings(reconcile={"interval": "1s"})
        self.w.start()
        wait(lambda: self.w.queues() == ["shop-jobs"], 30, "healed from the last good revision")

    def test_aws_away_and_back(self):
        self.repo.push({"q.yaml": QUEUE})
        self.w.settings(reconcile={"interval": "1s"})
        d = self.w.start()
        self.w.wait_synced()
        self.aws.down()
        self.addCleanup(self.aws.up)
        sha = self.repo.push({"q.yaml": queue(37)})
        d.said(r"(?i)(connect|refused|unreachable|transport|could not)", 60)
        self.assertEqual(200, self.w.http("/healthz")[0])
        self.assertIsNone(d.process.poll())
        self.aws.up()
        self.w.wait_synced(sha, seconds=90)
        self.assertEqual("37", self.w.queue("shop-jobs")["VisibilityTimeout"])
        d.stop()

    def test_credentials_refused(self):
        self.repo.push({"q.yaml": QUEUE})
        self.w.env["AWS_SECRET_ACCESS_KEY"] = "wrong"
        out = self.w.once(expect=1)
        self.no_writes()
        self.assertIn("SignatureDoesNotMatch", out)
        self.aws.bad.clear()


class Faults(Case):
    def test_throttling_is_never_a_failure(self):
        self.repo.push({"q.yaml": documents(architecture(), *(manifest("SqsQueue", f"q{i}") for i in range(6)))})
        faults = [Fault("throttle", "sqs", times=12), Fault("throttle", "resourcegroupstaggingapi", times=2)]
        self.aws.faults += faults
        self.w.once()
        self.assertEqual(6, len(self.w.queues()))
        self.assertGreater(sum(f.hits for f in faults), 3)

    def test_throttled_reads_cause_no_write(self):
        self.repo.push({"q.yaml": QUEUE})
        self.w.once()
        self.aws.clear()
        self.aws.faults.append(Fault("throttle", "sqs", write=False))
        self.w.once("--timeout", "3s", expect=None)
        self.no_writes()
        self.assertEqual(["shop-jobs"], self.w.queues())

    def test_errors_of_the_server_are_retried(self):
        self.repo.push({"q.yaml": QUEUE})
        self.aws.faults += [Fault("error", "sqs", "CreateQueue", code="InternalFailure", status=500, times=1),
                            Fault("reset", "sqs", "GetQueueAttributes", times=1), Fault("latency", "sqs", seconds=0.2, times=3)]
        self.w.once()
        self.assertEqual(["shop-jobs"], self.w.queues())

    def test_lost_answer_of_a_create_makes_no_second(self):
        """The call took effect, the answer never came."""
        self.repo.push({"a.yaml": documents(architecture(), manifest("SqsQueue", "jobs"), manifest("SnsTopic", "news"),
                                            manifest("HttpApi", "api", {"routes": {"GET /x": {"target": "https://example.com/"}}}))})
        self.aws.faults += [Fault("lost", "sqs", "CreateQueue", times=1), Fault("lost", "sns", "CreateTopic", times=1),
                            Fault("lost", "apigatewayv2", "CreateApi", times=1)]
        self.w.once(expect=None)
        self.w.once()
        self.assertEqual(["shop-jobs"], self.w.queues())
        self.assertEqual(1, len(self.w.boto("sns").list_topics()["Topics"]))
        self.assertEqual(1, len(self.w.boto("apigatewayv2").get_apis()["Items"]))

    def test_role_propagation_is_waited_out(self):
        self.repo.push({"f/app.py": "def handler(e, c): pass\n", "f.yaml": documents(
            architecture(), manifest("LambdaFunction", "work", {"code": "./f", "runtime": "python3.12", "handler": "app.handler"}))})
        fault = Fault("error", "lambda", "CreateFunction", code="InvalidParameterValueException", times=2,
                      message="The role defined for the function cannot be assumed by Lambda.")
        self.aws.faults.append(fault)
        self.w.once()
        self.assertEqual(2, fault.hits)
        self.assertEqual("shop-work", self.w.function("shop-work")["Configuration"]["FunctionName"])

    def test_queue_deleted_recently_is_waited_out(self):
        self.repo.push({"q.yaml": QUEUE})
        fault = Fault("error", "sqs", "CreateQueue", code="QueueDeletedRecently", times=2,
                      message="You must wait 60 seconds after deleting a queue before you can create another with the same name.")
        self.aws.faults.append(fault)
        self.w.once()
        self.assertEqual(["shop-jobs"], self.w.queues())

    def test_things_that_take_time(self):
        """CREATING tables and Pending functions are waited for."""
        self.aws.fake.pending = 2.0
        self.repo.push({"f/app.py": "def handler(e, c): pass\n", "f.yaml": documents(
            architecture(), manifest("DynamoDbTable", "orders", {"partitionKey": "id:S", "ttl": "expires", "stream": "NEW_IMAGE",
                                     "indexes": {"by-a": {"partitionKey": "a:S"}}}),
            manifest("LambdaFunction", "work", {"code": "./f", "runtime": "python3.12", "handler": "app.handler",
                     "events": [{"source": "DynamoDbTable/orders", "startingPosition": "LATEST"}], "alias": {"name": "live", "publish": True}}))})
        self.w.once("--timeout", "60s")
        self.aws.clear()
        self.w.once()
        self.no_writes()

    def test_most_reads_say_not_found_is_a_wrong_account(self):
        self.repo.push({"q.yaml": documents(architecture(limits={"maxDeletes": 50}), *(manifest("SqsQueue", f"q{i}") for i in range(8)))})
        self.w.once()
        self.aws.clear()
        self.aws.faults += [Fault("error", "sqs", op, code="QueueDoesNotExist", message="The specified queue does not exist.")
                            for op in ("GetQueueUrl", "GetQueueAttributes")]
        self.repo.push({"q.yaml": documents(architecture(limits={"maxDeletes": 50}), *(manifest("SqsQueue", f"q{i}") for i in range(7)))})
        self.w.once("--timeout", "5s", expect=None)
        self.assertEqual([], [c.operation for c in self.aws.writes() if c.operation.startswith("Delete")])


class Process(Case):
    def test_terminate_finishes_calls_in_flight(self):
        self.repo.push({"q.yaml": QUEUE})
        self.aws.faults.append(Fault("latency", "sqs", "CreateQueue", seconds=1.5, times=1))
        d = self.w.start()
        fault = self.aws.faults[0]
        wait(lambda: fault.hits, 20, "a create in flight")
        self.assertEqual(0, d.stop())
        self.assertEqual(["shop-jobs"], self.w.queues())
        self.aws.clear()
        self.w.once()
        self.assertEqual({}, {k: v for k, v in self.aws.counts(write=True).items() if "Create" in k})

    def test_hangup_reloads(self):
        self.repo.push({"q.yaml": QUEUE})
        d = self.w.start()
        self.w.wait_synced()
        self.w.settings(reconcile={"interval": "1s"})
        d.signal(signal.SIGHUP)
        d.said(r"(?i)(reload|settings)")
        n = len(self.aws.calls)
        wait(lambda: len(self.aws.calls) > n + 4, 30, "passes at the new interval")
        with open(self.w.settings_path, "a") as f:
            f.write("\nnonsense: true\n")
        d.signal(signal.SIGHUP)
        d.said(r"convergd\.yaml:\d+:\d+")
        self.assertIsNone(d.process.poll())
        n = len(self.aws.calls)
        wait(lambda: len(self.aws.calls) > n + 4, 30, "passes go on")
        self.assertEqual(0, d.stop())

    def test_check(self):
        def check(expect):
            r = subprocess.run([CONVERGD, "-c", self.w.settings_path, "--check"], env=self.w.env, capture_output=True, text=True)
            self.assertEqual(expect, r.returncode, r.stderr)
            return r.stdout + r.stderr
        check(0)
        with open(self.w.settings_path, "w") as f:
            f.write("source:\n  url: /srv/x.git\n  bramch: main\n")
        self.assertRegex(check(78), r"convergd\.yaml:3:3: .*bramch.*branch")
        with open(self.w.settings_path, "w") as f:
            f.write("source: {url: /srv/x.git, interval: never}\n")
        self.assertRegex(check(78), r"convergd\.yaml:1:\d+: ")
        os.unlink(self.w.settings_path)
        check(78)
        r = subprocess.run([CONVERGD, "--version"], capture_output=True, text=True)
        self.assertRegex(r.stdout, r"convergd \d+\.\d+")

    def test_once_exit_codes(self):
        self.repo.push({"q.yaml": QUEUE})
        self.w.once(expect=0)
        self.repo.push({"q.yaml": "kind: ["})
        self.w.once(expect=1)
        self.repo.push({"q.yaml": queue(44)})
        self.aws.fake.pending = 30
        self.repo.push({"q.yaml": documents(architecture(), manifest("DynamoDbTable", "slow", {"partitionKey": "id:S", "ttl": "x"}))})
        self.w.once("--timeout", "2s", expect=2)

    def test_a_second_daemon_refuses_the_socket(self):
        self.repo.push({"q.yaml": QUEUE})
        self.w.start()
        self.w.wait_synced()
        second = self.w.start()
        self.assertNotEqual(0, second.process.wait(20))
        self.assertIsNone(self.w.daemons[0].process.poll())

    def test_control_socket_takes_any_bytes(self):
        self.repo.push({"q.yaml": QUEUE})
        d = self.w.start()
        self.w.wait_synced()
        self.assertEqual(0o600, os.stat(self.w.socket).st_mode & 0o7777 & ~0o060)
        for data in (b"\0\xff\n", b"{\n", b"[]\n", b'{"command":"nonsense"}\n', b"x" * 300000, b'{"command":"status"'):
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(5)
                s.connect(self.w.socket)
                try:
                    s.sendall(data)
                    s.shutdown(socket.SHUT_WR)
                    while s.recv(65536):
                        pass
                except OSError:
                    pass
        self.assertIsNone(d.process.poll())
        self.w.ctl("status", "--socket", self.w.socket)

    def manager(self, watchdog_usec):
        """The service manager's socket; the daemon is told of it."""
        path = os.path.join(self.w.dir, "notify")
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(s.close)
        s.bind(path)
        s.settimeout(0.2)
        self.w.env.update(NOTIFY_SOCKET=path, WATCHDOG_USEC=str(watchdog_usec))
        return s

    def test_notify(self):
        """READY, STATUS, RELOADING, STOPPING as systemd wants them."""
        self.repo.push({"q.yaml": QUEUE})
        s, said = self.manager(1000000), []

        def heard(word):
            try:
                while True:
                    said.append(s.recv(4096).decode())
            except TimeoutError:
                return any(word in x for x in said)
        d = self.w.start()
        wait(lambda: heard("READY=1"), 20, "READY=1")
        wait(lambda: heard("STATUS="), 20, "STATUS=")
        wait(lambda: heard("WATCHDOG=1"), 20, "WATCHDOG=1")
        d.signal(signal.SIGHUP)
        wait(lambda: heard("RELOADING=1"), 20, "RELOADING=1")
        d.stop()
        wait(lambda: heard("STOPPING=1"), 5, "STOPPING=1")

    def test_a_manager_that_does_not_listen_stops_nothing(self):
        self.repo.push({"q.yaml": QUEUE})
        s = self.manager(20000)
        d = self.w.start()
        self.w.wait_synced()
        self.w.wait_synced(self.repo.push({"q.yaml": queue(31)}))
        self.assertEqual(0, d.stop())
        self.assertEqual("READY=1", s.recv(4096).decode().strip())


class Http(Case):
    FROZEN = {"convergd_build_info", "convergd_architecture_info", "convergd_resources", "convergd_drift_detected_total",
              "convergd_drift_healed_total", "convergd_drift_fields", "convergd_drift_detection_seconds", "convergd_verdict_age_seconds", "convergd_reconcile_total",
              "convergd_reconcile_duration_seconds", "convergd_pass_duration_seconds", "convergd_last_success_timestamp_seconds",
              "convergd_aws_requests_total", "convergd_aws_request_duration_seconds", "convergd_git_fetch_total",
              "convergd_git_fetch_duration_seconds", "convergd_commit_to_applied_seconds", "convergd_plan_changes",
              "convergd_workqueue_depth", "convergd_workqueue_wait_seconds", "convergd_workers", "process_resident_memory_bytes", "process_cpu_seconds_total",
              "process_start_time_seconds", "process_open_fds"}

    def setUp(self):
        super().setUp()
        self.repo.push({"q.yaml": QUEUE})
        self.w.settings(reconcile={"interval": "1s"})
        self.w.start()
        self.w.wait_synced()
        self.w.boto("sqs").set_queue_attributes(QueueUrl=self.w.queue_url("shop-jobs"), Attributes={"VisibilityTimeout": "99"})
        wait(lambda: self.w.metric("convergd_drift_healed_total") >= 1, 30, "a healed drift")

    def families(self):
        return set(re.findall(r"^# TYPE (\w+)", self.w.http("/metrics")[1], re.M))

    def test_names_of_metrics(self):
        missing = self.FROZEN - self.families()
        self.assertEqual(set(), missing)
        self.assertEqual(1, self.w.metric("convergd_resources", architecture="shop", kind="SqsQueue", sync="Synced", health="Healthy"))
        self.assertGreater(self.w.metric("convergd_aws_requests_total", service="sqs", operation="CreateQueue", code="200"), 0)
        self.assertEqual(1, self.w.metric("convergd_build_info"))

    def test_promtool_is_content(self):
        promtool = shutil.which("promtool")
        if not promtool:
            self.skipTest("promtool is not installed (Debian package prometheus)")
        r = subprocess.run([promtool, "check", "metrics"], input=self.w.http("/metrics")[1], capture_output=True, text=True)
        self.assertEqual((0, ""), (r.returncode, r.stdout + r.stderr))

    def test_prometheus_scrapes_it(self):
        """A real server, with what an alert would ask."""
        program = shutil.which("prometheus")
        if not program:
            self.skipTest("prometheus is not installed (Debian package of that name)")
        port, config = free_port(), os.path.join(self.w.dir, "prometheus.yml")
        with open(config, "w") as f:
            f.write("global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: convergd\n    static_configs:\n"
                    f"      - targets: ['127.0.0.1:{self.w.http_port}']\n")
        server = subprocess.Popen([program, f"--config.file={config}", f"--storage.tsdb.path={self.w.dir}/tsdb",
                                   f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)

        def ask(query):
            url = f"http://127.0.0.1:{port}/api/v1/query?query={urllib.parse.quote(query)}"
            try:
                with urllib.request.urlopen(url, timeout=5) as r:
                    return [float(x["value"][1]) for x in json.load(r)["data"]["result"]]
            except OSError:
                return []

        wait(lambda: ask('up{job="convergd"}') == [1.0], 40, "a scrape")
        self.assertEqual([1.0], ask('convergd_resources{architecture="shop",kind="SqsQueue",sync="Synced"}'))
        self.assertEqual([1.0], ask('sum(convergd_drift_healed_total{architecture="shop"}) >= bool 1'))
        self.assertEqual([1.0], ask('time() - convergd_last_success_timestamp_seconds{architecture="shop"} < bool 60'))

    def test_open_metrics_by_negotiation(self):
        status, body = self.w.http("/metrics", {"Accept": "application/openmetrics-text; version=1.0.0"})
        self.assertEqual(200, status)
        self.assertTrue(body.endswith("# EOF\n"))
        self.assertNotIn("# EOF", self.w.http("/metrics")[1])

    def test_probes_and_other_paths(self):
        self.assertEqual(200, self.w.http("/healthz")[0])
        self.assertEqual(200, self.w.http("/readyz")[0])
        self.assertEqual(404, self.w.http("/nonsense")[0])
        self.assertEqual(404, self.w.http("/../../etc/passwd")[0])


class Secrets(Case):
    def test_nothing_secret_is_said(self):
        self.repo.push({"q.yaml": QUEUE})
        d = self.w.start()
        self.w.wait_synced()
        key = self.w.env["AWS_SECRET_ACCESS_KEY"]
        for text in (d.log(), self.w.http("/metrics")[1], self.w.ctl("status", "--socket", self.w.socket, "-o", "json")[0]):
            self.assertNotIn(key, text)
        for dirpath, _, names in os.walk(self.w.state):
            for n in names:
                with open(os.path.join(dirpath, n), "rb") as f:
                    self.assertNotIn(key.encode(), f.read(), n)
