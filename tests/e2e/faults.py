"""What may go wrong between the daemon and AWS, request by request."""
import hashlib
import json
import re
from xml.dom import minidom

import wire


class Fault:
    """Disturbs requests. action:

    error      code, message, status; not served
    throttle   the service's own answer to what is too fast; not served
    hang       no answer for `seconds`, then the end of the connection
    reset      the connection ends at once; not served
    lost       served, the answer never sent
    truncate   served, half of the answer sent
    latency    served after `seconds`
    kill       the daemon is killed (victim) before it is served, and it is not
    killed     the same after it was served; no answer
    serve      as if there were no fault

    times: how often; after: so many pass before. hide: what the request has
    created is not shown by any read for so many seconds.
    """
    SERVED = ("lost", "truncate", "latency", "killed", "serve")
    DROPPED = ("hang", "reset", "lost", "kill", "killed")

    def __init__(self, action, service=None, operation=None, write=None, times=1 << 30, after=0, code=None,
                 message="injected", status=400, seconds=0, match=None, hide=0, victim=None):
        self.__dict__.update(locals())
        self.hits = 0

    def wants(self, req):
        if not req.service or self.service not in (None, req.service.name):
            return False
        if self.operation and not re.fullmatch(self.operation, req.operation):
            return False
        if self.write not in (None, req.write) or self.match and not self.match(req):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times <= 0:
            return False
        self.times -= 1
        self.hits += 1
        return True


# ---- what a request is, whatever ids AWS gave this time

IDS = {"ApiId", "IntegrationId", "RouteId", "AuthorizerId", "UUID", "ZipFile"}
RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
                    r"|(?<=/apis/)\w+|(?<=integrations/)\w+|(?<=:execute-api:)[\w-]+:\d+:\w+")


def identity(req):
    """The same text for the same write in every run."""
    def steady(v, k=None):
        if isinstance(v, dict):
            return {k: steady(x, k) for k, x in sorted(v.items())}
        if isinstance(v, list):
            return [steady(x) for x in v]
        return "" if k in IDS else RANDOM.sub("", v) if isinstance(v, str) else v
    text = json.dumps(steady(req.input), default=str) if req.service.proto != "rest-xml" else req.target
    return f"{req.service.name} {req.operation} {hashlib.sha256(text.encode()).hexdigest()[:12]}"


# ---- what is fresh and hidden

# The name of what each call creates: a member of its input, or of its answer.
CREATES = {("sqs", "CreateQueue"): "QueueName", ("sns", "CreateTopic"): "Name", ("sns", "Subscribe"): "<SubscriptionArn>",
           ("dynamodb", "CreateTable"): "TableName", ("iam", "CreateRole"): "RoleName", ("logs", "CreateLogGroup"): "logGroupName",
           ("lambda", "CreateFunction"): "FunctionName", ("lambda", "CreateEventSourceMapping"): "<UUID>",
           ("lambda", "AddPermission"): "StatementId", ("apigatewayv2", "CreateApi"): "<apiId>",
           ("apigatewayv2", "CreateIntegration"): "<integrationId>", ("apigatewayv2", "CreateRoute"): "<routeId>",
           ("apigatewayv2", "CreateStage"): "StageName"}
ABSENT = {"sqs": ("QueueDoesNotExist", 400), "sns": ("NotFound", 404), "dynamodb": ("ResourceNotFoundException", 400),
          "iam": ("NoSuchEntity", 404), "logs": ("ResourceNotFoundException", 400), "lambda": ("ResourceNotFoundException", 404),
          "apigatewayv2": ("NotFoundException", 404)}


def can_hide(req):
    return (req.service.name, req.operation) in CREATES


def created(req, body):
    """The name of what the served request has created."""
    name = CREATES[req.service.name, req.operation]
    if name[0] != "<":
        return req.input[name]
    found = re.search(rf'"{name[1:-1]}": *"([^"]+)"|{name}([^<]+)<', body.decode())
    return found[1] or found[2]


def is_name(text, name):
    return text == name or text.endswith(("/" + name, ":" + name, ":" + name + ":*"))


def mentions(v, name):
    if isinstance(v, dict):
        return any(mentions(x, name) for x in v.values())
    if isinstance(v, list):
        return any(mentions(x, name) for x in v)
    return isinstance(v, str) and is_name(v, name)


def without(v, name):
    """A JSON answer without the items that are, or belong to, the name."""
    if isinstance(v, dict):
        return {k: without(x, name) for k, x in v.items()}
    if isinstance(v, list):
        return [without(x, name) for x in v if not mentions(x, name)]
    return v


def without_members(body, name):
    """The same of XML."""
    doc = minidom.parseString(body)
    for m in doc.getElementsByTagName("member"):
        texts = [t.data for e in m.getElementsByTagName("*") for t in e.childNodes if t.nodeType == t.TEXT_NODE]
        if any(is_name(t, name) for t in texts) and m.parentNode:
            m.parentNode.removeChild(m)
    return doc.toxml().encode()


def no_such(req):
    code, status = ABSENT.get(req.service.name, ("ResourceNotFoundException", 404))
    return wire.error(req, code, "hidden by the test", status)


def hide(req, result, service, name):
    """The answer of a read that does not know the name yet."""
    status, headers, body = result
    if req.service.name not in (service, "resourcegroupstaggingapi"):
        return result
    if req.service.name == service and mentions(req.input, name):
        return no_such(req)
    if status >= 300 or not body:
        return result
    headers = {k: v for k, v in headers.items() if k.lower() != "x-amz-crc32"}
    if req.service.proto in ("query", "ec2"):
        return status, headers, without_members(body, name)
    doc = json.loads(body)
    if req.operation == "GetPolicy" and service == "lambda":
        policy = json.loads(doc["Policy"])
        policy["Statement"] = [s for s in policy["Statement"] if s["Sid"] != name]
        if not policy["Statement"]:
            return no_such(req)
        doc["Policy"] = json.dumps(policy)
    return status, headers, json.dumps(without(doc, name)).encode()
