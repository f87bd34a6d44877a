"""convergctl against AWS and against the daemon."""
import base64
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from faults import Fault
from harness import BUILD, CONVERGCTL, REGION, ROOT, SLOW, Case, architecture, documents, manifest, wait

QUEUE = documents(architecture(), manifest("SqsQueue", "jobs", {"visibilityTimeout": "30s"}))


class PlanAndApply(Case):
    def plan(self, *args, **kw):
        return self.w.ctl("plan", *args, **kw)[0]

    def test_plan_apply_plan(self):
        self.repo.write({"q.yaml": QUEUE})
        out = self.plan()
        self.assertRegex(out, r"\+ SqsQueue/jobs +sqs\.queue +shop-jobs")
        self.assertIn("Plan: 1 to add, 0 to change, 0 to destroy.", out)
        self.assertIn(f"account 123456789012, {REGION}", out)
        self.no_writes()
        self.w.ctl("apply", "--yes")
        self.assertEqual(["shop-jobs"], self.w.queues())
        self.assertIn("No changes.", self.plan())

    def test_plan_of_a_change(self):
        self.repo.write({"q.yaml": QUEUE})
        self.w.ctl("apply", "--yes")
        self.repo.write({"q.yaml": documents(architecture(), manifest("SqsQueue", "jobs", {"visibilityTimeout": "60s"}), manifest("SnsTopic", "news"))})
        out = self.plan()
        self.assertRegex(out, r"~ SqsQueue/jobs +sqs\.queue +shop-jobs")
        self.assertRegex(out, r"VisibilityTimeout +30 -> 60")
        self.assertRegex(out, r"\+ SnsTopic/news +sns\.topic +shop-news")
        self.assertIn("Plan: 1 to add, 1 to change, 0 to destroy.", out)
        self.repo.write({"q.yaml": architecture()})
        out = self.plan()
        self.assertRegex(out, r"- SqsQueue/jobs +sqs\.queue +shop-jobs")
        self.assertIn("Plan: 0 to add, 0 to change, 1 to destroy.", out)

    def test_exit_codes_and_forms(self):
        self.repo.write({"q.yaml": QUEUE})
        self.plan("--detailed-exitcode", expect=2)
        doc = json.loads(self.plan("--output", "json"))
        self.assertIn("create", json.dumps(doc))
        self.assertIn("SqsQueue/jobs", self.plan("--output", "markdown"))
        self.w.ctl("apply", "--yes")
        self.plan("--detailed-exitcode", expect=0)
        self.repo.write({"q.yaml": "kind: ["})
        self.plan(expect=1)
        self.w.ctl("nonsense", expect=64)
        self.w.ctl("plan", "--nonsense", expect=64)

    def test_apply_asks_and_without_terminal_refuses(self):
        self.repo.write({"q.yaml": QUEUE})
        self.w.ctl("apply", expect=None, input="")
        self.no_writes()

    def test_plan_of_a_repository_and_colours(self):
        self.repo.push({"q.yaml": QUEUE})
        out = self.plan("--source", self.repo.bare, cwd=self.w.dir)
        self.assertRegex(out, r"at main@sha1:[0-9a-f]{7}")
        self.assertNotIn("\x1b", out)

    def test_unreachable_aws(self):
        self.repo.write({"q.yaml": QUEUE})
        self.aws.down()
        self.addCleanup(self.aws.up)
        out, err = self.w.ctl("plan", expect=1, env={"AWS_MAX_ATTEMPTS": "1"})
        self.assertRegex(out + err, r"(?i)connect|refused")


class Guide(Case):
    """What docs/guide.md shows is what one gets."""

    def test_first_manifest(self):
        with open(os.path.join(ROOT, "docs", "guide.md")) as f:
            page = f.read()
        self.repo.write({"shop.yaml": re.search(r"`shop\.yaml`:\n\n```yaml\n(.*?)```", page, re.S)[1]})
        shown = re.findall(r"^    \$ convergctl (validate|plan) \.\n((?:    .*\n)+)", page, re.M)
        self.assertEqual(["validate", "plan"], [verb for verb, _ in shown])
        for verb, out in shown:
            self.assertEqual(re.sub("^    ", "", out, flags=re.M), self.w.ctl(verb, ".")[0])


class Interrupted(Case):
    def begin(self, fault, *args):
        """convergctl, at the moment that it has met the fault."""
        self.repo.write({n + "/a.yaml": documents(architecture(n), manifest("SqsQueue", "jobs")) for n in ("one", "two")})
        self.aws.faults.append(fault)
        p = subprocess.Popen([CONVERGCTL, *args], env={**self.w.env, "AWS_ENDPOINT_URL": self.aws.url}, cwd=self.repo.work,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(p.kill)
        wait(lambda: fault.hits, 20, "a call in flight")
        return p

    def end(self, p, seconds):
        err = p.communicate(timeout=seconds * SLOW)[1]
        self.assertEqual(1, p.returncode, err)
        self.assertIn("convergctl: interrupted", err)

    def test_reading_ends_at_once(self):
        p = self.begin(Fault("hang", "sts", seconds=15), "plan")
        p.send_signal(signal.SIGINT)
        self.end(p, 5)
        self.no_writes()

    def test_what_is_written_ends_and_nothing_new_begins(self):
        p = self.begin(Fault("latency", "sqs", "CreateQueue", seconds=2, times=1), "apply", "--yes")
        p.send_signal(signal.SIGINT)
        self.end(p, 15)
        self.assertEqual(["one-jobs"], self.w.queues())

    def test_twice_ends_writes_too(self):
        p = self.begin(Fault("hang", "sqs", "CreateQueue", seconds=15), "apply", "--yes")
        p.send_signal(signal.SIGINT)
        time.sleep(0.5)
        self.assertIsNone(p.poll(), "the call in flight is waited for")
        p.send_signal(signal.SIGINT)
        self.end(p, 5)


class WithDaemon(Case):
    def setUp(self):
        super().setUp()
        self.repo.push({"q.yaml": documents(architecture(), manifest("SqsQueue", "jobs", {"deadLetter": {}}), manifest("SnsTopic", "news"))})
        self.w.start()
        self.w.wait_synced()

    def status(self, *args, expect=0):
        return self.w.ctl("status", "--socket", self.w.socket, *args, expect=expect)[0]

    def test_status(self):
        out = self.status()
        for word in ("shop", "SqsQueue/jobs", "SnsTopic/news", "Synced", "Healthy", self.repo_head()[:7]):
            self.assertIn(word, out)
        doc = json.loads(self.status("--output", "json"))
        resources = doc["architectures"][0]["resources"]
        self.assertEqual({"Synced"}, {r["sync"] for r in resources})
        self.assertEqual({"Healthy"}, {r["health"] for r in resources})
        self.assertEqual(3, len(resources))
        one = json.loads(self.status("shop/SnsTopic", "--output", "json"))["architectures"][0]["resources"]
        self.assertEqual(["SnsTopic"], [r["kind"] for r in one])
        self.assertIn("shop-jobs", self.status("--output", "wide"))

    def repo_head(self):
        from harness import git
        return git("rev-parse", "HEAD", cwd=self.repo.work)

    def test_reconcile_waits(self):
        url = self.w.queue_url("shop-jobs")
        self.w.boto("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "99"})
        self.w.ctl("reconcile", "--socket", self.w.socket, "--wait")
        self.assertEqual("30", self.w.queue("shop-jobs")["VisibilityTimeout"])
        self.w.ctl("reconcile", "nonsense", "--socket", self.w.socket, "--wait", expect=1)

    def test_no_daemon(self):
        self.w.daemons[0].stop()
        self.status(expect=69)
        self.w.ctl("reconcile", "--socket", self.w.socket, expect=69)


class Aws(Case):
    """One call; test_cli_equal.py compares the answers of many."""

    def test_aws_with_files(self):
        """Objects go out of files as they are, and come back the same."""
        data = os.urandom((5 << 20) + 3)
        with open(os.path.join(self.w.dir, "code.bin"), "wb") as f:
            f.write(data)

        def call(operation, expect=0, **members):
            return self.w.ctl("aws", "s3", operation, "--input", json.dumps({"Bucket": "files", **members}), cwd=self.w.dir, expect=expect)
        s3, key = self.w.boto("s3"), "a b/c+d%é?.bin"
        call("CreateBucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        call("PutObject", Key=key, Body={"$file": "code.bin"})
        self.assertEqual(data, s3.get_object(Bucket="files", Key=key)["Body"].read())
        call("PutObject", Key=key, Body={"$file": "code.bin"}, ChecksumAlgorithm="SHA256")
        self.assertEqual(base64.b64encode(hashlib.sha256(data).digest()).decode(),
                         s3.head_object(Bucket="files", Key=key, ChecksumMode="ENABLED").get("ChecksumSHA256"))
        out = json.loads(call("GetObject", Key=key)[0])
        self.assertEqual(data, base64.b64decode(out["Body"]))
        call("CopyObject", Key="copy", CopySource=f"files/{key}")
        self.assertEqual(data, s3.get_object(Bucket="files", Key="copy")["Body"].read())
        call("PutObject", Key="empty", Body={"$file": "/dev/null"}, expect=1)
        open(os.path.join(self.w.dir, "empty"), "w").close()
        call("PutObject", Key="empty", Body={"$file": "empty"})
        self.assertEqual(b"", s3.get_object(Bucket="files", Key="empty")["Body"].read())
        err = call("PutObject", Key="none", Body={"$file": "none.bin"}, expect=1)[1]
        self.assertIn("s3 PutObject: Body: none.bin: No such file", err)
        self.assertEqual([], self.w.aws.bad, "no bad signature")

    def test_print_request_sends_nothing(self):
        out = self.w.ctl("aws", "sqs", "CreateQueue", "--input", '{"QueueName":"x"}', "--print-request")[0]
        doc = json.loads(out)
        self.assertEqual("POST", doc["method"])
        self.assertTrue(doc["url"].startswith(self.aws.url))
        self.assertIn("AWS4-HMAC-SHA256 Credential=AKIDCONVERGD/", {k.lower(): v for k, v in doc["headers"].items()}["authorization"])
        self.assertEqual({"QueueName": "x"}, json.loads(doc["body"]))
        self.assertEqual([], self.aws.calls)

    def test_errors(self):
        out, err = self.w.ctl("aws", "sqs", "GetQueueUrl", "--input", '{"QueueName":"none"}', expect=1)
        self.assertRegex(out + err, r"NonExistentQueue|QueueDoesNotExist")
        out, err = self.w.ctl("aws", "sqs", "CreateQueue", "--input", '{"QueueNam":"x"}', expect=1)
        self.assertRegex(out + err, r"QueueNam.*QueueName")
        self.w.ctl("aws", "sqs", "CreateQeue", expect=None)
        self.w.ctl("aws", "sqss", "CreateQueue", expect=None)
        self.assertEqual([], self.aws.writes())


class Offline(Case):
    def test_validate_render_explain_schema(self):
        self.repo.write({"q.yaml": QUEUE})
        self.w.ctl("validate")
        self.assertIn("VisibilityTimeout", self.w.ctl("render")[0])
        json.loads(self.w.ctl("render", "--output", "json")[0])
        self.assertRegex(self.w.ctl("explain", "SqsQueue.visibilityTimeout")[0], r"(?i)duration")
        for kind in ("SqsQueue", "SnsTopic", "DynamoDbTable", "IamRole", "LambdaFunction", "HttpApi"):
            self.assertIn(kind, self.w.ctl("explain")[0])
            schema = json.loads(self.w.ctl("schema", kind)[0])
            self.assertIn("2020-12", schema["$schema"])
        self.assertEqual([], self.aws.calls)

    def test_output_that_nobody_takes(self):
        r, w = os.pipe()
        os.close(r)
        for out, err in ((w, ""), (os.open("/dev/full", os.O_WRONLY), "convergctl: cannot write to standard output: No space left on device\n")):
            p = subprocess.run([CONVERGCTL, "explain", "SqsQueue"], stdout=out, stderr=subprocess.PIPE, text=True, env=self.w.env)
            os.close(out)
            self.assertEqual((1, err), (p.returncode, p.stderr))

    def test_completion(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("convergctl", self.w.ctl("completion", shell)[0])
        script = self.w.ctl("completion", "bash")[0]
        self.assertEqual(0, subprocess.run(["bash", "-n"], input=script, text=True).returncode)


class Status(unittest.TestCase):
    """Of ten thousand resources, as a daemon would tell it."""
    MANY = 10000

    def answer(self):
        resources = [{"address": f"shop/SqsQueue/q{i}/queue", "display": f"SqsQueue/q{i}", "type": "sqs.queue", "id": f"shop-q{i}", "kind": "SqsQueue",
                      "name": f"q{i}", "sync": "Synced", "health": "Healthy", "driftFields": 0, "driftFound": 0, "healed": False,
                      "notConverging": False, "ageSeconds": 5} for i in range(self.MANY)]
        return {"ok": True, "version": "1", "installation": "e2e", "source": {"url": "x"},
                "architectures": [{"name": "shop", "result": "Synced", "errors": [], "resources": resources}]}

    # A program's peak counts the memory of who forked it: a small one does.
    MEASURE = ("import os, sys; pid = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:]); _, status, u = os.wait4(pid, 0); "
               "print(os.waitstatus_to_exitcode(status), u.ru_utime + u.ru_stime, u.ru_maxrss, file=sys.stderr)")

    def ask(self, *args):
        """convergctl's output, its CPU seconds and its peak in bytes."""
        with tempfile.TemporaryDirectory() as d, socket.socket(socket.AF_UNIX) as s, open(os.path.join(d, "out"), "w+") as out:
            s.bind(os.path.join(d, "sock"))
            s.listen(1)

            def serve():
                with s.accept()[0] as c:
                    c.recv(65536)
                    c.sendall(json.dumps(self.answer()).encode() + b"\n")
            threading.Thread(target=serve, daemon=True).start()
            r = subprocess.run([sys.executable, "-c", self.MEASURE, CONVERGCTL, *args, "--socket", os.path.join(d, "sock")],
                               stdout=out, stderr=subprocess.PIPE, text=True)
            code, cpu, peak = r.stderr.split()
            self.assertEqual("0", code)
            out.seek(0)
            return out.read(), float(cpu), int(peak) * 1024

    def test_ten_thousand(self):
        out, cpu, peak = self.ask("status")
        self.assertEqual(self.MANY, out.count("Healthy"))
        self.assertIn(f"  SqsQueue/q{self.MANY - 1}", out)
        self.assertLess(cpu, 2 * SLOW)
        if "-" not in os.path.basename(BUILD):      # sanitizers need their own memory
            self.assertLess(peak, 64 << 20)
        doc = json.loads(self.ask("status", "--output", "json")[0])
        self.assertEqual(self.answer()["architectures"][0]["resources"], doc["architectures"][0]["resources"])
