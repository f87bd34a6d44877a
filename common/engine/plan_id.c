/* The id of a plan: equal for plans that would do the very same. */

#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/base/crypto.h"
#include "common/base/text.h"
#include "common/engine/pass_private.h"

#define ID_BYTES 6 /* 12 hex digits */

/* The canonical plan: one line of JSON each, in byte order. */
struct lines {
	char **list;
	size_t n;
};

static void
add(struct lines *l, json_t *take_x)
{
	l->list = mem_grow(
	    l->list, l->n * sizeof(*l->list), (l->n + 1) * sizeof(*l->list));
	l->list[l->n++] = js_dump(take_x);
	js_free(take_x);
}

char *
plan_digest(const struct object *o)
{
	json_auto_t *wish = json_object();
	auto_free char *text = NULL;
	auto_buf struct buf hex = BUF_INIT;
	uint8_t hash[SHA256_LEN];

	js_set(wish, "desired", js_copy(o->desired));
	js_set(wish, "tags", js_copy(o->want_tags));
	text = js_dump(wish);
	crypto_sha256(text, strlen(text), hash);
	crypto_add_hex(&hex, hash, sizeof(hash));
	return buf_take(&hex);
}

/* What would be made of it, and from what. Places and reasons may change
 * without changing what is done. */
static void
add_action(struct lines *l, const struct node *node)
{
	/* a yes changes no plan */
	const char *refused = node->confirm ? NULL : node->refused;
	json_auto_t *changes = packed_open(node->changes);
	size_t i;
	json_t *change;

	add(l, js_pack("{s:s, s:s?, s:s, s:s?, s:s?, s:s?}", "action",
		   action_names[node->action], "address", node->address, "type",
		   node->type->name, "id", node->label, "refused", refused,
		   "wish", node->digest));
	js_each (changes, i, change) {
		add(l, js_pack("[s, s?, o]", node->type->name, node->label,
			   js_copy(change)));
	}
}

json_t *
plan_id(const struct pass *p)
{
	struct lines l = { NULL, 0 };
	auto_buf struct buf all = BUF_INIT, hex = BUF_INIT;
	uint8_t hash[SHA256_LEN];

	for (size_t i = 0; i < p->n; i++)
		if (p->nodes[i]->action != ACT_NONE)
			add_action(&l, p->nodes[i]);
	if (l.n > 0)
		qsort(l.list, l.n, sizeof(*l.list), text_order);
	buf_addf(&all, "%s\n%s\n%s\n%s\n", p->options.installation,
	    p->options.graph->arch.name, p->realm.account,
	    aws_region(p->realm.aws));
	for (size_t i = 0; i < l.n; i++) {
		buf_addf(&all, "%s\n", l.list[i]);
		free(l.list[i]);
	}
	free(l.list);
	crypto_sha256(all.data, all.len, hash);
	crypto_add_hex(&hex, hash, ID_BYTES);
	return js_new_str(hex.data);
}
