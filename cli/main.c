/* convergctl: everything a person or a CI job does. */

#include <signal.h>
#include <stdio.h>

#include "cli/cli.h"

static int
run(const struct args *args)
{
	auto_buf struct buf help = BUF_INIT;

	if (args->verb == NULL) {
		help_all(&help);
		if (args_has(args, "help"))
			return print_buf(&help);
		fputs(help.data, stderr);
		return EXIT_USAGE;
	}
	if (args_has(args, "help")) {
		help_verb(args->verb, &help);
		return print_buf(&help);
	}
	return args->verb->run(args);
}

int
main(int argc, char **argv)
{
	struct args args;
	int code;

	mem_setup();
	code = args_parse(argc, argv, &args);
	/* A closed pager or connection is an error to report, not to die of. */
	signal(SIGPIPE, SIG_IGN);
	if (code == EXIT_OK)
		code = run(&args);
	args_free(&args);
	return code;
}
