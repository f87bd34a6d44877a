/*
 * For tests of trees: the same content as a commit and as a directory.
 */
#ifndef TESTS_UNIT_TREES_H
#define TESTS_UNIT_TREES_H

#include "common/source/source.h"
#include "tests/unit/gitrepo.h"

__attribute__((unused)) static struct tree *
of_branch(const char *branch)
{
	auto_free char *url = at("origin.git"), *mirror = at("state/mirror");
	struct source_settings settings = {
		.url = url, .branch = branch, .mirror = mirror
	};
	auto_of(source_free) struct source *s = NULL;
	struct tree *t = NULL;
	struct fetched f;
	struct err err;

	ck_assert_msg(source_new(&settings, &s, &err) == 0, "%s", err.msg);
	ck_assert_msg(source_fetch(s, &f, &err) == 0, "%s", err.msg);
	ck_assert_msg(source_tree(s, &t, &err) == 0, "%s", err.msg);
	return t;
}

__attribute__((unused)) static struct tree *
of_dir(const char *dir)
{
	struct tree *t = NULL;
	struct err err;

	ck_assert_msg(tree_of_directory(dir, &t, &err) == 0, "%s", err.msg);
	return t;
}

/* A commit and a work tree with names that sort oddly, an executable, an
 * empty file, all bytes, a link, an ignored file and one that is tracked
 * although it is ignored. */
__attribute__((unused)) static void
fill(void)
{
	unsigned char all[512];

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (unsigned char)i;
	run("work", "mkdir -p fn/a fn/a-b fn/deep/er logs empty");
	write_file("work/.gitignore", "*.log\n/logs/\n");
	write_file("work/fn/a/x.py", "print(1)\n");
	write_file("work/fn/a-b/y.py", "print(2)\n");
	write_file("work/fn/a.py", "print(3)\n");
	write_file("work/fn/empty", "");
	write_bytes("work/fn/deep/er/bytes", all, sizeof(all), 0644);
	write_bytes("work/fn/run.sh", "#!/bin/sh\n", 10, 0755);
	write_file("work/kept.log", "tracked");
	run("work", "git add -f kept.log");
	push_file("top.yaml", "kind: Architecture\n", "fill");
	write_file("work/debug.log", "ignored");
	write_file("work/logs/today", "ignored");
}

__attribute__((unused)) static void
both(struct tree *ret[2])
{
	fill();
	ret[0] = of_branch("main");
	ret[1] = of_dir("work");
}

#endif
