/* References become values of what was observed. See graph.h for forms. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/base/buf.h"
#include "common/engine/diff.h"
#include "common/engine/pass_private.h"

static json_t *
unknown(const char *address, const char *attribute)
{
	json_t *x = json_object();

	js_set(x, "$unknown", js_fmt("%s:%s", address, attribute));
	return x;
}

/* A predictable ARN needs no live state. Names in props are literal. */
static json_t *
arn_of(const struct pass *p, const struct node *node)
{
	json_auto_t *props = packed_open(node->want->props), *live = NULL;
	auto_free char *arn = object_arn(&p->realm, node->type, props, NULL);

	if (arn == NULL && node->live != NULL) {
		live = packed_open(node->live);
		arn = object_arn(&p->realm, node->type, NULL, live);
	}
	return arn ? js_new_str(arn) : NULL;
}

static json_t *
of_aws(const struct pass *p, const char *attribute)
{
	json_auto_t *values = json_object();

	js_set_str(values, "account", p->realm.account);
	js_set_str(values, "region", aws_region(p->realm.aws));
	js_set_str(values, "partition", aws_partition(p->realm.aws));
	return js_copy(js_get(values, attribute));
}

static bool
will_be_new(const struct node *node)
{
	return node->action == ACT_REPLACE && node->refused == NULL &&
	       node->state != NODE_DONE;
}

/* What AWS does not tell (yet) may be in what we ask for: a name, say. */
static json_t *
of_wish(const struct pass *p, const struct node *node, const char *attribute)
{
	json_auto_t *props = packed_open(node->want->props);
	const json_t *wish = js_path(props, attribute);
	json_auto_t *value = wish ? pass_resolve(p, wish) : NULL;

	return json_is_string(value) ? js_move(&value)
				     : unknown(node->want->address, attribute);
}

static json_t *
of_node(const struct pass *p, const char *address, const char *attribute)
{
	const struct node *node = pass_find(p, address);
	json_auto_t *live = NULL;
	const json_t *value;

	if (strcmp(attribute, "@arn") == 0) {
		json_t *arn = arn_of(p, node);

		return arn ? arn : unknown(address, attribute);
	}
	live = will_be_new(node) ? NULL : packed_open(node->live);
	value = js_path(live, attribute);
	return value ? js_copy(value) : of_wish(p, node, attribute);
}

static json_t *
reference(const struct pass *p, const json_t *ref)
{
	const char *address = js_text(js_at(ref, 0));
	const char *attribute = js_text(js_at(ref, 1));

	return strcmp(address, "aws") == 0 ? of_aws(p, attribute)
					   : of_node(p, address, attribute);
}

static bool
add_part(struct buf *b, const json_t *part)
{
	if (json_is_string(part))
		buf_adds(b, json_string_value(part));
	else if (json_is_integer(part))
		buf_addf(b, "%" JSON_INTEGER_FORMAT, json_integer_value(part));
	else
		return false;
	return true;
}

static json_t *
join(const struct pass *p, const json_t *parts)
{
	auto_buf struct buf text = BUF_INIT;
	size_t i;
	json_t *part;

	js_each (parts, i, part) {
		json_auto_t *value = pass_resolve(p, part);

		if (!add_part(&text, value))
			return js_move(&value);
	}
	return js_new_strn(text.data, text.len);
}

static json_t *
object(const struct pass *p, const json_t *x)
{
	json_t *copy = json_object();
	const char *key;
	json_t *value;

	js_foreach (x, key, value)
		js_set(copy, key, pass_resolve(p, value));
	return copy;
}

json_t *
pass_resolve(const struct pass *p, const json_t *x)
{
	size_t i;
	json_t *item, *list;

	if (json_is_array(x)) {
		list = json_array();
		js_each (x, i, item)
			js_push(list, pass_resolve(p, item));
		return list;
	}
	if (!json_is_object(x))
		return js_copy(x);
	if (js_get(x, "$ref") != NULL)
		return reference(p, js_get(x, "$ref"));
	if (js_get(x, "$weak") != NULL)
		return pass_resolve(p, js_get(x, "$weak"));
	if (js_get(x, "$join") != NULL)
		return join(p, js_get(x, "$join"));
	return object(p, x);
}

/* Protection is remembered on the resource: who removes the manifest cannot
 * remove it with the same commit. */
static void
set_prune_tag(json_t *tags, const struct resource *r)
{
	json_auto_t *policy = packed_open(r->policy);
	const char *prune = js_str(policy, "prune");
	const char *dflt = r->type->stateful ? "confirm" : "auto";

	if (prune != NULL && strcmp(prune, dflt) != 0)
		js_set_str(tags, TAG_PRUNE, prune);
}

json_t *
pass_want_tags(const struct node *node)
{
	const struct pass *p = node->pass;
	const struct resource *r = node->want;
	json_t *tags = json_object();
	json_auto_t *raw = packed_open(r->tags);
	json_auto_t *own = pass_resolve(p, raw);
	auto_free char *record = object_tag_record(own);

	js_merge(tags, own);
	js_set_str(tags, TAG_KEYS, record);
	js_set_str(tags, TAG_INSTALLATION, p->realm.installation);
	js_set_str(tags, TAG_ARCHITECTURE, p->realm.architecture);
	js_set_str(tags, TAG_RESOURCE, r->address);
	if (node->parent_node == NULL) { /* a part goes with the whole */
		set_prune_tag(tags, r);
		pass_record_children(node, tags);
	}
	return tags;
}

/* ---- a node as trees ---- */

json_t *
node_desired(const struct node *node)
{
	json_auto_t *props = node->want ? packed_open(node->want->props) : NULL;

	return props ? pass_resolve(node->pass, props) : NULL;
}

json_t *
node_policy(const struct node *node, const char *member)
{
	json_auto_t *policy = packed_open(node->want->policy);

	return js_copy(js_get(policy, member));
}

void
node_object(const struct node *node, struct object *ret)
{
	const struct node *parent = node->parent_node;
	const struct resource *want = node->want;

	*ret = (struct object){
		.type = node->type,
		.address = node->address,
		.artifact = want ? want->artifact : NULL,
		.live = packed_open(node->live),
		.tags = packed_open(node->tags),
		.listed = node->listed,
		.tells = pass_tells(node->pass, node->type),
	};
	if (parent != NULL && !will_be_new(parent))
		ret->parent = packed_open(parent->live);
	if (want == NULL)
		return;
	ret->desired = node_desired(node);
	ret->want_tags = pass_want_tags(node);
}

void
node_rest(struct node *node, const struct object *o)
{
	packed_replace(&node->live, packed_of(o->live));
	packed_replace(&node->tags, packed_of(o->tags));
	node->listed = o->listed;
}
