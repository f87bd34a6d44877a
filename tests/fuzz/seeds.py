#!/usr/bin/env python3
"""First inputs of the fuzzers: seeds.py TARGET FOLDER.

Those of tests/fuzz/seeds, and what the published protocol tests hold where
their data is present ($CONVERGD_CONFORMANCE or ../shared/conformance).
"""
import glob
import hashlib
import json
import os
import shutil
import sys

DATA = os.environ.get("CONVERGD_CONFORMANCE", "../shared/conformance")
HERE = os.path.dirname(os.path.abspath(__file__))
OPERATIONS = 13  # of an answer's first byte, at least as many as there are


def load(pattern):
    for name in sorted(glob.glob(os.path.join(DATA, pattern))):
        with open(name, encoding="utf-8") as f:
            yield f.read()


def bodies(pattern):
    for text in load(pattern):
        for suite in json.loads(text):
            for case in suite["cases"]:
                response = case["response"]
                status = response.get("status_code", 200)
                yield status, response.get("body") or ""


def answers(found):
    for i, (status, body) in enumerate(found):
        kind = 0 if status < 300 else 4 if status >= 500 else 2
        yield bytes([i % OPERATIONS, kind]) + body.encode()


def xml():
    found = []
    for protocol in ("query", "ec2", "rest-xml"):
        found += bodies(f"protocols/output/{protocol}.json")
    found += [(200, t) for t in load("responses/xml/responses/*.xml")]
    found += [(400, t) for t in load("responses/xml/errors/*.xml")]
    yield from answers(found)


def json_answers():
    found = []
    for protocol in ("json", "json_1_0", "rest-json"):
        found += bodies(f"protocols/output/{protocol}.json")
    yield from answers(found)


def reader():
    for answer in json_answers():
        yield answer[2:]


def config():
    for text in load("credentials/profile-parser-tests.json"):
        for case in json.loads(text)["tests"]:
            files = case["input"]
            for name in ("configFile", "credentialsFile"):
                if files.get(name):
                    yield files[name].encode()


def model():
    for name in ("sts", "sso", "sso-oidc", "cloudcontrol"):
        with open(os.path.join(HERE, f"../../common/aws/model/{name}.json"),
                  "rb") as f:
            yield f.read()


def endpoint():
    for i, text in enumerate(load("endpoints/*.json")):
        for case in json.loads(text)["testCases"][:200]:
            p = case.get("params", {})
            lines = [p.get("Region", ""), p.get("Bucket", ""),
                     p.get("Endpoint", ""), "a/b c",
                     p.get("ResourceArn", p.get("AccountId", ""))]
            flags = p.get("UseFIPS", False) + 2 * p.get("UseDualStack", False)
            yield bytes([flags + 4 * i, 0x41, 0]) + "\n".join(map(str, lines)).encode()


FOUND = {"xml": xml, "json": json_answers, "reader": reader, "config": config,
         "model": model, "endpoint": endpoint}


def main():
    target, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    for path in glob.glob(os.path.join(HERE, "seeds", target, "*")):
        shutil.copy(path, folder)
    for data in FOUND.get(target, lambda: ())():
        name = hashlib.sha1(data).hexdigest()
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
