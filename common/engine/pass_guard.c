/*
 * Guards: what a pass must not do whatever its plan says, unless a person
 * has said yes. They stop it before its first write.
 *
 * max-deletes	more would be deleted than the Architecture's limits allow
 * mass-absence	most of what is known to exist is not found: that is what
 *		wrong credentials or a wrong region look like
 *
 * What is known to exist: what the index of tags shows, and what the last
 * pass saw (memory, below). Without either, as in the first pass of an
 * architecture, there is nothing that could be missed.
 *
 * memory "seen": {"where": "eu-west-1 ...", "account": "123456789012",
 *	"resources": text of {address: label, or false: known not to exist}}
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/engine/pass_private.h"

#define FEW_MISSING 3 /* fewer are drift, whatever their share */

/* ---- what was there ---- */

/* Where Git says that things are: another place, and nothing is known. */
static char *
where(const struct architecture *a)
{
	return mem_fmt("%s %s %s", a->region,
	    a->assume_role ? a->assume_role : "-",
	    a->account ? a->account : "-");
}

/* What the last pass saw in this place, as text; or NULL. */
static const char *
seen_text(const struct pass *p)
{
	const json_t *seen = js_get(p->options.memory, "seen");
	auto_free char *here = where(&p->options.graph->arch);
	const char *there = js_str(seen, "where");

	return there != NULL && strcmp(there, here) == 0
		   ? js_str(seen, "resources")
		   : NULL;
}

/* The same as a tree; only for what is not there, so most passes need none. */
struct seen {
	const struct pass *pass;
	json_t *all; /* NULL: not needed yet, or nothing is known */
	bool is_open;
};

static const json_t *
seen_all(struct seen *s)
{
	const char *text = s->is_open ? NULL : seen_text(s->pass);
	struct err ignored; /* a damaged memory is none */

	s->is_open = true;
	if (text != NULL)
		js_parse(text, strlen(text), &s->all, &ignored);
	return s->all;
}

/* The set of addresses in the tags of the index. */
static json_t *
indexed_addresses(const struct pass *p)
{
	json_t *set = json_object();

	for (size_t i = 0; i < packed_map_len(p->index); i++) {
		json_auto_t *tags = packed_map_at(p->index, i);
		const char *address = js_str(tags, TAG_RESOURCE);

		if (address != NULL)
			js_set(set, address, json_true());
	}
	return set;
}

struct evidence {
	struct seen seen; /* by the last pass */
	json_t *indexed;  /* set of addresses; made when it is needed */
	int known, missing, denied;
};

static const json_t *
indexed(struct evidence *e, const struct pass *p)
{
	if (e->indexed == NULL)
		e->indexed = indexed_addresses(p);
	return e->indexed;
}

/* A predictable ARN tells a renamed resource from a missing one. */
static bool
is_indexed(struct evidence *e, const struct node *node)
{
	const struct pass *p = node->pass;
	json_auto_t *desired = node_desired(node);
	auto_free char *arn = object_arn(&p->realm, node->type, desired, NULL);

	return arn ? packed_map_has(p->index, arn)
		   : js_get(indexed(e, p), node->address) != NULL;
}

static bool
was_there(struct evidence *e, const struct node *node)
{
	const json_t *seen = js_get(seen_all(&e->seen), node->address);

	if (json_is_false(seen))
		return false;
	return (json_is_string(seen) &&
		   strcmp(js_text(seen), node->label) == 0) ||
	       is_indexed(e, node);
}

static bool
is_there(const struct node *node)
{
	return node->err == NULL && (node->live != NULL || node->was_live);
}

static bool
is_denied(const struct node *node)
{
	return node->err != NULL &&
	       (node->err->kind == ERR_DENIED || node->err->kind == ERR_AUTH);
}

/* Children go with their parent: only roots are counted. */
static void
weigh(struct evidence *e, const struct node *node)
{
	bool missing = node->err == NULL && node->live == NULL;

	if (node->parent_node != NULL)
		return;
	if (!is_there(node) &&
	    ((!missing && !is_denied(node)) || !was_there(e, node)))
		return;
	e->known++;
	e->missing += missing;
	e->denied += is_denied(node);
}

/* What earlier passes have deleted, and the index still shows. */
static void
note_gone(struct pass *p, struct evidence *e)
{
	const char *text = seen_text(p), *address;
	json_t *value;

	if (text == NULL || strstr(text, ":false") == NULL)
		return;
	js_foreach ((json_t *)seen_all(&e->seen), address, value)
		if (json_is_false(value) && pass_find(p, address) == NULL &&
		    js_get(indexed(e, p), address) != NULL)
			js_set(p->gone, address, json_false());
}

/* ---- mass absence ---- */

static void
refuse_all(struct pass *p, const char *guard, const char *why)
{
	for (size_t i = 0; i < p->n; i++) {
		struct node *node = p->nodes[i];

		if (node->action == ACT_NONE)
			continue;
		node->confirm |= node->refused == NULL;
		node_refuse(node, guard, "%s", why);
	}
}

/* "; the last pass worked in account 1, this one in 2" */
static char *
account_note(const struct pass *p)
{
	const char *before = js_str(
	    js_get(p->options.memory, "seen"), "account");

	return before == NULL || strcmp(before, p->realm.account) == 0
		   ? mem_str("")
		   : mem_fmt("; the last pass worked in account %s, this one "
			     "in %s",
			 before, p->realm.account);
}

static void
refuse_absence(struct pass *p, const struct evidence *e)
{
	const struct architecture *a = &p->options.graph->arch;
	auto_free char *note = account_note(p);

	p->guard = "mass-absence";
	err_set(&p->err, ERR_REFUSED,
	    "of %d resources that existed %d are not found and %d may not be "
	    "read, more than limits.maxMissingPercent (%d): the credentials "
	    "or the region look wrong%s; nothing was written. Correct them, "
	    "or, if the resources are really gone, make them anew with "
	    "`convergctl approve %s --confirm`",
	    e->known, e->missing, e->denied, a->max_missing_percent, note,
	    a->name);
	refuse_all(p, p->guard,
	    "most of what existed is not found; see the message of the pass");
}

static void
guard_absence(struct pass *p)
{
	const struct architecture *a = &p->options.graph->arch;
	struct evidence e = { .seen = { .pass = p } };
	int lost;

	for (size_t i = 0; i < p->options.graph->n; i++)
		weigh(&e, p->nodes[i]);
	note_gone(p, &e);
	lost = e.missing + e.denied;
	if (lost >= FEW_MISSING && !p->options.confirmed &&
	    lost * 100 > a->max_missing_percent * e.known &&
	    strcmp(a->mode, "observe") != 0)
		refuse_absence(p, &e);
	js_free(e.seen.all);
	js_free(e.indexed);
}

/* ---- deletes ---- */

bool
node_is_retired(const struct node *node)
{
	return node->want == NULL && node->address != NULL &&
	       text_ends(node->address, ADDRESS_RETIRED);
}

static bool
is_delete(const struct node *node)
{
	return node->action == ACT_DELETE && node->refused == NULL &&
	       !node_is_retired(node);
}

static void
refuse_deletes(struct pass *p, const char *why)
{
	p->guard = "max-deletes";
	for (size_t i = 0; i < p->n; i++)
		if (is_delete(p->nodes[i])) {
			p->nodes[i]->confirm = true;
			node_refuse(p->nodes[i], p->guard, "%s", why);
		}
}

static void
guard_deletes(struct pass *p)
{
	const struct architecture *a = &p->options.graph->arch;
	int n = 0, all = 0;
	auto_free char *why = NULL;

	for (size_t i = 0; i < p->n; i++) {
		n += is_delete(p->nodes[i]);
		all += p->nodes[i]->live != NULL;
	}
	if (n > a->max_deletes)
		why = mem_fmt("%d resources would be deleted, "
			      "limits.maxDeletes is %d",
		    n, a->max_deletes);
	else if (n * 100 > a->max_delete_percent * all)
		why = mem_fmt("%d of %d resources would be deleted, "
			      "limits.maxDeletePercent is %d",
		    n, all, a->max_delete_percent);
	if (why != NULL && !p->options.confirmed)
		refuse_deletes(p, why);
}

void
pass_guard(struct pass *p)
{
	guard_absence(p);
	if (p->guard == NULL)
		guard_deletes(p);
}

/* ---- memory ---- */

/* What was looked at and not found is no news the next time, once a pass
 * that may write has gone on without it. */
static void
note_node(json_t *now, struct seen *before, const struct node *node, bool wrote)
{
	if (node->parent_node != NULL)
		return;
	if (is_there(node))
		js_set_str(now, node->address, node->label);
	else if (wrote && node->err == NULL)
		js_set(now, node->address, json_false());
	else
		js_set(now, node->address,
		    js_copy(js_get(seen_all(before), node->address)));
}

/* What a pass has deleted may stay in the index for a while. */
static void
note_deleted(const struct pass *p, json_t *now)
{
	js_merge(now, p->gone);
	for (size_t i = p->options.graph->n; i < p->n; i++) {
		const struct node *node = p->nodes[i];

		if (node->action == ACT_DELETE && node->state == NODE_DONE &&
		    node->address != NULL &&
		    pass_find(p, node->address) == NULL)
			js_set(now, node->address, json_false());
	}
}

void
pass_note_seen(struct pass *p, bool wrote)
{
	struct seen before = { .pass = p };
	json_auto_t *now = NULL;
	auto_free char *here = where(&p->options.graph->arch);
	auto_free char *text = NULL;

	if (p->options.memory == NULL || p->plan == NULL ||
	    (p->guard != NULL && strcmp(p->guard, "mass-absence") == 0))
		return;
	now = json_object();
	for (size_t i = 0; i < p->options.graph->n; i++)
		note_node(now, &before, p->nodes[i], wrote);
	note_deleted(p, now);
	js_free(before.all);
	text = js_dump(now);
	js_set(p->options.memory, "seen",
	    js_pack("{s:s, s:s, s:s}", "where", here, "account",
		p->realm.account, "resources", text));
}
