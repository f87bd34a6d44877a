"""Crashes, and a state directory that is lost, old, or cannot be written."""
import os
import re
import shutil
import subprocess
import sys
import threading
import unittest

from emulator import Fault
from harness import CONVERGCTL, Case, architecture, documents, git, manifest, wait

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = 16      # so many runs of the tests try every point once


class Points(unittest.TestCase):
    def test_a_part_of_all_crash_points(self):
        """Another part for every commit; `make test-crash` tries all."""
        try:
            commit = int(git("rev-parse", "HEAD", cwd=HERE)[:8], 16)
        except AssertionError:
            commit = 0
        r = subprocess.run([sys.executable, os.path.join(HERE, "crash.py"), "-j", "3", "--part", f"{commit % PARTS + 1}/{PARTS}"],
                           capture_output=True, text=True, timeout=900)
        self.assertEqual(0, r.returncode, r.stdout[-6000:] + r.stderr[-3000:])
        self.note = ", ".join(re.findall(r"part .*|\d+ passed", r.stdout)) + "; make test-crash tries all parts"


def shop(*names):
    return {"a.yaml": documents(architecture(), manifest("SqsQueue", "in"),
                                *(manifest("HttpApi", n, {"routes": {"GET /x": {"target": "https://example.com/"}}}) for n in names))}


class StateDirectory(Case):
    """Whatever becomes of it, nothing is written that is not missing, and
    nothing that is missing stays so."""

    def copy(self, to):
        shutil.copytree(self.w.state, os.path.join(self.w.dir, to), ignore=shutil.ignore_patterns("lock"))

    def delete(self):
        """At once: a daemon that runs writes on."""
        gone = self.w.state + ".gone"
        os.rename(self.w.state, gone)
        shutil.rmtree(gone)

    def roll_back(self):
        """Same directory, older content, as a restored backup makes it."""
        for name in os.listdir(self.w.state):
            path = os.path.join(self.w.state, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        shutil.copytree(os.path.join(self.w.dir, "old"), self.w.state, dirs_exist_ok=True)

    def reconcile(self):
        self.w.ctl("reconcile", "--wait", "--socket", self.w.socket)

    def apis(self):
        return sorted(a["Name"] for a in self.w.boto("apigatewayv2").get_apis()["Items"])

    def begin(self):
        """One API, a copy of the state, a second API."""
        self.repo.push(shop("one"))
        d = self.w.start()
        self.w.wait_synced()
        self.copy("old")
        self.w.wait_synced(self.repo.push(shop("one", "two")))
        return d

    def test_between_passes_of_a_daemon(self):
        self.begin()
        for spoil in (self.delete, self.roll_back):
            with self.subTest(spoil.__name__):
                n = len(self.aws.calls)
                spoil()
                self.reconcile()
                self.no_writes(n)
        self.w.wait_synced(self.repo.push(shop("one", "three")))
        self.assertEqual(["shop-one", "shop-three"], self.apis())
        self.delete()
        self.w.wait_synced(self.repo.push(shop("four")))
        self.assertEqual(["shop-four"], self.apis())
        self.assertTrue(os.path.exists(os.path.join(self.w.state, "intents")))

    def test_between_daemons(self):
        self.begin().kill()
        for spoil in (self.delete, self.roll_back):
            with self.subTest(spoil.__name__):
                n = len(self.aws.calls)
                spoil()
                d = self.w.start()
                self.w.wait_synced()
                self.reconcile()
                self.no_writes(n)
                d.kill()
        api = [a["ApiId"] for a in self.w.boto("apigatewayv2").get_apis()["Items"] if a["Name"] == "shop-two"]
        self.w.boto("apigatewayv2").delete_api(ApiId=api[0])
        self.roll_back()
        self.w.start()
        wait(lambda: self.apis() == ["shop-one", "shop-two"], 60, "what was deleted by hand is there again")

    def test_in_the_middle(self):
        self.begin()
        for spoil, name in ((self.delete, "three"), (self.roll_back, "four")):
            with self.subTest(spoil.__name__):
                fault = Fault("latency", "apigatewayv2", "CreateApi", seconds=1, times=1)
                self.aws.faults.append(fault)
                sha = self.repo.push(shop("one", "two", name))
                wait(lambda: fault.hits, 30, "a create in flight")
                spoil()
                self.w.wait_synced(sha)
                self.reconcile()
                self.assertEqual(sorted(["shop-one", "shop-two", "shop-" + name]), self.apis())

    def test_in_the_middle_and_killed(self):
        d = self.begin()
        for spoil, name in ((self.delete, "three"), (self.roll_back, "four")):
            with self.subTest(spoil.__name__):
                self.aws.faults.append(Fault("killed", "apigatewayv2", "CreateApi", times=1, victim=d.kill))
                sha = self.repo.push(shop("one", "two", name))
                wait(lambda: d.process.poll() is not None, 30, "the end of the daemon")
                spoil()
                d = self.w.start()
                self.w.wait_synced(sha)
                n = len(self.aws.calls)
                self.reconcile()
                self.no_writes(n)
                self.assertEqual(sorted(["shop-one", "shop-two", "shop-" + name]), self.apis())


class Apply(Case):
    """convergctl apply keeps its intents where the user's state is."""

    def setUp(self):
        super().setUp()
        self.repo.write(shop("one"))
        self.intents = os.path.join(self.w.dir, ".local/state/convergd/e2e.shop")

    def apply(self, **options):
        return self.w.ctl("apply", "--yes", "--installation", "e2e", **options)

    def killed(self):
        """An apply that is killed when the API is made and not shown yet."""
        env = {**self.w.env, "AWS_ENDPOINT_URL": self.aws.url, "AWS_REGION": "eu-west-1"}
        p = subprocess.Popen([CONVERGCTL, "apply", "--yes", "--installation", "e2e"], env=env, cwd=self.repo.work,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.aws.faults.append(Fault("killed", "apigatewayv2", "CreateApi", times=1, victim=p.kill, hide=5))
        self.assertEqual(-9, p.wait(60))

    def apis(self):
        return [a["Name"] for a in self.w.boto("apigatewayv2").get_apis()["Items"]]

    def test_killed_and_run_again(self):
        self.killed()
        self.assertIn("apigatewayv2.api", open(self.intents).read())
        self.apply()
        wait(lambda: self.apis(), 10, "the API is shown")
        self.assertEqual(["shop-one"], self.apis())

    def test_two_at_a_time(self):
        fault = Fault("latency", "apigatewayv2", "CreateApi", seconds=3, times=1)
        self.aws.faults.append(fault)
        first = threading.Thread(target=self.apply)
        first.start()
        wait(lambda: fault.hits, 30, "a create in flight")
        err = self.apply(expect=5)[1]
        first.join()
        self.assertIn("another `convergctl apply`", err)
        self.assertEqual(["shop-one"], self.apis())
        self.apply()

    def test_where_nothing_can_be_kept(self):
        err = self.apply(env={"HOME": "/proc/none"})[1]
        self.assertIn("no intents are kept (/proc/none/.local/state/convergd cannot be written)", err)
        self.repo.write(shop("two"))
        self.assertIn("no intents are kept (HOME is not set)", self.apply(env={"HOME": ""})[1])
        self.assertEqual(["shop-two"], self.apis())

    def test_elsewhere(self):
        self.apply(env={"XDG_STATE_HOME": self.w.dir + "/x/y"})
        self.assertTrue(os.path.exists(self.w.dir + "/x/y/convergd/e2e.shop"))
        self.assertFalse(os.path.exists(self.intents))


class FullDisk(Case):
    def check(self, fill, free):
        """Nothing is written to AWS while it lasts; all of it when it ends."""
        self.repo.push(shop("one"))
        d = self.w.start()
        self.w.wait_synced()
        n = len(self.aws.calls)
        fill()
        sha = self.repo.push(shop("one", "two"))
        self.w.boto("sqs").set_queue_attributes(QueueUrl=self.w.queue_url("shop-in"), Attributes={"VisibilityTimeout": "99"})
        self.w.ctl("reconcile", "--wait", "--socket", self.w.socket, expect=1)
        self.assertEqual(0, self.w.metric("convergd_state_writable"))
        self.no_writes(n)
        code, body = self.w.http("/readyz")
        self.assertEqual((503, True), (code, "state: nothing is written to AWS: " in body), body)
        out = self.w.ctl("status", "--socket", self.w.socket)[0]
        self.assertIn("! state: nothing is written to AWS: ", out)
        self.assertRegex(self.w.ctl("status", "--socket", self.w.socket, "--output", "json")[0], r"nothing is written to AWS while it cannot be written down: \S+/state/intents")
        self.assertEqual(1, d.log().count("the state directory cannot be written"))
        free()
        self.w.wait_synced(sha)
        self.assertEqual("30", self.w.queue("shop-in")["VisibilityTimeout"])
        self.assertEqual(1, self.w.metric("convergd_state_writable"))
        self.assertEqual(200, self.w.http("/readyz")[0])
        self.assertEqual(1, d.log().count("the state directory is written again"))

    def test_what_nobody_can_write(self):
        """A directory in its place."""
        intents = os.path.join(self.w.state, "intents")

        def fill():
            os.unlink(intents)
            os.mkdir(intents)
        self.check(fill, lambda: os.rmdir(intents))

    def test_no_space(self):
        """A small file system, filled to the last byte."""
        os.mkdir(self.w.state)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", self.w.state], capture_output=True)
        if mounted.returncode:
            self.skipTest("no right to mount a file system")
        self.addCleanup(subprocess.run, ["umount", "-l", self.w.state])
        filler = os.path.join(self.w.state, "filler")

        def fill():
            with open(filler, "wb", buffering=0) as f:
                for size in (65536, 4096, 1):
                    try:
                        while True:
                            f.write(b"x" * size)
                    except OSError:
                        pass
        self.check(fill, lambda: os.unlink(filler))
