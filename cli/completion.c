/* completion: scripts for bash, zsh and fish, from the tables. */

#include <string.h>

#include "cli/kinds.h"
#include "common/aws/aws.h"

static void
add_verbs(struct buf *out)
{
	for (const struct verb *v = verbs; v->name != NULL; v++)
		if (!v->hidden)
			buf_addf(out, "%s ", v->name);
	out->data[--out->len] = 0;
}

static void
add_kinds(struct buf *out)
{
	struct kind kind;

	for (size_t i = 0; kind_at(i, &kind); i++)
		buf_addf(out, "%s%s", i > 0 ? " " : "", kind.name);
}

static void
add_services(struct buf *out)
{
	const char *name;

	for (size_t i = 0; (name = aws_service_name(i)) != NULL; i++)
		buf_addf(out, "%s%s", i > 0 ? " " : "", name);
}

/* What a verb's first word may be; NULL: a directory. */
static const char *
first_words(const struct verb *v)
{
	if (strstr(v->usage, "KIND[") != NULL ||
	    strcmp(v->usage, "[KIND]") == 0)
		return "$kinds";
	if (strcmp(v->usage, "[VERB]") == 0)
		return "$verbs";
	if (strncmp(v->usage, "SERVICE", 7) == 0)
		return "$services";
	if (strstr(v->usage, "bash") != NULL)
		return "bash zsh fish";
	return strcmp(v->usage, "[DIR]") == 0 ? NULL : "";
}

static void
add_names(struct buf *out, const struct option *row)
{
	for (; row != NULL && row->name != NULL; row++)
		buf_addf(out, " --%s", row->name);
}

static void
add_bash_verb(struct buf *out, const struct verb *v)
{
	const char *words = first_words(v);

	buf_addf(out, "\t%s)\n\t\toptions=\"$options", v->name);
	add_names(out, v->options);
	add_names(out, v->options2);
	buf_addf(out, "\"\n\t\toutputs=\"%s\"\n", v->outputs ? v->outputs : "");
	if (words == NULL)
		buf_adds(out, "\t\twords=$(compgen -d -- \"$cur\")\n");
	else
		buf_addf(out, "\t\twords=\"%s\"\n", words);
	buf_adds(out, "\t\t;;\n");
}

/* bash and zsh (through bashcompinit) share the function. */
static void
add_bash(struct buf *out)
{
	buf_adds(out, "_convergctl()\n{\n\tlocal cur=${COMP_WORDS[COMP_CWORD]}"
		      " prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		      "\tlocal verb= word i words= outputs= options=\"");
	add_names(out, global_options);
	buf_adds(out, "\"\n\tlocal verbs=\"");
	add_verbs(out);
	buf_adds(out, "\"\n\tlocal kinds=\"");
	add_kinds(out);
	buf_adds(out, "\"\n\tlocal services=\"");
	add_services(out);
	buf_adds(out,
	    "\"\n\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	    "\t\tword=${COMP_WORDS[i]}\n"
	    "\t\tcase \" $verbs \" in *\" $word \"*) verb=$word; break;; esac\n"
	    "\tdone\n\tcase $verb in\n\t'') words=$verbs;;\n");
	for (const struct verb *v = verbs; v->name != NULL; v++)
		if (!v->hidden)
			add_bash_verb(out, v);
	buf_adds(out, "\tesac\n\tcase $prev in\n"
		      "\t--output|-o) words=$outputs;;\n"
		      "\t--source|-s|--socket)\n"
		      "\t\tCOMPREPLY=($(compgen -f -- \"$cur\")); return;;\n"
		      "\t*) case $cur in -*) words=$options;; esac;;\n"
		      "\tesac\n"
		      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
		      "complete -F _convergctl convergctl\n");
}

static void
add_zsh(struct buf *out)
{
	buf_adds(out, "#compdef convergctl\n"
		      "autoload -U +X bashcompinit && bashcompinit\n");
	add_bash(out);
}

/* Text between single quotes of fish. */
static void
add_quoted(struct buf *out, const char *s)
{
	buf_addc(out, '\'');
	for (; *s != 0; s++) {
		if (*s == '\'' || *s == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *s);
	}
	buf_addc(out, '\'');
}

static void
add_fish_options(struct buf *out, const char *verb, const struct option *row)
{
	for (; row != NULL && row->name != NULL; row++) {
		buf_adds(out, "complete -c convergctl");
		if (verb != NULL)
			buf_addf(
			    out, " -n '__fish_seen_subcommand_from %s'", verb);
		buf_addf(out, " -l %s", row->name);
		if (row->letter != 0)
			buf_addf(out, " -s %c", row->letter);
		buf_adds(out, row->value != NULL ? " -r -d " : " -d ");
		add_quoted(out, row->help);
		buf_addc(out, '\n');
	}
}

static void
add_fish_verb(struct buf *out, const struct verb *v)
{
	const char *words = first_words(v);

	buf_addf(out, "complete -c convergctl -n __fish_use_subcommand -a %s",
	    v->name);
	buf_adds(out, " -d ");
	add_quoted(out, v->help);
	buf_addc(out, '\n');
	if (words == NULL || *words != 0)
		buf_addf(out,
		    "complete -c convergctl -n '__fish_seen_subcommand_from "
		    "%s' -a \"%s\"\n",
		    v->name,
		    words == NULL ? "(__fish_complete_directories)" : words);
	if (v->outputs != NULL)
		buf_addf(out,
		    "complete -c convergctl -n '__fish_seen_subcommand_from "
		    "%s' -l output -x -a '%s'\n",
		    v->name, v->outputs);
	add_fish_options(out, v->name, v->options);
	add_fish_options(out, v->name, v->options2);
}

static void
add_fish(struct buf *out)
{
	buf_adds(out, "set -l verbs ");
	add_verbs(out);
	buf_adds(out, "\nset -l kinds ");
	add_kinds(out);
	buf_adds(out, "\nset -l services ");
	add_services(out);
	buf_adds(out, "\ncomplete -c convergctl -f\n");
	add_fish_options(out, NULL, global_options);
	for (const struct verb *v = verbs; v->name != NULL; v++)
		if (!v->hidden)
			add_fish_verb(out, v);
}

static const struct {
	const char *name;
	void (*add)(struct buf *);
} shells[] = {
	{ "bash", add_bash },
	{ "zsh", add_zsh },
	{ "fish", add_fish },
};

int
verb_completion(const struct args *args)
{
	auto_buf struct buf out = BUF_INIT;

	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		if (strcmp(shells[i].name, args_word(args, 0)) == 0) {
			shells[i].add(&out);
			return print_buf(&out);
		}
	return usage_error(args, "unknown shell `%s`", args_word(args, 0));
}
