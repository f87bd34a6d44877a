/* JSON values by name, at rest: see packed.h. */

#include "common/base/buf.h"
#include "common/base/packed.h"

#include <stdlib.h>
#include <string.h>

struct packed_map {
	struct buf text; /* name, 0, value, 0; for each in turn */
	size_t *at;      /* where each begins; finished: by name */
	size_t n;
};

struct packed_map *
packed_map_new(void)
{
	struct packed_map *m = mem_of(struct packed_map);

	m->text = (struct buf)BUF_INIT;
	return m;
}

void
packed_map_free(struct packed_map *m)
{
	if (m == NULL)
		return;
	buf_free(&m->text);
	free(m->at);
	free(m);
}

void
packed_map_add(struct packed_map *m, const char *name, const json_t *value)
{
	auto_of(packed_free) struct packed *p = packed_of(value);
	size_t one = sizeof(*m->at), n = m->n;

	if ((n & (n - 1)) == 0) /* doubles: the size follows from n */
		m->at = mem_grow(m->at, n * one, (n == 0 ? 1 : 2 * n) * one);
	m->at[m->n++] = m->text.len;
	buf_add(&m->text, name, strlen(name) + 1);
	buf_add(&m->text, packed_text(p), strlen(packed_text(p)) + 1);
}

/* Equal names in the order in which they came. */
static int
by_name(const void *a, const void *b, void *text)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int order = strcmp((char *)text + x, (char *)text + y);

	return order != 0 ? order : x < y ? -1 : x > y;
}

void
packed_map_finish(struct packed_map *m)
{
	size_t n = 0;

	if (m->n == 0)
		return;
	qsort_r(m->at, m->n, sizeof(*m->at), by_name, m->text.data);
	for (size_t i = 0; i < m->n; i++) {
		if (i + 1 < m->n && strcmp(packed_map_name(m, i),
					packed_map_name(m, i + 1)) == 0)
			continue; /* there is a later one */
		m->at[n++] = m->at[i];
	}
	m->n = n;
}

size_t
packed_map_len(const struct packed_map *m)
{
	return m == NULL ? 0 : m->n;
}

const char *
packed_map_name(const struct packed_map *m, size_t i)
{
	return m->text.data + m->at[i];
}

json_t *
packed_map_at(const struct packed_map *m, size_t i)
{
	const char *name = packed_map_name(m, i);

	return packed_open((const struct packed *)(name + strlen(name) + 1));
}

/* Its position; the length of the map: there is none. */
static size_t
find(const struct packed_map *m, const char *name)
{
	size_t low = 0, high = packed_map_len(m);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(packed_map_name(m, mid), name);

		if (order == 0)
			return mid;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return packed_map_len(m);
}

bool
packed_map_has(const struct packed_map *m, const char *name)
{
	return find(m, name) < packed_map_len(m);
}

json_t *
packed_map_get(const struct packed_map *m, const char *name)
{
	size_t i = find(m, name);

	return i < packed_map_len(m) ? packed_map_at(m, i) : NULL;
}
