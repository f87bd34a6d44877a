#!/usr/bin/env python3
"""AWS for tests and demonstrations: moto's server application behind a front
that names, counts, checks and disturbs every request.

    emulator.py serve [--port N] [--port-file FILE]     for make demo

In tests it runs inside the test's process (class Emulator). What moto lacks
or gets wrong is corrected by fake.py. Calls made with the key JUDGE (boto3 in
the tests) are neither counted nor disturbed.
"""
import os
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("MOTO_LAMBDA_STUB_ECR", "true")

import argparse                                                # noqa: E402
import collections                                             # noqa: E402
import hmac                                                    # noqa: E402
import io                                                      # noqa: E402
import logging                                                 # noqa: E402
import re                                                      # noqa: E402
import signal                                                  # noqa: E402
import socket                                                  # noqa: E402
import struct                                                  # noqa: E402
import sys                                                     # noqa: E402
import threading                                               # noqa: E402
import time                                                    # noqa: E402
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer  # noqa: E402
from urllib.parse import unquote                               # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fake                                                    # noqa: E402
import faults                                                  # noqa: E402
import quick                                                   # noqa: E402
import wire                                                    # noqa: E402
from faults import Fault                                       # noqa: E402, F401

ACCOUNT = "123456789012"
KEYS = {"AKIDCONVERGD": "secret/of+convergd", "JUDGE": "judge", "testing": "testing"}
SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, *"
                    r"SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$")


def signature_problem(req, secrets):
    """None, or what is wrong with the request's signature; botocore's own
    signer is the reference."""
    from botocore.auth import S3SigV4Auth, SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    m = SIGNED.match(req.headers.get("authorization", ""))
    if not m:
        return "no or malformed Authorization header"
    key, date, region, service, signed, got = m.groups()
    signed = signed.split(";")
    if signed != sorted(signed) or "host" not in signed or "x-amz-date" not in signed:
        return f"signed headers {signed}"
    missing = [h for h in signed if h not in req.headers]
    if missing:
        return f"signed but not sent: {missing}"
    if key not in secrets:
        return f"unknown access key {key}"
    stamp = req.headers["x-amz-date"]
    if stamp[:8] != date or abs(time.time() - time.mktime(time.strptime(stamp, "%Y%m%dT%H%M%SZ")) + time.timezone) > 300:
        return f"date {stamp}"
    auth = (S3SigV4Auth if service == "s3" else SigV4Auth)(Credentials(key, secrets[key]), service, region)
    request = AWSRequest(req.method, f"http://{req.headers['host']}{req.target}",
                         headers={h: req.headers[h] for h in signed}, data=req.body)
    request.context.update(timestamp=stamp, payload_signing_enabled=True)
    if "x-amz-content-sha256" in req.headers and "x-amz-content-sha256" not in request.headers:
        request.headers["X-Amz-Content-SHA256"] = req.headers["x-amz-content-sha256"]
        return "x-amz-content-sha256 is not signed"
    canonical = auth.canonical_request(request)
    want = auth.signature(auth.string_to_sign(request, canonical), request)
    return None if hmac.compare_digest(want, got) else "signature differs from botocore's of\n" + canonical


Call = collections.namedtuple("Call", "time service operation write input status region")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120

    def handle(self):
        self.server.sockets.add(self.connection)
        try:
            super().handle()
        except (ConnectionError, OSError):
            pass
        finally:
            self.server.sockets.discard(self.connection)

    def serve(self):
        length = self.headers.get("Content-Length")
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b""
            while n := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(n)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(length)) if length else b""
        headers = {k.lower(): v for k, v in self.headers.items()}
        req = wire.Request(self.command, self.path, headers, body)
        try:
            result = self.server.emulator.handle(req)
        except Drop as d:
            if d.result:
                self.send(d.result, len(d.result[2]) // 2)
            if d.rst:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close() if d.rst else self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send(result)

    def send(self, result, most=None):
        """The answer; of its body only the first bytes, if told so."""
        status, headers, body = result
        out = [f"HTTP/1.1 {status} -"]
        out += [f"{k}: {v}" for k, v in headers.items()
                if k.lower() not in ("content-length", "connection", "transfer-encoding")]
        if status != 204:
            out.append(f"Content-Length: {len(body)}")
        self.wfile.write(("\r\n".join(out) + "\r\n\r\n").encode("latin-1"))
        if self.command != "HEAD":
            self.wfile.write(body[:most])
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = serve

    def log_message(self, *args):
        pass


class Drop(Exception):
    """No answer, or half of one."""

    def __init__(self, rst=False, result=None):
        self.rst, self.result = rst, result


class Front(ThreadingHTTPServer):
    daemon_threads, allow_reuse_address, request_queue_size = True, True, 128

    def handle_error(self, request, address):
        kind = sys.exc_info()[0]
        if not issubclass(kind, (OSError, ValueError)):
            super().handle_error(request, address)


class Emulator:
    """One account's AWS on a loopback port."""

    def __init__(self, port=0):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.test import run_wsgi_app
        quick.install()
        self.app, self.run_wsgi = DomainDispatcherApplication(create_backend_app), run_wsgi_app
        self.models, self.fake = wire.Models(), fake.Fake(self)
        self.port, self.server, self.lock = port, None, threading.Lock()
        self.host = None    # that is part of queues' URLs; None: as it was asked for
        self.clear()
        self.warm()
        self.up()

    def warm(self):
        """Loads the services that our kinds use, so that no test pays for it."""
        import moto.resourcegroupstaggingapi.models             # noqa: F401
        for signing in ("sqs", "sns", "dynamodb", "iam", "lambda", "logs", "apigateway", "sts",
                        "application-autoscaling", "monitoring", "tagging"):
            self.app.get_application({"HTTP_HOST": "127.0.0.1", "PATH_INFO": "/", "HTTP_X_AMZ_TARGET": "DynamoDB_20120810.ListTables",
                                      "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential=JUDGE/20260101/eu-west-1/{signing}/aws4_request"})
        from moto.iam.models import iam_backends
        iam_backends[ACCOUNT]["aws"].managed_policies           # its thousand policies

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    # ---- life

    def up(self):
        if self.server:
            return
        self.server = Front(("127.0.0.1", self.port), Handler)
        self.server.emulator, self.server.sockets = self, set()
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def down(self):
        """The port answers no more; what AWS holds stays."""
        server, self.server = self.server, None
        if server:
            server.shutdown()
            server.server_close()
            for s in list(server.sockets):
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def clear(self):
        """Forgets counts and faults."""
        self.calls, self.bad, self.faults, self.hidden = [], [], [], []
        self.turn = threading.Lock()
        self.keys = dict(KEYS)

    def learn(self, key, secret):
        """Keys of a role that somebody assumed."""
        self.keys[key] = secret

    def reset(self):
        """An empty account."""
        self.up()
        self.clear()
        self.fake.reset()
        self.moto(wire.Request("POST", "/moto-api/reset", {"host": "127.0.0.1"}, b""))

    # ---- what was called

    def writes(self, since=0):
        return [c for c in self.calls[since:] if c.write]

    def counts(self, since=0, write=None):
        """{"service Operation": n}"""
        return dict(sorted(collections.Counter(
            f"{c.service} {c.operation}" for c in self.calls[since:] if write in (None, c.write)).items()))

    # ---- one request

    def moto(self, req):
        """moto's own answer: (status, headers, body)."""
        env = {"REQUEST_METHOD": req.method, "SCRIPT_NAME": "", "QUERY_STRING": req.raw_query,
               "PATH_INFO": unquote(req.path).encode().decode("latin-1"), "REQUEST_URI": req.target,
               "RAW_URI": req.target, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": str(self.port),
               "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "wsgi.version": (1, 0),
               "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(req.body), "wsgi.errors": sys.stderr,
               "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False}
        for k, v in req.headers.items():
            env["HTTP_" + k.upper().replace("-", "_")] = v
        env["HTTP_HOST"] = self.host or env.get("HTTP_HOST", "127.0.0.1")
        env["CONTENT_LENGTH"] = str(len(req.body))
        if "content-type" in req.headers:
            env["CONTENT_TYPE"] = req.headers["content-type"]
        try:
            with self.turn:     # moto walks its own tables, and those of other services, without a lock
                body, status, headers = self.run_wsgi(self.app, env, buffered=True)
        except Exception as e:                  # an operation or member that moto does not know
            return wire.error(req, "NotImplemented", f"the emulator failed at {req.name}: {e!r}", 501)
        code = int(status.split(" ", 1)[0])
        data = b"".join(body)
        if code in (404, 500, 405) and data[:15].lower().startswith(b"<!doctype html") and req.service:
            return wire.error(req, "NotImplemented", f"the emulator does not implement {req.name}", 501)
        return code, dict(headers), data

    def handle(self, req):
        self.models.identify(req)
        if req.key == "JUDGE" or req.signing is None:
            return self.fake.serve(req)
        problem = signature_problem(req, self.keys)
        if problem:
            self.bad.append(f"{req.name}: {problem}")
            return wire.error(req, "SignatureDoesNotMatch", problem, 403)
        if not req.service:
            self.bad.append(f"{req.name}: no such operation in the API models")
        with self.lock:
            hit = next((f for f in self.faults if f.wants(req)), None)
        return self.disturb(req, hit) if hit else self.answer(req)

    def answer(self, req):
        """Served as AWS would, and counted."""
        result = self.fake.serve(req)
        if req.operation == "AssumeRole" and result[0] == 200:
            self.learn(*(re.search(rb"<%s>(.*?)</" % m, result[2])[1].decode()
                         for m in (b"AccessKeyId", b"SecretAccessKey")))
        if not req.write and req.service:
            for service, name, until in self.hidden:
                if time.monotonic() < until:
                    result = faults.hide(req, result, service, name)
        self.note(req, result[0])
        return result

    def disturb(self, req, fault):
        result = None
        time.sleep(fault.seconds if fault.action == "latency" else 0)
        if fault.action in Fault.SERVED:
            result = self.answer(req)
            if fault.hide and result[0] < 300:
                self.hidden.append((req.service.name, faults.created(req, result[2]), time.monotonic() + fault.hide))
        elif fault.action == "error":
            result = wire.error(req, fault.code, fault.message, fault.status)
        elif fault.action == "throttle":
            result = wire.throttle(req)
        if fault.action not in Fault.SERVED:    # it changed nothing
            self.note(req, result[0] if result else 0, served=False)
        if fault.victim:
            fault.victim()
        time.sleep(fault.seconds if fault.action == "hang" else 0)
        if fault.action in Fault.DROPPED:
            raise Drop(fault.action == "reset")
        if fault.action == "truncate":
            raise Drop(result=result)
        return result

    def note(self, req, status, served=True):
        service = req.service.name if req.service else req.signing
        write = req.write if req.service else req.method not in ("GET", "HEAD")
        inp = req.input if req.service and req.service.proto != "rest-xml" else {}
        self.calls.append(Call(time.time(), service, req.operation or req.target, write and served,
                               inp, status, req.region))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("verb", choices=["serve"])
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--port-file")
    args = p.parse_args()
    emulator = Emulator(args.port)
    if args.port_file:
        with open(args.port_file + ".tmp", "w") as f:
            f.write(str(emulator.port))
        os.replace(args.port_file + ".tmp", args.port_file)
    print(emulator.url, flush=True)
    stop = threading.Event()
    for s in (signal.SIGTERM, signal.SIGINT):
        signal.signal(s, lambda *_: stop.set())
    stop.wait()


if __name__ == "__main__":
    main()
