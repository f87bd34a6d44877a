"""What looking costs: docs/performance.md says how many calls a pass without
change makes, and a pass makes exactly these."""
import glob
import json
import math
import os
import re

import generated
from harness import ROOT, Case, architecture, documents, manifest

CODE = {"app/app.py": "def handler(event, context):\n\treturn event\n",
        "api.json.txt": json.dumps({"openapi": "3.0.1", "info": {"title": "pets", "version": "1"}, "paths": {"/pets": {"get": {
            "responses": {}, "x-amazon-apigateway-integration": {"type": "HTTP_PROXY", "httpMethod": "GET", "uri": "https://example.com/",
                                                                 "payloadFormatVersion": "1.0"}}}}})}
FUNCTION = {"code": "./app", "runtime": "python3.12", "handler": "app.handler"}


def all_kinds(i):
    """Manifests that make resources of every type."""
    yield manifest("SqsQueue", f"q{i}", {"deadLetter": {"maxReceives": 3}})
    yield manifest("SnsTopic", f"t{i}", {"encryption": "none", "subscriptions": {"q": {"target": f"SqsQueue/q{i}"}}})
    yield manifest("DynamoDbTable", f"d{i}", {"partitionKey": "id:S", "deletionProtection": False, "throttleAlarms": {"topic": f"SnsTopic/t{i}"},
                                              "billing": {"autoscaling": {"min": 1, "max": 5}}})
    yield manifest("IamRole", f"r{i}", {**generated.ROLE, "instanceProfile": True})
    yield manifest("LambdaFunction", f"f{i}", {**FUNCTION, "url": {}, "events": [{"source": f"SqsQueue/q{i}"}]})
    yield manifest("LambdaFunction", f"a{i}", {**FUNCTION, "url": {"auth": "NONE"}, "events": [{"source": f"SqsQueue/q{i}"}],
                                               "alias": {}, "concurrency": {"provisioned": 1}})
    yield manifest("HttpApi", f"h{i}", {"routes": {"GET /": {"target": f"LambdaFunction/f{i}", "authorizer": "users"}},
                                        "authorizers": {"users": {"jwt": {"issuer": "https://issuer.example.com", "audience": ["app"]}}}})
    yield manifest("HttpApi", f"o{i}", {"openapi": "api.json.txt"})


def page():
    """[(types, operation, calls)] of the page's table."""
    with open(os.path.join(ROOT, "docs", "performance.md")) as f:
        text = f.read().partition("\n## Calls of a pass")[2].partition("\n## ")[0]
    rows = [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")]
    return [(types.replace("`", "").split(", "), operation, calls) for types, operation, calls, *_ in rows]


def types_of_modules():
    found = set()
    for path in glob.glob(os.path.join(ROOT, "modules", "*", "*.c")):
        with open(path) as f:
            text = f.read()
        found.update(re.findall(r'\.name = "([a-z0-9-]+\.[a-z-]+)"', text))
        found.update(re.findall(r'^const struct resource_type \w+ =\s+[A-Z_]+\(\s*"([a-z0-9-]+\.[a-z-]+)"', text, re.M))
    return found


def expected(calls, types, n):
    """"1 each", "1 per 100", "1 per lambda.function", with {type: number};
    "in ...": another row has it."""
    if calls.startswith("in "):
        return 0
    per = calls.removeprefix("1 ").removeprefix("per ").replace("`", "")
    mine = sum(n[t] for t in types)
    if per == "each":
        return mine
    return math.ceil(mine / int(per)) if per.isdigit() else sum(n[t] for t in per.split(", "))


class Frugal(Case):
    maxDiff = None

    def second_pass(self):
        """Its calls, and how many resources of each type there are."""
        self.w.settings(reconcile={"interval": "1h"})
        self.w.once("--timeout", "60s")
        d = self.w.start()
        self.w.wait_synced(seconds=120)
        self.w.quiet()
        self.aws.clear()
        self.w.ctl("reconcile", "--socket", self.w.socket, "--wait")
        self.no_writes()
        counts, n = self.aws.counts(), {}
        for a in json.loads(self.w.http("/api/v1/status")[1])["architectures"]:
            for r in a["resources"]:
                n[r["type"]] = n.get(r["type"], 0) + 1
        self.assertEqual(0, d.stop())
        return counts, n

    def test_calls_are_those_of_the_page(self):
        self.repo.push({**CODE, "a.yaml": documents(architecture(), *(m for i in range(3) for m in all_kinds(i)))})
        counts, n = self.second_pass()
        self.assertEqual(types_of_modules(), set(n), "a type that the test does not make, or that nothing names")
        rows = page()
        self.assertEqual(set(n), {t for types, _, _ in rows for t in types if t != "all"}, "types of the page")
        want = {}
        for types, operation, calls in rows:
            want[operation] = want.get(operation, 0) + expected(calls, types, {**n, "all": sum(n.values())})
        self.assertEqual({k: v for k, v in want.items() if v}, counts)

    def test_a_hundred_resources(self):
        """Of the mix of services; Terraform makes 297 calls over the same."""
        self.repo.push(generated.files(100))
        counts, n = self.second_pass()
        self.assertEqual(100, sum(n.values()))
        self.assertLessEqual(sum(counts.values()), 115, counts)
        for operation in ("iam GetAccountAuthorizationDetails", "iam ListRoles", "logs DescribeLogGroups", "sns ListSubscriptions",
                          "lambda ListEventSourceMappings", "resourcegroupstaggingapi GetResources"):
            self.assertEqual(1, counts.get(operation), operation)
