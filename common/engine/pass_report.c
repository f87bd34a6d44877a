/* Plan and report as JSON: the forms are in pass.h. */

#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/engine/pass_private.h"
#include "common/engine/severity.h"

static json_t *
error_json(const struct err *err)
{
	json_t *x = json_object();

	js_set_str(x, "kind", err_kind_name(err->kind));
	js_set_str(x, "message", err->msg);
	if (err->code[0] != 0)
		js_set_str(x, "code", err->code);
	if (err->request_id[0] != 0)
		js_set_str(x, "requestId", err->request_id);
	return x;
}

static json_t *
heading(const struct pass *p)
{
	const struct architecture *a = &p->options.graph->arch;
	json_t *x = json_object();

	js_set_str(x, "architecture", a->name);
	js_set_str(x, "revision", a->revision);
	if (p->realm.account[0] != 0)
		js_set_str(x, "account", p->realm.account);
	js_set_str(x, "region", aws_region(p->realm.aws));
	js_set_str(x, "mode", a->mode);
	return x;
}

/* Kind and name of an extra are in its display: "SqsQueue/old/dlq". */
static void
set_identity(json_t *x, const struct node *node)
{
	const char *display = node->display ? node->display : "";
	const char *slash = strchr(display, '/');

	js_set_str(x, "address", node->address);
	js_set_str(x, "display", display);
	js_set_str(x, "type", node->type->name);
	js_set_str(x, "id", node->label ? node->label : "");
	if (node->want != NULL) {
		js_set_str(x, "kind", node->want->kind);
		js_set_str(x, "name", node->want->name);
	} else if (slash != NULL) {
		js_set(
		    x, "kind", js_new_strn(display, (size_t)(slash - display)));
		js_set(
		    x, "name", js_new_strn(slash + 1, strcspn(slash + 1, "/")));
	}
}

/* ---- plan ---- */

/* The revision at which it was first seen to be gone from Git. */
static const char *
gone_since(const struct pass *p, const char *address)
{
	const char *revision = p->options.graph->arch.revision;
	json_t *memory = p->options.memory;
	const char *since;

	if (memory == NULL || address == NULL)
		return revision;
	if (js_get(memory, "gone") == NULL)
		js_set(memory, "gone", json_object());
	since = js_str(js_get(memory, "gone"), address);
	if (since == NULL)
		js_set_str((json_t *)js_get(memory, "gone"), address, revision);
	return since ? since : revision;
}

static json_t *
short_revision(const char *revision)
{
	const char *hex = strstr(revision, "@sha1:");

	return hex ? js_fmt("%.7s", hex + strlen("@sha1:")) : NULL;
}

static json_t *
reason_of(const struct pass *p, const struct node *node)
{
	json_auto_t *since = NULL, *changes = packed_open(node->changes);

	if (node->action == ACT_REPLACE)
		for (size_t i = 0; i < js_len(changes); i++) {
			const json_t *c = js_at(changes, i);

			if (js_bool(c, "fixed", false))
				return js_fmt("%s cannot change in place",
				    js_str(c, "path"));
		}
	if (node->action != ACT_DELETE)
		return NULL;
	if (node->parent_node != NULL && node->parent_node->want != NULL)
		return js_new_str("not in Git");
	if (node_is_retired(node))
		return js_new_str("replaced");
	since = short_revision(gone_since(p, node->address));
	return since ? js_fmt("not in Git since %s", js_text(since))
		     : js_new_str("not in the manifests");
}

/* Secrets never leave the pass. */
static json_t *
shown_changes(const struct node *node)
{
	json_t *list = node->changes ? packed_open(node->changes)
				     : json_array();
	size_t i;
	json_t *change;

	js_each (list, i, change) {
		if (js_bool(change, "secret", false)) {
			js_del(change, "from");
			js_del(change, "to");
		}
	}
	return list;
}

static json_t *
action_json(const struct pass *p, const struct node *node)
{
	json_t *x = json_object();

	js_set_str(x, "action", action_names[node->action]);
	set_identity(x, node);
	js_set(x, "reason", reason_of(p, node));
	if (node->grave)
		js_set_str(x, "severity", SEVERITY_HIGH);
	if (node->action == ACT_REPLACE && object_creates_first(node->type))
		js_set(x, "createFirst", json_true());
	js_set_str(x, "refused", node->refused);
	js_set_str(x, "guard", node->guard);
	if (node->refused != NULL && node->confirm)
		js_set(x, "confirm", json_true());
	if (node->want != NULL && node->want->file != NULL) {
		js_set_str(x, "file", node->want->file);
		js_set(x, "line", json_integer(node->want->line));
	}
	js_set(x, "changes", shown_changes(node));
	return x;
}

static json_t *
failure_json(const struct node *node)
{
	json_t *x = json_object();

	set_identity(x, node);
	js_set(x, "error", error_json(node->err));
	return x;
}

static json_t *
summary_json(const struct pass *p, const unsigned count[static 5])
{
	return js_pack("{s:i, s:i, s:i, s:I}", "add",
	    (int)(count[ACT_CREATE] + count[ACT_REPLACE]), "change",
	    (int)count[ACT_UPDATE], "destroy",
	    (int)(count[ACT_DELETE] + count[ACT_REPLACE]), "extra",
	    (json_int_t)p->all_unmanaged);
}

static void
add_actions(const struct pass *p, struct packed_doc *plan, bool grave)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->nodes[i]->action != ACT_NONE &&
		    p->nodes[i]->grave == grave)
			packed_doc_push(
			    plan, "actions", action_json(p, p->nodes[i]));
}

struct packed_doc *
plan_new(const struct pass *p)
{
	struct packed_doc *plan = packed_doc_new(heading(p));
	unsigned count[5] = { 0 };

	js_set(packed_doc_edit(plan), "id", plan_id(p));
	packed_doc_array(plan, "actions");
	packed_doc_array(plan, "errors");
	for (size_t i = 0; i < p->n; i++) {
		const struct node *node = p->nodes[i];

		if (node->err != NULL)
			packed_doc_push(plan, "errors", failure_json(node));
		count[node->action] += node->refused == NULL;
	}
	add_actions(p, plan, true);
	add_actions(p, plan, false);
	pass_add_unmanaged(p, plan);
	js_set(packed_doc_edit(plan), "summary", summary_json(p, count));
	return plan;
}

struct packed_doc *
pass_plan(const struct pass *p)
{
	return p->plan;
}

/* ---- report ---- */

static const char *
sync_of(const struct node *node)
{
	if (node->state == NODE_UNSEEN)
		return "NotChecked";
	if (node->err != NULL && node->action == ACT_NONE)
		return "Unknown";
	if (node->state == NODE_DONE)
		return "Synced";
	return "OutOfSync";
}

static bool
is_missing(const struct node *node)
{
	return node->live == NULL && !node->was_live &&
	       node->state != NODE_UNSEEN;
}

static const char *
health_of(const struct node *node)
{
	switch (node->state) {
	case NODE_RUNNING:
	case NODE_WAITING:
	case NODE_BLOCKED:
		return "Progressing";
	case NODE_FAILED:
		return "Degraded";
	default:
		break;
	}
	if (node->parked)
		return "Progressing";
	return is_missing(node) ? "Missing" : "Healthy";
}

static json_t *
resource_json(const struct node *node)
{
	json_t *x = json_object();

	set_identity(x, node);
	js_set_str(x, "sync", sync_of(node));
	js_set_str(x, "health", health_of(node));
	js_set_str(x, "message", node->refused ? node->refused : node->message);
	if (node->state == NODE_WAITING)
		js_set_str(x, "waitsFor", node->message);
	js_set(x, "driftFields",
	    json_integer(node->state == NODE_DONE ? 0 : node->n_changes));
	js_set(x, "driftFound", json_integer(node->n_changes));
	if (node->grave && node->state != NODE_DONE)
		js_set_str(x, "severity", SEVERITY_HIGH);
	js_set(x, "healed", json_boolean(node->healed));
	js_set(x, "notConverging", json_boolean(node->not_converging));
	if (node->err != NULL)
		js_set(x, "error", error_json(node->err));
	return x;
}

static bool
is_gone(const struct node *node)
{
	return node->want == NULL &&
	       (node->action != ACT_DELETE || node->state == NODE_DONE);
}

static const char *
result_of(const struct pass *p)
{
	bool changes = false, failed = false, refused = p->guard != NULL;

	if (p->phase != PHASE_OVER)
		return "Progressing";
	if (p->err.kind != ERR_NONE)
		return refused ? "Refused" : "Failed";
	if (p->cancelled)
		return "Cancelled";
	for (size_t i = 0; i < p->n; i++) {
		const struct node *node = p->nodes[i];

		failed |= node->err != NULL;
		changes |= node->action != ACT_NONE && node->state != NODE_DONE;
	}
	return failed    ? "Failed"
	       : refused ? "Refused"
	       : changes ? "OutOfSync"
			 : "Synced";
}

static json_t *
applied_json(const struct pass *p)
{
	json_t *x = json_object();

	for (int a = ACT_CREATE; a <= ACT_DELETE; a++)
		js_set(x, action_names[a], json_integer(p->applied[a]));
	return x;
}

static json_t *
summary_of(const struct pass *p)
{
	json_t *x = heading(p);

	js_set_str(x, "result", result_of(p));
	if (p->err.kind != ERR_NONE)
		js_set(x, "error", error_json(&p->err));
	js_set_str(x, "guard", p->guard);
	js_set(x, "seconds",
	    js_pack("{s:f, s:f, s:f}", "observe", p->seconds[0], "plan",
		p->seconds[1], "converge", p->seconds[2]));
	js_set(x, "applied", applied_json(p));
	js_set(x, "extra", json_integer((json_int_t)p->all_unmanaged));
	return x;
}

struct packed_doc *
pass_report(
    const struct pass *p, void (*edit)(void *arg, json_t *resource), void *arg)
{
	struct packed_doc *report = packed_doc_new(summary_of(p));

	packed_doc_array(report, "resources");
	for (size_t i = 0; i < p->n; i++) {
		json_t *resource;

		if (is_gone(p->nodes[i]))
			continue;
		resource = resource_json(p->nodes[i]);
		if (edit != NULL)
			edit(arg, resource);
		packed_doc_push(report, "resources", resource);
	}
	return report;
}
