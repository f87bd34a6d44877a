/* convergd: options and the order of things. */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/base/text.h"
#include "common/base/version.h"
#include "daemon/daemon.h"
#include "daemon/settings.h"

#define EXIT_USAGE       64
#define EXIT_SETTINGS    78
#define ONCE_TIMEOUT_SEC (30 * 60)

static const char help[] =
    "usage: convergd [-c FILE] [--once [--timeout 30m]] [--check]\n"
    "\n"
    "Keeps AWS true to a Git repository.\n"
    "\n"
    "  -c, --config FILE  settings (" SETTINGS_PATH ")\n"
    "      --once         one pass over every architecture, then exit:\n"
    "                     0 all Synced, 1 error, 2 OutOfSync or Progressing\n"
    "      --timeout T    how long --once waits for progress (30m)\n"
    "      --check        check the settings and exit: 0 good, 78 bad\n"
    "      --version      print the version\n"
    "  -h, --help         print this\n"
    "\n"
    "Signals: SIGHUP reloads the settings, SIGTERM ends in peace.\n"
    "See convergd(8), convergd.yaml(5), convergctl(1).\n";

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "once", no_argument, NULL, 'o' },
	{ "timeout", required_argument, NULL, 't' },
	{ "check", no_argument, NULL, 'k' },
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct arguments {
	struct daemon_options daemon;
	bool check;
	int code; /* exit at once with it; -1: go on */
};

static int
usage(const char *what)
{
	if (what != NULL)
		fprintf(stderr, "convergd: %s\n", what);
	fputs("Try `convergd --help`.\n", stderr);
	return EXIT_USAGE;
}

static int
print(const char *text)
{
	fputs(text, stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}

static void
take_option(struct arguments *a, int c)
{
	int64_t sec;

	if (c == 'c')
		a->daemon.settings_path = optarg;
	else if (c == 'o')
		a->daemon.once = true;
	else if (c == 'k')
		a->check = true;
	else if (c == 'v')
		a->code = print("convergd " CONVERGD_VERSION "\n");
	else if (c == 'h')
		a->code = print(help);
	else if (c != 't') /* getopt has said what */
		a->code = usage(NULL);
	else if (text_duration(optarg, &sec) && sec > 0)
		a->daemon.timeout_sec = (double)sec;
	else
		a->code = usage("--timeout wants a duration such as 30m");
}

static struct arguments
parse(int argc, char **argv)
{
	struct arguments a = {
		.daemon = { .settings_path = SETTINGS_PATH,
		    .timeout_sec = ONCE_TIMEOUT_SEC },
		.code = -1,
	};
	int c;

	while (a.code == -1 &&
	       (c = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
		take_option(&a, c);
	if (a.code == -1 && optind < argc) {
		auto_free char *what = mem_fmt(
		    "takes options only, not `%s`", argv[optind]);

		a.code = usage(what);
	}
	return a;
}

static int
check(const char *path)
{
	struct errors errors = { NULL, 0 };
	struct settings *s = NULL;
	auto_buf struct buf text = BUF_INIT;
	int result = settings_load(path, &s, &errors);

	errors_print(&errors, &text);
	fputs(text.data, stderr);
	errors_free(&errors);
	settings_free(s);
	return result == 0 ? 0 : EXIT_SETTINGS;
}

/* Secrets must not reach a core file. */
static void
harden(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
}

int
main(int argc, char **argv)
{
	struct arguments a = parse(argc, argv);

	if (a.code != -1)
		return a.code;
	mem_setup();
	harden();
	if (a.check)
		return check(a.daemon.settings_path);
	return daemon_run(&a.daemon);
}
