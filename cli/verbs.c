/* The verbs of convergctl: one row each. */

#include "cli/cli.h"

const struct option global_options[] = {
	{ "source", 's', "PATH|URL", NULL,
	    "directory or Git repository to work on (default .)" },
	{ "branch", 'b', "NAME", NULL,
	    "branch of the repository (default main)" },
	{ "socket", 0, "PATH", NULL,
	    "the daemon's socket (default /run/convergd/control.sock)" },
	{ "output", 'o', "FORMAT", NULL, "form of the result, see each verb" },
	{ "no-color", 0, NULL, NULL, "no colours (NO_COLOR works too)" },
	{ "help", 'h', NULL, NULL, "help for the verb" },
	{ 0 },
};

const struct verb verbs[] = {
	{ "validate", verb_validate, "[DIR]",
	    "check manifests offline, show every error with its place",
	    "Exit code 0 when all is well, 1 when anything is wrong.\n",
	    .max_words = 1 },
	{ "render", verb_render, "[DIR]",
	    "the desired resources that the manifests ask for",
	    "References to other resources are shown as "
	    "${address:attribute}.\n",
	    .outputs = "yaml json", .max_words = 1 },
	{ "plan", verb_plan, "[DIR]",
	    "read AWS and show what would change, and why",
	    "Nothing is written. Symbols: + create, ~ update, -/+ replace,\n"
	    "- delete.\n",
	    .options = plan_options, .options2 = client_options,
	    .outputs = "text json markdown", .max_words = 1 },
	{ "apply", verb_apply, "[DIR|PLANFILE]",
	    "show the plan, ask, and make AWS true to the manifests",
	    "Exit codes: 0 done, 1 error, 3 timed out waiting, 5 refused by a\n"
	    "guard. AWS is read again after the question: what is applied is\n"
	    "what is then true. A file that `plan --out` wrote is carried out\n"
	    "exactly, or refused when AWS or the manifests have changed "
	    "since.\n",
	    .options = apply_options, .options2 = client_options,
	    .outputs = "text json", .max_words = 1 },
	{ "status", verb_status, "[ARCH[/KIND/NAME]]",
	    "what the daemon found: verdicts, health, ages, revision",
	    "Exit code 69 when the daemon cannot be reached.\n",
	    .options = status_options, .outputs = "table wide json",
	    .max_words = 1 },
	{ "reconcile", verb_reconcile, "[ARCH]",
	    "tell the daemon to fetch and reconcile now",
	    "Exit codes with --wait: 0 synced at the newest commit, 1 error\n"
	    "(also: not fetched, or errors in it), 3 timed out, 4 waiting "
	    "for\n"
	    "approval, 5 refused by a guard.\n",
	    .options = reconcile_options, .outputs = "text json",
	    .max_words = 1 },
	{ "drift", verb_drift, "[ARCH]",
	    "differences between Git and AWS now; nothing is written",
	    "The daemon looks at once, whatever its mode.\n",
	    .options = drift_options, .outputs = "text json markdown",
	    .max_words = 1 },
	{ "history", verb_history, "[ARCH[/KIND/NAME]]",
	    "what was written, when, for which commit",
	    "With AWS's request ids, as far as they are known.\n",
	    .options = history_options, .outputs = "table json",
	    .max_words = 1 },
	{ "events", verb_events, "[ARCH[/KIND/NAME]]",
	    "history, and drift, results of passes, what people ordered",
	    .options = history_options, .outputs = "table json",
	    .max_words = 1 },
	{ "suspend", verb_suspend, "[ARCH]",
	    "write nothing until resumed, or for a while",
	    "Without ARCH all architectures are meant. AWS is looked at as\n"
	    "ever; a pass that writes now ends after the calls in flight.\n",
	    .options = suspend_options, .max_words = 1 },
	{ "resume", verb_resume, "[ARCH]", "the end of a suspension",
	    .max_words = 1 },
	{ "approve", verb_approve, "PLAN|ARCH",
	    "carry out the plan that waits for a yes",
	    "In mode: approve every plan waits. In any mode but observe, what\n"
	    "policy or limits refuse waits for --confirm: prune: confirm,\n"
	    "replace: confirm, mode: approve of a manifest, more deletes than\n"
	    "limits allow, most of what existed missing. `convergctl drift`\n"
	    "shows the plan.\n"
	    "Exit codes: 0 synced, 1 error, 3 timed out, 5 the plan is "
	    "another\n"
	    "one by now: nothing was written.\n",
	    .options = approve_options, .outputs = "text json", .min_words = 1,
	    .max_words = 1 },
	{ "reject", verb_reject, "PLAN|ARCH",
	    "the plan that waits is not wanted", .min_words = 1,
	    .max_words = 1 },
	{ "adopt", verb_adopt, "ADDRESS",
	    "let the next pass take over what carries no tags of ours",
	    "ADDRESS is ARCH/KIND/NAME, or the address of one resource as in\n"
	    "the message of the conflict. It is good for one adoption, or a "
	    "day.\n",
	    .options = adopt_options, .min_words = 1, .max_words = 1 },
	{ "explain", verb_explain, "[KIND[.path]]",
	    "the documentation of a kind or field: type, default, limits",
	    "Without KIND all kinds are listed. Paths start at spec:\n"
	    "SqsQueue.deadLetter, or at metadata: SqsQueue.metadata.policy.\n",
	    .max_words = 1 },
	{ "schema", verb_schema, "[KIND]",
	    "JSON Schema (2020-12) of manifests, for editors",
	    "Without KIND the schema covers a document of any kind.\n",
	    .max_words = 1 },
	{ "iam-policy", verb_iam_policy, "[DIR]",
	    "the least that AWS must allow for these manifests, as a policy",
	    "Where names begin with the architecture's, all such are meant, "
	    "so that\n"
	    "manifests of the same kinds come and go under one policy. Make "
	    "it anew\n"
	    "when kinds are added. An architecture in observe mode needs only "
	    "to read.\n",
	    .options = iam_policy_options, .outputs = "json", .max_words = 1 },
	{ "aws", verb_aws, "SERVICE OPERATION",
	    "one call through the daemon's own client",
	    "Input and output have the shape of the AWS CLI's "
	    "--cli-input-json\n"
	    "and output. Operations may be written CreateQueue or\n"
	    "create-queue. Exit code 77 when permission is missing.\n",
	    .options = aws_options, .options2 = client_options,
	    .outputs = "json text", .min_words = 2, .max_words = 2 },
	{ "version", verb_version, "", "the version of convergctl",
	    .outputs = "text json" },
	{ "completion", verb_completion, "bash|zsh|fish",
	    "a completion script for the shell",
	    "For example: convergctl completion bash\n"
	    "    > /etc/bash_completion.d/convergctl\n",
	    .min_words = 1, .max_words = 1 },
	{ "help", verb_help, "[VERB]", "this help, or that of a verb",
	    .max_words = 1 },
	{ "docs", verb_docs, "DIR",
	    "write the reference pages of all kinds into DIR",
	    .options = docs_options, .min_words = 1, .max_words = 1,
	    .hidden = true },
	{ "show-plan", verb_show_plan, "FILE",
	    "print a plan that was saved as JSON", .outputs = "text markdown",
	    .min_words = 1, .max_words = 1, .hidden = true },
	{ 0 },
};
