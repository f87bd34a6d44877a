"""What looking costs: a pass that changes nothing, over the example and over
generated architectures, beside Terraform's plan over the same AWS objects.

    scale.py [SIZE ...]         serverless, or resources in hundreds

Passes: `daemon` is a later pass of a running daemon, `plan` is convergctl
plan, which knows nothing before. Memory is the peak of the process.
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import generated                                                # noqa: E402
import terraform                                                # noqa: E402
from harness import CONVERGCTL, World                           # noqa: E402
from process import cpu, measure, peak_rss                      # noqa: E402

SIZES = ["serverless", "100", "1000", "10000"]
TERRAFORM_MOST = int(os.environ.get("TERRAFORM_MOST", "1000"))  # resources; more take it minutes
# Its calls per resource, counted with the AWS provider 5.100: for sizes that are not run, and where it is not installed.
REFERENCE = {"serverless": 50 / 24}
REFERENCE_MIX = 2.96


def table(title, rows, head):
    widths = [max(len(str(r[i])) for r in rows + [head]) for i in range(len(head))]
    print(f"\n{title}\n")
    for r in [head, ["-" * w for w in widths]] + rows:
        print("| " + " | ".join(str(x).ljust(w) if i == 0 else str(x).rjust(w) for i, (x, w) in enumerate(zip(r, widths))) + " |", flush=True)


class Look:
    """One measured look at an architecture."""

    def __init__(self, who, counts, wall, used, rss):
        self.who, self.counts, self.wall, self.cpu, self.rss = who, counts, wall, used, rss
        self.calls = sum(counts.values())

    def row(self, size, resources):
        return [size if self.who == "daemon" else "", self.who, self.calls, f"{self.calls / resources:.3f}", f"{self.wall:.2f}", f"{self.cpu:.2f}", f"{self.rss:.0f}"]


def reference(size, resources):
    per = REFERENCE.get(size, REFERENCE_MIX)
    return ["", "terraform (reference)", f"{per * resources:.0f}", f"{per:.3f}", "", "", ""]


def no_writes(w, who):
    assert not w.aws.writes(), f"{who}: a look has written: {w.aws.writes()[:3]}"


def daemon_pass(w):
    d = w.start()
    w.wait_synced(seconds=1200)
    pid = d.process.pid
    w.quiet()
    w.aws.clear()
    used, start = cpu(pid), time.monotonic()
    w.ctl("reconcile", "--socket", w.socket, "--wait", timeout=1200)
    look = Look("daemon", w.aws.counts(), time.monotonic() - start, cpu(pid) - used, peak_rss(pid))
    no_writes(w, "daemon")
    resources = int(w.metric("convergd_resources"))
    d.stop()
    return look, resources


def plan(w):
    w.aws.clear()
    m = measure([CONVERGCTL, "plan", "--installation", "e2e"], cwd=w.repo.work, env={**w.env, "AWS_ENDPOINT_URL": w.aws.url, "AWS_REGION": "eu-west-1"})
    if m.code or "No changes" not in m.output:
        raise SystemExit("convergctl plan: " + m.output[-3000:])
    no_writes(w, "plan")
    return Look("plan", w.aws.counts(), m.wall, m.cpu, m.rss)


def terraform_plan(w, resources):
    """Its Look, or the reason why there is none."""
    if resources > TERRAFORM_MOST:
        return f"not run with more than {TERRAFORM_MOST} resources (TERRAFORM_MOST)"
    found = terraform.plan(w)
    return found if isinstance(found, str) else Look("terraform", found[2], found[1].wall, found[1].cpu, found[1].rss)


def look_at(size):
    """Makes it, then looks: (resources, [Look], why Terraform did not, seconds to make it)."""
    w = World()
    try:
        w.settings(reconcile={"interval": "1h"}, log={"level": "warning"})
        if size == "serverless":
            w.repo.copy("examples/serverless")
            w.repo.push()
        else:
            w.repo.push(generated.files(int(size)))
        start = time.monotonic()
        w.once("--timeout", "30m", timeout=1800)
        made = time.monotonic() - start
        daemon, resources = daemon_pass(w)
        looks, theirs = [daemon, plan(w)], terraform_plan(w, resources)
        return resources, looks + [t for t in [theirs] if isinstance(t, Look)], theirs if isinstance(theirs, str) else None, made
    finally:
        w.close()


def ratio(size, looks):
    ours, theirs = looks[0], looks[-1]
    if theirs.who != "terraform":
        return None
    return [size] + [f"{a / b:.1f}" for a, b in ((theirs.calls, ours.calls), (theirs.wall, ours.wall), (theirs.cpu, ours.cpu), (theirs.rss, ours.rss))]


def operations(found):
    """Calls by operation, daemon's pass and Terraform's plan of the same size."""
    size, (_, looks, _, _) = max(((s, f) for s, f in found.items() if f[1][-1].who == "terraform"), key=lambda x: x[1][0], default=list(found.items())[-1])
    names = sorted({n for l in looks for n in l.counts})
    table(f"Calls by operation, {size}", [[n] + [l.counts.get(n, "") for l in looks] for n in names], ["operation"] + [l.who for l in looks])


def main(sizes):
    found, rows = {}, []
    for size in sizes:
        found[size] = look_at(size)
        resources, looks, why, made = found[size]
        print(f"{size}: {resources} resources made in {made:.0f} s" + (f"; Terraform: {why}" if why else ""), flush=True)
        rows += [l.row(size, resources) for l in looks] + ([reference(size, resources)] if why else [])
    table("A pass without change", rows, ["architecture", "look", "calls", "per resource", "wall, s", "CPU, s", "peak RSS, MiB"])
    ratios = [r for r in (ratio(s, f[1]) for s, f in found.items()) if r]
    if ratios:
        table("Terraform's plan / the daemon's pass", ratios, ["architecture", "calls", "wall", "CPU", "memory"])
    operations(found)


if __name__ == "__main__":
    main(sys.argv[1:] or SIZES)
