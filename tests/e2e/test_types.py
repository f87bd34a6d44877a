"""Convergence of every resource type, walked along its table: what is created
is not touched again; every property changes by its update rows, is read back
and stays; what others change, remove or add is found and put right.

A type or property of the tables without a row in type_rows.py fails here."""
import json
import os
import re

import emulator
from botocore import xform_name
from harness import Case
from tables import TABLES, Engine, decoded, note, promised, sources_of_code
from type_rows import CODE, TYPES, Row

IT, SPARE = "shop/Test/it", "shop/Test/spare"


def address(local):
    return f"shop/Test/{local}"


def resolved(value):
    """Local names in references become addresses."""
    if isinstance(value, dict) and "$ref" in value:
        return {"$ref": [address(value["$ref"][0]), value["$ref"][1]]}
    if isinstance(value, dict):
        return {k: resolved(v) for k, v in value.items()}
    return [resolved(v) for v in value] if isinstance(value, list) else value


def plain(value):
    """One form of what means the same: documents decoded, scalars as text,
    lists sorted."""
    value = decoded(value)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return sorted((plain(v) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def within(want, have):
    """Does have hold all of want?"""
    if isinstance(want, dict):
        return isinstance(have, dict) and all(k in have and within(v, have[k]) for k, v in want.items())
    return want == have


def holds(answer, member, want):
    """Has the answer the member with this value anywhere?"""
    answer = decoded(answer)
    if isinstance(answer, dict):
        return member in answer and within(want, plain(answer[member])) or any(holds(v, member, want) for v in answer.values())
    return isinstance(answer, list) and any(holds(v, member, want) for v in answer)


def lacks_reference(value):
    return "$" not in json.dumps(value) or not re.search(r'"\$(ref|join|code)"', json.dumps(value))


class Proof:
    """One type in one variant: what is desired, and what came of it."""

    def __init__(self, case, name, variant):
        self.case, self.aws, self.w = case, case.aws, case.w
        self.name, self.table, self.rows = name, TABLES["types"][name], TYPES[name]
        given = {p: r.first if isinstance(r, Row) else r for p, r in variant.items()}
        self.props = {p: v for p, v in given.items() if v is not None}
        self.tags, self.spare, self.absent = {"cost": "42", "team": "shop"}, False, False
        self.engine, self.counts = case.engine, case.counts
        self.tree = os.path.join(self.w.dir, "tree")

    # ---- desired

    def resources(self):
        all_ = {address(k): {"parent": None, **v} for k, v in self.rows.get("needs", {}).items()}
        parent = self.rows.get("parent")
        mine = {"type": self.name, "parent": parent, "tags": {**self.rows.get("tags", {}), **self.tags}}
        if "S3Bucket" in self.props:        # as LambdaFunction writes it
            mine["tags"]["convergd:code"] = "{S3Bucket}/{S3Key}@{S3ObjectVersion}".format(**self.props)
        if not self.absent:
            all_[IT] = {**mine, "props": self.props}
        if self.spare:
            all_[SPARE] = {**mine, "props": self.rows["spare"]}
        for r in all_.values():
            r.update(parent=r["parent"] and address(r["parent"]), props=resolved(r["props"]),
                     policy={"prune": "auto", "replace": "auto"}, tags=r.get("tags", {}))
        return all_

    # ---- passes

    def run(self, what, write=True):
        self.mark = len(self.aws.calls)
        answer = self.engine.run(self.resources(), write, self.tree)
        self.actions = answer["plan"]["actions"] if answer["plan"] else []
        if write and answer["report"]["result"] != "Synced":
            raise AssertionError(f"{what}: {json.dumps(answer['report'])[:1500]}\nrejected: {self.aws.bad[-2:]}")
        return answer

    def planned(self):
        """What the last plan does to the object."""
        return {a["action"] for a in self.actions if a.get("address") == IT}

    def writes(self):
        return [c for c in self.aws.calls[self.mark:] if c.write]

    def ops(self):
        return {c.operation for c in self.writes()}

    def quiet(self, what):
        """Another pass finds and does nothing."""
        self.run(what)
        self.counts["diffs"] += len(self.actions)
        self.counts["writes"] += len(self.writes())
        if self.actions or self.writes():
            raise AssertionError(f"{what}: not quiet: {json.dumps(self.actions)[:1200]} {self.describe()}")

    def describe(self):
        return [f"{c.operation} {str(c.input)[:300]}" for c in self.writes()]

    # ---- by hand

    def by_hand(self, calls):
        """The same calls, made by boto3."""
        for c in calls:
            client = self.w.boto(c.service)
            method = xform_name(c.operation)
            shape = client.meta.service_model.operation_model(c.operation).input_shape
            getattr(client, method)(**self.blobs(shape, {k: v for k, v in c.input.items() if v is not None}))

    def blobs(self, shape, value):
        import base64
        if shape.type_name == "blob":
            return base64.b64decode(value) if isinstance(value, str) else value
        if shape.type_name == "structure":
            return {k: self.blobs(shape.members[k], v) for k, v in value.items()}
        return value

    def answers(self):
        """What the reads of the last pass give to boto3."""
        seen, out = set(), []
        for c in self.aws.calls[self.mark:]:
            key = f"{c.service} {c.operation} {c.input}"
            if c.write or key in seen or c.service in ("sts", "resourcegroupstaggingapi"):
                continue
            seen.add(key)
            client = self.w.boto(c.service)
            try:
                out.append(getattr(client, xform_name(c.operation))(**{k: v for k, v in c.input.items() if v is not None}))
            except client.exceptions.ClientError:
                continue
        return json.loads(json.dumps(out, default=str))

    def denied(self, what):
        """The first write of a pass that may not write."""
        self.aws.faults.append(emulator.Fault("error", write=True, code="AccessDeniedException", status=403))
        self.mark = len(self.aws.calls)
        self.engine.run(self.resources(), True, self.tree)
        self.aws.faults.clear()
        tried = [c for c in self.aws.calls[self.mark:] if c.status == 403]
        if not tried:
            raise AssertionError(f"{what}: no write was tried")
        return tried

    # ---- the proofs

    def created(self):
        self.run("create")
        if self.planned() != {"create"}:
            raise AssertionError(f"not created: {self.actions}")
        self.counts["creates"] += 1
        self.quiet("after creation")

    def change(self, what, values, expect):
        """Desires other values; the writes that brought them."""
        before = dict(self.props)
        for k, v in values.items():
            self.props.pop(k, None) if v is None else self.props.update({k: v})
        self.run(what)
        writes = self.writes()
        changes = {k: (before.get(k), self.props.get(k)) for k in values}
        if expect is None:
            expect = promised(self.table, {k: v for k, v in changes.items() if not self.passive(k)})
        if self.ops() != set(expect):
            raise AssertionError(f"{what}: {sorted(self.ops())} written, not {sorted(expect)}: {self.describe()} {json.dumps(self.actions)[:600]}")
        return writes

    def flags(self, name):
        return self.table["properties"][name]["flags"]

    def passive(self, name):
        return set(self.flags(name)) & {"writeOnly", "handedOver"}

    def read_back(self, what, name, row, value):
        if row.unseen or value is None:
            return
        want = row.seen if isinstance(row.seen, dict) else {row.seen or name: value}
        self.quiet(what)
        answers = self.answers()
        for member, v in want.items():
            v = self.actual(v)
            if v is not None and not any(holds(a, member, plain(v)) for a in answers):
                raise AssertionError(f"{what}: no answer has {member} = {plain(v)}: {json.dumps(answers)[:3000]}")

    def actual(self, value):
        """What a value with references is; None when only the engine knows."""
        return value if lacks_reference(value) else None

    def property(self, name, row):
        """Change, change back, change by hand; removal likewise."""
        if row.by:
            self.hand_only(name, row)
            return
        other = {name: row.other, **row.also}
        first = {k: self.props.get(k) for k in other}
        if self.passive(name):
            self.change(f"{name} is not compared", other, [])
            self.change(f"{name} is not compared", first, [])
            return
        there = self.change(f"{name} changed", other, row.writes)
        self.counts["updates"] += 1
        self.read_back(f"{name} read back", name, row, row.other)
        self.quiet(f"after {name} changed")
        self.change(f"{name} changed back", first, row.writes)
        self.quiet(f"after {name} changed back")
        if there:
            self.drift(f"{name} changed by hand", there, name)
        self.removal(name, row)

    def hand_only(self, name, row):
        service, operation, request = row.by
        getattr(self.w.boto(service), xform_name(operation))(**request)
        self.run(f"{name} changed by hand")
        if not self.planned():
            raise AssertionError(f"{name} changed by hand: nothing is planned")
        self.counts["drifts"] += 1
        self.quiet(f"after {name} was changed by hand")

    def removal(self, name, row):
        prop = self.table["properties"][name]
        unset = {name: None, **(row.gone or {})}
        first = {k: self.props.get(k) for k in unset}
        if row.gone is False or row.other is None:
            return
        if "unmanaged" in prop["flags"]:
            self.change(f"{name} not managed any more", unset, [])
            self.quiet(f"after {name} was not managed")
            self.change(f"{name} managed again", first, [])
        elif "dflt" in prop or "unset" in prop or promised(self.table, {name: (row.first, None)}) and self.removable(name):
            gone = self.change(f"{name} removed", unset, row.writes)
            self.quiet(f"after {name} was removed")
            self.change(f"{name} put back", first, row.writes)
            self.quiet(f"after {name} was put back")
            if gone:
                self.drift(f"{name} removed by hand", gone, name)

    def removable(self, name):
        """Is there a row that is for its removal?"""
        return any("of" in r and name in r["of"].split() and r["on"] & 4 for r in self.table["updates"])

    def drift(self, what, calls, name):
        self.by_hand(calls)
        self.run(what, write=False)
        found = [c for a in self.actions for c in a.get("changes", []) if c["path"].split(".")[0].split("[")[0] == name]
        if not found:
            raise AssertionError(f"{what}: not found by the next pass, which plans {json.dumps(self.actions)[:600]}; by hand: {calls}")
        if self.writes():
            raise AssertionError(f"{what}: a plan wrote {self.describe()}")
        self.run(f"{what}, healing")
        self.counts["drifts"] += 1
        self.quiet(f"after {what}")

    def replaced(self, name, row):
        """A value that cannot change plans a new object."""
        self.props[name] = row.other
        self.run(f"{name} is fixed", write=False)
        self.props[name] = row.first
        key = name in self.table["key"].split()
        want = set() if self.passive(name) else {"create"} if key else {row.plans}
        if self.planned() - {"delete"} != want or self.writes():
            raise AssertionError(f"{name} is fixed: {want} is not planned but {json.dumps(self.actions)[:800]}")
        self.counts["fixed"] += 1

    def tagging(self):
        """A tag is changed, removed and added, by Git and by hand."""
        if not self.table["tagged"]:
            return
        for what, tags in (("changed", {"cost": "1", "team": "shop"}), ("removed", {"team": "shop"}),
                           ("added", {"cost": "42", "team": "shop", "more": "x"})):
            good, self.tags = self.tags, tags
            # the record of what Git asked for changes with it
            there = self.change(f"tag {what}", {}, {self.table["tag"]} | ({self.table["untag"]} if what == "removed" else set()))
            self.quiet(f"after tag {what}")
            self.counts["updates"] += 1
            self.tags = good
            self.run(f"tag {what} back")
            self.drift(f"tag {what} by hand", there, "tags")

    def whole(self):
        """Removed by hand it comes again; removed from Git it goes."""
        limit = self.rows.get("limits", {})
        if "removal" in limit:
            return
        self.props.update(self.rows.get("lets go", {}))
        self.run("before the removal")
        self.absent = True
        calls = self.denied("removal")
        self.absent = False
        if self.table.get("remove") in {c.operation for c in calls}:
            self.by_hand(calls)
            self.run("deleted by hand")
            if self.planned() != {"create"}:
                raise AssertionError(f"deleted by hand: the plan is {self.actions}")
            self.counts["drifts"] += 1
            self.quiet("after it was deleted by hand")
        self.absent = True
        self.run("removed from Git")
        if self.table["remove"] not in self.ops():
            raise AssertionError(f"removed from Git: {self.describe()}")
        self.quiet("after it left Git")
        self.absent = False
        self.run("and back")

    def intruder(self):
        """One more in a collection that is ours alone is removed."""
        if "spare" not in self.rows:
            return
        self.spare = True
        self.run("a second one")
        made = self.writes()
        self.spare = False
        self.run("the second one leaves")
        if not self.table["exclusive"] or self.table["tagged"] and not self.table["parent"]:
            return
        self.by_hand(made)
        self.run("one more by hand")
        if self.table["remove"] not in self.ops():
            raise AssertionError(f"one more by hand: stays: {self.describe()}")
        self.counts["drifts"] += 1
        self.quiet("after one more by hand")

    def walk(self, variant):
        self.created()
        for name, row in variant.items():
            if not isinstance(row, Row):
                continue
            if row.fixed:
                self.replaced(name, row)
            else:
                self.property(name, row)
        self.tagging()
        self.intruder()
        self.whole()
        self.gone()

    def gone(self):
        """For the next variant."""
        needs, self.rows, self.absent = self.rows, {"needs": {}}, True
        self.run("all removed")
        self.rows, self.absent = needs, False


class Types(Case):
    def setUp(self):
        super().setUp()
        self.engine = Engine(self.w)
        self.addCleanup(self.engine.close)
        self.counts = dict.fromkeys(("creates", "diffs", "writes", "updates", "drifts", "fixed"), 0)
        for path, text in CODE.items():
            full = os.path.join(self.w.dir, "tree", path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w") as f:
                f.write(text)

    def converges(self, name):
        self.assertIn(name, TYPES, f"type_rows.py has no rows of {name}")
        if name == "lambda.function":
            sources_of_code(self.w)
        variants, properties = TYPES[name]["variants"], TABLES["types"][name]["properties"]
        known = {p for v in variants.values() for p, row in v.items() if isinstance(row, Row)}
        self.assertEqual([], sorted(set(properties) - known), f"properties of {name} without a row in type_rows.py")
        self.assertEqual([], sorted(known - set(properties)), f"rows of {name} in type_rows.py without a property")
        for what, variant in variants.items():
            try:
                Proof(self, name, variant).walk(variant)
            except AssertionError as e:
                raise AssertionError(f"{name}, {what}: {e}") from None
        note({"sort": "resource types", "type": name, "set": len(known), "all": len(properties),
              "limits": TYPES[name].get("limits", {}), **self.counts})

    def test_no_rows_of_types_that_are_gone(self):
        self.assertEqual(set(), set(TYPES) - set(TABLES["types"]))


def add_test(name):
    setattr(Types, "test_" + re.sub(r"\W", "_", name), lambda self: self.converges(name))


for each in TABLES["types"]:
    add_test(each)
