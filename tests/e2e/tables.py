"""The tables of the modules, and passes of the engine over resources that a
test writes down itself (engine.c)."""
import hashlib
import json
import os
import subprocess
import sys

from harness import BUILD, REGION

ENGINE = os.path.join(BUILD, "tests", "e2e", "engine")
TABLES = json.loads(subprocess.run([ENGINE, "tables"], check=True, capture_output=True, text=True).stdout)
ADD, CHANGE, REMOVE = 1, 2, 4


class Engine:
    """`engine pass` as a process."""

    def __init__(self, world):
        env = {**world.env, "AWS_ENDPOINT_URL": world.aws.url, "AWS_MAX_ATTEMPTS": "1"}
        self.process = subprocess.Popen([ENGINE, "pass"], env=env, cwd=world.dir, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, resources, write=True, tree=None):
        """resources: None for those that the manifests of the tree want."""
        request = {"region": REGION, "write": write, **({"resources": resources} if resources is not None else {}), **({"tree": tree} if tree else {})}
        request["revision"] = hashlib.sha1(json.dumps(resources if resources is not None else self.manifests(tree)).encode()).hexdigest()
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer

    def manifests(self, tree):
        with open(os.path.join(tree, "a.yaml")) as f:
            return f.read()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(30)


def sources_of_code(world):
    """Buckets `code` and `more` with versions of f.zip and g.zip; layer `a`."""
    from test_drift import zipped
    s3 = world.boto("s3")
    for bucket in ("code", "more"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        for key in ("f.zip", "g.zip"):
            s3.put_object(Bucket=bucket, Key=key, Body=zipped(f"# {bucket} {key}\n"))
    for version in ("1", "2"):
        world.boto("lambda").publish_layer_version(LayerName="a", Content={"ZipFile": zipped(version)})


# ---- what a type's update rows promise

def decoded(value):
    """Documents that travel as text become what they say."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def entries(prop, value):
    """{entry: value} of a collection, as the update rows see it."""
    if isinstance(value, dict):
        return value
    key = prop.get("key")
    return {(x[key] if isinstance(x, dict) else str(x)): x for x in value or [] if not key or isinstance(x, dict)}


def sorts_of_change(prop, row, before, after):
    """ON_ADD and so on that the change from before to after means."""
    default = json.loads(prop["dflt"]) if "dflt" in prop else None
    before, after = (default if x is None else x for x in (before, after))
    alone = "of" in row and " " not in row["of"]
    collection = prop.get("key") or not prop["json"] and isinstance(before if after is None else after, (dict, list))
    if row["each"] and alone and collection:
        a, b = entries(prop, before), entries(prop, after)
        return {ADD for k in b if k not in a} | {REMOVE for k in a if k not in b} | {CHANGE for k in a if k in b and a[k] != b[k]}
    return {ADD if before is None else REMOVE if after is None else CHANGE} if before != after else set()


def promised(table, changes):
    """Operations that the update rows make for {property: (before, after)}."""
    named = {name for row in table["updates"] if "of" in row for name in row["of"].split()}
    ops = set()
    for name, (before, after) in changes.items():
        prop = table["properties"][name]
        for row in table["updates"]:
            if name in row["of"].split() if "of" in row else name not in named:
                if any(not row["on"] or row["on"] & s for s in sorts_of_change(prop, row, before, after)):
                    ops.add(row["op"])
    return ops


# ---- the table that `make convergence` prints

COLUMNS = ("type", "properties", "creates", "again", "updates", "drifts", "fixed", "not here")


def note(row):
    """Adds a row where CONVERGENCE_TABLE says, if it does."""
    if os.environ.get("CONVERGENCE_TABLE"):
        with open(os.environ["CONVERGENCE_TABLE"], "a") as f:
            f.write(json.dumps(row) + "\n")


def print_table(path):
    with open(path) as f:
        rows = sorted((json.loads(line) for line in f), key=lambda r: (r["sort"], r["type"]))
    for sort in sorted({r["sort"] for r in rows}, reverse=True):
        these = [r for r in rows if r["sort"] == sort]
        print(f"\n{sort}")
        print(f"{'':44}{'set of all':>12}{'creates':>9}{'again: diffs/writes':>21}{'updates':>9}{'drifts':>8}{'replaced':>10}")
        for r in these:
            print(f"{r['type']:44}{r['set']:>5} of {r['all']:<4}{r['creates']:>9}{r['diffs']:>15}/{r['writes']:<5}{r['updates']:>9}{r['drifts']:>8}{r['fixed']:>10}")
        total = {k: sum(r[k] for r in these) for k in ("set", "all", "creates", "diffs", "writes", "updates", "drifts", "fixed")}
        print(f"{str(len(these)) + ' in all':44}{total['set']:>5} of {total['all']:<4}{total['creates']:>9}{total['diffs']:>15}/{total['writes']:<5}{total['updates']:>9}{total['drifts']:>8}{total['fixed']:>10}")
        for r in these:
            for what, why in r["limits"].items():
                print(f"  {r['type']} {what}: {why}")


if __name__ == "__main__":
    print_table(sys.argv[1])
