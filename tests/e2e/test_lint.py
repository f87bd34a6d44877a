"""tools/lint.sh finds what it is for, and says so when it is asked nonsense."""
import os
import shutil
import subprocess
import tempfile
import unittest

from harness import ROOT, git

# step, file, what is planted, what is said
FINDINGS = [
    ("layers", "common/base/a.c", '#include "common/engine/pass.h"\n', "common/base may include from common/base only"),
    ("layers", "modules/sqs/a.c", '#include "common/aws/aws.h"\n', "a module includes modules/module.h and its own folder only"),
    ("layers", "common/aws/a.c", "#include <ev.h>\n", "only the loop turns"),
    ("layers", "common/engine/a.c", 'const char *a = "sqs.queue";\n', "the engine knows no service by name"),
    ("banned", "cli/a.c", "void f(char *a) { strcpy(a, \"b\"); }\n", "is banned there"),
    ("banned", "daemon/a.c", "void f(json_t *a) { json_decref(a); }\n", "is banned there"),
    ("banned", "daemon/a.h", "typedef struct a a;\n", "no typedef for structs"),
    ("length", "cli/a.c", "\n" * 601, "has 601 lines, 600 at most"),
    ("format", "cli/a.c", "int  a;\n", "is not formatted"),
    ("shell", "tools/a.sh", "#!/bin/bash\ncd $1\n", "shellcheck"),
]
# What looks like a finding, and is none.
FINE = {"common/aws/a.c": '/* strcpy() */\nconst char *a = "goto ";\n', "common/loop/a.c": "#include <ev.h>\n", "cli/a.c": "\n" * 600,
        "common/engine/a.c": "/* \"sqs.queue\" */\n", "tools/a.sh": '#!/bin/bash\ncd "$1" || exit\n'}


class Lint(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="convergd-lint-")
        self.addCleanup(shutil.rmtree, self.dir)
        git("init", "-q", self.dir)
        self.write({"common/aws/model/sqs.json": "{}"})
        for name in ("tools/lint.sh", ".clang-format"):
            os.makedirs(os.path.dirname(os.path.join(self.dir, name)), exist_ok=True)
            shutil.copy(os.path.join(ROOT, name), os.path.join(self.dir, name))

    def write(self, files):
        for name, text in files.items():
            path = os.path.join(self.dir, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)

    def lint(self, *steps):
        r = subprocess.run([os.path.join(self.dir, "tools/lint.sh"), *steps], capture_output=True, text=True)
        return r.returncode, r.stdout + r.stderr

    def test_findings(self):
        for step, name, text, said in FINDINGS:
            with self.subTest(said):
                self.write({name: text})
                code, out = self.lint(step)
                self.assertEqual((1, True, True), (code, said in out, "lint: FAILED" in out), out)
                os.unlink(os.path.join(self.dir, name))

    def test_nothing_to_find(self):
        self.write(FINE)
        code, out = self.lint("layers", "banned", "length", "shell")
        self.assertEqual((0, "lint: clean"), (code, out.splitlines()[-1]), out)

    def test_no_such_step(self):
        code, out = self.lint("length", "nosuchstep")
        self.assertEqual((2, True, False), (code, "no step is called 'nosuchstep'; there are: layers " in out, "clean" in out), out)
