"""Guards: what must not happen although Git and AWS, read plainly, ask for
it. boto3 says what is left."""
import json
import os
import re
import time

from emulator import Fault
from harness import Case, architecture, documents, manifest, wait

QUEUES = [manifest("SqsQueue", f"q{i}") for i in range(4)]
NAMES = [f"shop-q{i}" for i in range(4)]


class Guard(Case):
    """--once has one AWS client and no control socket; the daemon has both."""

    def push(self, *docs, **spec):
        return self.repo.push({"a.yaml": documents(architecture(**spec), *docs)})

    def ctl(self, *args, **kw):
        return self.w.ctl(*args, "--socket", self.w.socket, **kw)

    def json(self, *args):
        return json.loads(self.ctl(*args, "-o", "json")[0])

    def shop(self):
        return [a for a in self.json("status")["architectures"] if a["name"] == "shop"][0]

    def start(self):
        self.w.start()
        wait(lambda: self.w.http("/healthz")[0] == 200, 20, "up")


class MassAbsence(Guard):
    def setUp(self):
        super().setUp()
        self.push(*QUEUES)

    def empty_account(self):
        self.aws.reset()

    def refused(self, out):
        self.no_writes()
        self.assertEqual([], self.w.queues())
        self.assertRegex(out, r"guard mass-absence.*of 4 resources that existed 4 are not found")
        self.assertIn("convergctl approve shop --confirm", out)

    def test_empty_account_stops_every_pass(self):
        """As often as it is tried, and over restarts."""
        self.w.once()
        self.empty_account()
        for _ in range(2):
            self.refused(self.w.once(expect=None))

    def test_denied_everywhere(self):
        self.w.once()
        self.aws.clear()
        self.aws.faults.append(Fault("error", service="sqs", code="AccessDenied", status=403))
        out = self.w.once(expect=None)
        self.no_writes()
        self.assertRegex(out, r"guard mass-absence.*4 may not be read")

    def test_lost_cache_is_a_first_pass(self):
        self.w.once()
        self.empty_account()
        os.unlink(os.path.join(self.w.state, "seen.json"))
        self.w.once()
        self.assertEqual(NAMES, self.w.queues())

    def test_really_gone_needs_one_yes(self):
        self.start()
        self.w.wait_synced()
        for name in NAMES:
            self.w.boto("sqs").delete_queue(QueueUrl=self.w.queue_url(name))
        n = len(self.aws.writes())
        out = "".join(self.ctl("reconcile", "--wait", expect=5))
        self.assertIn("mass-absence", out)
        self.assertEqual(n, len(self.aws.writes()))
        self.assertEqual("Refused", self.shop()["result"])
        self.assertEqual(1, self.w.metric("convergd_guard_refusals_total", guard="mass-absence"))
        self.assertIn("of 4 resources that existed 4 are not found", self.ctl("status")[0])
        self.ctl("approve", "shop", expect=1)                 # says --confirm
        self.ctl("approve", "shop", "--confirm")
        self.assertEqual(NAMES, self.w.queues())
        self.ctl("reconcile", "--wait")
        self.assertEqual("Synced", self.shop()["result"])

    def test_one_of_many_is_drift(self):
        self.w.once()
        self.w.boto("sqs").delete_queue(QueueUrl=self.w.queue_url(NAMES[0]))
        self.w.once()
        self.assertEqual(NAMES, self.w.queues())

    def test_without_state_the_index_is_evidence(self):
        """convergctl keeps nothing: AWS's own index of tags speaks."""
        self.w.ctl("apply", "--yes")
        self.aws.clear()
        self.aws.faults.append(Fault("error", service="sqs", operation="GetQueueUrl|GetQueueAttributes",
                                     code="AWS.SimpleQueueService.NonExistentQueue"))
        out = "".join(self.w.ctl("apply", "--yes", expect=5))
        self.no_writes()
        self.assertRegex(out, r"mass-absence")

    def test_limit_of_the_architecture(self):
        """100 turns the guard off."""
        self.w.once()
        self.push(*QUEUES, limits={"maxMissingPercent": 100})
        self.empty_account()
        self.w.once()
        self.assertEqual(NAMES, self.w.queues())


class Deletes(Guard):
    def test_percent(self):
        self.push(*QUEUES, limits={"maxDeletePercent": 50})
        self.w.once()
        self.aws.clear()
        self.push(QUEUES[0], limits={"maxDeletePercent": 50})
        self.assertIn("3 of 4 resources would be deleted, limits.maxDeletePercent is 50", self.w.once(expect=None))
        self.no_writes()
        self.push(*QUEUES[:2], limits={"maxDeletePercent": 50})
        self.w.once()
        self.assertEqual(NAMES[:2], self.w.queues())

    def test_confirmed(self):
        self.push(*QUEUES, limits={"maxDeletes": 2})
        self.start()
        self.w.wait_synced()
        sha = self.push(limits={"maxDeletes": 2})
        plan = wait(lambda: self.shop().get("approval", {}).get("plan") if sha[:7] in self.shop()["revision"] else None, 30, "a yes is asked for")
        self.assertEqual(NAMES, self.w.queues())
        self.assertTrue(re.fullmatch("[0-9a-f]{12}", plan))
        self.ctl("approve", plan, "--confirm")
        self.assertEqual([], self.w.queues())


class Credentials(Guard):
    def test_refused_by_sts(self):
        """Four architectures with the same keys ask no oftener than one."""
        names = [f"shop{i}" for i in range(4)]
        self.repo.push({f"{n}/a.yaml": documents(architecture(n), manifest("SqsQueue", "q")) for n in names})
        refused = Fault("error", code="InvalidClientTokenId", status=403)
        self.aws.faults.append(refused)
        self.start()
        wait(lambda: refused.hits >= 4, 30, "every one has asked once")
        self.w.quiet(0.5)
        n, since = refused.hits, time.monotonic()
        while time.monotonic() - since < 6:
            time.sleep(0.1)
        self.assertLessEqual(refused.hits - n, 8, "pauses of 1 s, 2 s, 4 s; a call may be tried twice")
        self.assertGreater(refused.hits, n, "nothing is given up")
        self.aws.faults.clear()
        for name in names:
            self.w.wait_synced(arch=name, seconds=30)


class Severity(Guard):
    def test_less_secure_comes_first(self):
        self.push(manifest("SqsQueue", "jobs", {"visibilityTimeout": "30s"}))
        self.start()
        self.w.wait_synced()
        self.ctl("suspend", "shop", "--reason", "test")
        url = self.w.queue_url("shop-jobs")
        self.w.boto("sqs").set_queue_attributes(QueueUrl=url, Attributes={
            "VisibilityTimeout": "99", "SqsManagedSseEnabled": "false",
            "Policy": json.dumps({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]})})
        out = self.ctl("drift")[0]
        self.assertRegex(out, r"SqsManagedSseEnabled +false +-> true +\(less secure than Git\)")
        self.assertRegex(out, r"(?s)Policy\S* .* \(less secure than Git\).*VisibilityTimeout +99 +-> 30\n")
        action = self.json("drift")["plans"][0]["actions"][0]
        self.assertEqual("high", action["severity"])
        grave = [c.get("severity") for c in action["changes"]]
        self.assertEqual(sorted(grave, key=lambda x: x is None), grave)
        self.assertEqual({"high"}, {r["severity"] for r in self.shop()["resources"]})
        self.assertEqual(1, self.w.metric("convergd_drift_severity", architecture="shop", severity="high"))
        self.assertEqual(0, self.w.metric("convergd_drift_severity", architecture="shop", severity="normal"))
        self.ctl("resume", "shop")
        wait(lambda: self.w.queue("shop-jobs")["VisibilityTimeout"] == "30", 30, "healed")
        wait(lambda: self.w.metric("convergd_drift_severity") == 0, 30, "nothing differs")
        self.assertRegex(self.ctl("events")[0], r"SqsManagedSseEnabled: .* \(less secure than Git\)")


class Moves(Guard):
    """The same AWS name elsewhere in the source is the same queue."""

    JOBS = manifest("SqsQueue", "jobs", {"name": "the-jobs"})

    def setUp(self):
        super().setUp()
        self.repo.push({"shop/a.yaml": documents(architecture("shop")), "shop/q.yaml": self.JOBS,
                        "web/a.yaml": documents(architecture("web"), manifest("SqsQueue", "own"))})
        self.w.once()
        self.aws.clear()

    def owner(self):
        return self.w.boto("sqs").list_queue_tags(QueueUrl=self.w.queue_url("the-jobs"))["Tags"]["convergd:architecture"]

    def only_tags(self):
        self.no_writes(but=("TagQueue", "UntagQueue"))
        self.assertEqual(["the-jobs", "web-own"], self.w.queues())

    def test_between_files_and_directories(self):
        self.repo.push({"shop/q.yaml": None, "shop/deep/er/jobs.yaml": self.JOBS})
        self.w.once()
        self.no_writes()

    def test_between_architectures(self):
        self.repo.push({"shop/q.yaml": None, "web/q.yaml": self.JOBS})
        self.w.once()
        self.only_tags()
        self.assertEqual("web", self.owner())
        self.aws.clear()
        self.w.once()
        self.no_writes()

    def test_either_may_come_first(self):
        self.repo.write({"shop/q.yaml": None, "web/q.yaml": self.JOBS})
        for order in ("web", "shop"), ("shop", "web"):
            for name in order:
                self.w.ctl("apply", "--yes", "-a", name, "--installation", "e2e")
                self.only_tags()
            self.assertEqual("web", self.owner())
            self.w.boto("sqs").tag_queue(QueueUrl=self.w.queue_url("the-jobs"), Tags={
                "convergd:architecture": "shop", "convergd:resource": "shop/SqsQueue/jobs/queue"})

    def apis(self):
        return [(a["ApiId"], a["Name"], a["Tags"]["convergd:resource"]) for a in self.w.boto("apigatewayv2").get_apis()["Items"]]

    def test_an_api_keeps_its_id(self):
        """Renamed in Git, moved to the other architecture and back, in either order of the passes."""
        def api(name):
            return manifest("HttpApi", name, {"name": "the-api", "routes": {"GET /": {"target": "https://example.com/"}}})
        self.repo.push({"shop/h.yaml": api("front")})
        self.w.once()
        (id, _, _), = self.apis()
        self.aws.clear()
        self.repo.push({"shop/h.yaml": api("web")})
        self.w.once()
        self.assertEqual([(id, "the-api", "shop/HttpApi/web/api")], self.apis())
        for at, to, order in ("shop", "web", ("web", "shop")), ("web", "shop", ("web", "shop")), ("shop", "web", ("shop", "web")):
            self.repo.write({f"{at}/h.yaml": None, f"{to}/h.yaml": api("web")})
            for name in order:
                self.w.ctl("apply", "--yes", "-a", name, "--installation", "e2e")
                self.assertEqual([id], [a[0] for a in self.apis()])
            self.assertEqual([(id, "the-api", f"{to}/HttpApi/web/api")], self.apis())
        self.assertEqual({}, {k: v for k, v in self.aws.counts(write=True).items() if "Create" in k or "Delete" in k})
        self.assertEqual(["GET /"], [r["RouteKey"] for r in self.w.boto("apigatewayv2").get_routes(ApiId=id)["Items"]])

    def test_both_want_it(self):
        self.repo.push({"web/q.yaml": self.JOBS})
        self.assertIn("belongs to architecture shop", self.w.once(expect=1))
        self.no_writes()
        self.assertEqual("shop", self.owner())

    def test_into_one_with_errors(self):
        self.repo.push({"shop/q.yaml": None, "web/q.yaml": self.JOBS.replace("spec", "spek")})
        self.assertIn("the source has errors", self.w.once(expect=1))
        self.no_writes()
        self.repo.push({"web/q.yaml": self.JOBS})
        self.w.once()
        self.only_tags()
        self.assertEqual("web", self.owner())


class Nothing(Guard):
    """No source, no deletes."""

    def setUp(self):
        super().setUp()
        self.push(*QUEUES)
        self.w.once()
        self.aws.clear()

    def check(self, *said):
        out = self.w.once(expect=None)
        self.no_writes()
        self.assertEqual(NAMES, self.w.queues())
        for text in said:
            self.assertIn(text, out)

    def test_path_that_is_not_there(self):
        self.w.settings(source={"path": "elsewhere"})
        self.check("elsewhere")

    def test_empty_directory(self):
        self.repo.push({"empty/README": "nothing\n"})
        self.w.settings(source={"path": "empty"})
        self.check()

    def test_empty_repository(self):
        self.repo.push({"a.yaml": None})
        self.check()

    def test_architecture_document_is_gone(self):
        self.repo.push({"a.yaml": documents(*QUEUES[:1])})
        self.check()

    def test_wrong_account(self):
        self.push(account="210987654321")
        self.check("guard account", "210987654321")

    def test_repository_that_cannot_be_read(self):
        self.w.settings(source={"url": os.path.join(self.w.dir, "none.git")})
        self.check()


class Replace(Guard):
    def test_an_api_is_made_before_the_old_one_goes(self):
        self.push(manifest("HttpApi", "web", {"routes": {"GET /": {"target": "https://example.com/"}}}))
        self.w.once()
        api = self.w.boto("apigatewayv2")
        mine = api.get_apis()["Items"][0]
        api.delete_api(ApiId=mine["ApiId"])
        old = api.create_api(Name=mine["Name"], ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action",
                             Tags=mine["Tags"])["ApiId"]
        self.aws.clear()
        out = self.w.ctl("plan", "--installation", "e2e", expect=None)[0]
        self.assertRegex(out, r"\+/- HttpApi/web .*ProtocolType cannot change in place")
        self.w.once()
        order = [c.operation for c in self.aws.writes()]
        self.assertLess(order.index("TagResource"), order.index("CreateApi"), order)
        self.assertEqual("DeleteApi", order[-1], order)
        self.assertEqual(1, order.count("CreateApi"), order)
        left = api.get_apis()["Items"]
        self.assertEqual(["HTTP"], [a["ProtocolType"] for a in left])
        self.assertNotEqual(old, left[0]["ApiId"])
        self.assertEqual(["GET /"], [r["RouteKey"] for r in api.get_routes(ApiId=left[0]["ApiId"])["Items"]])
        self.aws.clear()
        self.w.once()
        self.no_writes()


class Adopt(Guard):
    def says(self, text):
        wait(lambda: text in self.ctl("status", "shop", "-o", "json", expect=None)[0], 20, f"the status says {text!r}")

    def test_an_api_by_its_id(self):
        """Suspended, so that none is made before it is said which one."""
        api = self.w.boto("apigatewayv2")
        ids = [api.create_api(Name="by-hand", ProtocolType="HTTP")["ApiId"] for _ in range(2)]
        self.push()
        self.start()
        self.says('"result": "Synced"')
        self.ctl("suspend", "shop", "--reason", "an API is to be taken over")
        self.push(manifest("HttpApi", "web", {"routes": {"GET /": {"target": "https://example.com/"}}}))
        self.says("HttpApi/web")
        for address, text in [("shop/HttpApi/none", "nothing in Git"), ("shop/HttpApi", "looks like")]:
            self.assertIn(text, self.ctl("adopt", address, "--id", ids[1], expect=1)[1])
        self.ctl("adopt", "shop/HttpApi/web", "--id", ids[0])
        self.assertIn("by-hand", self.ctl("drift", "shop", expect=None)[0])
        self.ctl("adopt", "shop/HttpApi/web", "--id", "0000000000")
        self.ctl("resume", "shop")
        self.says("there is no apigatewayv2.api 0000000000")
        self.assertEqual(ids, [a["ApiId"] for a in api.get_apis()["Items"]])
        self.ctl("adopt", "shop/HttpApi/web", "--id", ids[1])
        self.says('"result": "Synced"')
        apis = {a["ApiId"]: a for a in api.get_apis()["Items"]}
        self.assertEqual(set(ids), set(apis))
        self.assertEqual("shop-web", apis[ids[1]]["Name"])
        self.assertEqual("shop", apis[ids[1]]["Tags"]["convergd:architecture"])
        self.assertEqual(["by-hand", {}], [apis[ids[0]]["Name"], apis[ids[0]].get("Tags", {})])
        self.assertEqual(["GET /"], [r["RouteKey"] for r in api.get_routes(ApiId=ids[1])["Items"]])

    def test_a_name_is_no_id(self):
        self.push(QUEUES[0])
        self.start()
        self.says('"result": "Synced"')
        self.assertIn("known by its name in Git", self.ctl("adopt", "shop/SqsQueue/q0", "--id", "x", expect=1)[1])
