"""Worker pools: as large as the settings say, started when there is work, and
what the metrics say of them; what one worker reads at once; the age of
verdicts."""
import collections
import json
import time

from emulator import Fault
from harness import Case, architecture, documents, manifest, wait

QUEUES = 12


class Pools(Case):
    def setUp(self):
        super().setUp()
        self.repo.push({"a.yaml": documents(architecture(), *(manifest("SqsQueue", f"q{i}") for i in range(QUEUES)))})

    def workers(self, pool):
        """(busy, idle) threads, jobs that wait."""
        return tuple(self.w.metric("convergd_workers", pool=pool, state=s) for s in ("busy", "idle")) + (self.w.metric("convergd_workqueue_depth", pool=pool),)

    def test_size_is_what_the_settings_say(self):
        self.w.settings(workers={"default": 2, "sqs": 3})
        self.aws.faults.append(Fault("latency", service="sqs", seconds=0.3))
        d = self.w.start()
        wait(lambda: self.workers("sqs")[0] == 3 and self.workers("sqs")[2] > 0, 20, "three workers are busy, and jobs wait for them")
        self.w.wait_synced()
        self.aws.faults.clear()
        self.assertEqual((0, 3, 0), self.workers("sqs"))
        self.assertLessEqual(sum(self.workers("observe")[:2]), 2)
        self.assertNotIn("lambda", {l["pool"] for n, l, _ in self.w.metrics() if n == "convergd_workers"}, "a pool that nobody needs")
        self.assertGreaterEqual(self.w.metric("convergd_workqueue_wait_seconds_count", pool="sqs"), QUEUES)
        self.assertGreater(self.w.metric("convergd_workqueue_wait_seconds_sum", pool="sqs"), 0.3)
        self.assertEqual(0, d.stop())

    def test_one_job_is_one_thread(self):
        self.repo.push({"a.yaml": documents(architecture(), manifest("SqsQueue", "one"))})
        self.w.settings(workers={"default": 8})
        d = self.w.start()
        self.w.wait_synced()
        self.assertEqual(1, sum(self.workers("sqs")[:2]))
        self.assertEqual(0, d.stop())

    def test_one_worker_reads_many(self):
        """A look takes as long as a call, not as many calls; none is lost that others' failures stand beside."""
        self.w.settings(workers={"default": 1}, reconcile={"interval": "1h"})
        d = self.w.start()
        self.w.wait_synced()
        self.w.quiet()
        self.aws.clear()
        bad = lambda req: req.input["QueueUrl"].endswith("-q3")  # noqa: E731
        self.aws.faults += [Fault("throttle", "sqs", "GetQueueAttributes", times=2, match=bad),
                            Fault("latency", "sqs", "GetQueueAttributes", seconds=0.5)]
        start = time.monotonic()
        self.w.ctl("reconcile", "--socket", self.w.socket, "--wait")
        self.assertLess(time.monotonic() - start, 0.5 * QUEUES)
        self.assertEqual(QUEUES + 2, self.aws.counts()["sqs GetQueueAttributes"])
        self.assertEqual(["Synced"] * QUEUES, [r["sync"] for r in self.status()])
        self.assertEqual((0, 1, 0), self.workers("sqs"))
        self.assertEqual(0, d.stop())

    def test_a_newer_revision_ends_a_look(self):
        """Calls in flight end; those that would follow them are not made."""
        tables = [manifest("DynamoDbTable", f"t{i}", {"partitionKey": "id:S"}) for i in range(8)]
        self.repo.push({"a.yaml": documents(architecture(), *tables)})
        self.w.settings(reconcile={"interval": "1h"})
        d = self.w.start()
        self.w.wait_synced()
        self.w.quiet()
        self.aws.clear()
        self.aws.faults.append(Fault("latency", "dynamodb", "DescribeTable", seconds=3, times=8))
        self.w.ctl("reconcile", "--socket", self.w.socket)
        wait(lambda: self.aws.faults[0].hits == 8, 10, "all tables are asked for at once")
        self.w.wait_synced(self.repo.push({"b.yaml": documents(manifest("SqsQueue", "new"))}))
        calls = collections.Counter(c.operation for c in self.aws.calls if c.service == "dynamodb")
        self.assertEqual({"DescribeTable": 16, "DescribeContinuousBackups": 8, "DescribeTimeToLive": 8}, dict(calls),
                         "the first look was given up, the second is a whole one")
        self.assertEqual(0, d.stop())

    def status(self):
        return json.loads(self.w.http("/api/v1/status")[1])["architectures"][0]["resources"]

    def ages(self):
        return [r["ageSeconds"] for r in self.status()], self.w.metric("convergd_verdict_age_seconds", architecture="shop")

    def test_verdicts_have_an_age(self):
        """It counts from the moment a pass began to look."""
        self.w.settings(reconcile={"interval": "1h"})
        d = self.w.start()
        self.w.wait_synced()
        self.w.quiet()
        seconds = 2.0
        time.sleep(seconds)
        ages, metric = self.ages()
        self.assertEqual(QUEUES, len(ages))
        self.assertGreaterEqual(min(ages), int(seconds))
        self.assertGreaterEqual(metric, seconds)
        self.aws.faults.append(Fault("latency", service="sqs", seconds=0.2))
        start = time.monotonic()
        self.w.ctl("reconcile", "--socket", self.w.socket, "--wait")
        took = time.monotonic() - start
        ages, metric = self.ages()
        self.assertLess(max(ages), seconds + took)
        self.assertLess(metric, took + 1)
        self.assertGreater(metric, 0.2, "younger than its oldest read")
        self.assertEqual(0, d.stop())
