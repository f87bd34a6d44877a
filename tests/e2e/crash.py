#!/usr/bin/env python3
"""Crashes before and after every write of a whole architecture's life.

    crash.py [-j N] [--part K/N] [--stage NAME] [--only TEXT] [-v]

The example `serverless` is created, changed, has parts replaced, and is removed.
Each of these stages runs once undisturbed; every write it makes is then a
point at which something goes wrong in a world of its own, as VARIANTS says.
After that the daemon must come, alone, to exactly what the undisturbed run
came to, judged by boto3 over the whole account, and the next pass must write
nothing. --part 3/10 tries every tenth point, from the third on.

A world is a fork of this process: moto holds the account before the stage in
its memory, so no point pays for getting there.
"""
import argparse
import gc
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import faults                                                  # noqa: E402
from emulator import Emulator                                  # noqa: E402
from faults import Fault                                       # noqa: E402
from harness import World, git, wait                             # noqa: E402
from inventory import differences, inventory                   # noqa: E402

HIDDEN_SEC = 4
# What happens at a write: the fault, and whether it is for creates only.
VARIANTS = {
    "crash before": ({"action": "kill"}, False),
    "crash after": ({"action": "killed"}, False),
    "answer lost": ({"action": "lost"}, False),
    "answer cut": ({"action": "truncate"}, False),
    "500 instead": ({"action": "error", "code": "InternalFailure", "status": 500, "message": "injected"}, False),
    "hidden": ({"action": "serve", "hide": HIDDEN_SEC}, True),
    "crash after, hidden": ({"action": "killed", "hide": HIDDEN_SEC}, True),
    "answer lost, hidden": ({"action": "lost", "hide": HIDDEN_SEC}, True),
}


# ---- the architecture's life: what each stage commits

def edit(repo, file, *changes):
    path = os.path.join(repo.work, file)
    with open(path) as f:
        text = f.read()
    for old, new in changes:
        assert old in text, f"{file} has no {old!r}"
        text = text.replace(old, new)
    repo.write({file: text})


def create(repo):
    """Whatever the later stages need a word in Git for is said from the first."""
    repo.copy("examples/serverless")
    edit(repo, "architecture.yaml", ("maxDeletes: 10", "maxDeletes: 100"))
    edit(repo, "orders.yaml", ("kind: DynamoDbTable\nmetadata: { name: orders }\nspec:",
                               "kind: DynamoDbTable\nmetadata: { name: orders, policy: { prune: auto, replace: auto } }\nspec:\n  deletionProtection: false"))


def change(repo):
    """Several properties of several kinds."""
    edit(repo, "architecture.yaml", ("team: shop", "team: orders"))
    edit(repo, "api.yaml", ("maxAge: 1h", "maxAge: 2h"), ("burst: 200", "burst: 100"), ("retention: 14d", "retention: 7d"),
         ("timeout: 5s }", "timeout: 6s }\n    GET /health: { target: \"https://example.com/\" }"))
    edit(repo, "orders.yaml", ("timeout: 10s", "timeout: 12s\n  memory: 512MiB"), ("ttl: expires", "ttl: ends"))
    edit(repo, "shipping.yaml", ("visibilityTimeout: 90s", "visibilityTimeout: 95s"), ("maxReceives: 5", "maxReceives: 7"),
         ("batchSize: 10", "batchSize: 7"), ("[placed, shipped]", "[placed]"), ("messageRetention: 14d", "messageRetention: 10d"))
    edit(repo, "functions/shipper/app.py", ("def ", "VERSION = 2\n\n\ndef ", ))


def replace(repo):
    """Keys of a table; what an integration does."""
    edit(repo, "orders.yaml", ("partitionKey: id:S", "partitionKey: number:S"))
    edit(repo, "api.yaml", ("target: \"https://example.com/\"", "target: LambdaFunction/orders"))


def remove(repo):
    """All but one queue."""
    for file in ("api.yaml", "orders.yaml"):
        repo.write({file: None})
    with open(os.path.join(repo.work, "shipping.yaml")) as f:
        repo.write({"shipping.yaml": f.read().rpartition("---\n")[2]})


STAGES = {"create": create, "change": change, "replace": replace, "remove": remove}


# ---- one world

def start(template):
    """A copy of the files; the account is this process's own, by the fork."""
    aws = template.aws
    aws.clear()
    aws.lock, aws.port = threading.Lock(), 0
    aws.up()
    w = World(aws, copy_of=template)
    w.settings(log={"level": "info"})
    return w


def settle(w, sha, want=None):
    """Synced at the revision, and the account as wanted; the inventory."""
    w.wait_synced(sha, seconds=150)
    have = inventory(w.boto)
    end = time.monotonic() + 30
    while want is not None and have != want and time.monotonic() < end:
        time.sleep(0.3)
        have = inventory(w.boto)
    if want is not None and have != want:
        raise AssertionError("the account is another one:\n" + "\n".join(differences(want, have)[:8]))
    n = len(w.aws.calls)
    w.ctl("reconcile", "--wait", "--socket", w.socket)
    writes = w.aws.writes(n)
    if writes:
        raise AssertionError(f"the next pass writes: {[(c.operation, c.input) for c in writes[:3]]}")
    if w.aws.bad:
        raise AssertionError(f"AWS would refuse: {w.aws.bad[:2]}")
    return have


def undisturbed(w, sha):
    """{"writes": identities in their order, "want": the account}"""
    seen = []

    def watch(req):
        seen.append([faults.identity(req), faults.can_hide(req)])
        return False
    w.aws.faults.append(Fault("serve", write=True, match=watch))
    w.start()
    want = settle(w, sha)
    w.daemons[-1].stop()
    return {"writes": seen, "want": want}


def is_it(identity):
    return lambda req: faults.identity(req) == identity


def disturbed(w, sha, point, want):
    spec, _ = VARIANTS[point["variant"]]
    crash = spec["action"] in ("kill", "killed")
    fault = Fault(write=True, match=is_it(point["write"]), after=point["nth"], times=1,
                  victim=(lambda: w.daemons[-1].kill()) if crash else None, **spec)
    w.aws.faults.append(fault)
    d = w.start()
    wait(lambda: fault.hits or w.synced(sha), 90, "the write")
    if not fault.hits:
        raise AssertionError("the write never came")
    if crash:
        wait(lambda: d.process.poll() is not None, 20, "the end of the daemon")
        w.start()
    settle(w, sha, want)


# ---- many worlds

class Matrix:
    def __init__(self, args):
        self.args, self.index = args, 0
        self.dir = tempfile.mkdtemp(prefix="convergd-crash-")

    def points(self, writes):
        """Every variant of every write; the n-th of equal ones has its number."""
        out, seen = [], {}
        for write, creates in writes:
            nth = seen[write] = seen.get(write, -1) + 1
            out += [{"write": write, "nth": nth, "variant": v} for v, (_, only) in VARIANTS.items() if creates or not only]
        return [{**p, "number": i} for i, p in enumerate(out, self.index)]

    def mine(self, points):
        part, of = self.args.part
        chosen = [p for p in points if p["number"] % of == part - 1 and self.args.only in f"{p['variant']} {p['write']}"]
        self.index += len(points)
        return chosen

    def fork(self, run):
        """Runs it in a child and returns its id; what it raises is its result."""
        gc.freeze()
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            run()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def attempt(self, template, stage, point, sha, want):
        """In the child: one point, its verdict in a file."""
        signal.alarm(400)
        began, w, why = time.monotonic(), start(template), None
        try:
            disturbed(w, sha, point, want)
        except Exception as e:
            why = "".join(traceback.format_exception_only(type(e), e)) + (w.daemons[-1].log()[-1500:] if w.daemons else "")
        finally:
            w.close()
        self.tell(stage, point, why, time.monotonic() - began)

    def tell(self, stage, point, why, seconds):
        if why or self.args.verbose:
            print(f"{'FAIL' if why else 'ok  '} {stage}: {point['variant']} {point['write']} #{point['nth']} ({seconds:.1f} s)"
                  + (f"\n     {why}".replace("\n", "\n     ") if why else ""), flush=True)
        with open(os.path.join(self.dir, f"{stage}-{point['number']}.json"), "w") as f:
            json.dump({"stage": stage, "variant": point["variant"], "ok": not why}, f)

    def run_points(self, template, stage, base, sha):
        points, running = self.mine(self.points(base["writes"])), {}
        todo = list(points)
        while todo or running:
            while todo and len(running) < self.args.j:
                p = todo.pop(0)
                running[self.fork(lambda: self.attempt(template, stage, p, sha, base["want"]))] = p
            pid, status = os.wait()
            p = running.pop(pid)
            if status:
                self.tell(stage, p, f"the process ended with {status}", 0)
        print(f"== {stage}: {len(base['writes'])} writes, {len(base['want'])} objects after it; "
              f"{len(points)} of {len(self.points(base['writes']))} points tried", flush=True)

    def stages(self, w, names):
        """A child makes the stage, and goes on with the next one when this
        process, which still is before it, has tried the points."""
        if not names:
            return
        stage, rest = names[0], names[1:]
        STAGES[stage](w.repo)
        sha = w.repo.push(message=stage)
        w.aws.down()
        wait(lambda: threading.active_count() == 1, 20, "all threads have ended")
        base_file, go = os.path.join(self.dir, stage + ".base"), os.pipe()
        child = self.fork(lambda: self.follow(w, sha, base_file, go, rest))
        wait(lambda: os.path.exists(base_file) or os.waitpid(child, os.WNOHANG)[0], 240, f"{stage}, undisturbed")
        with open(base_file) as f:
            base = json.load(f)
        if self.args.stage in (None, stage):
            self.run_points(w, stage, base, sha)
        os.write(go[1], b"x")
        if os.waitpid(child, 0)[1]:
            raise AssertionError(f"after {stage}")

    def follow(self, template, sha, base_file, go, rest):
        w = start(template)
        try:
            base = undisturbed(w, sha)
            with open(base_file + ".tmp", "w") as f:
                json.dump(base, f)
            os.rename(base_file + ".tmp", base_file)
            os.read(go[0], 1)
            self.index += len(self.points(base["writes"]))
            git("remote", "set-url", "origin", w.repo.bare, cwd=w.repo.work)
            self.stages(w, rest)
        finally:
            w.close()

    def results(self):
        out = []
        for name in os.listdir(self.dir):
            if name.endswith(".json"):
                with open(os.path.join(self.dir, name)) as f:
                    out.append(json.load(f))
        return out


def part(text):
    k, _, n = text.partition("/")
    return int(k), int(n)


def main():
    p = argparse.ArgumentParser(description="crashes at every write")
    p.add_argument("-j", type=int, default=4)
    p.add_argument("--part", type=part, default=(1, 1), metavar="K/N")
    p.add_argument("--stage", choices=STAGES)
    p.add_argument("--only", default="", metavar="TEXT", help="points with this in their name, as in `crash after sqs CreateQueue`")
    p.add_argument("-v", dest="verbose", action="store_true")
    args = p.parse_args()
    began, matrix = time.monotonic(), Matrix(args)
    w = World(Emulator())
    w.aws.host = "127.0.0.1:80"         # the same in every world
    try:
        w.settings(log={"level": "info"})
        matrix.stages(w, list(STAGES))
        results = matrix.results()
    finally:
        w.close()
        shutil.rmtree(matrix.dir, ignore_errors=True)
    for v in VARIANTS:
        mine = [r["ok"] for r in results if r["variant"] == v]
        print(f"{v}: {sum(mine)} of {len(mine)} survived")
    bad = sum(not r["ok"] for r in results)
    print(f"part {args.part[0]} of {args.part[1]}, {time.monotonic() - began:.0f} s")
    print(f"{len(results) - bad} passed, {bad} failed")
    return 1 if bad or not results else 0


if __name__ == "__main__":
    sys.exit(main())
