/* Published scenarios of credentials: files, environment, recorded traffic. */

#include "common/aws/provider.h"
#include "common/base/text.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/replay.h"

#include <fts.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
clear_aws_environment(void)
{
	for (char **e = environ; *e != NULL;) {
		auto_free char *name = mem_strn(*e, strcspn(*e, "="));

		if (text_starts(name, "AWS_") ||
		    strcmp(name, "CREDENTIALS_DIRECTORY") == 0) {
			unsetenv(name);
			e = environ;
			continue;
		}
		e++;
	}
	unsetenv("HOME");
}

struct scenario {
	char *fs; /* a copy of what its absolute paths are below */
	json_t *env, *wanted;
	struct recording *traffic;
	bool profile_only;
};

/* Paths in the environment lie below fs/. */
static void
set_environment(const struct scenario *s)
{
	const char *name;
	const json_t *v;

	clear_aws_environment();
	js_foreach (s->env, name, v) {
		const char *value = js_text(v);
		auto_free char *below = mem_fmt("%s%s", s->fs, value);
		bool is_path = strcmp(name, "HOME") == 0 ||
			       text_ends(name, "_FILE");

		setenv(name, is_path ? below : value, 1);
	}
}

/* Paths of tokens in a configuration lie below the copy as well. */
static void
put_copy(const char *to, const char *fs, const char *text)
{
	static const char key[] = "web_identity_token_file";
	FILE *f = fopen(to, "w");

	must(f != NULL);
	for (const char *s = text; *s != 0;) {
		size_t n = strcspn(s, "\n"), at;

		at = strcspn(s, "=") + 1;
		if (text_starts(s, key) && at < n) {
			at += strspn(s + at, " ");
			fprintf(f, "%.*s%s%.*s", (int)at, s, fs, (int)(n - at),
			    s + at);
		} else {
			fprintf(f, "%.*s", (int)n, s);
		}
		s += n;
		if (*s != 0)
			fputc(*s++, f);
	}
	must(fclose(f) == 0);
}

/* What runs may write there, and the data must stay as it is. */
static void
copy_tree(const char *from, const char *to)
{
	char *roots[] = { (char *)from, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	while (tree != NULL && (e = fts_read(tree)) != NULL) {
		auto_free char *path = mem_fmt(
		    "%s%s", to, e->fts_path + strlen(from));
		auto_buf struct buf text = BUF_INIT;

		if (e->fts_info == FTS_D)
			mkdir(path, 0700);
		else if (e->fts_info == FTS_F && read_file(e->fts_path, &text))
			put_copy(path, to, text.data);
	}
	if (tree != NULL)
		fts_close(tree);
}

void
remove_tree(const char *path)
{
	char *roots[] = { (char *)path, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	while (tree != NULL && (e = fts_read(tree)) != NULL)
		if (e->fts_info != FTS_D)
			remove(e->fts_path);
	if (tree != NULL)
		fts_close(tree);
}

static void
scenario_free(struct scenario *s)
{
	remove_tree(s->fs);
	free(s->fs);
	js_free(s->env);
	js_free(s->wanted);
	recording_free(s->traffic);
}

static bool
scenario_load(const char *dir, struct scenario *ret)
{
	json_auto_t *traffic = load_json(dir, "http-traffic.json");
	auto_free char *fs = mem_fmt("%s/fs", dir);
	char copy[] = "/tmp/conformance.XXXXXX";

	must(mkdtemp(copy) != NULL);
	copy_tree(fs, copy);
	*ret = (struct scenario){ .fs = mem_str(copy),
		.env = load_json(dir, "env.json"),
		.wanted = load_json(dir, "test-case.json"),
		.traffic = recording_new(traffic),
		.profile_only = strstr(dir, "/profile-provider/") != NULL };
	return ret->env != NULL && ret->wanted != NULL;
}

/* --- what our client makes of it -------------------------------------- */

static int
of_profile(
    const struct credentials_settings *s, struct secret *ret, struct err *err)
{
	struct provider_query q = { .settings = s, .profile = s->profile };
	enum provider_answer a = provider_of_profile(&q, ret, err);

	return a == PROVIDER_NONE ? err_set(err, ERR_AUTH, "no credentials")
				  : (int)a;
}

static int
of_chain(
    const struct credentials_settings *s, struct secret *ret, struct err *err)
{
	auto_of(credentials_free) struct credentials *c = credentials_new(s);

	return credentials_get(c, ret, err);
}

static int
run(const struct scenario *s, struct secret *ret, struct err *err)
{
	auto_of(config_free) struct config *config = NULL;
	auto_of(http_free) struct http *http = replay_new(
	    recording_answer, s->traffic);
	const char *profile = getenv("AWS_PROFILE");
	struct credentials_settings c = { .http = http,
		.profile = profile != NULL ? profile : "default" };

	if (config_load(&config, err) == -1)
		return err_wrap(err, "configuration");
	c.config = config;
	c.region = getenv("AWS_REGION");
	if (c.region == NULL)
		c.region = config_get(
		    config, CONFIG_PROFILE, c.profile, "region");
	return s->profile_only ? of_profile(&c, ret, err)
			       : of_chain(&c, ret, err);
}

/* --- comparing -------------------------------------------------------- */

/* Their words for an error, and ours. */
static const struct {
	const char *theirs, *ours;
} words[] = {
	{ "provider was not enabled", "no credentials" },
	{ "IMDS is disabled", "IMDS is disabled" },
	{ "could not parse profile file", "configuration: " },
	{ "an error occurred while loading credentials", "credentials: " },
	{ "invalid JSON in response", "the output is not JSON" },
	{ "`role_arn` was missing", "`role_arn` was missing" },
	{ "No OpenIDConnect provider", "No OpenIDConnect provider" },
};

static bool
same_error(const char *theirs, const char *ours)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(theirs, words[i].theirs) != NULL)
			return strstr(ours, words[i].ours) != NULL;
	/* other wordings are a matter of the SDK: that it fails is not */
	return true;
}

static bool
same_text(const json_t *want, const char *key, const char *have)
{
	const char *text = js_str(want, key);

	return text == NULL ? have == NULL
			    : have != NULL && strcmp(text, have) == 0;
}

static bool
same_keys(const json_t *want, const struct secret *have)
{
	double expiry = (double)js_int(want, "expiry", 0);

	return same_text(want, "access_key_id", have->access_key) &&
	       same_text(want, "secret_access_key", have->secret_key) &&
	       same_text(want, "session_token", have->session_token) &&
	       (js_get(want, "expiry") == NULL || expiry == have->expires);
}

static bool
scenario_ok(struct scenario *s, struct buf *why)
{
	const json_t *keys = js_path(s->wanted, "result.Ok");
	const char *error = js_pathstr(s->wanted, "result.ErrorContains");
	struct secret got = { 0 };
	struct err err = { 0 };
	int rc = run(s, &got, &err);
	bool ok = rc == 0 ? keys != NULL && same_keys(keys, &got)
			  : error != NULL && same_error(error, err.msg);

	buf_addf(why, "    %s, not %s\n", rc == 0 ? got.access_key : err.msg,
	    error != NULL ? error : js_str(keys, "access_key_id"));
	if (s->traffic->unexpected.len > 0)
		buf_addf(
		    why, "    not recorded: %s\n", s->traffic->unexpected.data);
	if (!recording_is_over(s->traffic))
		buf_adds(why, "    more was recorded than asked\n");
	secret_free(&got);
	return ok && s->traffic->unexpected.len == 0 &&
	       recording_is_over(s->traffic);
}

static void
run_scenario(struct tally *t, const char *dir)
{
	auto_buf struct buf why = BUF_INIT;
	const char *name = strrchr(dir, '/') + 1;
	struct scenario s;
	bool ok = false;

	if (scenario_load(dir, &s)) {
		set_environment(&s);
		ok = scenario_ok(&s, &why);
	}
	count(t, name, ok, &why);
	scenario_free(&s);
}

void
run_credentials(struct tally *t, const char *dir)
{
	auto_free char *absolute = realpath(dir, NULL);
	auto_free char *pattern = mem_fmt(
	    "%s/%s/*/test-case.json", absolute, t->suite);
	glob_t found;

	if (absolute == NULL || glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *file = found.gl_pathv[i];

		*strrchr(file, '/') = 0;
		run_scenario(t, file);
	}
	globfree(&found);
}
