/* Prints API models as const C tables: modelgen SERVICE.json... > models.c */

#include "common/aws/model_build.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
print_strings(const struct model_tables *t)
{
	printf("static const char strings[] =\n\"");
	for (size_t i = 0; i + 1 < t->n_strings; i++) {
		unsigned char c = (unsigned char)t->model.strings[i];

		if (c < 32 || c > 126 || strchr("\"\\?", c) != NULL)
			printf("\\%03o", c);
		else
			putchar(c);
		if (i % 60 == 59)
			printf("\"\n\"");
	}
	printf("\";\n");
}

static void
print_members(const struct model_tables *t)
{
	const struct model_member *m = t->model.members;

	printf("static const struct model_member members[] = {\n");
	for (size_t i = 0; i < t->n_members; i++)
		printf("{%u,%u,%u,%u,%u},\n", m[i].name, m[i].wire, m[i].type,
		    m[i].location, m[i].flags);
	printf("};\n");
}

static void
print_numbers(const char *name, const uint16_t *v, size_t n)
{
	printf("static const uint16_t %s[] = {\n", name);
	for (size_t i = 0; i < n; i++)
		printf("%u,%s", v[i], i % 16 == 15 ? "\n" : "");
	printf("0};\n");
}

static void
print_shapes(const struct model_tables *t)
{
	const struct model_shape *s = t->model.shapes;

	printf("static const struct model_shape shapes[] = {\n");
	for (size_t i = 0; i < t->n_shapes; i++)
		printf("{%u,%u,%u,%u,%u},\n", s[i].kind, s[i].flags, s[i].n,
		    s[i].a, s[i].payload);
	printf("};\n");
}

static void
print_ops(const struct model_tables *t)
{
	printf("static const struct model_op ops[] = {\n");
	for (size_t i = 0; i < t->n_ops; i++) {
		const struct model_op *o = &t->model.ops[i];

		printf("{%u,%u,%u,%u,%u,%u,%u,%u,%u,%u,%u,%u,%u,%u},\n",
		    o->name, o->method, o->uri, o->in, o->out, o->first_error,
		    o->n_errors, o->paginator, o->root, o->root_ns, o->result,
		    o->host_prefix, o->flags, o->status);
	}
	printf("};\n");
}

static void
print_errors(const struct model_tables *t)
{
	const struct model_error *e = t->model.errors;

	printf("static const struct model_error errors[] = {\n");
	for (size_t i = 0; i < t->n_errors; i++)
		printf("{%u,%u,%u},\n", e[i].code, e[i].http, e[i].flags);
	printf("{0,0,0}};\n");
}

static void
print_paginators(const struct model_tables *t)
{
	const struct model_paginator *p = t->model.paginators;

	printf("static const struct model_paginator paginators[] = {\n");
	for (size_t i = 0; i < t->n_paginators; i++)
		printf("{%u,%u,%u,%u,%u},\n", p[i].in, p[i].out, p[i].result,
		    p[i].limit, p[i].more);
	printf("{0,0,0,0,0}};\n");
}

static void
print_extras(const struct model_tables *t)
{
	const struct model_extra *x = t->model.extras;

	printf("static const struct model_extra extras[] = {\n");
	for (size_t i = 0; i < t->model.n_extras; i++)
		printf("{%u,%u,%u},\n", x[i].index, x[i].a, x[i].b);
	printf("{0,0,0}};\n");
}

static void
print_services(const struct model_tables *t)
{
	printf("static const struct model_service services[] = {\n");
	for (size_t i = 0; i < t->model.n_services; i++) {
		const struct model_service *s = &t->model.services[i];

		printf("{%u,%u,%u,%u,%u,%u,%u,%u,%u,%u,%u,%u,%u,%u},\n",
		    s->name, s->endpoint_prefix, s->signing_name, s->service_id,
		    s->api_version, s->target_prefix, s->xmlns, s->json_version,
		    s->protocol, s->query_compatible, s->first_op, s->n_ops,
		    s->first_error, s->n_errors);
	}
	printf("};\n");
}

static void
print(const struct model_tables *t)
{
	printf("/* Made by tools/modelgen.c from common/aws/model. */\n\n"
	       "#include \"common/aws/model.h\"\n\n");
	print_strings(t);
	print_members(t);
	print_numbers("by_name", t->model.by_name, t->n_members);
	print_numbers("by_wire", t->model.by_wire, t->n_members);
	print_shapes(t);
	print_ops(t);
	print_errors(t);
	print_numbers("op_errors", t->model.op_errors, t->n_op_errors);
	print_paginators(t);
	print_extras(t);
	print_services(t);
	printf("const struct model model_builtin = { strings, members, by_name,"
	       "\nby_wire, shapes, ops, errors, op_errors, paginators, extras,"
	       "\nservices, %zu, %zu };\n",
	    t->model.n_services, t->model.n_extras);
}

/* The name of the service is that of its file. */
static int
read_model(json_t *services, const char *path, struct err *err)
{
	auto_free char *copy = mem_str(path);
	char *name = basename(copy), *dot = strrchr(name, '.');
	json_error_t e;
	json_t *model = json_load_file(path, 0, &e);

	if (model == NULL)
		return err_set(
		    err, ERR_INPUT, "%s:%d: %s", path, e.line, e.text);
	if (dot != NULL)
		*dot = 0;
	js_set(services, name, model);
	return 0;
}

int
main(int argc, char **argv)
{
	json_auto_t *services = json_object();
	auto_of(model_tables_free) struct model_tables *tables = NULL;
	struct err err = { 0 };
	int failed = 0;

	for (int i = 1; i < argc && failed == 0; i++)
		failed = read_model(services, argv[i], &err);
	if (failed == 0)
		failed = model_build(services, &tables, &err);
	if (failed != 0) {
		fprintf(stderr, "modelgen: %s\n", err.msg);
		return 1;
	}
	print(tables);
	return fflush(stdout) == 0 ? 0 : 1;
}
