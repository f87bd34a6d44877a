"""HTTP/2 between the daemon and AWS, by a real nginx in front of the emulator
that ends every connection after a few requests (GOAWAY)."""
import os
import re
import shutil
import socket
import subprocess

from harness import Case, free_port, wait

PROGRAM = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
CONF = """daemon off; master_process off; pid nginx.pid; error_log error.log warn;
events { worker_connections 512; }
http {
  log_format one "$connection $server_protocol $status"; access_log access.log one;
  client_max_body_size 64m; client_body_temp_path t0; proxy_temp_path t1; fastcgi_temp_path t2; uwsgi_temp_path t3; scgi_temp_path t4;
  keepalive_requests %(requests)d;
  server {
    listen 127.0.0.1:%(port)d ssl http2; ssl_certificate server.pem; ssl_certificate_key server.key;
    location / { proxy_pass %(aws)s; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; }
  }
}
"""


class Http2(Case):
    def setUp(self):
        super().setUp()
        if not PROGRAM:
            self.skipTest("nginx is missing")
        self.port = free_port()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "server.key",
                        "-out", "server.pem", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"],
                       cwd=self.w.dir, check=True, capture_output=True)
        self.url = f"https://127.0.0.1:{self.port}"
        self.w.env["AWS_CA_BUNDLE"] = os.path.join(self.w.dir, "server.pem")
        self.w.settings(aws={"endpointUrl": self.url})

    def front(self, requests):
        """nginx; `requests` of a connection are answered, then it goes."""
        d = self.w.dir
        with open(os.path.join(d, "nginx.conf"), "w") as f:
            f.write(CONF % {"requests": requests, "port": self.port, "aws": self.w.aws.url})
        p = subprocess.Popen([PROGRAM, "-p", d + "/", "-c", os.path.join(d, "nginx.conf"), "-e", "error.log"])
        self.addCleanup(p.wait)
        self.addCleanup(p.terminate)
        wait(lambda: socket.create_connection(("127.0.0.1", self.port), 1).close() or True, 10, "nginx answers")

    def served(self):
        """[(connection, protocol, status)]"""
        with open(os.path.join(self.w.dir, "access.log")) as f:
            return re.findall(r"(\d+) (\S+) (\d+)", f.read())

    def test_a_whole_stack_over_connections_that_go(self):
        self.front(requests=10)
        self.repo.copy("examples/serverless")
        self.repo.push()
        self.w.once("--timeout", "60s", timeout=120)
        served = self.served()
        self.assertEqual({"HTTP/2.0"}, {p for _, p, _ in served})
        self.assertGreater(len(served), 50)
        self.assertLess(len({c for c, _, _ in served}), len(served) / 3, "calls share connections")
        self.assertEqual([], self.w.aws.bad, "no bad signature")
        before = len(self.w.aws.calls)
        self.w.once()
        self.assertEqual([], [c.name for c in self.w.aws.calls[before:] if c.write], "nothing was done twice or left out")

    def test_what_comes_back(self):
        self.front(requests=1000)
        env = {"AWS_ENDPOINT_URL": self.url}
        self.w.ctl("aws", "sqs", "CreateQueue", "--input", '{"QueueName": "q", "Attributes": {"DelaySeconds": "7"}}', env=env)
        self.assertEqual("7", self.w.queue("q")["DelaySeconds"])
        out, _ = self.w.ctl("aws", "sqs", "ListQueues", env=env)
        self.assertIn("/q", out)
        _, err = self.w.ctl("aws", "sqs", "GetQueueUrl", "--input", '{"QueueName": "none"}', env=env, expect=None)
        self.assertIn("NonExistentQueue", err)
        self.assertEqual({"HTTP/2.0"}, {p for _, p, _ in self.served()})
