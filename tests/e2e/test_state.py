"""What the daemon remembers, and what people tell it: history, drift,
suspensions, approvals, saved plans, adoption."""
import json
import os
import re
import signal
import sqlite3

from harness import Case, architecture, documents, manifest, wait


def queue(seconds=30, name="jobs", **metadata):
    return manifest("SqsQueue", name, {"visibilityTimeout": f"{seconds}s"}, **metadata)


class State(Case):
    mode = "enforce"

    def push(self, *docs, message="change", **spec):
        return self.repo.push({"q.yaml": documents(architecture(mode=self.mode, **spec), *docs)}, message)

    def ctl(self, *args, expect=0):
        return self.w.ctl(*args, "--socket", self.w.socket, expect=expect)

    def json(self, *args, expect=0):
        return json.loads(self.ctl(*args, "--output", "json", expect=expect)[0])

    def start(self):
        d = self.w.start()
        wait(lambda: os.path.exists(self.w.socket), 20, "the control socket")
        return d

    def shop(self):
        return self.json("status")["architectures"][0]

    def timeout(self):
        return self.w.queue("shop-jobs")["VisibilityTimeout"]

    def change_by_hand(self, seconds):
        self.w.boto("sqs").set_queue_attributes(QueueUrl=self.w.queue_url("shop-jobs"), Attributes={"VisibilityTimeout": str(seconds)})


class History(State):
    def test_history_and_events(self):
        first = self.push(queue(), message="Add the queue of jobs")
        d = self.w.start()
        self.w.wait_synced(first)
        second = self.push(queue(60), message="Jobs take a minute")
        self.w.wait_synced(second)
        out = self.ctl("history")[0]
        self.assertRegex(out, rf"{first[:7]} Add the queue of jobs +shop SqsQueue/jobs +\S+ +create")
        self.assertRegex(out, rf"{second[:7]} Jobs take a minute +shop SqsQueue/jobs +\S+ +update")
        events = self.json("history", "shop/SqsQueue/jobs")["events"]
        self.assertEqual(["create", "update"], [e["text"] for e in events])
        for e in events:
            self.assertRegex(e["request"], r"^[\w-]{8,}$")
            self.assertEqual("Test", e["author"])
        self.assertEqual([], self.json("history", "shop/SnsTopic")["events"])
        self.assertEqual(1, len(self.json("history", "--limit", "1")["events"]))
        self.ctl("history", "--limit", "none", expect=64)
        kinds = {e["kind"] for e in self.json("events")["events"]}
        self.assertLessEqual({"write", "pass"}, kinds)
        self.change_by_hand(99)
        self.ctl("reconcile", "--wait")
        self.assertRegex(self.ctl("events")[0], r"drift +shop SqsQueue/jobs .*VisibilityTimeout: \"?99\"? -> 60")
        # it outlives a kill, and losing it loses nothing else
        d.kill()
        self.w.start()
        self.w.wait_synced(second)
        self.assertEqual(3, len(self.json("history")["events"]))
        self.w.daemons[-1].stop()
        for part in os.listdir(self.w.state):
            if part.startswith("history.db"):
                os.unlink(os.path.join(self.w.state, part))
        n = len(self.aws.writes())
        self.w.start()
        self.w.wait_synced(second)
        self.assertEqual([], self.json("history")["events"])
        self.assertEqual(n, len(self.aws.writes()))

    def test_kills_while_writing(self):
        """Every kill leaves a whole database."""
        sha = self.push(*[queue(30, f"q{i}") for i in range(12)])
        for _ in range(4):
            d = self.w.start()
            wait(lambda: re.search(r"created", d.log()) or self.w.synced(sha), 30, "a write")
            d.signal(signal.SIGKILL)
            d.process.wait()
            with sqlite3.connect(os.path.join(self.w.state, "history.db")) as db:
                self.assertEqual([("ok",)], db.execute("PRAGMA integrity_check").fetchall())
        self.w.start()
        self.w.wait_synced(sha)

    def test_no_disk_for_history(self):
        """A directory in its place is what nobody can write to."""
        os.makedirs(os.path.join(self.w.state, "history.db"))
        sha = self.push(queue())
        d = self.w.start()
        self.w.wait_synced(sha)
        self.assertGreater(wait(lambda: self.w.metric("convergd_history_errors_total")), 0)
        self.assertEqual(1, d.log().count("the history cannot be written"))
        code, body = self.w.http("/readyz")
        self.assertEqual(200, code)
        self.assertIn("history: not written", body)
        self.assertIn("! history: not written", self.ctl("status")[0])
        self.ctl("history", expect=1)

    def test_damaged_history_is_put_aside(self):
        self.push(queue())
        os.makedirs(self.w.state, exist_ok=True)
        with open(os.path.join(self.w.state, "history.db"), "w") as f:
            f.write("no database at all " * 1000)
        self.assertRegex(self.w.once(), r"warning.* the history was damaged: it is put aside as .*/history.db.damaged, and a new one begun")
        self.assertNotIn("damaged", self.w.once())


class Orders(State):
    def setUp(self):
        super().setUp()
        self.sha = self.push(queue())
        self.w.start()
        self.w.wait_synced(self.sha)

    def test_drift(self):
        self.assertIn("No changes.", self.ctl("drift", "--detailed-exitcode")[0])
        n = len(self.aws.writes())
        self.change_by_hand(99)
        self.assertRegex(self.ctl("drift", "shop", "--detailed-exitcode", expect=2)[0], r"VisibilityTimeout +99 -> 30")
        plan = self.json("drift")["plans"][0]
        self.assertEqual("update", plan["actions"][0]["action"])
        self.assertEqual("99", self.timeout())
        self.assertEqual(n, len(self.aws.writes()))
        self.ctl("drift", "nowhere", expect=1)
        self.ctl("reconcile", "--wait")
        self.assertEqual("30", self.timeout())

    def test_suspend_and_resume(self):
        self.ctl("suspend", "shop", expect=64)
        self.ctl("suspend", "nowhere", "--reason", "x", expect=1)
        self.ctl("suspend", "shop", "--reason", "release freeze", "--for", "2h")
        self.change_by_hand(99)
        self.ctl("reconcile", "--wait", expect=1)
        self.assertEqual("99", self.timeout())
        shop = self.shop()
        self.assertEqual("release freeze", shop["suspended"]["reason"])
        self.assertEqual({"Suspended"}, {r["health"] for r in shop["resources"]})
        self.assertRegex(self.ctl("status")[0], r"suspended until \S+Z: release freeze")
        self.assertEqual(1, self.w.metric("convergd_suspended", architecture="shop"))
        self.w.daemons[-1].kill()
        self.w.start()
        wait(lambda: self.w.metric("convergd_resources", health="Suspended"), 30, "suspended after a restart")
        self.assertEqual("99", self.timeout())
        self.ctl("resume", "shop")
        wait(lambda: self.timeout() == "30", 30, "healed after resume")
        self.ctl("resume", "shop", expect=1)
        out = self.ctl("events")[0]
        self.assertIn("suspend: release freeze", out)
        self.assertRegex(out, r"order +shop +- +resume")

    def test_suspension_of_all_ends(self):
        self.ctl("suspend", "--reason", "short", "--for", "3s")
        self.change_by_hand(99)
        self.ctl("reconcile", "--wait", expect=1)
        self.assertEqual("99", self.timeout())
        wait(lambda: self.timeout() == "30", 30, "the suspension ends")


class Approve(State):
    mode = "approve"

    def setUp(self):
        super().setUp()
        self.push(queue())
        self.start()

    def waiting(self):
        return wait(lambda: self.shop().get("approval", {}).get("plan"), 30, "a plan waits")

    def test_approve_this_very_plan(self):
        plan = self.waiting()
        self.assertRegex(plan, r"^[0-9a-f]{12}$")
        self.assertEqual([], self.aws.writes())
        self.assertIn(f"waiting for approval of plan {plan}", self.ctl("status")[0])
        self.assertEqual(1, self.w.metric("convergd_plan_waiting", architecture="shop"))
        self.ctl("reconcile", "--wait", expect=4)
        self.ctl("approve", "0123456789ab", expect=1)
        self.ctl("approve", plan)
        self.assertEqual("30", self.timeout())
        self.assertNotIn("approval", self.shop())
        # drift waits, too, and another plan than the approved one is refused
        self.change_by_hand(99)
        self.ctl("reconcile", "--wait", expect=4)
        second = self.waiting()
        self.assertNotEqual(plan, second)
        self.change_by_hand(98)
        out, err = self.ctl("approve", second, expect=5)
        self.assertIn("nothing was written", out + err)
        self.assertEqual("98", self.timeout())
        third = self.waiting()
        self.ctl("reject", third)
        self.assertIn(f"plan {third} was rejected", self.ctl("status")[0])
        self.ctl("approve", "shop", expect=1)
        self.change_by_hand(97)
        self.ctl("reconcile", "--wait", expect=4)
        self.ctl("approve", "shop")
        self.assertEqual("30", self.timeout())
        events = [(e["type"], e.get("text")) for e in self.json("events")["events"] if e["kind"] == "order"]
        self.assertIn(("approve", plan), events)
        self.assertIn(("reject", third), events)


class Confirm(State):
    def test_what_policy_refuses_waits_for_a_yes(self):
        sha = self.push(queue(30, policy={"prune": "confirm"}), queue(30, "kept", policy={"prune": "never"}))
        self.w.start()
        self.w.wait_synced(sha)
        self.push()
        plan = wait(lambda: self.shop().get("approval", {}).get("plan"), 30, "a yes is asked for")
        self.assertIn(f"convergctl approve {plan} --confirm", self.ctl("status")[0])
        self.ctl("approve", plan, expect=1)
        self.assertEqual(["shop-jobs", "shop-kept"], self.w.queues())
        self.ctl("approve", plan, "--confirm", expect=None)
        self.assertEqual(["shop-kept"], self.w.queues())


class PlanFile(State):
    def test_plan_out_and_apply(self):
        file = os.path.join(self.w.dir, "plan.json")
        self.repo.write({"q.yaml": documents(architecture(), queue())})
        self.w.ctl("plan", "--out", file)
        self.w.ctl("apply", file, "--yes")
        self.assertEqual("30", self.timeout())
        self.w.ctl("apply", file, "--yes", expect=5)          # it is done already
        self.repo.write({"q.yaml": documents(architecture(), queue(60))})
        self.w.ctl("plan", "--out", file)
        self.change_by_hand(99)
        out, err = self.w.ctl("apply", file, "--yes", expect=5)
        self.assertIn("nothing was written", out + err)
        self.assertEqual("99", self.timeout())
        self.change_by_hand(30)
        self.repo.write({"q.yaml": documents(architecture(), queue(61))})
        self.w.ctl("apply", file, "--yes", expect=5)
        self.assertEqual("30", self.timeout())
        self.repo.write({"q.yaml": documents(architecture(), queue(60))})
        self.w.ctl("apply", file, "--yes")
        self.assertEqual("60", self.timeout())
        self.w.ctl("apply", os.path.join(self.repo.work, "q.yaml"), "--yes", expect=1)


class Adopt(State):
    def test_adopt_once(self):
        self.w.boto("sqs").create_queue(QueueName="shop-jobs", Attributes={"VisibilityTimeout": "77"})
        self.push(queue(), queue(30, "other"))
        self.start()
        error = wait(lambda: [r["error"]["message"] for r in self.shop()["resources"] if "error" in r], 30, "a conflict")[0]
        command = re.search(r"convergctl (adopt) (\S+?)`", error)
        self.assertEqual("77", self.timeout())
        self.ctl("adopt", "shop", expect=1)
        self.ctl("adopt", "shop/SqsQueue/none", expect=1)
        self.ctl(command[1], command[2])
        self.w.wait_synced()
        self.assertEqual("30", self.timeout())
        self.assertNotIn("adopt", self.shop())
        self.assertIn("adopt", [e["type"] for e in self.json("events", "shop/SqsQueue/jobs")["events"] if e["kind"] == "order"])
