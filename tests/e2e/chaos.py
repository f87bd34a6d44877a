"""A storm over a daemon, its repository and its AWS, and what must be true
after it.

    chaos.py [SECONDS [SEED]]       as `make test-chaos` runs it

Random pushes add, change, remove and break manifests; others change, delete
and add AWS objects by hand; a fifth of the daemon's calls is disturbed; the
daemon is killed and started again. Then all that ends, and after a while
exactly the desired resources exist, those of strangers are untouched, and no
write went to anything else. The seed repeats the decisions, not the moments.
"""
import collections
import contextlib
import json
import os
import random
import sys
import threading
import time
from http.client import HTTPException

import emulator
from botocore.exceptions import BotoCoreError, ClientError
from faults import CREATES
from harness import ROOT, World, architecture, manifest, wait
from inventory import differences, inventory, without_past

FIFTH = 0.2
OTHERS = {"convergd:installation": "others", "convergd:architecture": "shop", "convergd:resource": "shop/SqsQueue/a/queue"}


# ---- what happens to requests

class Gust:
    """What one request meets: decided when it is asked whether it wants it."""

    def __init__(self, storm):
        self.storm = storm

    def wants(self, req):
        fault = self.storm.pick(req)
        self.__dict__.update(fault.__dict__ if fault else {})
        return fault is not None


class Storm:
    """Faults in random order: what emulator.faults may be. Sees every request
    of the daemon, so it also judges what is written."""

    def __init__(self, seed, owned):
        self.random, self.owned = random.Random(seed), owned
        self.share, self.counts, self.strange, self.last = 0.0, collections.Counter(), [], collections.deque(maxlen=300)

    def __iter__(self):
        """One fault for one request, asked for under the emulator's lock."""
        yield Gust(self)

    def pick(self, req):
        """The fault of this request, or None."""
        self.counts["calls"] += 1
        self.last.append(f"{time.time():.2f} {req.name} {str(req.input)[:300] if req.service and req.service.proto != 'rest-xml' else ''}")
        if req.service and req.write:
            self.counts["writes"] += 1
            if not self.owned(req):
                self.strange.append(f"{req.name} {req.input}")
        if not req.service or self.random.random() >= self.share:
            return None
        self.counts["faults"] += 1
        action = self.random.choice(list(ACTIONS))
        self.counts[action] += 1
        return ACTIONS[action](self.random, req)


def Fault(action, **kw):
    return emulator.Fault(action, **kw)


ACTIONS = {
    "throttle": lambda r, req: Fault("throttle"),
    "server error": lambda r, req: Fault("error", code="InternalFailure", message="injected", status=r.choice((500, 502, 503, 504))),
    "reset": lambda r, req: Fault("reset"),
    "lost answer": lambda r, req: Fault("lost"),
    "late answer": lambda r, req: Fault("latency", seconds=r.uniform(0.05, 1.0)),
    "truncated answer": lambda r, req: Fault("truncate"),
    "hidden at first": lambda r, req: Fault("serve", hide=r.uniform(0.2, 2.0) if (req.service.name, req.operation) in CREATES else 0),
}


# ---- what is pushed

class Author:
    """Writes manifests that are right, of kinds that refer to each other."""

    def __init__(self, seed):
        self.random, self.specs = random.Random(seed), {}
        self.code = 0

    def names(self, kind):
        return [n for k, n in self.specs if k == kind]

    def some(self, kind, most=1):
        names = self.names(kind)
        return self.random.sample(names, min(len(names), self.random.randint(0, most)))

    def queue(self):
        r = self.random
        return {"visibilityTimeout": f"{r.randint(60, 300)}s", "delay": f"{r.randint(0, 9)}s", "receiveWait": f"{r.randint(0, 20)}s",
                **({"deadLetter": {"maxReceives": r.randint(1, 9)}} if r.random() < 0.5 else {}), "tags": {"round": str(r.randint(0, 9))}}

    def topic(self):
        r = self.random
        subs = {f"q{i}": {"target": f"SqsQueue/{q}", "rawDelivery": r.random() < 0.5} for i, q in enumerate(self.some("SqsQueue", 2))}
        if r.random() < 0.5:
            subs["web"] = {"protocol": "https", "endpoint": f"https://{r.choice('ab')}.example/hook", "filterPolicy": {"kind": [r.choice("xyz")]}}
        return {"displayName": r.choice(("One", "Two", "Three")), "tracing": r.choice(("Active", "PassThrough")), "encryption": "none", "subscriptions": subs}

    def role(self):
        r = self.random
        return {"trust": [r.choice(("ec2.amazonaws.com", "ecs-tasks.amazonaws.com"))], "maxSession": f"{r.randint(1, 12)}h",
                "managedPolicies": r.sample(["ReadOnlyAccess", "AmazonSSMManagedInstanceCore", "PowerUserAccess"], r.randint(0, 2)),
                "policies": {n: [{"Effect": "Allow", "Action": f"s3:{r.choice(('GetObject', 'PutObject'))}", "Resource": "*"}] for n in r.sample(["a", "b", "c"], r.randint(0, 3))},
                "instanceProfile": r.random() < 0.3}

    def table(self):
        r = self.random
        billing = "onDemand" if r.random() < 0.5 else {"read": r.randint(1, 9), "write": 3, **({"autoscaling": {"min": 3, "max": r.randint(10, 50)}} if r.random() < 0.5 else {})}
        return {"partitionKey": "id:S", "deletionProtection": False, "stream": "NEW_IMAGE", "billing": billing, "pointInTimeRecovery": r.random() < 0.5,
                "tableClass": r.choice(("STANDARD", "STANDARD_INFREQUENT_ACCESS"))}

    def function(self):
        r = self.random
        events = [{"source": f"SqsQueue/{q}", "batchSize": r.randint(1, 10)} for q in self.some("SqsQueue")] + \
                 [{"source": f"DynamoDbTable/{t}", "batchSize": r.randint(1, 100)} for t in self.some("DynamoDbTable")]
        return {"code": "./app", "runtime": "python3.12", "handler": "app.handler", "memory": f"{r.choice((128, 256, 512))}MiB", "timeout": f"{r.randint(3, 30)}s",
                "environment": {"ROUND": str(r.randint(0, 99))}, "events": events, "logs": {"retention": r.choice(("7d", "14d"))},
                **({"alias": {"name": "live", "publish": True}} if r.random() < 0.4 else {}), **({"url": {"auth": "NONE"}} if r.random() < 0.3 else {}),
                "uses": [{"target": f"DynamoDbTable/{t}", "access": "readWrite"} for t in self.some("DynamoDbTable")]}

    def api(self):
        r = self.random
        targets = [f"LambdaFunction/{f}" for f in self.names("LambdaFunction")] + ["https://a.example/"]
        keys = ["GET /a", "POST /a", "GET /b/{id}", "ANY /{proxy+}"]
        return {"routes": {k: {"target": r.choice(targets), **({"throttle": {"rate": r.randint(1, 9), "burst": 5}} if r.random() < 0.3 else {})} for k in r.sample(keys, r.randint(1, 4))},
                "throttle": {"rate": r.randint(10, 99), "burst": 50}, "cors": {"origins": [f"https://{r.choice('ab')}.example"]}}

    KINDS = {"SqsQueue": (queue, 5), "SnsTopic": (topic, 3), "IamRole": (role, 2), "DynamoDbTable": (table, 2), "LambdaFunction": (function, 3), "HttpApi": (api, 1)}

    def write(self, kind, name):
        self.specs[kind, name] = self.KINDS[kind][0](self)

    def referrers(self, kind, name):
        return [k for k, s in self.specs.items() if f'"{kind}/{name}"' in json.dumps(s)]

    def remove(self, kind, name):
        """Whoever refers to it is written anew, without it."""
        del self.specs[kind, name]
        for key in self.referrers(kind, name):
            self.write(*key)

    def edit(self):
        """One change; its name."""
        r = self.random
        kind = r.choice(list(self.KINDS))
        have, room = self.names(kind), self.KINDS[kind][1]
        what = r.choices(("add", "change", "remove", "code"), (4, 5, 2, 1))[0]
        if what == "code":
            self.code += 1
        elif what == "add" and len(have) < room or not have:
            self.write(kind, next(f"{kind[0].lower()}{i}" for i in range(room) if f"{kind[0].lower()}{i}" not in have))
        elif what == "remove":
            self.remove(kind, r.choice(have))
        else:
            self.write(kind, r.choice(have))
        return what

    def files(self):
        out = {f"{k}-{n}.yaml": manifest(k, n, s, policy={"prune": "auto"}) for (k, n), s in self.specs.items()}
        return {**out, "app/app.py": f"def handler(event, context):\n\treturn {self.code}\n",
                "architecture.yaml": architecture(limits={"maxDeletes": 1000, "maxMissingPercent": 100})}


BROKEN = ("kind: SqsQueue\nmetadata: { name: broken\n", manifest("SqsQueue", "broken", {"visibilityTimout": "5s"}), manifest("SnsTopic", "broken", {"subscriptions": {"x": {"target": "SqsQueue/nobody"}}}))


# ---- what others do

class Vandal:
    """Changes, deletes and adds by hand what is ours, with boto3."""

    def __init__(self, world, seed):
        self.w, self.random = world, random.Random(seed)

    def strike(self):
        """True when it changed something."""
        try:
            return self.random.choice((self.queue, self.topic, self.role, self.function, self.table, self.api, self.tags))()
        except (ClientError, BotoCoreError, IndexError, KeyError, StopIteration):
            return False        # it is not there, or busy

    def a_queue(self):
        return self.random.choice([u for u in self.w.boto("sqs").list_queues(QueueNamePrefix="shop-").get("QueueUrls", [])])

    def queue(self):
        sqs, url, what = self.w.boto("sqs"), self.a_queue(), self.random.random()
        if what < 0.3:
            sqs.delete_queue(QueueUrl=url)
        else:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(self.random.randint(0, 50))} if what < 0.7 else {"Policy": ""})
        return True

    def topic(self):
        sns = self.w.boto("sns")
        arn = self.random.choice([t["TopicArn"] for t in sns.list_topics()["Topics"] if ":shop-" in t["TopicArn"]])
        subs = [s["SubscriptionArn"] for s in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"] if s["SubscriptionArn"].startswith("arn:")]
        what = self.random.random()
        if what < 0.2:
            sns.delete_topic(TopicArn=arn)
        elif what < 0.5 and subs:
            sns.unsubscribe(SubscriptionArn=self.random.choice(subs))
        elif what < 0.7:
            sns.subscribe(TopicArn=arn, Protocol="https", Endpoint="https://spy.example/")
        else:
            sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="by hand")
        return True

    def role(self):
        iam = self.w.boto("iam")
        name = self.random.choice([x["RoleName"] for x in iam.list_roles()["Roles"] if x["RoleName"].startswith("shop-")])
        policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
        if policies and self.random.random() < 0.4:
            iam.delete_role_policy(RoleName=name, PolicyName=self.random.choice(policies))
        else:
            iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        return True

    def function(self):
        c = self.w.boto("lambda")
        name = self.random.choice([f["FunctionName"] for f in c.list_functions()["Functions"] if f["FunctionName"].startswith("shop-")])
        what = self.random.random()
        if what < 0.2:
            c.delete_function(FunctionName=name)
        elif what < 0.5:
            c.update_function_configuration(FunctionName=name, Timeout=99)
        elif what < 0.7:
            c.add_permission(FunctionName=name, StatementId="by-hand", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")
        else:
            maps = [m["UUID"] for m in c.list_event_source_mappings()["EventSourceMappings"] if f":{name}" in m["FunctionArn"]]
            c.delete_event_source_mapping(UUID=self.random.choice(maps))
        return True

    def table(self):
        d = self.w.boto("dynamodb")
        name = self.random.choice([t for t in d.list_tables()["TableNames"] if t.startswith("shop-")])
        if self.random.random() < 0.3:
            d.delete_table(TableName=name)
        else:
            d.update_table(TableName=name, TableClass=self.random.choice(("STANDARD", "STANDARD_INFREQUENT_ACCESS")))
        return True

    def api(self):
        c = self.w.boto("apigatewayv2")
        api = next(a["ApiId"] for a in c.get_apis()["Items"] if a["Name"].startswith("shop-"))
        what = self.random.random()
        if what < 0.15:
            c.delete_api(ApiId=api)
        elif what < 0.5:
            c.create_route(ApiId=api, RouteKey="GET /spy")
        else:
            c.delete_route(ApiId=api, RouteId=self.random.choice(c.get_routes(ApiId=api)["Items"])["RouteId"])
        return True

    def tags(self):
        self.w.boto("sqs").tag_queue(QueueUrl=self.a_queue(), Tags={"round": "by hand", "theirs": "x"})
        return True


def make_strangers(w):
    """Objects of other people, some with the same names in other places."""
    for i, tags in enumerate(({}, {"team": "x"}, OTHERS)):
        w.boto("sqs").create_queue(QueueName=f"stranger-{i}", tags=tags)
        w.boto("sns").create_topic(Name=f"stranger-{i}", Tags=[{"Key": k, "Value": v} for k, v in tags.items()])
        w.boto("dynamodb").create_table(TableName=f"stranger-{i}", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
                                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], Tags=[{"Key": k, "Value": v} for k, v in tags.items()])
        w.boto("iam").create_role(RoleName=f"stranger-{i}", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}', Tags=[{"Key": k, "Value": v} for k, v in tags.items()])
        w.boto("logs").create_log_group(logGroupName=f"/stranger/{i}", tags=tags)
        w.boto("apigatewayv2").create_api(Name=f"stranger-{i}", ProtocolType="HTTP", Tags=tags)
    w.boto("sqs", "us-east-1").create_queue(QueueName="shop-s0", tags={"team": "x"})


# ---- the run

def descriptors(pid):
    """But packs: every push brings one, up to the bound of common/source/compact.c."""
    fds = f"/proc/{pid}/fd"
    names = []
    for fd in os.listdir(fds):
        with contextlib.suppress(FileNotFoundError):
            names.append(os.readlink(os.path.join(fds, fd)))
    return sum(not name.endswith((".pack", ".pack (deleted)")) for name in names)


class Chaos:
    def __init__(self, seconds, seed, say=print):
        self.seconds, self.seed, self.say = seconds, seed, say
        self.random = random.Random(seed)
        self.w, self.author, self.counts = World(), Author(seed + 1), collections.Counter()
        self.storm, self.vandal = Storm(seed + 2, self.is_ours), Vandal(self.w, seed + 3)
        self.samples, self.passed, self.daemon, self.done = [], {}, None, threading.Event()
        make_strangers(self.w)
        self.strangers = inventory(self.w.boto, "stranger")

    def is_ours(self, req):
        """Does a write name something of this architecture?"""
        text = json.dumps(req.input, default=str) if req.service.proto != "rest-xml" else req.target
        if "stranger" in text:
            return False
        return "shop" in text or self.is_our_id(req)

    def is_our_id(self, req):
        from moto.apigatewayv2.models import apigatewayv2_backends
        from moto.awslambda.models import lambda_backends
        account = emulator.ACCOUNT
        api = req.input.get("ApiId") or str(req.input.get("ResourceArn", "")).partition("/apis/")[2].partition("/")[0]
        if api:
            found = apigatewayv2_backends[account][req.region].apis.get(api)
            return found is None or found.name.startswith("shop-")
        mapping = lambda_backends[account][req.region]._event_source_mappings.get(req.input.get("UUID") or str(req.input.get("Resource", "")).rpartition(":")[2])
        return mapping is None or "shop-" in mapping.function_arn

    # ---- doing

    def start(self):
        self.daemon = self.w.start()
        self.born = time.monotonic()

    def push(self, broken=False):
        files = self.author.files()
        old = [f for f in os.listdir(self.w.repo.work) if f.endswith(".yaml") and f not in files]
        if broken:
            files["broken.yaml"] = self.random.choice(BROKEN)
            old = [f for f in old if f != "broken.yaml"]
        self.counts["pushes"] += 1
        self.counts["broken pushes"] += broken
        return self.w.repo.push({**files, **dict.fromkeys(old)})

    def validate(self):
        """The author's manifests are right, or the test is wrong."""
        self.w.ctl("validate", ".")

    def sample(self):
        while not self.done.wait(1.0):
            try:
                pid = self.daemon.process.pid
                with open(f"/proc/{pid}/status") as f:
                    rss = next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))
                self.samples.append((pid, time.monotonic() - self.born, rss, descriptors(pid)))
                self.passed[pid] = int(self.passes())
            except (OSError, StopIteration, AttributeError, ValueError, HTTPException):
                pass

    def rage(self):
        end, kill, push, strike = time.monotonic() + self.seconds, 0, 0, 0
        begun = time.monotonic()
        while time.monotonic() < end:
            now = time.monotonic()
            if now > push:
                broken = self.random.random() < 0.1
                for _ in range(self.random.randint(1, 3)):
                    self.author.edit()
                self.push(broken)
                push = now + self.random.uniform(2, 6)
            if now > strike:
                self.counts["drifts"] += bool(self.vandal.strike())
                strike = now + self.random.uniform(0.5, 3)
            # the last third belongs to one process, whose memory is watched
            if kill and now > kill and now - begun < self.seconds * 2 / 3:
                self.daemon.kill()
                self.counts["kills"] += 1
                time.sleep(self.random.uniform(0, 1))
                self.start()
            if not kill or now > kill:
                kill = now + self.random.uniform(4, 20)
            if self.daemon.process.poll() is not None:
                raise AssertionError(f"the daemon ended by itself: {self.daemon.process.returncode}\n{self.daemon.log()[-4000:]}")
            time.sleep(0.1)

    # ---- judging

    def settle(self):
        """No faults any more: it converges, and then writes nothing."""
        self.storm.share = 0.0
        sha = self.push()
        self.validate()
        self.w.wait_synced(sha, seconds=240)
        wait(self.is_quiet, 120, "passes without a write")

    def is_quiet(self):
        """Two whole passes without a write."""
        writes, passes = self.storm.counts["writes"], self.passes()
        wait(lambda: self.passes() >= passes + 2, 60, "two passes")
        return self.storm.counts["writes"] == writes and self.w.synced()

    def passes(self):
        return self.w.metric("convergd_reconcile_total")

    def judge(self):
        bad = []
        have = self.ours()
        self.counts["objects"] = len(have)
        if len(have) < len(self.author.specs):
            bad.append(f"only {len(have)} objects of {len(self.author.specs)} manifests")
        touched = differences(self.strangers, inventory(self.w.boto, "stranger"))
        if touched:
            bad.append(f"strangers touched: {touched[:10]}")
        if self.storm.strange:
            bad.append(f"writes elsewhere: {self.storm.strange[:5]}")
        if self.w.aws.bad:
            bad.append(f"requests that AWS refuses: {self.w.aws.bad[:3]}")
        self.w.ctl("history", "--socket", self.w.socket)
        bad += self.leaks()
        self.daemon.stop()
        bad += [f"not as Git wants it: {d}" for d in differences(self.fresh(), have)[:20]]
        return bad

    def fresh(self):
        """What the same commit makes in an empty account, undisturbed."""
        self.w.aws.reset()
        self.w.settings(state={"directory": self.w.state + "-fresh"})
        self.w.once()
        return self.ours()

    def ours(self):
        return without_past(inventory(self.w.boto, "shop-"))

    def leaks(self):
        mine = [s for s in self.samples if s[0] == self.daemon.process.pid and s[1] > 5]
        if len(mine) < 10:
            return []
        third = max(3, len(mine) // 3)
        first, last = (sorted(s[2] for s in part)[len(part) // 2] for part in (mine[:third], mine[-third:]))
        self.counts["rss first, KiB"], self.counts["rss last, KiB"] = first, last
        self.counts["fds first"], self.counts["fds last"] = mine[0][3], mine[-1][3]
        bad = []
        if last > first * 1.15 + 2048:
            bad.append(f"memory grows: {first} KiB became {last} KiB")
        if mine[-1][3] > max(s[3] for s in mine[:third]) + 8:
            bad.append(f"descriptors grow: {[s[3] for s in mine[::10]]}")
        return bad

    def totals(self):
        return dict(sorted({**self.counts, **self.storm.counts, "passes": sum(self.passed.values())}.items()))

    def run(self):
        self.say(f"chaos: {self.seconds} s, seed {self.seed}")
        self.w.settings(reconcile={"interval": "3s", "jitter": "10%"}, aws={"endpointUrl": self.w.aws.url})
        self.w.aws.fake.pending = 0.3
        self.w.aws.faults = self.storm
        watcher, bad = threading.Thread(target=self.sample, daemon=True), []
        try:
            for _ in range(6):
                self.author.edit()
            self.push()
            self.start()
            watcher.start()
            self.storm.share = FIFTH
            self.rage()
            self.settle()
            bad = self.judge()
        except Exception:
            self.keep()
            raise
        finally:
            self.done.set()
            self.w.aws.faults = []
            if bad:
                self.keep()
            self.w.close()
        self.say("chaos: " + ", ".join(f"{k} {v}" for k, v in self.totals().items()))
        if bad:
            raise AssertionError(f"after chaos with seed {self.seed}:\n" + "\n".join(bad))

    def keep(self):
        """The seed, the log, the last requests."""
        path = os.path.join(ROOT, "build", f"chaos-{self.seed}")
        os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, "requests"), "w") as f:
            f.write("\n".join(self.storm.last) + "\n")
        with open(os.path.join(path, "log"), "w") as f:
            f.write("\n".join(d.log() for d in self.w.daemons))
        self.say(f"chaos: {self.totals()}\nchaos: seed {self.seed}, kept in {path}")


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600
    seed = int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2] else random.SystemRandom().randrange(1 << 30)
    Chaos(seconds, seed).run()


if __name__ == "__main__":
    main()
