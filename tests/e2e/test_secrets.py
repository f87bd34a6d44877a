"""Keys and tokens never come out: not into logs, not into status, state or
what the command prints, however the credentials fail."""
import json
import os

from harness import Case, architecture, documents, manifest

KEY, TOKEN = "TOPSECRETkey/0123456789", "TOPSECRETtoken0123456789abcdef"
QUEUE = {"q.yaml": documents(architecture(), manifest("SqsQueue", "jobs"))}
ROLE = "arn:aws:iam::123456789012:role/r"


class Secrets(Case):
    def configure(self, **files):
        """Shared files and a token file in the home directory."""
        paths = {}
        for name, text in files.items():
            paths[name] = os.path.join(self.w.dir, name)
            with open(paths[name], "w") as f:
                f.write(text.replace("@DIR@", self.w.dir))
        for k in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            self.w.env.pop(k, None)
        self.w.env["AWS_CONFIG_FILE"] = paths.get("config", "/nonexistent")

    def everything_said(self):
        """The daemon's log at its most talkative, status and state; the command."""
        self.repo.push(QUEUE)
        said = self.w.once(expect=None)
        for args in (["plan"], ["apply", "--yes"], ["aws", "sqs", "ListQueues"],
                     ["aws", "sqs", "ListQueues", "--print-request"], ["aws", "sts", "GetCallerIdentity"]):
            said += "".join(self.w.ctl(*args, expect=None))
        for directory, _, names in os.walk(self.w.state):
            for name in names:
                with open(os.path.join(directory, name), errors="replace") as f:
                    said += f.read()
        self.aws.bad.clear()                    # refused requests are the point here
        return said

    def nothing_told(self, hint):
        said = self.everything_said()
        self.assertNotIn("TOPSECRET", said)
        self.assertIn(hint, said)

    def test_environment(self):
        self.w.env.update(AWS_SECRET_ACCESS_KEY=KEY, AWS_SESSION_TOKEN=TOKEN)
        self.nothing_told("SignatureDoesNotMatch")

    def test_profile_and_role(self):
        self.configure(config=f"[default]\nrole_arn = {ROLE}\nsource_profile = base\n[profile base]\n"
                              f"aws_access_key_id = AKIDCONVERGD\naws_secret_access_key = {KEY}\naws_session_token = {TOKEN}\n")
        self.nothing_told("sts AssumeRole")

    def test_half_a_profile(self):
        self.configure(config=f"[default]\naws_secret_access_key = {KEY}\n")
        self.nothing_told("access key id is missing")

    def test_program(self):
        self.configure(config=f"[default]\ncredential_process = /bin/echo '{KEY} {TOKEN}'\n")
        self.nothing_told("the output is not JSON")

    def test_web_identity(self):
        self.configure(token=TOKEN, config=f"[default]\nrole_arn = {ROLE}\nweb_identity_token_file = @DIR@/token\n")
        import emulator
        self.aws.faults.append(emulator.Fault("error", service="sts", code="InvalidIdentityToken", message=f"bad token {TOKEN}"))
        said = self.everything_said()
        self.assertNotIn("TOPSECRET", said)

    def test_sso(self):
        cache = os.path.join(self.w.dir, ".aws", "sso", "cache")
        os.makedirs(cache)
        with open(os.path.join(cache, "34c6fceca75e456f25e7e99531e2425c6c1de443.json"), "w") as f:
            json.dump({"accessToken": TOKEN, "expiresAt": "2020-01-01T00:00:00Z", "refreshToken": TOKEN + "r",
                       "clientId": "id", "clientSecret": KEY}, f)
        self.configure(config="[default]\nsso_session = dev\nsso_account_id = 1\nsso_role_name = r\n"
                              "[sso-session dev]\nsso_region = eu-west-1\nsso_start_url = https://start\n")
        self.nothing_told("sso")

    def test_container(self):
        self.configure()
        self.w.env.update(AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{self.aws.url}/no/keys", AWS_CONTAINER_AUTHORIZATION_TOKEN=TOKEN)
        self.nothing_told("container credentials")
