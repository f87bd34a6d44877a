/* The shared configuration files of the AWS tools: see config.h. */

#include "common/aws/config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

struct property {
	STAILQ_ENTRY(property) entry;
	char *key;        /* lower case */
	struct buf value; /* nested lines as "\nkey = value" */
};

struct section {
	STAILQ_ENTRY(section) entry;
	enum config_kind kind;
	char *name;
	STAILQ_HEAD(, property) properties;
	bool prefixed; /* [profile default], which beats [default] */
};

struct config {
	STAILQ_HEAD(, section) sections;
};

static void
clear_properties(struct section *s)
{
	struct property *p;

	while ((p = STAILQ_FIRST(&s->properties)) != NULL) {
		STAILQ_REMOVE_HEAD(&s->properties, entry);
		mem_wipe(p->value.data, p->value.len);
		buf_free(&p->value);
		free(p->key);
		free(p);
	}
}

struct config *
config_new(void)
{
	struct config *c = mem_of(struct config);

	STAILQ_INIT(&c->sections);
	return c;
}

void
config_free(struct config *c)
{
	struct section *s;

	if (c == NULL)
		return;
	while ((s = STAILQ_FIRST(&c->sections)) != NULL) {
		STAILQ_REMOVE_HEAD(&c->sections, entry);
		clear_properties(s);
		free(s->name);
		free(s);
	}
	free(c);
}

static struct section *
find_section(const struct config *c, enum config_kind kind, const char *name)
{
	struct section *s;

	STAILQ_FOREACH (s, &c->sections, entry)
		if (s->kind == kind && strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

static struct section *
make_section(struct config *c, enum config_kind kind, const char *name)
{
	struct section *s = find_section(c, kind, name);

	if (s != NULL)
		return s;
	s = mem_of(struct section);
	s->kind = kind;
	s->name = mem_str(name);
	STAILQ_INIT(&s->properties);
	STAILQ_INSERT_TAIL(&c->sections, s, entry);
	return s;
}

static struct property *
find_property(const struct section *s, const char *key)
{
	struct property *p;

	STAILQ_FOREACH (p, &s->properties, entry)
		if (strcasecmp(p->key, key) == 0)
			return p;
	return NULL;
}

static struct property *
make_property(struct section *s, const char *key)
{
	struct property *p = find_property(s, key);

	if (p != NULL) {
		mem_wipe(p->value.data, p->value.len);
		buf_clear(&p->value);
		return p;
	}
	p = mem_of(struct property);
	p->key = mem_str(key);
	for (char *k = p->key; *k != 0; k++)
		*k = (char)tolower((unsigned char)*k);
	p->value = (struct buf)BUF_INIT;
	STAILQ_INSERT_TAIL(&s->properties, p, entry);
	return p;
}

/* --- lines ------------------------------------------------------------ */

struct reader {
	struct config *config;
	enum config_file file;
	const char *name;
	int line;
	bool in_section;           /* a header came, maybe an invalid one */
	struct section *section;   /* NULL: its properties are ignored */
	struct property *property; /* that a continuation belongs to */
	struct err *err;
};

/* Both ends, in place. */
static char *
trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r");
	for (n = strlen(s); n > 0 && strchr(" \t\r", s[n - 1]) != NULL; n--)
		continue;
	s[n] = 0;
	return s;
}

/* A comment behind a value needs a blank before it. */
static void
cut_comment(char *s)
{
	for (char *p = s; *p != 0; p++)
		if ((*p == '#' || *p == ';') && p > s &&
		    (p[-1] == ' ' || p[-1] == '\t'))
			*p-- = 0;
}

static bool
is_name(const char *s, const char *extra)
{
	for (const char *p = s; *p != 0; p++)
		if (!isalnum((unsigned char)*p) && strchr(extra, *p) == NULL)
			return false;
	return *s != 0;
}

#define SECTION_CHARS "-/.%@_:+"
#define KEY_CHARS     "-_/.%@:+"

static const struct {
	const char *word;
	enum config_kind kind;
} prefixes[] = {
	{ "profile", CONFIG_PROFILE },
	{ "sso-session", CONFIG_SSO_SESSION },
	{ "services", CONFIG_SERVICES },
};

/* "profile x" -> "x" and its kind; NULL if no prefix stands there. */
static char *
after_prefix(char *title, enum config_kind *ret_kind)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t n = strlen(prefixes[i].word);

		if (strncmp(title, prefixes[i].word, n) == 0 &&
		    (title[n] == ' ' || title[n] == '\t')) {
			*ret_kind = prefixes[i].kind;
			return trim(title + n);
		}
	}
	return NULL;
}

/* Where properties go now; NULL for sections that have no meaning here. */
static struct section *
open_section(struct reader *r, char *title)
{
	enum config_kind kind = CONFIG_PROFILE;
	char *name = after_prefix(title, &kind);
	bool prefixed = name != NULL;
	struct section *s;

	if (r->file == CREDENTIALS_FILE)
		return !prefixed && is_name(title, SECTION_CHARS)
			   ? make_section(r->config, kind, title)
			   : NULL;
	if (!prefixed && strcmp(title, "default") != 0)
		return NULL;
	name = prefixed ? name : title;
	if (!is_name(name, SECTION_CHARS))
		return NULL;
	s = make_section(r->config, kind, name);
	if (kind != CONFIG_PROFILE || strcmp(name, "default") != 0)
		return s;
	if (s->prefixed && !prefixed)
		return NULL;
	if (prefixed && !s->prefixed)
		clear_properties(s);
	s->prefixed = prefixed;
	return s;
}

static int
bad_line(const struct reader *r, const char *what)
{
	return err_set(r->err, ERR_INPUT, "%s:%d: %s", r->name, r->line, what);
}

static int
read_header(struct reader *r, char *line)
{
	char *end = strchr(line, ']');

	if (end == NULL)
		return bad_line(r, "Profile definition must end with ']'");
	*end = 0;
	r->in_section = true;
	r->section = open_section(r, trim(line + 1));
	r->property = NULL;
	return 0;
}

static int
read_continuation(struct reader *r, char *line)
{
	if (!r->in_section)
		return bad_line(r, "Expected a profile definition");
	if (r->section == NULL)
		return 0;
	if (r->property == NULL)
		return bad_line(
		    r, "Expected a property definition, found continuation");
	buf_addf(&r->property->value, "\n%s", trim(line));
	return 0;
}

static int
read_property(struct reader *r, char *line)
{
	char *equals = strchr(line, '='), *key;

	if (!r->in_section)
		return bad_line(r, "Expected a profile definition");
	if (equals == NULL)
		return bad_line(r, "Expected an '=' sign in a property");
	*equals = 0;
	key = trim(line);
	if (*key == 0)
		return bad_line(r, "Property did not have a name");
	r->property = NULL;
	if (r->section == NULL || !is_name(key, KEY_CHARS))
		return 0;
	cut_comment(equals + 1);
	r->property = make_property(r->section, key);
	buf_adds(&r->property->value, trim(equals + 1));
	return 0;
}

static int
read_line(struct reader *r, char *line)
{
	bool indented = *line == ' ' || *line == '\t';

	if (line[strspn(line, " \t\r")] == 0 || *line == '#' || *line == ';')
		return 0;
	if (indented)
		return read_continuation(r, line);
	if (*line == '[')
		return read_header(r, line);
	return read_property(r, line);
}

int
config_add(struct config *c, enum config_file file, const char *name,
    const char *text, size_t len, struct err *err)
{
	struct reader r = {
		.config = c, .file = file, .name = name, .err = err
	};
	auto_free char *copy = mem_strn(text, len);
	char *rest = copy, *line;
	int rc = 0;

	while (rc == 0 && (line = strsep(&rest, "\n")) != NULL) {
		r.line++;
		rc = read_line(&r, line);
	}
	mem_wipe(copy, len);
	return rc;
}

/* --- looking ---------------------------------------------------------- */

bool
config_has(const struct config *c, enum config_kind kind, const char *section)
{
	return find_section(c, kind, section) != NULL;
}

const char *
config_get(const struct config *c, enum config_kind kind, const char *section,
    const char *key)
{
	const struct section *s = find_section(c, kind, section);
	const struct property *p = s == NULL ? NULL : find_property(s, key);

	return p == NULL || p->value.len == 0 ? NULL : p->value.data;
}

bool
config_get_nested(const struct config *c, enum config_kind kind,
    const char *section, const char *key, const char *sub, struct buf *ret)
{
	auto_free char *copy = mem_str(config_get(c, kind, section, key));
	char *rest = copy, *line;
	bool found = false;

	while (!found && (line = strsep(&rest, "\n")) != NULL) {
		char *equals = strchr(line, '=');

		if (equals == NULL)
			continue;
		*equals = 0;
		if (strcasecmp(trim(line), sub) != 0)
			continue;
		buf_clear(ret);
		buf_adds(ret, trim(equals + 1));
		found = true;
	}
	return found;
}

const char *
config_section_at(const struct config *c, enum config_kind kind, size_t i)
{
	const struct section *s;

	STAILQ_FOREACH (s, &c->sections, entry)
		if (s->kind == kind && i-- == 0)
			return s->name;
	return NULL;
}

const char *
config_key_at(const struct config *c, enum config_kind kind,
    const char *section, size_t i)
{
	const struct section *s = find_section(c, kind, section);
	const struct property *p;

	if (s == NULL)
		return NULL;
	STAILQ_FOREACH (p, &s->properties, entry)
		if (i-- == 0)
			return p->key;
	return NULL;
}
