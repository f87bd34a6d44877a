"""A look at an AWS that is fast but far away: every answer comes from a cache,
so many milliseconds after the question, and every service is a host of its
own. Printed is what a later pass of the daemon takes.

    latency.py [RESOURCES [MILLISECONDS ...]]
"""
import json
import os
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import emulator                                                 # noqa: E402
import generated                                                # noqa: E402
from harness import World                                       # noqa: E402
from process import cpu, peak_rss                               # noqa: E402
from scale import table                                         # noqa: E402

SERVICES = "SQS SNS DYNAMODB LAMBDA IAM CLOUDWATCH_LOGS CLOUDWATCH APPLICATION_AUTO_SCALING APIGATEWAYV2 RESOURCE_GROUPS_TAGGING_API STS"
PASSES = 7


class Far(emulator.Emulator):
    """Once it is far, it remembers its answers."""
    seconds = None

    def __init__(self):
        super().__init__()
        self.answers = {}

    def handle(self, req):
        if self.seconds is None:
            return super().handle(req)
        due = time.monotonic() + self.seconds
        scope = req.headers.get("authorization", "").split("/")[2:4]    # region and service
        key = req.method, req.target, req.headers.get("x-amz-target"), tuple(scope), req.body
        if key not in self.answers:
            self.answers[key] = super().handle(req)
        time.sleep(max(0, due - time.monotonic()))
        return self.answers[key]


def endpoints(w):
    """A port, and so a host, for each service."""
    for name in SERVICES.split():
        front = emulator.Front(("127.0.0.1", 0), emulator.Handler)
        front.emulator, front.sockets = w.aws, set()
        threading.Thread(target=front.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        w.env["AWS_ENDPOINT_URL_" + name] = f"http://127.0.0.1:{front.server_address[1]}"
    w.env["AWS_ENDPOINT_URL"] = w.aws.url
    with open(w.settings_path) as f:
        settings = json.load(f)
    settings["aws"] = {"region": "eu-west-1"}
    with open(w.settings_path, "w") as f:
        json.dump(settings, f)


def look(w, pid):
    """(wall seconds, CPU seconds)"""
    used, start = cpu(pid), time.monotonic()
    w.ctl("reconcile", "--socket", w.socket, "--wait", timeout=600)
    return time.monotonic() - start, cpu(pid) - used


def main(resources=1000, *milliseconds):
    w, rows = World(Far()), []
    try:
        w.settings(reconcile={"interval": "1h"}, log={"level": "warning"})
        endpoints(w)
        if resources == "serverless":
            w.repo.copy("examples/serverless")
            w.repo.push()
        else:
            w.repo.push(generated.files(int(resources)))
        w.once("--timeout", "30m", timeout=1800)
        w.aws.seconds = 0
        d = w.start()
        w.wait_synced(seconds=600)
        w.quiet()
        pid = d.process.pid
        look(w, pid)
        for ms in milliseconds or (0, 10, 30, 100):
            w.aws.seconds = float(ms) / 1000
            wall, used = zip(*[look(w, pid) for _ in range(PASSES)])
            rows.append([ms, f"{statistics.median(wall):.2f}", f"{statistics.mean(used):.2f}", len(os.listdir(f"/proc/{pid}/task")), f"{peak_rss(pid):.0f}"])
        d.stop()
    finally:
        w.close()
        w.aws.down()
    table(f"A later pass over {resources} resources, each answer so late", rows, ["ms", "wall, s", "CPU, s", "threads", "peak RSS, MiB"])


if __name__ == "__main__":
    main(*sys.argv[1:])
