/* common/engine: what AWS names by ids of its own, under another address. */

#include "tests/unit/toy_pass.h"

#define TAGS(where, address)                                                   \
	"\"Tags\":{\"convergd:installation\":\"test\","                        \
	"\"convergd:architecture\":\"" where                                   \
	"\",\"convergd:resource\":\"" where "/Toy/" address "\"}"
#define NET(id, name, where, address)                                          \
	"\"" id "\":{\"Id\":\"" id "\",\"Cidr\":\"1\",\"Name\":\"" name        \
	"\"," TAGS(where, address) "}"
#define WANT(address, name)                                                    \
	"\"" address "\":[\"toy.net\",null,{\"Cidr\":\"1\",\"Name\":\"" name   \
	"\"}]"
#define OTHER      WANT("o", "o")
#define HAS_OTHER  NET("n9", "o", "shop", "o")
#define NETS(list) "{\"nets\":{" list "}}"

static const struct row rows[] = {
	{ "the manifest has another name now", "{" WANT("new", "x") "}",
	    NETS(NET("n1", "x", "shop", "old")), "TagNet(n1) ", "Synced",
	    .state = "nets.n1.Tags.convergd:resource=shop/Toy/new" },
	{ "one of another name is another one", "{" WANT("new", "y") "}",
	    NETS(NET("n1", "x", "shop", "old")), "CreateNet(y) DeleteNet(n1) ",
	    "Synced" },
	{ "two of the name: nothing says which", "{" WANT("new", "x") "}",
	    NETS(NET("n1", "x", "shop", "old") "," NET(
		"n2", "x", "shop", "older")),
	    "CreateNet(x) ", "OutOfSync", .prune_off = true },
	{ "two that want it: nothing says which",
	    "{" WANT("new", "x") "," WANT("newer", "x") "}",
	    NETS(NET("n1", "x", "shop", "old")),
	    "CreateNet(x) CreateNet(x) DeleteNet(n1) ", "Synced" },
	{ "one that has its own", "{" WANT("new", "x") "}",
	    NETS(NET("n1", "x", "shop", "old") "," NET(
		"n2", "x", "shop", "new")),
	    "DeleteNet(n1) ", "Synced" },
	{ "what was replaced goes", "{" WANT("new", "x") "}",
	    NETS(NET("n1", "x", "shop", "old/retired")),
	    "CreateNet(x) DeleteNet(n1) ", "Synced" },
	{ "moved here", "{" WANT("a", "x") "}",
	    NETS(NET("n1", "x", "web", "a")), "TagNet(n1) ", "Synced",
	    .peer = "{}", .state = "nets.n1.Tags.convergd:architecture=shop" },
	{ "not from one that still wants it", "{" WANT("a", "x") "}",
	    NETS(NET("n1", "x", "web", "a")), "CreateNet(x) ", "Synced",
	    .peer = "{" WANT("a", "x") "}" },
	{ "not from one that the source does not know", "{" WANT("a", "x") "}",
	    NETS(NET("n1", "x", "web", "a")), "CreateNet(x) ", "Synced" },
	{ "moved away, and not taken yet", "{" OTHER "}",
	    NETS(HAS_OTHER "," NET("n1", "x", "shop", "a")), "", "Synced",
	    .peer = "{" WANT("a", "x") "}" },
	{ "the other has its own: this one goes", "{" OTHER "}",
	    NETS(HAS_OTHER
		"," NET("n1", "x", "shop", "a") "," NET("n2", "x", "web", "a")),
	    "DeleteNet(n1) ", "Synced", .peer = "{" WANT("a", "x") "}" },
	{ "the other wants one of another name", "{" OTHER "}",
	    NETS(HAS_OTHER "," NET("n1", "x", "shop", "a")), "DeleteNet(n1) ",
	    "Synced", .peer = "{" WANT("a", "y") "}" },
};

START_TEST(passes)
{
	check_row(&rows[_i]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("heirs");
	TCase *t = tcase_create("heirs");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, passes, 0, COUNT(rows));
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
