"""Runs the tests in several processes, each with an AWS of its own.

    runner.py [-j N] [-l] [PATTERN ...]     PATTERN: part of Class.test
"""
import argparse
import json
import os
import re
import subprocess
import sys
import threading
import time
import traceback
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)


def flatten(suite):
    for t in suite:
        if isinstance(t, unittest.TestSuite):
            yield from flatten(t)
        else:
            yield t


def worker():
    """Reads names of tests, writes results, one JSON line each."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        name = line.strip()
        test = next(flatten(unittest.defaultTestLoader.loadTestsFromName(name)))
        result, start = unittest.TestResult(), time.monotonic()
        try:
            test.run(result)
        except Exception:
            result.errors.append((None, traceback.format_exc()))
        bad = [text for _, text in result.failures + result.errors] + [f"unexpected success" for _ in result.unexpectedSuccesses]
        state = "failed" if bad else "skipped" if result.skipped else "passed"
        why = "\n".join(bad) or "; ".join(reason for _, reason in result.skipped) or getattr(test, "note", "")
        print(json.dumps({"name": name, "state": state, "why": why, "seconds": time.monotonic() - start}), file=out, flush=True)


# Long tests start first, so that the processes end together.
LONG = re.compile(r"Fields|alias_event|chaos|crash|drift|lambda_function|serverless|transport", re.I)


def drive(queue, lock, results):
    p = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE)
    while True:
        with lock:
            name = queue.pop(0) if queue else None
        if name is None:
            p.stdin.close()
            p.wait()
            return
        try:
            p.stdin.write(name + "\n")
            p.stdin.flush()
            r = json.loads(p.stdout.readline())
        except (OSError, ValueError):
            r = {"name": name, "state": "failed", "why": f"the test process ended ({p.wait()})", "seconds": 0}
            p = subprocess.Popen(p.args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE)
        with lock:
            results.append(r)
            mark = {"passed": "ok  ", "failed": "FAIL", "skipped": "skip"}[r["state"]]
            print(f"{mark} {r['name']} ({r['seconds']:.1f} s)" + (f": {r['why']}" if r["why"] and r["state"] != "failed" else ""), flush=True)
            if r["state"] == "failed":
                print("     " + r["why"].rstrip().replace("\n", "\n     "), flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("-j", type=int, default=2 * (os.cpu_count() or 1) + 1, help="processes; most of their time they wait")
    p.add_argument("-l", action="store_true", help="list the tests")
    p.add_argument("patterns", nargs="*")
    args = p.parse_args()
    names = [t.id() for t in flatten(unittest.defaultTestLoader.discover(HERE, "test_*.py"))]
    names = [n for n in names if not args.patterns or any(x in n for x in args.patterns)]
    names.sort(key=lambda n: not LONG.search(n))
    if args.l:
        print("\n".join(names))
        return 0
    start, results, lock, queue = time.monotonic(), [], threading.Lock(), list(names)
    threads = [threading.Thread(target=drive, args=(queue, lock, results)) for _ in range(min(args.j, len(names)) or 1)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    n = {s: sum(r["state"] == s for r in results) for s in ("passed", "failed", "skipped")}
    print(f"\nend to end, {time.monotonic() - start:.0f} s")
    print(f"{n['passed']} passed, {n['failed']} failed" + (f", {n['skipped']} skipped" if n["skipped"] else ""))
    return 1 if n["failed"] or not n["passed"] else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        worker()
    else:
        sys.exit(main())
