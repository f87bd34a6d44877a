"""AWS's wire, from the server's side: which operation a request is, its input
by member names, and answers in the protocol of the service.

Everything comes from the project's own API models (common/aws/model/*.json).
"""
import base64
import datetime
import json
import os
import re
import uuid
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import escape

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODELS = os.path.join(ROOT, "common", "aws", "model")
READ = re.compile(r"(Describe|Get|List|Head|BatchGet|Query|Scan|Filter|Check|Validate"
                  r"|Simulate|AssumeRole|Export|Lookup|Search)")
CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")


class Service:
    def __init__(self, name):
        with open(os.path.join(MODELS, name + ".json")) as f:
            self.model = json.load(f)
        m = self.model
        self.name, self.ops, self.shapes = name, m["ops"], m["shapes"]
        self.proto, self.signing = m["proto"], m.get("sign", m["ep"])
        self.routes = []
        if self.proto.startswith("rest"):
            for op, d in self.ops.items():
                method, uri = d["h"].split(" ", 1)
                path, _, query = uri.partition("?")
                parts = re.split(r"(\{[^}]+\})", path)
                rx = "".join(re.escape(p) if p[:1] != "{" else
                             "(.+)" if p.endswith("+}") else "([^/]+)" for p in parts)
                names = re.findall(r"\{([^}+]+)\+?\}", path)
                static = sum(1 for s in path.split("/") if s and "{" not in s)
                need = [x.split("=", 1) for x in query.split("&") if x]
                self.routes.append(((-static, -len(need), "+}" in path), method,
                                    re.compile(rx + "/?"), names, need, op))
            self.routes.sort(key=lambda r: r[0])

    def members(self, shape):
        """[(member, type, extras)] of a structure."""
        return [(m[0], m[1], m[2] if len(m) > 2 else {}) for m in self.shapes[shape][1]]

    def payload(self, shape):
        s = self.shapes[shape]
        return s[2].get("p") if len(s) > 2 else None

    def route(self, method, path, query):
        for _, m, rx, names, need, op in self.routes:
            if m != method or any(k not in query or (v and query[k] != v[0]) for k, *v in need):
                continue
            hit = rx.fullmatch(path)
            if hit:
                return op, dict(zip(names, (unquote(g) for g in hit.groups())))
        return None, {}


class Models:
    def __init__(self):
        self.all = {f[:-5]: Service(f[:-5]) for f in sorted(os.listdir(MODELS)) if f.endswith(".json")}

    def identify(self, req):
        """Fills in service, operation, region, key and labels of a request."""
        m = CREDENTIAL.search(req.headers.get("authorization", ""))
        if not m:
            return
        req.key, _, req.region, req.signing = m.groups()
        for s in self.all.values():
            if s.signing != req.signing:
                continue
            op, labels = None, {}
            if s.proto == "json":
                target = req.headers.get("x-amz-target", "").rpartition(".")
                op = target[2] if target[0] == s.model["target"] else None
            elif s.proto in ("query", "ec2"):
                pairs = dict(parse_qsl(req.body.decode("utf-8", "replace"), keep_blank_values=True))
                op = pairs.get("Action") if pairs.get("Version") == s.model["api"] else None
            else:
                op, labels = s.route(req.method, req.path, req.query)
            if op in s.ops:
                req.service, req.operation, req.labels = s, op, labels
                req.write = not (READ.match(op) or s.ops[op].get("ro") or s.name == "sts")
                return


class Request:
    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.path, _, self.raw_query = target.partition("?")
        self.query = dict(parse_qsl(self.raw_query, keep_blank_values=True))
        self.service = self.operation = self.key = self.region = self.signing = None
        self.labels, self.write, self._input = {}, False, None

    @property
    def name(self):
        return f"{self.service.name} {self.operation}" if self.service else f"{self.method} {self.path}"

    @property
    def input(self):
        if self._input is None:
            self._input = decode(self)
        return self._input


# ---- input

def decode(req):
    s = req.service
    shape = s.ops[req.operation].get("i")
    if shape is None:
        return {}
    if s.proto == "json":
        return json.loads(req.body or b"{}")
    if s.proto in ("query", "ec2"):
        tree = {}
        for k, v in parse_qsl(req.body.decode(), keep_blank_values=True):
            node = tree
            *head, last = k.split(".")
            for h in head:
                node = node.setdefault(h, {})
            node[last] = v
        return from_query(s, shape, tree)
    out, body = {}, None
    for name, t, x in s.members(shape):
        wire, where = x.get("w", name), x.get("l")
        if where == "uri":
            out[name] = req.labels.get(wire)
        elif where == "querystring" and wire in req.query:
            out[name] = of_query(s, t, req, wire)
        elif where == "header" and wire.lower() in req.headers:
            out[name] = req.headers[wire.lower()]
        elif where is None and s.proto == "rest-json":
            if name == s.payload(shape):
                if isinstance(t, int):
                    out[name] = from_json(s, t, json.loads(req.body or b"{}"))
                else:
                    out[name] = req.body
                continue
            if body is None:
                body = json.loads(req.body or b"{}")
            if body.get(wire) is not None:
                out[name] = from_json(s, t, body[wire])
    return out


def of_query(s, t, req, wire):
    """A list stands there as the same name several times."""
    if isinstance(t, int) and s.shapes[t][0] == "L":
        return [scalar(s.shapes[t][1], v) for k, v in parse_qsl(req.raw_query, keep_blank_values=True) if k == wire]
    return scalar(t, req.query[wire])


def scalar(t, v):
    if not isinstance(v, str):
        return v
    if t in ("i", "l"):
        return int(v)
    if t in ("f", "d"):
        return float(v)
    if t == "b":
        return v == "true"
    return v


def from_json(s, t, v):
    if not isinstance(t, int) or v is None:
        return v
    shape = s.shapes[t]
    if shape[0] == "S" and isinstance(v, dict):
        return {n: from_json(s, mt, v[x.get("w", n)]) for n, mt, x in s.members(t) if x.get("w", n) in v}
    if shape[0] == "L":
        return [from_json(s, shape[1], x) for x in v]
    if shape[0] == "M":
        return {k: from_json(s, shape[2], x) for k, x in v.items()}
    return v


def from_query(s, t, v):
    if not isinstance(t, int):
        return scalar(t, v)
    shape = s.shapes[t]
    if shape[0] == "S":
        return {n: from_query(s, mt, v[x.get("w", n)]) for n, mt, x in s.members(t) if x.get("w", n) in v}
    if v == "":
        return [] if shape[0] == "L" else {}
    if shape[0] == "L":
        flat = len(shape) > 3
        items = v if flat else v.get(shape[2] if len(shape) > 2 and shape[2] else "member", {})
        return [from_query(s, shape[1], items[k]) for k in sorted(items, key=int)] if items else []
    items = v.get("entry", v)
    kn, vn = (shape[3] or "key", shape[4] or "value") if len(shape) > 4 else ("key", "value")
    return {items[k][kn]: from_query(s, shape[2], items[k].get(vn, "")) for k in sorted(items, key=int)}


# ---- answers: (status, {header: value}, body)

def to_json(s, t, v):
    if isinstance(v, bytes):
        return base64.b64encode(v).decode()
    if not isinstance(t, int) or v is None:
        return v
    shape = s.shapes[t]
    if shape[0] == "S":
        return {x.get("w", n): to_json(s, mt, v[n]) for n, mt, x in s.members(t) if v.get(n) is not None}
    if shape[0] == "L":
        return [to_json(s, shape[1], x) for x in v]
    return {k: to_json(s, shape[2], x) for k, x in v.items()}


def to_xml(s, t, v):
    if not isinstance(t, int):
        if isinstance(v, bool):
            return "true" if v else "false"
        return escape(str(v))
    shape = s.shapes[t]
    if shape[0] == "S":
        return "".join(f"<{x.get('w', n)}>{to_xml(s, mt, v[n])}</{x.get('w', n)}>"
                       for n, mt, x in s.members(t) if v.get(n) is not None)
    if shape[0] == "L":
        name = shape[2] if len(shape) > 2 and shape[2] else "member"
        return "".join(f"<{name}>{to_xml(s, shape[1], x)}</{name}>" for x in v)
    kn, vn = (shape[3] or "key", shape[4] or "value") if len(shape) > 4 else ("key", "value")
    return "".join(f"<entry><{kn}>{escape(k)}</{kn}><{vn}>{to_xml(s, shape[2], x)}</{vn}></entry>"
                   for k, x in v.items())


def answer(req, out):
    s, d, rid = req.service, req.service.ops[req.operation], str(uuid.uuid4())
    status, headers = d.get("rc", 200), {"x-amzn-RequestId": rid}
    shape = d.get("o")
    if s.proto == "query":
        inner = to_xml(s, shape, out) if shape is not None else ""
        result = f"<{req.operation}Result>{inner}</{req.operation}Result>" if shape is not None else ""
        body = (f'<{req.operation}Response xmlns="{s.model.get("ns", "")}">{result}<ResponseMetadata>'
                f"<RequestId>{rid}</RequestId></ResponseMetadata></{req.operation}Response>")
        return status, {**headers, "Content-Type": "text/xml"}, body.encode()
    body = json.dumps(to_json(s, shape, out) if shape is not None else {}).encode()
    if status == 204:
        body = b""
    kind = f"application/x-amz-json-{s.model.get('jv', '1.0')}" if s.proto == "json" else "application/json"
    return status, {**headers, "Content-Type": kind}, body


class AwsError(Exception):
    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


QUERY_CODES = {"QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
               "QueueNameExists": "QueueAlreadyExists",
               "QueueDeletedRecently": "AWS.SimpleQueueService.QueueDeletedRecently"}


def error(req, code, message, status=400):
    rid = str(uuid.uuid4())
    headers = {"x-amzn-RequestId": rid}
    proto = req.service.proto if req.service else "rest-json"
    if proto in ("json", "rest-json"):
        body = {"message": message, "Message": message}
        if proto == "json":
            body["__type"] = f"com.amazonaws#{code}"
            headers["Content-Type"] = f"application/x-amz-json-{req.service.model.get('jv', '1.0')}"
            if req.service.model.get("qc"):
                headers["x-amzn-query-error"] = f"{QUERY_CODES.get(code, code)};Sender"
        else:
            headers["x-amzn-ErrorType"], headers["Content-Type"] = code, "application/json"
        return status, headers, json.dumps(body).encode()
    headers["Content-Type"] = "text/xml"
    inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if proto == "ec2":
        return status, headers, f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>{rid}</RequestID></Response>".encode()
    if req.service.name == "s3":
        return status, headers, f"<Error>{inner}<RequestId>{rid}</RequestId></Error>".encode()
    kind = "Sender" if status < 500 else "Receiver"
    return status, headers, (f"<ErrorResponse><Error><Type>{kind}</Type>{inner}</Error>"
                             f"<RequestId>{rid}</RequestId></ErrorResponse>").encode()


# What each service calls "too fast": the code, and its HTTP status.
THROTTLE = {"ec2": ("RequestLimitExceeded", 503), "s3": ("SlowDown", 503), "sqs": ("RequestThrottled", 400),
            "lambda": ("TooManyRequestsException", 429), "apigatewayv2": ("TooManyRequestsException", 429),
            "resourcegroupstaggingapi": ("ThrottledException", 400)}


def throttle(req):
    proto = req.service.proto
    code, status = THROTTLE.get(req.service.name, ("Throttling" if proto == "query" else "ThrottlingException", 400))
    return error(req, code, "Rate exceeded", status)


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
