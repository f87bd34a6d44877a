"""Figures: what looking costs at several sizes (scale.py), beside Terraform
where it is installed, and far away from AWS (latency.py); then calls, time,
memory of changes to the example `serverless`, sizes of the programs, lines.

    bench.py [SIZE ...]         as scale.py

Not a test: it prints what is, on the machine where it runs. AWS is the
emulator in this process; the daemon's own time is what /proc says of it.
"""
import glob
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import latency as far                                           # noqa: E402
import scale                                                    # noqa: E402
from harness import BUILD, CONVERGCTL, CONVERGD, ROOT, World, git, wait  # noqa: E402
from process import cpu, peak_rss                               # noqa: E402
from scale import table                                         # noqa: E402


def edit(w, path, old, new):
    with open(os.path.join(w.repo.work, path)) as f:
        text = f.read()
    assert old in text, f"{path} does not hold {old!r}"
    w.repo.commit({path: text.replace(old, new)})


def push(w):
    git("push", "-q", "origin", "main", cwd=w.repo.work)
    return git("rev-parse", "HEAD", cwd=w.repo.work)


def calls(w):
    """From empty, without change, one property: {phase: counts}, and times."""
    out, times = {}, {}

    def phase(name):
        w.aws.clear()
        start, before = time.monotonic(), os.times()
        w.once()
        after = os.times()
        times[name] = (time.monotonic() - start, after.children_user - before.children_user + after.children_system - before.children_system)
        out[name] = w.aws.counts()
        out[name, "writes"] = len(w.aws.writes())
    w.repo.copy("examples/serverless")
    w.repo.push()
    phase("from empty")
    phase("no change")
    edit(w, "shipping.yaml", "batchSize: 10", "batchSize: 9")
    push(w)
    phase("one property")
    return out, times


def print_calls(out, times):
    phases = ["from empty", "no change", "one property"]
    names = sorted({n for p in phases for n in out[p]})
    rows = [[n] + [out[p].get(n, 0) or "" for p in phases] for n in names]
    rows.append(["all"] + [sum(out[p].values()) for p in phases])
    rows.append(["of these writes"] + [out[p, "writes"] for p in phases])
    table("AWS calls by operation", rows, ["operation"] + phases)
    table("convergd --once: start, fetch, compile, pass, end", [
        ["wall, ms"] + [f"{times[p][0] * 1000:.0f}" for p in phases],
        ["CPU, ms"] + [f"{times[p][1] * 1000:.0f}" for p in phases]], ["time"] + phases)


def running(w, passes=10, pushes=9):
    """The daemon at work: no-change passes and pushes."""
    w.settings(source={"interval": "10m"}, log={"level": "info"})
    d = w.start()
    w.wait_synced(seconds=120)
    pid, walls = d.process.pid, []
    w.ctl("reconcile", "--socket", w.socket, "--wait")
    before = cpu(pid)
    for _ in range(passes):
        n, start = len(w.aws.calls), time.monotonic()
        w.ctl("reconcile", "--socket", w.socket, "--wait")
        walls.append(time.monotonic() - start)
        assert not w.aws.writes(n), "a no-change pass has written"
    used = (cpu(pid) - before) / passes
    size, latency = 10, []
    for i in range(pushes):
        edit(w, "shipping.yaml", "batchSize: 9" if i == 0 else f"batchSize: {size}", f"batchSize: {size + 1}")
        size += 1
        n, start = len(w.aws.calls), time.time()
        sha = push(w)
        pushed = time.time()
        first = wait(lambda: w.aws.writes(n), 30, "the first write")[0]
        latency.append((first.time - start, first.time - pushed))
        w.wait_synced(sha)
    rss = peak_rss(pid)
    d.stop()
    ms = lambda values: f"{statistics.median(values) * 1000:.0f}"
    table("The running daemon", [
        ["no-change pass, wall, ms (median, with convergctl's own start)", ms(walls)],
        ["no-change pass, CPU, ms (mean)", f"{used * 1000:.1f}"],
        ["start of `git push` to first write, ms (median)", ms([a for a, _ in latency])],
        ["end of `git push` to first write, ms (median)", ms([b for _, b in latency])],
        ["peak RSS, MiB", f"{rss:.1f}"]], ["what", "figure"])


def lines(path):
    with open(path) as f:
        return sum(1 for _ in f)


def sizes():
    rows = []
    for program in (CONVERGD, CONVERGCTL):
        stripped = os.path.join(BUILD, "stripped.tmp")
        shutil.copy(program, stripped)
        subprocess.run(["strip", stripped], check=True)
        rows.append([os.path.basename(program), f"{os.path.getsize(program) / 1024:.0f}", f"{os.path.getsize(stripped) / 1024:.0f}"])
        os.unlink(stripped)
    table("Binaries, KiB", rows, ["program", "as built", "stripped"])
    rows, total = [], [0, 0]
    for d in ["common/base", "common/loop", "common/aws", "common/manifest", "common/engine", "common/intents", "common/source", "modules", "daemon", "cli", "tools", "tests/unit"]:
        n = [sum(lines(f) for f in glob.glob(os.path.join(ROOT, d, "**", "*" + ext), recursive=True)) for ext in (".c", ".h")]
        rows.append([d, *n])
        if not d.startswith("t"):
            total = [a + b for a, b in zip(total, n)]
    table("Lines of C", rows + [["all of the programs", *total]], ["folder", ".c", ".h"])


PARTS = re.compile(r"\.(?:properties|normalise|complete|updates|states|patience) += +(\w+)")


def definition(text, name):
    """Lines of a static table or function."""
    m = re.search(rf"^(?:static [^\n]*\b{name}\[\] = \{{.*?^\}};\n|static [^\n]*\n{name}\(.*?^\}}\n)", text, re.S | re.M)
    return m[0].count("\n") if m else 0


def type_lines():
    """A resource type is its table, its properties and its hooks; two types
    that are one macro are counted once."""
    rows = []
    for path in sorted(glob.glob(os.path.join(ROOT, "modules", "*", "*.c"))):
        with open(path) as f:
            text = f.read()
        bodies = re.findall(r"^const struct resource_type \w+ = \{.*?^\};\n", text, re.S | re.M)
        for macro in dict.fromkeys(re.findall(r"^const struct resource_type \w+ =\s+([A-Z_]+)\(", text, re.M)):
            bodies += [m[0] for m in re.finditer(rf"^#define {macro}\(.*?[^\\]\n", text, re.S | re.M)]
        for body in bodies:
            name = re.search(r'\.name\s*=\s*"([^"]+)"', body) or re.search(r'#define (\w+)', body)
            rows.append([name[1], os.path.relpath(path, ROOT), body.count("\n") + sum(definition(text, p) for p in PARTS.findall(body))])
    rows.append(["median", "", f"{statistics.median(r[2] for r in rows):.0f}"] if rows else ["none", "", 0])
    table("Lines of one resource type", rows, ["type", "page", "lines"])


def main():
    scale.main(sys.argv[1:] or scale.SIZES)
    far.main()
    w = World()
    try:
        print_calls(*calls(w))
        running(w)
    finally:
        w.close()
    sizes()
    type_lines()


if __name__ == "__main__":
    main()
