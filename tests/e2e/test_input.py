"""Bad input: a clear error with its place, exit code 1, never a write."""
import re

from harness import Case, architecture, documents, manifest

A = architecture()
CASES = {
    "no architecture": ({"q.yaml": manifest("SqsQueue", "a")}, r"(?i)architecture"),
    "two of one name": ({"x/a.yaml": A, "y/a.yaml": A}, r"[xy]/a\.yaml:\d+:\d+: .*shop"),
    "unknown kind": ({"a.yaml": documents(A, manifest("SqsQeue", "a"))}, r"a\.yaml:\d+:\d+: .*SqsQeue.*SqsQueue"),
    "unknown field": ({"a.yaml": documents(A, manifest("SqsQueue", "a", {"visiblityTimeout": "3s"}))}, r"a\.yaml:\d+:\d+: .*visiblityTimeout.*visibilityTimeout"),
    "wrong type": ({"a.yaml": documents(A, manifest("SqsQueue", "a", {"fifo": "perhaps"}))}, r"a\.yaml:\d+:\d+: .*fifo"),
    "out of range": ({"a.yaml": documents(A, manifest("SqsQueue", "a", {"visibilityTimeout": "13h"}))}, r"a\.yaml:\d+:\d+: .*12h|a\.yaml:\d+:\d+: .*43200"),
    "duplicate name": ({"a.yaml": documents(A, manifest("SqsQueue", "a"), manifest("SqsQueue", "a"))}, r"a\.yaml:\d+:\d+: .*SqsQueue/a"),
    "dangling reference": ({"a.yaml": documents(A, manifest("SnsTopic", "t", {"subscriptions": {"x": {"target": "SqsQueue/nope"}}}))}, r"a\.yaml:\d+:\d+: .*SqsQueue/nope"),
    "unknown output": ({"a.yaml": documents(A, manifest("SqsQueue", "q"), manifest("SnsTopic", "t", {"displayName": "${SqsQueue/q.uri}"}))}, r"a\.yaml:\d+:\d+: .*uri.*url"),
    "unknown variable": ({"a.yaml": documents(A, manifest("SnsTopic", "t", {"displayName": "${var.x}"}))}, r"a\.yaml:\d+:\d+: .*var\.x|a\.yaml:\d+:\d+: .*variable"),
    "cycle": ({"a.yaml": documents(A, manifest("SnsTopic", "a", {"displayName": "${SnsTopic/b.name}"}), manifest("SnsTopic", "b", {"displayName": "${SnsTopic/a.name}"}))},
              r"(?i)SnsTopic/a.*SnsTopic/b|SnsTopic/b.*SnsTopic/a"),
    "invalid UTF-8": ({"a.yaml": A.encode() + b"  variables: { x: \"\xff\xfe\" }\n"}, r"(?i)a\.yaml.*utf-8"),
    "tab": ({"a.yaml": "kind: Architecture\nmetadata:\n\tname: shop\n"}, r"a\.yaml:3:\d+: "),
    "not YAML": ({"a.yaml": "kind: [Architecture\n"}, r"a\.yaml:\d+:\d+: "),
    "key twice": ({"a.yaml": A + "  region: us-east-1\n"}, r"a\.yaml:\d+:\d+: .*region"),
    "billion laughs": ({"a.yaml": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefghi", "bcdefghij"))}, r"a\.yaml"),
    "deep": ({"a.yaml": "x: " + "[" * 20000}, r"a\.yaml"),
    "50 MiB": ({"a.yaml": A + "# " + "x" * (50 << 20) + "\n"}, r"(?i)a\.yaml.*(MiB|large|big|bytes|size)"),
    "code missing": ({"a.yaml": documents(A, manifest("LambdaFunction", "f", {"code": "./nope", "runtime": "python3.12", "handler": "a.b"}))}, r"a\.yaml:\d+:\d+: .*nope"),
    "code outside": ({"a.yaml": documents(A, manifest("LambdaFunction", "f", {"code": "../../etc", "runtime": "python3.12", "handler": "a.b"}))}, r"a\.yaml:\d+:\d+: "),
    "wrong API version": ({"a.yaml": A.replace("convergd/v1", "convergd/v7")}, r"a\.yaml:\d+:\d+: .*convergd/v1"),
    "bad name": ({"a.yaml": documents(A, manifest("SqsQueue", "Not A Name!"))}, r"a\.yaml:\d+:\d+: "),
    "bad JSON": ({"a.json": '{"apiVersion": "convergd/v1",'}, r"a\.json:\d+:\d+: "),
    "empty document list": ({"a.yaml": ""}, r"(?i)architecture"),
}


def add(name, files, pattern):
    def test(self):
        self.repo.push(files)
        out = self.w.once(expect=1)
        self.assertTrue(any(re.search(pattern, line) for line in out.splitlines()), f"no line like {pattern!r} in\n{out[-3000:]}")
        self.no_writes()
        text = "".join(self.w.ctl("validate", ".", expect=1))
        self.assertTrue(any(re.search(pattern, line) for line in text.splitlines()), f"validate: no line like {pattern!r} in\n{text[-3000:]}")
    setattr(BadInput, "test_" + re.sub(r"\W+", "_", name), test)


class BadInput(Case):
    def test_all_errors_at_once(self):
        self.repo.push({"a.yaml": documents(A, manifest("SqsQueue", "a", {"x1": 1}), manifest("SqsQueue", "b", {"x2": 1})),
                        "b.yaml": manifest("SnsTopic", "t", {"x3": 1})})
        out, _ = self.w.ctl("validate", ".", expect=1)
        out += _
        for x in ("x1", "x2", "x3"):
            self.assertIn(x, out)


for _name, (_files, _pattern) in CASES.items():
    add(_name, _files, _pattern)
