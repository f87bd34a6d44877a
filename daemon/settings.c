/* The settings file: its fields, and from text to struct: see settings.h. */

#include "daemon/settings.h"
#include "common/base/file.h"
#include "common/base/text.h"
#include "common/manifest/check.h"
#include "daemon/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_BYTES (256 << 10)

/* ---- the fields ---- */

static const struct field auth_fields[] = {
	{ "username", F_STRING, .dflt = "x-access-token", .max = 256,
	    .help = "User name for https; most hosts take any with a token." },
	{ "tokenFile", F_STRING,
	    .help = "File, or name of a systemd credential, with a token." },
	{ "passwordFile", F_STRING,
	    .help = "File, or name of a systemd credential, with a "
		    "password." },
	{ "sshKeyFile", F_STRING,
	    .help = "Private key for ssh: a file or a systemd credential." },
	{ "sshPublicKeyFile", F_STRING,
	    .help = "Its public key, where it is not beside it as .pub." },
	{ "sshPassphraseFile", F_STRING,
	    .help = "Passphrase of the key: a file or a systemd "
		    "credential." },
	{ "knownHostsFile", F_STRING,
	    .help = "Host keys that are trusted; ~/.ssh/known_hosts if "
		    "absent." },
	{ .name = NULL },
};

static const struct field source_fields[] = {
	{ "url", F_STRING, F_REQUIRED, .min = 1, .max = 4096,
	    .help = "Repository: a path, file://, https://, ssh:// or "
		    "git@host:path." },
	{ "branch", F_STRING, .dflt = "main", .min = 1, .max = 100,
	    .help = "Branch that is followed." },
	{ "path", F_STRING, .dflt = ".", .min = 1, .max = 4096,
	    .help = "Directory below which manifests are read." },
	{ "interval", F_DURATION, .dflt = "60s", .min = 1, .max = 86400,
	    .help = "Time between fetches; a local repository is watched "
		    "besides." },
	{ "timeout", F_DURATION, .dflt = "60s", .min = 1, .max = 3600,
	    .help = "Longest time that one fetch may take." },
	{ "caBundleFile", F_STRING,
	    .help = "PEM file with the CAs to trust for https." },
	{ "auth", F_OBJECT, .fields = auth_fields,
	    .help = "Credentials of the repository, all in files." },
	{ .name = NULL },
};

static const struct field reconcile_fields[] = {
	{ "interval", F_DURATION, .dflt = "5m", .min = 1, .max = 604800,
	    .help = "Time between looks for drift; an architecture may say "
		    "otherwise." },
	{ "jitter", F_STRING, .dflt = "10%",
	    .help = "Random part of every interval, so that not all come at "
		    "once." },
	{ .name = NULL },
};

static const struct field aws_fields[] = {
	{ "endpointUrl", F_STRING, .min = 1, .max = 2048,
	    .help = "Endpoint instead of AWS's own: an emulator." },
	{ "profile", F_STRING, .min = 1, .max = 256,
	    .help = "Profile of the shared files; AWS_PROFILE if absent." },
	{ "region", F_STRING, .min = 1, .max = 64,
	    .help = "Region for architectures that name none." },
	{ "maxAttempts", F_INT, .min = 1, .max = 20,
	    .help = "Attempts of one call, the first included." },
	{ .name = NULL },
};

static const struct field workers_fields[] = {
	{ "*", F_INT, .min = 1, .max = 64, .help = "Threads of the pool." },
	{ .name = NULL },
};

static const struct field http_fields[] = {
	{ "listen", F_STRING, .dflt = "127.0.0.1:9464", .max = 256,
	    .help = "Address and port of /metrics and the like; \"off\" for "
		    "none." },
	{ .name = NULL },
};

static const struct field control_fields[] = {
	{ "socket", F_STRING, .dflt = "/run/convergd/control.sock", .min = 1,
	    .max = 107,
	    .help = "UNIX socket for convergctl; \"off\" for "
		    "none." },
	{ .name = NULL },
};

static const struct field state_fields[] = {
	{ "directory", F_STRING, .dflt = "/var/lib/convergd", .min = 1,
	    .max = 4000,
	    .help = "Mirror of the repository and caches; losing it costs "
		    "time only." },
	{ .name = NULL },
};

static const struct field history_fields[] = {
	{ "keep", F_DURATION, .dflt = "90d", .min = 3600, .max = 315360000,
	    .help = "Older events are forgotten." },
	{ "rows", F_INT, .dflt = "100000", .min = 100, .max = 10000000,
	    .help = "The most events that are kept." },
	{ .name = NULL },
};

static const struct field log_fields[] = {
	{ "level", F_ENUM, .dflt = "info", .values = "error warning info debug",
	    .help = "The least important lines that are written." },
	{ "format", F_ENUM, .dflt = "auto", .values = "auto text json journal",
	    .help = "auto: journal under systemd, text on a terminal, else "
		    "json." },
	{ .name = NULL },
};

const struct field settings_fields[] = {
	{ "installation", F_STRING, .dflt = "default", .min = 1, .max = 63,
	    .help = "Name of this convergd in the ownership tags." },
	{ "source", F_OBJECT, F_REQUIRED, .fields = source_fields,
	    .help = "The Git repository that is the truth." },
	{ "reconcile", F_OBJECT, .fields = reconcile_fields,
	    .help = "When AWS is compared with Git." },
	{ "aws", F_OBJECT, .fields = aws_fields,
	    .help = "How AWS is reached; the usual AWS variables work too." },
	{ "workers", F_MAP, .fields = workers_fields,
	    .help = "Threads per module folder; \"default\" is for all "
		    "others." },
	{ "http", F_OBJECT, .fields = http_fields,
	    .help = "Metrics, health and status over HTTP." },
	{ "control", F_OBJECT, .fields = control_fields,
	    .help = "The socket that convergctl talks to." },
	{ "state", F_OBJECT, .fields = state_fields,
	    .help = "What is kept on disk." },
	{ "history", F_OBJECT, .fields = history_fields,
	    .help = "How much of what was done is remembered." },
	{ "log", F_OBJECT, .fields = log_fields, .help = "The log." },
	{ .name = NULL },
};

/* ---- from the document to the struct ---- */

struct load {
	const struct doc *doc;
	struct settings *s;
	struct errors *errors;
};

#define WRONG(l, pointer, ...)                                                 \
	errors_add((l)->errors, (l)->doc->file, doc_place((l)->doc, pointer),  \
	    __VA_ARGS__)

static double
number(const struct settings *s, const char *path)
{
	return json_number_value(js_path(s->root, path));
}

/* "off" means that there is none. */
static const char *
unless_off(const char *word)
{
	return word == NULL || strcmp(word, "off") == 0 ? NULL : word;
}

static void
take_secret(struct load *l, const char *key, char **slot)
{
	auto_buf struct buf pointer = BUF_INIT;
	struct err err;

	buf_addf(&pointer, "/source/auth/%s", key);
	if (secret_read(js_str(js_path(l->s->root, "source.auth"), key), slot,
		&err) == -1)
		WRONG(l, pointer.data, "%s", err.msg);
}

static void
take_path(struct load *l, const char *key, char **slot)
{
	auto_buf struct buf pointer = BUF_INIT;
	struct err err;

	buf_addf(&pointer, "/source/auth/%s", key);
	if (secret_path(js_str(js_path(l->s->root, "source.auth"), key), slot,
		&err) == -1)
		WRONG(l, pointer.data, "%s", err.msg);
}

static void
parse_auth(struct load *l)
{
	struct settings_source *source = &l->s->source;
	const json_t *auth = js_path(l->s->root, "source.auth");
	bool both = js_get(auth, "tokenFile") != NULL &&
		    js_get(auth, "passwordFile") != NULL;

	source->username = js_str(auth, "username");
	if (both)
		WRONG(l, "/source/auth/passwordFile",
		    "tokenFile and passwordFile exclude each other; keep one");
	else if (js_get(auth, "tokenFile") != NULL)
		take_secret(l, "tokenFile", &source->secret);
	else
		take_secret(l, "passwordFile", &source->secret);
	take_secret(l, "sshPassphraseFile", &source->ssh_passphrase);
	take_path(l, "sshKeyFile", &source->ssh_key);
	take_path(l, "sshPublicKeyFile", &source->ssh_public_key);
	take_path(l, "knownHostsFile", &source->known_hosts);
}

static void
parse_source(struct load *l)
{
	struct settings_source *source = &l->s->source;
	const json_t *root = l->s->root;

	source->url = js_pathstr(root, "source.url");
	source->branch = js_pathstr(root, "source.branch");
	source->path = js_pathstr(root, "source.path");
	source->interval_sec = number(l->s, "source.interval");
	source->timeout_sec = number(l->s, "source.timeout");
	source->ca_bundle = js_pathstr(root, "source.caBundleFile");
	parse_auth(l);
}

static void
parse_jitter(struct load *l)
{
	const char *text = js_pathstr(l->s->root, "reconcile.jitter");
	char *end = NULL;
	double percent = strtod(text, &end);

	if (end == text || strcmp(end, "%") != 0 ||
	    !(percent >= 0 && percent <= 50)) {
		WRONG(l, "/reconcile/jitter",
		    "`%s` is no percentage from 0%% to 50%%", text);
		return;
	}
	l->s->reconcile.jitter = percent / 100;
}

static void
parse_rest(struct load *l)
{
	struct settings *s = l->s;
	const json_t *root = s->root;

	s->installation = js_str(root, "installation");
	s->reconcile.interval_sec = number(s, "reconcile.interval");
	s->aws.endpoint_url = js_pathstr(root, "aws.endpointUrl");
	s->aws.profile = js_pathstr(root, "aws.profile");
	s->aws.region = js_pathstr(root, "aws.region");
	s->aws.max_attempts = (int)number(s, "aws.maxAttempts");
	s->http_listen = unless_off(js_pathstr(root, "http.listen"));
	s->control_socket = unless_off(js_pathstr(root, "control.socket"));
	s->state_directory = js_pathstr(root, "state.directory");
	s->history.keep_sec = number(s, "history.keep");
	s->history.rows = (size_t)number(s, "history.rows");
	s->log_level = js_pathstr(root, "log.level");
	s->log_format = js_pathstr(root, "log.format");
}

/* Tags, names and paths are made of it. */
static void
check_installation(struct load *l)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";
	const char *name = l->s->installation;

	if (name[strspn(name, allowed)] != 0)
		WRONG(l, "/installation",
		    "`%s` may hold letters, digits, '-', '_' and '.' only",
		    name);
}

/* As listen_tcp() takes it. */
static void
check_listen(struct load *l)
{
	static const char digits[] = "0123456789";
	const char *text = l->s->http_listen;
	const char *colon = text == NULL ? NULL : strrchr(text, ':');
	const char *port = colon == NULL ? "" : colon + 1;
	size_t n = strspn(port, digits);

	if (text != NULL &&
	    (n == 0 || n > 5 || port[n] != 0 || strtol(port, NULL, 10) > 65535))
		WRONG(l, "/http/listen",
		    "`%s` is no address with a port, as 127.0.0.1:9464, "
		    "nor off",
		    text);
}

static void
check_endpoint(struct load *l)
{
	const char *url = l->s->aws.endpoint_url;

	if (url != NULL && !text_starts(url, "http://") &&
	    !text_starts(url, "https://"))
		WRONG(l, "/aws/endpointUrl",
		    "`%s` must start with http:// or https://", url);
}

/* Absent sections are empty ones, so that the defaults in them count. */
static void
add_sections(json_t *object, const struct field *fields)
{
	for (const struct field *f = fields; f->name != NULL; f++) {
		bool section = f->type == F_OBJECT && !(f->flags & F_REQUIRED);

		if (section && js_get(object, f->name) == NULL)
			js_set(object, f->name, json_object());
	}
}

static void
complete(json_t *root)
{
	json_t *source = (json_t *)js_get(root, "source");

	add_sections(root, settings_fields);
	if (json_is_object(source))
		add_sections(source, source_fields);
}

static int
parse_document(
    const struct doc *doc, struct settings **ret, struct errors *errors)
{
	auto_of(settings_free) struct settings *s = mem_of(struct settings);
	struct load l = { doc, s, errors };
	size_t before = errors->n;

	if (json_is_object(doc->root))
		complete(doc->root);
	if (check_fields(
		settings_fields, doc, "", doc->root, &s->root, errors) == -1)
		return -1;
	parse_rest(&l);
	parse_source(&l);
	parse_jitter(&l);
	check_installation(&l);
	check_listen(&l);
	check_endpoint(&l);
	if (errors->n != before)
		return -1;
	*ret = mem_move(&s);
	return 0;
}

int
settings_parse(const char *path, const char *text, size_t len,
    struct settings **ret, struct errors *errors)
{
	struct doc *docs = NULL;
	size_t n = 0;
	int result = -1;

	if (doc_parse(path, text, len, &docs, &n, errors) == 0) {
		if (n == 1)
			result = parse_document(&docs[0], ret, errors);
		else
			errors_add(errors, path, (struct place){ 0, 0 },
			    "must hold one document, not %zu", n);
	}
	doc_free(docs, n);
	errors_sort(errors);
	return result;
}

int
settings_load(const char *path, struct settings **ret, struct errors *errors)
{
	auto_buf struct buf text = BUF_INIT;
	struct err err;

	if (file_read(path, MAX_BYTES, &text, &err) == -1) {
		errors_add(errors, path, (struct place){ 0, 0 },
		    "%s; convergd.yaml(5) says what it holds, -c names "
		    "another",
		    err.msg);
		return -1;
	}
	return settings_parse(path, text.data, text.len, ret, errors);
}

void
settings_free(struct settings *s)
{
	if (s == NULL)
		return;
	secret_wipe(s->source.secret);
	secret_wipe(s->source.ssh_passphrase);
	free(s->source.ssh_key);
	free(s->source.ssh_public_key);
	free(s->source.known_hosts);
	js_free(s->root);
	free(s);
}

/* ---- questions ---- */

unsigned
settings_workers(const struct settings *s, const char *pool)
{
	const json_t *workers = js_get(s->root, "workers");

	return (unsigned)js_int(workers, pool, js_int(workers, "default", 4));
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
settings_same_source(const struct settings *a, const struct settings *b)
{
	return js_equal(js_get(a->root, "source"), js_get(b->root, "source")) &&
	       same(a->source.secret, b->source.secret) &&
	       same(a->source.ssh_passphrase, b->source.ssh_passphrase);
}
