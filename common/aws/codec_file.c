/* Files in place of blobs: as the body itself, or base64 within it. */

#include "common/aws/codec_impl.h"
#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/base/sum.h"

#include <string.h>

/* Lambda takes 50 MiB of code. */
#define INLINE_MAX ((size_t)256 << 20)

const char *
file_named(const json_t *v)
{
	return js_len(v) == 1 ? js_str(v, "$file") : NULL;
}

static void
hash_piece(void *sum, const void *data, size_t n)
{
	sum_add(sum, data, n);
}

int
file_body(const char *path, const char *member, struct aws_request *req,
    struct err *err)
{
	struct sum *sum = sum_new(SUM_SHA256);
	auto_buf struct buf hex = BUF_INIT;
	uint8_t bytes[SUM_MAX];
	int rc = file_open(path, &req->file, err);

	if (rc == 0)
		rc = file_each(&req->file, hash_piece, sum, err);
	crypto_add_hex(&hex, bytes, sum_end(sum, bytes));
	if (rc == -1)
		return err_wrap(err, "%s", member);
	memcpy(req->file_hash, hex.data, sizeof(req->file_hash));
	return 0;
}

static void
base64_piece(void *text, const void *data, size_t n)
{
	crypto_add_base64(text, data, n);
}

static json_t *
as_base64(const char *path, struct err *err)
{
	struct file f = FILE_INIT;
	auto_buf struct buf text = BUF_INIT;
	int rc = file_open(path, &f, err);

	if (rc == 0 && f.len > INLINE_MAX)
		rc = err_set(err, ERR_INPUT, "%s: larger than %zu MiB", path,
		    INLINE_MAX >> 20);
	if (rc == 0) {
		buf_reserve(&text, (f.len + 2) / 3 * 4);
		rc = file_each(&f, base64_piece, &text, err);
	}
	file_close(&f);
	return rc == -1 ? NULL : js_new_strn(text.data, text.len);
}

/* --- in the tree of the input ------------------------------------------ */

static bool
mentions_file(const json_t *v)
{
	const char *key;
	const json_t *val;
	size_t i;

	if (file_named(v) != NULL)
		return true;
	js_foreach (v, key, val)
		if (mentions_file(val))
			return true;
	js_each (v, i, val)
		if (mentions_file(val))
			return true;
	return false;
}

struct copy {
	const struct model *m;
	const struct model_member *whole; /* is the body itself; or NULL */
	struct err *err;
};

static json_t *copy_value(const struct copy *, uint16_t type, const json_t *);

static json_t *
copy_list(const struct copy *c, uint16_t type, const json_t *v)
{
	json_auto_t *all = json_array();
	const json_t *val;
	json_t *copy;
	size_t i;

	js_each (v, i, val) {
		copy = copy_value(c, type, val);
		if (copy == NULL)
			return NULL;
		js_push(all, copy);
	}
	return js_move(&all);
}

/* A structure or a map. */
static json_t *
copy_object(const struct copy *c, const struct model_shape *s, const json_t *v)
{
	json_auto_t *all = json_object();
	const struct model_member *mb = NULL;
	const char *key;
	const json_t *val;
	json_t *copy;

	js_foreach (v, key, val) {
		if (s->kind == SHAPE_STRUCT)
			mb = model_member(c->m, s, key);
		if (mb != NULL && mb == c->whole)
			copy = js_copy(val);
		else
			copy = copy_value(
			    c, mb != NULL ? mb->type : (uint16_t)s->a, val);
		if (copy == NULL)
			return err_wrap(c->err, "%s", key), NULL;
		js_set(all, key, copy);
	}
	return js_move(&all);
}

static json_t *
copy_value(const struct copy *c, uint16_t type, const json_t *v)
{
	const struct model_shape *s = model_shape(c->m, type);
	const char *path = type == T_BLOB ? file_named(v) : NULL;

	if (path != NULL)
		return as_base64(path, c->err);
	if (s == NULL || json_is_null(v))
		return js_copy(v);
	return s->kind == SHAPE_LIST ? copy_list(c, s->n, v)
				     : copy_object(c, s, v);
}

int
files_inlined(const struct aws_operation *o, const json_t *in, json_t **ret,
    struct err *err)
{
	const struct model_shape *s = model_shape(o->model, o->op->in);
	struct copy c = { .m = o->model, .err = err };

	if (s == NULL || !mentions_file(in))
		return 0;
	if (s->payload != MODEL_NONE)
		c.whole = &o->model->members[s->a + s->payload];
	*ret = copy_object(&c, s, in);
	return *ret == NULL ? -1 : 0;
}
