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
	{ "apply", verb_apply, "[DIR]",
	    "show the plan, ask, and make AWS true to the manifests",
	    "Exit codes: 0 done, 1 error, 3 timed out waiting, 5 refused by a\n"
	    "guard. AWS is read again after the question: what is applied is\n"
	    "what is then true.\n",
	    .options = apply_options, .options2 = client_options,
	    .outputs = "text json", .max_words = 1 },
	{ "status", verb_status, "[ARCH[/KIND/NAME]]",
	    "what the daemon found: verdicts, health, ages, revision",
	    "Exit code 69 when the daemon cannot be reached.\n",
	    .options = status_options, .outputs = "table wide json",
	    .max_words = 1 },
	{ "reconcile", verb_reconcile, "[ARCH]",
	    "tell the daemon to fetch and reconcile now",
	    "Exit codes with --wait: 0 synced, 1 error, 3 timed out, 5 "
	    "refused\n"
	    "by a guard.\n",
	    .options = reconcile_options, .outputs = "text json",
	    .max_words = 1 },
	{ "explain", verb_explain, "[KIND[.path]]",
	    "the documentation of a kind or field: type, default, limits",
	    "Without KIND all kinds are listed. Paths start at spec:\n"
	    "SqsQueue.deadLetter, or at metadata: SqsQueue.metadata.policy.\n",
	    .max_words = 1 },
	{ "schema", verb_schema, "[KIND]",
	    "JSON Schema (2020-12) of manifests, for editors",
	    "Without KIND the schema covers a document of any kind.\n",
	    .max_words = 1 },
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
