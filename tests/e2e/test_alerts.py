"""The alert rules that are shipped: each fires when it should, and not before."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RULES = os.path.join(ROOT, "contrib", "alerts.yaml")
SHOP = {"architecture": "shop"}

# alert, metric, its labels, its values minute by minute, when it is quiet still, when it fires
ROWS = [
    ("ConvergdDown", "convergd_build_info", None, "1 stale", "4m", "20m"),
    ("ConvergdNotSynced", "convergd_last_success_timestamp_seconds", SHOP, "0x60", "30m", "40m"),
    ("ConvergdNotLooking", "convergd_verdict_age_seconds", SHOP, "0+60x90", "60m", "70m"),
    ("ConvergdSourceUnreachable", "convergd_git_up", {}, "1 0x20", "5m", "15m"),
    ("ConvergdManifestsWrong", "convergd_manifest_errors", {}, "0 2x20", "5m", "15m"),
    ("ConvergdSettingsWrong", "convergd_settings_reload_success", {}, "1 0x20", "0m", "2m"),
    ("ConvergdNotConverging", "convergd_not_converging", {**SHOP, "kind": "SqsQueue", "name": "jobs"}, "0 1x20", "0m", "2m"),
    ("ConvergdDrift", "convergd_drift_detected_total", {**SHOP, "kind": "SqsQueue", "source": "poll"}, "0 0 0 3x20", "2m", "5m"),
    ("ConvergdLessSafe", "convergd_drift_severity", {**SHOP, "severity": "high"}, "0 1x20", "0m", "2m"),
    ("ConvergdRefused", "convergd_guard_refusals_total", {"guard": "max-deletes"}, "0 0 0 1x20", "2m", "5m"),
    ("ConvergdPlanWaits", "convergd_plan_waiting", SHOP, "1x2000", "23h", "25h"),
    ("ConvergdSuspended", "convergd_suspended", SHOP, "1x2000", "23h", "25h"),
    ("ConvergdHistoryNotWritten", "convergd_history_errors_total", {}, "0 0 0 1x20", "2m", "5m"),
    ("ConvergdStateNotWritable", "convergd_state_writable", {}, "1 0x20", "1m", "4m"),
]


def rules():
    with open(RULES) as f:
        return [r for g in yaml.safe_load(f)["groups"] for r in g["rules"]]


def summary(rule, labels):
    return re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda m: labels[m[1]], rule["annotations"]["summary"])


def scenario(rule, metric, labels, values, quiet, fires):
    series = metric + "{" + ",".join(f'{k}="{v}"' for k, v in (labels or {}).items()) + "}"
    alert = {"exp_labels": labels or {}, "exp_annotations": {"summary": summary(rule, labels or {})}}
    return {"interval": "1m", "input_series": [{"series": series, "values": values}],
            "alert_rule_test": [{"eval_time": quiet, "alertname": rule["alert"], "exp_alerts": []},
                                {"eval_time": fires, "alertname": rule["alert"], "exp_alerts": [alert]}]}


class Alerts(unittest.TestCase):
    def test_each_has_a_row_and_a_metric_of_ours(self):
        self.assertEqual(sorted(r["alert"] for r in rules()), sorted(r[0] for r in ROWS))
        with open(os.path.join(ROOT, "daemon", "metrics_rows.c")) as f:
            ours = set(re.findall(r'"(convergd_\w+)"', f.read()))
        for r in rules():
            self.assertLessEqual(set(re.findall(r"convergd_\w+", r["expr"])), ours, r["alert"])

    def test_they_fire(self):
        promtool = shutil.which("promtool")
        if not promtool:
            self.skipTest("promtool is not installed (Debian package prometheus)")
        by_name = {r["alert"]: r for r in rules()}
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
            json.dump({"rule_files": [RULES], "evaluation_interval": "1m",
                       "tests": [scenario(by_name[name], *row) for name, *row in ROWS]}, f)
            f.flush()
            for args in (["check", "rules", RULES], ["test", "rules", f.name]):
                r = subprocess.run([promtool, *args], capture_output=True, text=True)
                self.assertEqual(0, r.returncode, r.stdout + r.stderr)
