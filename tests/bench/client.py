"""The AWS client's speed: our client, a bare curl loop that sends the same
bytes unsigned and unparsed, and boto3, against canned answers of an nginx on
loopback. Rounds of the three alternate; the figures are medians.

With --profile: instructions per call, counted by callgrind, and where they go.
"""
import argparse
import json
import os
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CLIENT = os.path.join(os.environ.get("CONVERGD_BUILD", os.path.join(ROOT, "build")), "tests/bench/client")
CASES = {       # name: text, service, calls of (our client and curl, boto3, callgrind), in flight as the client allows
    "small": ("sqs GetQueueAttributes, small JSON", "sqs", 20000, 400, 400, 32),
    "many": ("the same, one worker in aws_call_many", "sqs", 20000, 400, 400, 32),
    "subnets": ("ec2 DescribeSubnets, XML of 1,000 items", "ec2", 200, 4, 5, 10),
    "object": ("s3 PutObject of 1 MiB", "s3", 600, 100, 10, 32),
}
ROUNDS = 5
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDCONVERGD", "AWS_SECRET_ACCESS_KEY": "secret/of+convergd"}
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
ATTRIBUTES = {
    "QueueArn": "arn:aws:sqs:eu-west-1:123456789012:orders", "ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0",
    "ApproximateNumberOfMessagesDelayed": "0", "CreatedTimestamp": "1795332798", "LastModifiedTimestamp": "1795332798", "VisibilityTimeout": "30",
    "MaximumMessageSize": "262144", "MessageRetentionPeriod": "345600", "DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true",
    "FifoQueue": "true", "ContentBasedDeduplication": "false", "DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue", "KmsMasterKeyId": "alias/aws/sqs",
    "KmsDataKeyReusePeriodSeconds": "300", "RedrivePolicy": json.dumps({"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead.fifo", "maxReceiveCount": 5}),
    "Policy": json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]})}
SUBNET = """<item><subnetId>subnet-%(i)017x</subnetId><subnetArn>arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-%(i)017x</subnetArn>\
<state>available</state><ownerId>123456789012</ownerId><vpcId>vpc-0123456789abcdef0</vpcId><cidrBlock>10.%(a)d.%(b)d.0/24</cidrBlock>\
<ipv6CidrBlockAssociationSet/><assignIpv6AddressOnCreation>false</assignIpv6AddressOnCreation><availableIpAddressCount>251</availableIpAddressCount>\
<availabilityZone>eu-west-1a</availabilityZone><availabilityZoneId>euw1-az1</availabilityZoneId><defaultForAz>false</defaultForAz>\
<mapPublicIpOnLaunch>false</mapPublicIpOnLaunch><tagSet><item><key>Name</key><value>private-%(i)d</value></item><item><key>team</key>\
<value>shop &amp; pay</value></item></tagSet><privateDnsNameOptionsOnLaunch><hostnameType>ip-name</hostnameType>\
<enableResourceNameDnsARecord>false</enableResourceNameDnsARecord><enableResourceNameDnsAAAARecord>false</enableResourceNameDnsAAAARecord>\
</privateDnsNameOptionsOnLaunch></item>"""
NGINX = """daemon off; worker_processes 1; pid nginx.pid; error_log error.log warn; master_process off;
events { worker_connections 512; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 600; client_max_body_size 2m; client_body_buffer_size 2m;
  client_body_temp_path body; proxy_temp_path t1; fastcgi_temp_path t2; uwsgi_temp_path t3; scgi_temp_path t4; sendfile on; tcp_nopush on;
  server {
    listen 127.0.0.1:%(plain)d; listen 127.0.0.1:%(tls)d ssl; ssl_certificate server.pem; ssl_certificate_key server.key; root files;
    location /sqs { default_type application/x-amz-json-1.0; add_header x-amzn-RequestId 0c6a8f0e-7c1a-5d3e-9f4d-d2b6a1c0e7f5; error_page 405 =200 $uri; rewrite ^ /sqs.json break; }
    location /ec2 { default_type text/xml; add_header x-amzn-RequestId 0c6a8f0e-7c1a-5d3e-9f4d-d2b6a1c0e7f5; error_page 405 =200 $uri; rewrite ^ /ec2.xml break; }
    location /s3 { add_header x-amz-request-id 656C76696E672535; add_header ETag '"b1946ac92492d2347c6235b4d2611184"'; return 200; }
  }
}
"""


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Server:
    """nginx with canned answers, plain and with a certificate of its own CA."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="convergd-bench-")
        self.ca = self.path("ca.pem")
        self.plain, self.tls = free_ports(2)
        os.mkdir(self.path("files"))
        self.write("files/sqs.json", json.dumps({"Attributes": ATTRIBUTES}))
        self.write("files/ec2.xml", '<?xml version="1.0" encoding="UTF-8"?>\n<DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
                   "<requestId>4d2f6b0e</requestId><subnetSet>" + "".join(SUBNET % {"i": i, "a": i // 256, "b": i % 256} for i in range(1000)) +
                   "</subnetSet></DescribeSubnetsResponse>")
        self.write("nginx.conf", NGINX % {"plain": self.plain, "tls": self.tls})
        self.certificates()
        self.process = subprocess.Popen(["nginx", "-p", self.dir + "/", "-c", "nginx.conf", "-e", "error.log"])
        self.wait()

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def openssl(self, *args):
        subprocess.run(["openssl", *args], cwd=self.dir, check=True, capture_output=True)

    def certificates(self):
        self.write("ext", "subjectAltName=IP:127.0.0.1\n")
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self.openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=bench CA")
        self.openssl("req", *new, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=bench")
        self.openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "server.pem", "-days", "2", "-extfile", "ext")

    def wait(self):
        for _ in range(100):
            try:
                return socket.create_connection(("127.0.0.1", self.tls), 1).close()
            except OSError:
                time.sleep(0.05)
        raise SystemExit("nginx does not answer: " + open(self.path("error.log")).read())

    def url(self, way, service):
        return f"http://127.0.0.1:{self.plain}/{service}" if way == "plain" else f"https://127.0.0.1:{self.tls}/{service}"

    def env(self):
        return {"PATH": os.environ["PATH"], "HOME": self.dir, "AWS_CA_BUNDLE": self.ca, "AWS_EC2_METADATA_DISABLED": "true", **KEYS}

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


# ---- the three

def arguments(who, case):
    """What the program calls them."""
    return ["many" if case == "many" and who == "ours" else who, "small" if case == "many" else case]


def native(server, who, way, case, calls, in_flight):
    """Our client, or curl: (requests per second, CPU seconds per 1,000)."""
    r = subprocess.run([CLIENT, *arguments(who, case), server.url(way, CASES[case][1]), str(calls), str(in_flight)], env=server.env(), capture_output=True, text=True)
    if r.returncode:
        raise SystemExit(f"{who} {case} {way}: {r.stderr}")
    r = json.loads(r.stdout)
    return r["calls"] / r["wall"], r["cpu"] * 1000 / r["calls"]


def boto(server, way, case, calls):
    import boto3
    from botocore.config import Config
    service = CASES[case][1]
    c = boto3.client(service, endpoint_url=server.url(way, service), region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b", verify=server.ca,
                     config=Config(s3={"addressing_style": "path"}))
    body = bytes(i * 2654435761 >> 24 & 255 for i in range(1 << 20))
    call = {"many" if case == "many" else "small": lambda: len(c.get_queue_attributes(QueueUrl=QUEUE, AttributeNames=["All"])["Attributes"]) == 20,
            "subnets": lambda: len(c.describe_subnets(Filters=[{"Name": "vpc-id", "Values": ["vpc-0123456789abcdef0"]}], MaxResults=1000)["Subnets"]) == 1000,
            "object": lambda: c.put_object(Bucket="code", Key="app.zip", Body=body)["ETag"]}[case]
    assert call()
    wall, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(calls):
        assert call()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return calls / (time.monotonic() - wall), cpu * 1000 / calls


def measure(server, way, case, percent):
    """{who: (requests per second, CPU seconds per 1,000)}, of interleaved rounds."""
    _, _, many, few, _, in_flight = CASES[case]
    many, few, rounds = max(many * percent // 100, in_flight), max(few * percent // 100, 2), {"ours": [], "bare": [], "boto3": []}
    for _ in range(ROUNDS):
        rounds["bare"].append(native(server, "bare", way, case, many, in_flight))
        rounds["ours"].append(native(server, "ours", way, case, many, in_flight))
    for _ in range(2):
        rounds["boto3"].append(boto(server, way, case, few))
    return {who: [statistics.median(r[i] for r in results) for i in (0, 1)] for who, results in rounds.items()}


# ---- output

def table(head, rows):
    rows = [[str(x) for x in r] for r in rows]
    widths = [max(len(r[i]) for r in rows + [head]) for i in range(len(head))]
    for r in [head, ["-" * w for w in widths]] + rows:
        print("| " + " | ".join(x.ljust(w) if i == 0 else x.rjust(w) for i, (x, w) in enumerate(zip(r, widths))) + " |")
    print(flush=True)


def figure(x):
    return f"{x:,.0f}" if x >= 100 else f"{x:.3g}"


def compare(server, names, percent):
    rows = []
    for case in names:
        for way in ("plain", "TLS"):
            m = measure(server, way, case, percent)
            (ours, our_cpu), (bare, bare_cpu), (boto_rate, boto_cpu) = m["ours"], m["bare"], m["boto3"]
            rows.append([f"{CASES[case][0]}; {way}", f"{ours / bare * 100:.0f} %", f"{our_cpu / bare_cpu:.2f}", f"{boto_cpu / our_cpu:.0f}",
                         *(figure(x) for x in (ours, bare, boto_rate)), *(figure(x) for x in (our_cpu, bare_cpu, boto_cpu))])
            print(f"{rows[-1][0]}: {rows[-1][1]} of curl's rate", file=sys.stderr)
    print(f"The AWS client, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, nginx on the same machine, load {os.getloadavg()[0]:.0f}\n")
    table(["case", "rate/curl", "CPU/curl", "boto3 CPU/ours", "ours, 1/s", "curl, 1/s", "boto3, 1/s", "ours, CPU s per 1,000", "curl", "boto3"], rows)


def callgrind(server, who, case, calls):
    """(instructions, {function: its own instructions})"""
    out = server.path("callgrind")
    subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", CLIENT, *arguments(who, case), server.url("plain", CASES[case][1]), str(calls), "1"],
                   env=server.env(), check=True, capture_output=True)
    text = subprocess.run(["callgrind_annotate", "--threshold=100", "--show-percs=no", out], capture_output=True, text=True, check=True).stdout
    own = {}
    for n, name, library in re.findall(r"^ *([\d,]+) +\S*?:(\S.*?)(?: \[.*/(\S+)\])?$", text, re.M):
        name = f"{library} {name}" if name.startswith("0x") else name
        own[name] = own.get(name, 0) + int(n.replace(",", ""))
    return int(re.search(r"^ *([\d,]+) .*PROGRAM TOTALS", text, re.M)[1].replace(",", "")), own


def profile(server, names):
    """Per call, so the cost of the start is taken out by counting twice."""
    rows, top = [], {}
    for case in names:
        n = CASES[case][4]
        per = {}
        for who in ("bare", "ours"):
            (few, few_own), (many, own) = callgrind(server, who, case, n), callgrind(server, who, case, 3 * n)
            per[who] = (many - few) / (2 * n)
            if who == "ours":
                top[case] = sorted(((v - few_own.get(k, 0)) / (2 * n), k) for k, v in own.items())[:-26:-1]
        rows.append([CASES[case][0], figure(per["ours"]), figure(per["bare"]), f"{per['ours'] / per['bare']:.2f}"])
    print("Instructions per call, plain HTTP, one call in flight (callgrind)\n")
    table(["case", "ours", "curl alone", "ratio"], rows)
    for case, functions in top.items():
        print(f"Most of {case}\n")
        table(["function", "instructions per call"], [[name, figure(n)] for n, name in functions])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--calls", type=int, default=100, metavar="PERCENT", help="of the usual number of calls")
    p.add_argument("--profile", action="store_true", help="count instructions instead")
    p.add_argument("cases", nargs="*", choices=[*CASES, []])
    args = p.parse_args()
    names = args.cases or list(CASES)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))       # nginx ends with us
    server = Server()
    try:
        profile(server, names) if args.profile else compare(server, names, args.calls)
    finally:
        server.close()


if __name__ == "__main__":
    main()
