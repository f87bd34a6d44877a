"""Pages of lists that moto gives whole, or in pages of its own: where they
end is AWS's rule, their shape is that of the API models' paginators.

moto is asked for everything each time; a token is the number of elements that
earlier pages had. Members of several lists (the account's details) count as
one list.
"""
import copy
import json
import xml.etree.ElementTree as ElementTree
from urllib.parse import parse_qsl, urlencode

# Elements of a page that nobody asked to be smaller, and the most of any.
LENGTHS = {
    ("iam", "GetAccountAuthorizationDetails"): (100, 1000),
    ("iam", "ListRoles"): (100, 1000),
    ("iam", "ListRolePolicies"): (100, 1000),
    ("iam", "ListAttachedRolePolicies"): (100, 1000),
    ("iam", "ListInstanceProfiles"): (100, 1000),
    ("iam", "ListInstanceProfilesForRole"): (100, 1000),
    ("lambda", "ListFunctions"): (50, 50),
    ("lambda", "ListVersionsByFunction"): (50, 50),
    ("lambda", "ListAliases"): (50, 50),
    ("lambda", "ListEventSourceMappings"): (100, 100),
    ("cloudwatch", "DescribeAlarms"): (50, 100),
    ("application-autoscaling", "DescribeScalableTargets"): (50, 50),
    ("application-autoscaling", "DescribeScalingPolicies"): (50, 50),
    ("apigatewayv2", "GetApis"): (25, 500),
    ("apigatewayv2", "GetRoutes"): (25, 500),
    ("apigatewayv2", "GetIntegrations"): (25, 500),
    ("apigatewayv2", "GetAuthorizers"): (25, 500),
    ("apigatewayv2", "GetStages"): (25, 500),
}
ALL = 1000000


def serve(req, most, answer):
    """answer(request) in pages; of at most so many elements, if told so."""
    lengths = req.service and LENGTHS.get((req.service.name, req.operation))
    if not lengths:
        return answer(req)
    turn = req.service.ops[req.operation]["pg"]
    asked, start = req.input.get(turn["l"]), int(req.input.get(turn["i"]) or 0)
    n = min(int(asked or lengths[0]), lengths[1], most or ALL)
    status, headers, body = answer(everything(req, turn))
    if status >= 300:
        return status, headers, body
    headers = {k: v for k, v in headers.items() if k.lower() not in ("x-amz-crc32", "content-length")}
    cut = cut_xml if req.service.proto == "query" else cut_json
    return status, headers, cut(req, turn, body, start, start + n)


def everything(req, turn):
    """The request without its page."""
    whole = copy.copy(req)
    whole._input, s = None, req.service
    wires = {m: (x.get("w", m), x.get("l")) for m, _, x in s.members(s.ops[req.operation]["i"])}
    (token, where), (length, _) = wires[turn["i"]], wires[turn["l"]]
    if s.proto == "json":
        doc = json.loads(req.body or b"{}")
        doc.pop(token, None)
        whole.body = json.dumps({**doc, length: ALL}).encode()
    elif where == "querystring":
        whole.raw_query = urlencode([(k, v) for k, v in parse_qsl(req.raw_query, keep_blank_values=True) if k not in (token, length)])
        whole.query = dict(parse_qsl(whole.raw_query, keep_blank_values=True))
        whole.target = req.path + ("?" + whole.raw_query if whole.raw_query else "")
    else:
        form = [(k, v) for k, v in parse_qsl(req.body.decode(), keep_blank_values=True) if k not in (token, length)]
        whole.body = urlencode(form + [(length, ALL)]).encode()
    return whole


def lists_of(turn):
    return [turn["r"]] if isinstance(turn["r"], str) else turn["r"]


def keep(lists, start, end):
    """Cuts the lists as if they were one; are there elements behind?"""
    at, n = 0, sum(len(x) for x in lists)
    for x in lists:
        size = len(x)
        x[:] = x[max(0, start - at):max(0, end - at)]
        at += size
    return n > end


def cut_json(req, turn, body, start, end):
    s, doc = req.service, json.loads(body)
    names = {m: x.get("w", m) for m, _, x in s.members(s.ops[req.operation]["o"])}
    doc.pop(names[turn["o"]], None)
    if keep([doc[names[m]] for m in lists_of(turn) if doc.get(names[m])], start, end):
        doc[names[turn["o"]]] = str(end)
    return json.dumps(doc).encode()


def cut_xml(req, turn, body, start, end):
    root = ElementTree.fromstring(body)
    space = root.tag.partition("}")[0][1:]
    ElementTree.register_namespace("", space)
    result = root.find(f"{{{space}}}{req.operation}Result")
    for name in (turn["o"], turn["m"]):
        for old in result.findall(f"{{{space}}}{name}"):
            result.remove(old)
    more = keep([x for x in result if x.tag.partition("}")[2] in lists_of(turn)], start, end)
    ElementTree.SubElement(result, f"{{{space}}}{turn['m']}").text = "true" if more else "false"
    if more:
        ElementTree.SubElement(result, f"{{{space}}}{turn['o']}").text = str(end)
    return ElementTree.tostring(root)
