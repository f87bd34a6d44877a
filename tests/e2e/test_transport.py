"""Git over https:// and ssh://, served on the loopback interface."""
import base64
import os
import re
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness import Case, architecture, documents, free_port, git, manifest, wait

TOKEN = "s3cr3t-t0ken"
BACKEND = os.path.join(git("--exec-path"), "git-http-backend")


def queue(seconds):
    return {"q.yaml": documents(architecture(), manifest("SqsQueue", "jobs", {"visibilityTimeout": f"{seconds}s"}))}


class GitHandler(BaseHTTPRequestHandler):
    """git http-backend as CGI, behind basic authentication."""
    protocol_version = "HTTP/1.1"

    def serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while n := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(n)
                self.rfile.readline()
            self.rfile.readline()
        want = "Basic " + base64.b64encode(f"{self.server.user}:{TOKEN}".encode()).decode()
        self.server.requests.append((self.path, self.headers.get("Authorization")))
        if self.headers.get("Authorization") != want:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        env = {"PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": self.server.root, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
               "QUERY_STRING": query, "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""),
               "CONTENT_LENGTH": str(len(body)), "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
               "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "GIT_CONFIG_COUNT": "1",
               "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
        out = subprocess.run([BACKEND], env=env, input=body, capture_output=True).stdout
        head, _, data = out.partition(b"\r\n\r\n")
        headers = [line.partition(": ")[::2] for line in head.decode().split("\r\n")]
        status = next((int(v.split()[0]) for k, v in headers if k == "Status"), 200)
        self.send_response(status)
        for k, v in headers:
            if k != "Status":
                self.send_header(k, v)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = serve

    def log_message(self, *args):
        pass


def openssl(*args, cwd):
    subprocess.run(["openssl", *args], cwd=cwd, check=True, capture_output=True)


class Https(Case):
    def setUp(self):
        super().setUp()
        if not shutil.which("openssl") or not os.path.exists(BACKEND):
            self.skipTest("openssl or git http-backend is missing")
        d = self.w.dir
        run = openssl
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
            "-subj", "/CN=Test CA", "-days", "2", cwd=d)
        run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "server.key", "-out", "server.csr",
            "-subj", "/CN=localhost", cwd=d)
        with open(os.path.join(d, "ext"), "w") as f:
            f.write("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        run("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "server.pem",
            "-days", "2", "-extfile", "ext", cwd=d)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), GitHandler)
        self.server.root, self.server.requests, self.server.daemon_threads, self.server.user = d, [], True, "x-access-token"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(d, "server.pem"), os.path.join(d, "server.key"))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.url = f"https://localhost:{self.server.server_address[1]}/repo.git"
        self.token = os.path.join(d, "token")
        with open(self.token, "w") as f:
            f.write(TOKEN + "\n")
        os.chmod(self.token, 0o600)
        self.repo.push(queue(30))

    def source(self, **more):
        self.w.settings(source={"url": self.url, "caBundleFile": os.path.join(self.w.dir, "ca.pem"), **more})

    def test_token(self):
        self.source(auth={"tokenFile": self.token})
        self.w.start()
        self.w.wait_synced()
        sha = self.repo.push(queue(31))
        self.w.wait_synced(sha)
        self.assertEqual("31", self.w.queue("shop-jobs")["VisibilityTimeout"])
        log = self.w.daemons[0].log()
        self.assertNotIn(TOKEN, log)
        self.assertNotIn(base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode(), log)

    def test_user_and_password(self):
        self.server.user = "me"
        self.source(auth={"username": "me", "passwordFile": self.token})
        self.w.once()
        self.assertEqual(["shop-jobs"], self.w.queues())

    def test_wrong_token(self):
        with open(self.token, "w") as f:
            f.write("wrong\n")
        self.source(auth={"tokenFile": self.token})
        out = self.w.once("--timeout", "20s", expect=1)
        self.assertRegex(out, r"(?i)auth|401|credential")
        self.no_writes()
        self.assertLess(len(self.server.requests), 40, "credentials are not tried without end")

    def test_unknown_authority(self):
        self.source(auth={"tokenFile": self.token}, caBundleFile="/etc/ssl/certs/ca-certificates.crt")
        out = self.w.once("--timeout", "20s", expect=1)
        self.assertRegex(out, r"(?i)certificate|ssl|tls")
        self.assertEqual([], self.server.requests)

    def test_other_name(self):
        self.url = self.url.replace("localhost", "127.0.0.2")
        self.source(auth={"tokenFile": self.token})
        self.w.once("--timeout", "20s", expect=1)
        self.assertEqual([], self.server.requests)


class Ssh(Case):
    def setUp(self):
        super().setUp()
        sshd = shutil.which("sshd") or ("/usr/sbin/sshd" if os.path.exists("/usr/sbin/sshd") else None)
        if not sshd or not shutil.which("ssh-keygen"):
            self.skipTest("sshd is not installed (Debian package openssh-server)")
        d = self.dir = os.path.join(self.w.dir, "ssh")
        os.mkdir(d, 0o700)
        for name in ("host", "user", "other"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(d, name)], check=True)
        shutil.copy(os.path.join(d, "user.pub"), os.path.join(d, "authorized"))
        self.port = free_port()
        with open(os.path.join(d, "config"), "w") as f:
            f.write(f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {d}/host\nPidFile none\nAuthorizedKeysFile {d}/authorized\n"
                    "StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nAllowUsers *\nPermitRootLogin yes\n"
                    "LogLevel VERBOSE\nSetEnv GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=*\n")
        if os.getuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        self.log = open(os.path.join(d, "log"), "w+")
        self.sshd = subprocess.Popen([sshd, "-D", "-e", "-f", os.path.join(d, "config")], stdout=self.log, stderr=subprocess.STDOUT)
        self.addCleanup(self.log.close)
        self.addCleanup(self.sshd.wait)
        self.addCleanup(self.sshd.terminate)
        try:
            wait(lambda: "listening" in open(self.log.name).read().lower() or self.sshd.poll() is not None, 10, "sshd listens")
        except AssertionError:
            pass
        if self.sshd.poll() is not None:
            self.skipTest("sshd does not start here: " + open(self.log.name).read()[-300:])
        with open(os.path.join(d, "host.pub")) as f:
            key = " ".join(f.read().split()[:2])
        with open(os.path.join(d, "known_hosts"), "w") as f:
            f.write(f"[127.0.0.1]:{self.port} {key}\n")
        import pwd
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self.repo.push(queue(30))

    def source(self, key="user", hosts="known_hosts"):
        self.w.settings(source={"url": f"ssh://{self.user}@127.0.0.1:{self.port}{self.repo.bare}",
                                "auth": {"sshKeyFile": os.path.join(self.dir, key), "knownHostsFile": os.path.join(self.dir, hosts)}})

    def test_key(self):
        self.source()
        self.w.start()
        self.w.wait_synced()
        sha = self.repo.push(queue(32))
        self.w.wait_synced(sha)
        self.assertEqual("32", self.w.queue("shop-jobs")["VisibilityTimeout"])

    def test_wrong_key(self):
        self.source(key="other")
        out = self.w.once("--timeout", "20s", expect=1)
        self.assertRegex(out, r"(?i)refuses the credentials|auth")
        self.no_writes()

    def test_unknown_host_key(self):
        with open(os.path.join(self.dir, "other.pub")) as f, open(os.path.join(self.dir, "wrong_hosts"), "w") as g:
            g.write(f"[127.0.0.1]:{self.port} {' '.join(f.read().split()[:2])}\n")
        self.source(hosts="wrong_hosts")
        out = self.w.once("--timeout", "20s", expect=1)
        self.assertRegex(out, r"SSH key of 127.0.0.1 .*differs|[Hh]ost key")
        self.no_writes()


class Local(Case):
    def test_links_do_not_lead_outside(self):
        """Manifests and code come from the object database, not from files."""
        secret = os.path.join(self.w.dir, "secret.yaml")
        with open(secret, "w") as f:
            f.write(manifest("SqsQueue", "stolen"))
        self.repo.write(queue(30))
        os.symlink("/etc", os.path.join(self.repo.work, "etc"))
        link = os.path.join(self.repo.work, "link.yaml")
        os.symlink(secret, link)
        self.repo.push()
        self.assertIn("link.yaml: is a symbolic link", self.w.once(expect=1))
        self.no_writes()
        os.unlink(link)
        self.repo.push()
        self.w.once()
        self.assertEqual(["shop-jobs"], self.w.queues())

    def test_broken_mirror_is_made_anew(self):
        self.repo.push(queue(30))
        self.w.once()
        for base, dirs, _ in os.walk(self.w.state):
            if "objects" in dirs:
                shutil.rmtree(os.path.join(base, "objects"))
                break
        else:
            self.fail("no mirror in the state directory")
        sha = self.repo.push(queue(34))
        self.w.once()
        self.assertEqual("34", self.w.queue("shop-jobs")["VisibilityTimeout"])
        self.assertRegex(sha, re.compile("[0-9a-f]{40}"))
