"""Every field of every kind: a change of the manifest becomes writes, and
nothing more is written afterwards; a fixed field plans a new object.

A kind or field of the tables without a row in kind_rows.py fails here."""
import copy
import json
import os
import re

from harness import Case, architecture, documents, manifest
from kind_rows import DOCUMENTS, FILES, KINDS, OTHERS, Same
from tables import TABLES, Engine, note, sources_of_code


def parts(spec, path):
    """The container and the key of a path; keys may hold dots and blanks."""
    node, rest = spec, path
    while True:
        if isinstance(node, list):
            key, _, more = rest.partition(".")
            if not more:
                return node, int(key)
            node, rest = node[int(key)], more
            continue
        key = next((k for k in sorted(node, key=len, reverse=True) if rest == k or rest.startswith(k + ".")), None)
        if key is None or rest == key:
            return node, rest
        node, rest = node[key], rest[len(key) + 1:]


def with_change(spec, path, value):
    spec = copy.deepcopy(spec)
    node, key = parts(spec, path)
    if value is not None:
        node[key] = value
    else:
        del node[key]
    return spec


def is_row_of(pattern, path):
    """Is the concrete path one of the table's? A list is changed as a whole."""
    rx = re.escape(pattern).replace(r"\*", "[^.]+")
    return re.fullmatch(rx, path) or pattern.endswith(".*") and is_row_of(pattern[:-2], path)


class Fields(Case):
    def setUp(self):
        super().setUp()
        self.engine = Engine(self.w)
        self.addCleanup(self.engine.close)
        self.tree = os.path.join(self.w.dir, "tree")
        self.counts = dict.fromkeys(("creates", "diffs", "writes", "updates", "drifts", "fixed"), 0)
        for path, text in FILES.items():
            self.write(path, text)

    def write(self, path, text):
        full = os.path.join(self.tree, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w") as f:
            f.write(text)

    def run_spec(self, kind, spec, what, write=True):
        mine = [manifest(k, n, s) for k, n, s in OTHERS if f"{k}/{n}" in self.needed]
        self.write("a.yaml", documents(architecture(limits={"maxDeletes": 1000}), manifest(kind, "it", spec, policy={"prune": "auto", "replace": "auto"}), *mine))
        self.mark = len(self.aws.calls)
        answer = self.engine.run(None, write, self.tree)
        self.actions = answer["plan"]["actions"] if answer["plan"] else []
        if write and answer["report"]["result"] != "Synced":
            bad = [r for r in answer["report"]["resources"] if r["sync"] != "Synced"]
            raise AssertionError(f"{what}: {answer['report']['result']} {json.dumps(bad)[:1500]}\nrejected: {self.aws.bad[-2:]}")
        return [c for c in self.aws.calls[self.mark:] if c.write]

    def quiet(self, kind, spec, what):
        writes = self.run_spec(kind, spec, what)
        self.counts["diffs"] += len(self.actions)
        self.counts["writes"] += len(writes)
        if self.actions or writes:
            raise AssertionError(f"{what}: not quiet: {json.dumps(self.actions)[:1200]} {[(c.operation, str(c.input)[:200]) for c in writes]}")

    def field(self, kind, spec, path, value, fixed):
        changed = with_change(spec, path, value.value if isinstance(value, Same) else value)
        if fixed:
            self.run_spec(kind, changed, f"{path} changed", write=False)
            sorts = {a["action"] for a in self.actions}
            if not sorts & {"replace", "create"}:
                raise AssertionError(f"{path} is fixed and the plan is {json.dumps(self.actions)[:900]}")
            self.counts["fixed"] += 1
            return
        writes = self.run_spec(kind, changed, f"{path} changed")
        if bool(writes) == isinstance(value, Same):
            raise AssertionError(f"{path} changed: {[c.operation for c in writes]} written")
        self.quiet(kind, changed, f"after {path} changed")
        self.run_spec(kind, spec, f"{path} put back")
        self.quiet(kind, spec, f"after {path} was put back")
        self.counts["updates"] += 1

    def variant(self, kind, spec, rows):
        text = json.dumps([spec, [getattr(v, "value", v) for v in rows.values()]])
        self.needed = {f"{k}/{n}" for k, n, _ in OTHERS if f'"{k}/{n}"' in text}
        self.run_spec(kind, spec, "create")
        self.counts["creates"] += len(self.actions)
        self.quiet(kind, spec, "after creation")
        for path, value in rows.items():
            pattern = [p for p in TABLES["kinds"][kind] if is_row_of(p, path)]
            self.field(kind, spec, path, value, any(TABLES["kinds"][kind][p]["fixed"] for p in pattern[:1]))

    def proves(self, kind):
        self.assertIn(kind, KINDS, f"kind_rows.py has no rows of {kind}")
        if kind == "LambdaFunction":
            sources_of_code(self.w)
        leaves = [p for p, f in TABLES["kinds"][kind].items() if not f["inner"] and not p.startswith(DOCUMENTS)]
        paths = {path for _, rows in KINDS[kind].values() for path in rows}
        self.assertEqual([], [p for p in leaves if not any(is_row_of(p, path) for path in paths)], f"fields of {kind} without a row in kind_rows.py")
        self.assertEqual([], [p for p in paths if not any(is_row_of(q, p) for q in TABLES["kinds"][kind])], f"rows of {kind} without a field")
        for name, (spec, rows) in KINDS[kind].items():
            try:
                self.variant(kind, spec, rows)
            except AssertionError as e:
                raise AssertionError(f"{kind}, {name}: {e}") from None
            self.leave(kind, spec)
        note({"sort": "kinds", "type": kind, "set": len(leaves), "all": len(leaves), "limits": {}, **self.counts})

    def leave(self, kind, spec):
        """Everything goes; the next variant begins with nothing."""
        if kind == "DynamoDbTable":
            self.run_spec(kind, {**spec, "deletionProtection": False}, "unprotected")
        self.write("a.yaml", architecture(limits={"maxDeletes": 1000}))
        answer = self.engine.run(None, True, self.tree)
        self.assertEqual("Synced", answer["report"]["result"], json.dumps(answer["report"])[:1500])

    def test_no_rows_of_kinds_that_are_gone(self):
        self.assertEqual(set(), set(KINDS) - set(TABLES["kinds"]))


for each in TABLES["kinds"]:
    setattr(Fields, f"test_{each}", lambda self, kind=each: self.proves(kind))
