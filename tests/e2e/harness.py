"""A world for one test: a bare Git repository, an empty AWS account, and the
programs under test. boto3 is the judge; our own client never is."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

import emulator

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("CONVERGD_BUILD", os.path.join(ROOT, "build"))
CONVERGD, CONVERGCTL = os.path.join(BUILD, "convergd"), os.path.join(BUILD, "convergctl")
REGION, ACCOUNT = "eu-west-1", emulator.ACCOUNT
SLOW = float(os.environ.get("E2E_SLOW", "1"))       # stretches every deadline
_emulator = None


def shared_emulator():
    """One for all tests of this process, emptied before each."""
    global _emulator
    if _emulator is None:
        _emulator = emulator.Emulator()
    return _emulator


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(condition, seconds=30, what="condition"):
    """Polls until condition() is true and returns it; says what it last was."""
    end, last = time.monotonic() + seconds * SLOW, None
    while True:
        try:
            last = condition()
        except (OSError, KeyError, IndexError, ValueError) as e:
            last = e
        if last and not isinstance(last, Exception):
            return last
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds * SLOW:.0f} s: {what}; last: {last!r}")
        time.sleep(0.05)


def git(*args, cwd=None, **kw):
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
           "GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@example.com", "GIT_COMMITTER_NAME": "Test",
           "GIT_COMMITTER_EMAIL": "test@example.com", "GIT_TERMINAL_PROMPT": "0", **kw.pop("env", {})}
    r = subprocess.run(["git", "-c", "init.defaultBranch=main", "-c", "safe.directory=*", *args], cwd=cwd, env=env,
                       capture_output=True, text=True, **kw)
    if r.returncode:
        raise AssertionError(f"git {' '.join(args)}: {r.stderr}")
    return r.stdout.strip()


def policy(document):
    """A policy document as an object, wherever it comes from."""
    return json.loads(document) if isinstance(document, str) else document


ARCHITECTURE = """apiVersion: convergd/v1
kind: Architecture
metadata: { name: %(name)s }
spec:
  region: %(region)s
%(more)s"""


def architecture(name="shop", region=REGION, **spec):
    return ARCHITECTURE % {"name": name, "region": region,
                           "more": "".join(f"  {k}: {json.dumps(v)}\n" for k, v in spec.items())}


def manifest(kind, name, spec=None, **metadata):
    return json.dumps({"apiVersion": "convergd/v1", "kind": kind, "metadata": {"name": name, **metadata},
                       "spec": spec or {}}, indent=1)


def documents(*docs):
    return "\n---\n".join(docs) + "\n"


class Repository:
    """A bare repository and a clone to push from."""

    def __init__(self, directory, new=True):
        self.bare, self.work = os.path.join(directory, "repo.git"), os.path.join(directory, "work")
        if not new:
            return
        git("init", "-q", "--bare", self.bare)
        git("clone", "-q", self.bare, self.work)
        git("checkout", "-q", "-B", "main", cwd=self.work)

    def write(self, files):
        for path, content in files.items():
            full = os.path.join(self.work, path)
            if content is None:
                shutil.rmtree(full) if os.path.isdir(full) else os.unlink(full)
                continue
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb") as f:
                f.write(content if isinstance(content, bytes) else content.encode())

    def commit(self, files=None, message="change"):
        self.write(files or {})
        git("add", "-A", cwd=self.work)
        git("commit", "-q", "--allow-empty", "-m", message, cwd=self.work)
        return git("rev-parse", "HEAD", cwd=self.work)

    def push(self, files=None, message="change", force=False):
        """Commits and pushes; the commit's hex."""
        sha = self.commit(files, message)
        git("push", "-q", *(["--force"] if force else []), "origin", "main", cwd=self.work)
        return sha

    def copy(self, directory, to="."):
        shutil.copytree(os.path.join(ROOT, directory), os.path.join(self.work, to), dirs_exist_ok=True)


class Daemon:
    """convergd as a process; what it says is kept in a file."""

    def __init__(self, world, *args):
        self.world, self.log_path = world, os.path.join(world.dir, f"convergd-{len(world.daemons)}.log")
        world.daemons.append(self)
        self.log_file = open(self.log_path, "wb")
        self.process = subprocess.Popen([CONVERGD, "-c", world.settings_path, *args], env=world.env,
                                        stdout=self.log_file, stderr=subprocess.STDOUT, cwd=world.dir)

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def said(self, pattern, seconds=20):
        return wait(lambda: re.search(pattern, self.log()), seconds, f"the log says /{pattern}/")

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=20):
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(seconds * SLOW)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"convergd did not end within {seconds * SLOW:.0f} s of SIGTERM\n" + self.log()[-3000:])

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log_file.close()


class World:
    """copy_of: another one, whose files are copied; AWS stays as it is."""

    def __init__(self, aws=None, copy_of=None):
        self.dir = tempfile.mkdtemp(prefix="convergd-e2e-")
        self.aws = aws or shared_emulator()
        if copy_of:
            shutil.copytree(copy_of.dir, self.dir, dirs_exist_ok=True)
        else:
            self.aws.reset()
        self.repo = Repository(self.dir, new=not copy_of)
        self.daemons, self.settings_path = [], os.path.join(self.dir, "convergd.yaml")
        self.socket, self.state = os.path.join(self.dir, "control.sock"), os.path.join(self.dir, "state")
        self.http_port = free_port()
        self.env = {"PATH": os.environ["PATH"], "HOME": self.dir, "AWS_ACCESS_KEY_ID": "AKIDCONVERGD",
                    "AWS_SECRET_ACCESS_KEY": emulator.KEYS["AKIDCONVERGD"], "AWS_EC2_METADATA_DISABLED": "true",
                    "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
                    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "detect_leaks=1"), "TZ": "UTC"}
        self.clients = {}
        self.settings()

    # ---- settings

    def settings(self, **sections):
        """Writes the settings file; sections override single members."""
        s = {"installation": "e2e",
             "source": {"url": self.repo.bare, "branch": "main", "path": ".", "interval": "1s"},
             "reconcile": {"interval": "5m", "jitter": "0%"},
             "aws": {"endpointUrl": self.aws.url},
             "http": {"listen": f"127.0.0.1:{self.http_port}"},
             "control": {"socket": self.socket},
             "state": {"directory": self.state},
             "log": {"level": "debug", "format": "text"}}
        for k, v in sections.items():
            s[k] = {**s[k], **v} if isinstance(v, dict) and k in s else v
        with open(self.settings_path, "w") as f:
            json.dump(s, f, indent=1)
        return s

    # ---- the programs

    def once(self, *args, expect=0, timeout=90):
        """convergd --once; its output."""
        r = subprocess.run([CONVERGD, "-c", self.settings_path, "--once", *args], env=self.env, cwd=self.dir,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout * SLOW, errors="replace")
        if expect is not None and r.returncode != expect:
            raise AssertionError(f"convergd --once ended with {r.returncode}, not {expect}:\n{r.stdout[-6000:]}"
                                 f"\nrejected: {self.aws.bad[-3:]}")
        return r.stdout

    def start(self, *args):
        return Daemon(self, *args)

    def ctl(self, *args, expect=0, input=None, timeout=60, env=None, cwd=None):
        """convergctl; (standard output, standard error)."""
        e = {**self.env, "AWS_ENDPOINT_URL": self.aws.url, "AWS_REGION": REGION, **(env or {})}
        r = subprocess.run([CONVERGCTL, *args], env=e, cwd=cwd or self.repo.work, capture_output=True, text=True,
                           timeout=timeout * SLOW, input=input, errors="replace")
        if expect is not None and r.returncode != expect:
            raise AssertionError(f"convergctl {' '.join(args)} ended with {r.returncode}, not {expect}:\n"
                                 f"{r.stdout[-3000:]}\n{r.stderr[-3000:]}\nrejected: {self.aws.bad[-3:]}")
        return r.stdout, r.stderr

    # ---- what the daemon says

    def http(self, path, headers=None):
        """(status, body); an HTTP error is an answer, too."""
        req = urllib.request.Request(f"http://127.0.0.1:{self.http_port}{path}", headers=headers or {})
        try:
            with urllib.request.urlopen(req, timeout=5) as r:
                return r.status, r.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()

    def metrics(self):
        """[(name, labels, value)]"""
        out = []
        for line in self.http("/metrics")[1].splitlines():
            m = re.match(r"(\w+)(?:\{(.*)\})? (\S+)", line)
            if m and not line.startswith("#"):
                out.append((m[1], dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', m[2] or "")), float(m[3])))
        return out

    def metric(self, metric, **labels):
        """Sum of the series that have these labels."""
        return sum(v for n, l, v in self.metrics() if n == metric and all(l.get(k) == w for k, w in labels.items()))

    def synced(self, sha=None, arch="shop"):
        """All resources are Synced at the revision."""
        m = self.metrics()
        revision = [l["revision"] for n, l, v in m if n == "convergd_architecture_info" and l["architecture"] == arch and v]
        if not revision or sha and sha[:7] not in revision[0]:
            return False
        mine = [(l, v) for n, l, v in m if n == "convergd_resources" and l["architecture"] == arch and v]
        return bool(mine) and all(l["sync"] == "Synced" for l, _ in mine) and \
            any(n == "convergd_last_success_timestamp_seconds" and l["architecture"] == arch and v > 0 for n, l, v in m)

    def wait_synced(self, sha=None, arch="shop", seconds=60):
        try:
            return wait(lambda: self.synced(sha, arch), seconds, f"{arch} synced at {sha and sha[:7]}")
        except AssertionError as e:
            tail = self.daemons[-1].log()[-5000:] if self.daemons else ""
            raise AssertionError(f"{e}\n{tail}\nrejected: {self.aws.bad[-3:]}") from None

    def quiet(self, seconds=1.0):
        """Waits until the daemon has sent nothing for so long; the number of
        calls so far."""
        n, since = len(self.aws.calls), time.monotonic()
        while time.monotonic() - since < seconds:
            time.sleep(0.05)
            if len(self.aws.calls) != n:
                n, since = len(self.aws.calls), time.monotonic()
        return n

    # ---- the judge

    def boto(self, service, region=REGION):
        key = service, region, self.aws.url
        if key not in self.clients:
            self.clients[key] = boto3.client(service, endpoint_url=self.aws.url, region_name=region, aws_access_key_id="JUDGE",
                                             aws_secret_access_key="judge", config=Config(retries={"total_max_attempts": 1}))
        return self.clients[key]

    def queue_url(self, name):
        return self.boto("sqs").get_queue_url(QueueName=name)["QueueUrl"]

    def queue(self, name):
        """Attributes, documents decoded."""
        a = self.boto("sqs").get_queue_attributes(QueueUrl=self.queue_url(name), AttributeNames=["All"])["Attributes"]
        return {k: json.loads(v) if v[:1] == "{" else v for k, v in a.items()}

    def queues(self):
        return sorted(u.rsplit("/", 1)[-1] for u in self.boto("sqs").list_queues().get("QueueUrls", []))

    def topic(self, name):
        a = self.boto("sns").get_topic_attributes(TopicArn=self.arn("sns", name))["Attributes"]
        return {k: json.loads(v) if v[:1] == "{" else v for k, v in a.items()}

    def subscriptions(self, topic):
        """endpoint -> attributes"""
        sns, out = self.boto("sns"), {}
        for s in sns.list_subscriptions_by_topic(TopicArn=self.arn("sns", topic))["Subscriptions"]:
            out[s["Endpoint"]] = sns.get_subscription_attributes(SubscriptionArn=s["SubscriptionArn"])["Attributes"] \
                if s["SubscriptionArn"].startswith("arn:") else s
        return out

    def arn(self, service, rest, region=REGION):
        return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"

    def role(self, name):
        return self.boto("iam").get_role(RoleName=name)["Role"]

    def role_policies(self, name):
        iam = self.boto("iam")
        return {p: policy(iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"])
                for p in iam.list_role_policies(RoleName=name)["PolicyNames"]}

    def function(self, name):
        return self.boto("lambda").get_function(FunctionName=name)

    def function_policy(self, name):
        """Statements, by Sid; none is {}."""
        try:
            return {s["Sid"]: s for s in json.loads(self.boto("lambda").get_policy(FunctionName=name)["Policy"])["Statement"]}
        except self.boto("lambda").exceptions.ResourceNotFoundException:
            return {}

    def api(self, name):
        """Everything of the HTTP API with this name."""
        c = self.boto("apigatewayv2")
        found = [a for a in c.get_apis()["Items"] if a["Name"] == name]
        assert len(found) == 1, f"{len(found)} APIs are named {name}"
        i = found[0]["ApiId"]
        return {**found[0], "routes": {r["RouteKey"]: r for r in c.get_routes(ApiId=i)["Items"]},
                "integrations": {x["IntegrationId"]: x for x in c.get_integrations(ApiId=i)["Items"]},
                "stages": {s["StageName"]: s for s in c.get_stages(ApiId=i)["Items"]},
                "authorizers": {a["Name"]: a for a in c.get_authorizers(ApiId=i)["Items"]}}

    # ---- the end

    def close(self):
        for d in self.daemons:
            with contextlib.suppress(Exception):
                d.kill()
        if not os.environ.get("E2E_KEEP"):
            shutil.rmtree(self.dir, ignore_errors=True)


class Case(unittest.TestCase):
    """Every test has a world of its own."""

    def setUp(self):
        self.w = World()
        self.addCleanup(self.w.close)
        self.aws, self.repo = self.w.aws, self.w.repo

    def no_writes(self, since=0, but=()):
        writes = [f"{c.service} {c.operation} {c.input}" for c in self.aws.writes(since) if c.operation not in but]
        self.assertEqual([], writes[:10], f"{len(writes)} writes where none belongs")

    def assertSubset(self, want, have, at=""):
        """Every member of want is in have; lists are equal."""
        if isinstance(want, dict):
            self.assertIsInstance(have, dict, at)
            for k, v in want.items():
                self.assertIn(k, have, at)
                self.assertSubset(v, have[k], f"{at}/{k}")
        else:
            self.assertEqual(want, have, at)

    def tearDown(self):
        self.assertEqual([], self.aws.bad[:3], "requests that AWS would refuse (signature, unknown operation)")
