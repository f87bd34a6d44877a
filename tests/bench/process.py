"""What a process costs: time, CPU, memory of it and its children."""
import collections
import glob
import os
import re
import subprocess
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")
Measured = collections.namedtuple("Measured", "code output wall cpu rss")


def cpu(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def peak_rss(pid):
    """MiB"""
    with open(f"/proc/{pid}/status") as f:
        m = re.search(r"VmHWM:\s+(\d+)", f.read())
    return int(m[1]) / 1024 if m else 0


def family(pid):
    yield pid
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        with open(path) as f:
            for child in f.read().split():
                yield from family(int(child))


def measure(args, **kw):
    """Runs it to its end; rss is the most that it and its children, those alive at once, had, MiB."""
    most = 0
    with tempfile.TemporaryFile("w+") as out:
        start = time.monotonic()
        p = subprocess.Popen(args, stdout=out, stderr=subprocess.STDOUT, text=True, **kw)
        while True:
            pid, status, usage = os.wait4(p.pid, os.WNOHANG)
            if pid:
                break
            try:
                most = max(most, sum(peak_rss(q) for q in family(p.pid)))
            except OSError:
                pass            # it ends just now
            time.sleep(0.005)
        p.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - start
        out.seek(0)
        return Measured(p.returncode, out.read(), wall, usage.ru_utime + usage.ru_stime, most)
