/* JSON at rest: what goes in comes out, and documents are whole. */

#include "common/base/buf.h"
#include "common/base/packed.h"

#include <check.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static json_t *
parse(const char *text)
{
	json_t *x = NULL;
	struct err err;

	ck_assert_int_eq(js_parse(text, strlen(text), &x, &err), 0);
	return x;
}

/* Also the order of keys, which a page shows as it is. */
static const char *const values[] = {
	"null",
	"true",
	"-12",
	"0.1",
	"\"\"",
	"\"a\\\"b\\\\\\n\\u00e9\\ud83d\\ude00\"",
	"[]",
	"{}",
	"{\"z\":1,\"a\":[{\"b\":null},[],\"x\"],\"m\":{\"y\":{},\"c\":2.5}}",
	"{\"Policy\":\"{\\\"Version\\\":\\\"2012-10-17\\\"}\"}",
};

START_TEST(opens_as_it_was)
{
	json_auto_t *x = parse(values[_i]);
	auto_of(packed_free) struct packed *p = packed_of(x);
	auto_of(packed_free) struct packed *copy = packed_copy(p);
	json_auto_t *again = packed_open(copy);
	auto_of(packed_free) struct packed *twice = packed_of(again);

	ck_assert(json_equal(x, again));
	ck_assert_str_eq(packed_text(p), packed_text(twice));
}
END_TEST

START_TEST(nothing_stays_nothing)
{
	struct packed *slot = NULL;

	ck_assert_ptr_null(packed_of(NULL));
	ck_assert_ptr_null(packed_open(NULL));
	ck_assert_ptr_null(packed_copy(NULL));
	packed_replace(&slot, packed_take(json_true()));
	ck_assert_str_eq(packed_text(slot), "true");
	packed_replace(&slot, NULL);
	ck_assert_ptr_null(slot);
	ck_assert_ptr_null(packed_doc_head(NULL));
	ck_assert_ptr_null(packed_doc_open(NULL));
	ck_assert_uint_eq(packed_doc_len(NULL, "list"), 0);
}
END_TEST

static const struct {
	const char *head;
	const char *elements[4];
	const char *text;
} docs[] = {
	{ "{\"a\":1}", { "{\"x\":1}", "2", "\"y\"" },
	    "{\"a\":1,\"list\":[{\"x\":1},2,\"y\"],\"none\":[]}" },
	{ "{}", { "[]" }, "{\"list\":[[]],\"none\":[]}" },
	{ "{\"a\":{}}", { NULL }, "{\"a\":{},\"list\":[],\"none\":[]}" },
};

START_TEST(document_is_whole)
{
	auto_of(packed_doc_free) struct packed_doc *d = packed_doc_new(
	    parse(docs[_i].head));
	auto_buf struct buf text = BUF_INIT;
	json_auto_t *open = NULL, *want = parse(docs[_i].text);
	size_t n = 0;

	packed_doc_array(d, "list");
	packed_doc_array(d, "none");
	for (; docs[_i].elements[n] != NULL; n++)
		packed_doc_push(d, "list", parse(docs[_i].elements[n]));
	packed_doc_add_text(d, &text);
	ck_assert_str_eq(text.data, docs[_i].text);
	open = packed_doc_open(d);
	ck_assert(json_equal(open, want));
	ck_assert_uint_eq(packed_doc_len(d, "list"), n);
	ck_assert_uint_eq(packed_doc_len(d, "other"), 0);
	ck_assert_ptr_null(packed_doc_at(d, "list", n));
}
END_TEST

/* Leaving the loop early releases the element, too (AddressSanitizer). */
START_TEST(each_in_turn)
{
	struct packed_doc *d = packed_doc_new(json_object());
	struct packed_doc *other;
	json_int_t sum = 0;

	for (int i = 0; i < 100; i++)
		packed_doc_push(d, "list", js_pack("{s:i}", "n", i));
	other = packed_doc_share(d);
	packed_doc_free(d);
	packed_doc_each (other, "list", x) {
		if (js_int(x, "n", -1) == 50)
			break;
		sum += js_int(x, "n", -1);
	}
	ck_assert_int_eq(sum, 49 * 50 / 2);
	packed_doc_each (other, "none", x)
		ck_abort();
	packed_doc_free(other);
}
END_TEST

/* Of a name that came twice the later value counts. */
START_TEST(map_finds_by_name)
{
	auto_of(packed_map_free) struct packed_map *m = packed_map_new();
	auto_buf struct buf names = BUF_INIT;

	for (int i = 0; i < 300; i++) {
		auto_free char *name = mem_fmt("n%d", i % 200);
		json_auto_t *value = js_pack("{s:i}", "i", i);

		packed_map_add(m, name, value);
	}
	packed_map_finish(m);
	ck_assert_uint_eq(packed_map_len(m), 200);
	for (int i = 0; i < 200; i++) {
		auto_free char *name = mem_fmt("n%d", i);
		json_auto_t *value = packed_map_get(m, name);

		ck_assert_int_eq(js_int(value, "i", -1), i < 100 ? i + 200 : i);
		ck_assert(packed_map_has(m, name));
	}
	for (size_t i = 0; i < 4; i++) {
		json_auto_t *value = packed_map_at(m, i);

		buf_addf(&names, "%s %d, ", packed_map_name(m, i),
		    (int)js_int(value, "i", -1));
	}
	ck_assert_str_eq(names.data, "n0 200, n1 201, n10 210, n100 100, ");
}
END_TEST

START_TEST(map_of_nothing)
{
	auto_of(packed_map_free) struct packed_map *m = packed_map_new();
	static const char *const names[] = { "", "a", "n" };

	packed_map_finish(m);
	for (size_t i = 0; i < COUNT(names); i++) {
		ck_assert(!packed_map_has(m, names[i]));
		ck_assert(!packed_map_has(NULL, names[i]));
		ck_assert_ptr_null(packed_map_get(NULL, names[i]));
	}
	ck_assert_uint_eq(packed_map_len(m) + packed_map_len(NULL), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("packed");
	TCase *t = tcase_create("packed");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, opens_as_it_was, 0, COUNT(values));
	tcase_add_test(t, nothing_stays_nothing);
	tcase_add_loop_test(t, document_is_whole, 0, COUNT(docs));
	tcase_add_test(t, each_in_turn);
	tcase_add_test(t, map_finds_by_name);
	tcase_add_test(t, map_of_nothing);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
