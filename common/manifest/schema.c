/* A field table as JSON Schema 2020-12, for editors. See check.h. */

#include "common/base/text.h"
#include "common/manifest/check.h"
#include "common/manifest/checker.h"
#include "common/manifest/form.h"

#include <stdlib.h>
#include <string.h>

#define REFERENCE "\\$\\{" /* anywhere in a text */
#define WHOLE     "^\\$\\{.*\\}$"
#define DURATION  "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"
#define SIZE      "^[0-9]+(B|KiB|MiB|GiB|TiB)$"

static json_t *schema_of(const struct field *);

static json_t *
of_type(const char *type)
{
	return js_pack("{s:s}", "type", type);
}

static void
set_limits(json_t *schema, const struct field *row, const char *least,
    const char *most)
{
	if (row->min != 0 || row->max != 0)
		js_set(schema, least, json_integer(row->min));
	if (row->max != 0)
		js_set(schema, most, json_integer(row->max));
}

static json_t *
string_schema(const struct field *row)
{
	json_t *schema = of_type("string");

	set_limits(schema, row, "minLength", "maxLength");
	if (row->form != NULL)
		js_set_str(schema, "pattern", form_of(row->form).pattern);
	if (js_len(schema) == 1 || row->flags & F_LITERAL)
		return schema;
	return js_pack("{s:[o, {s:s, s:s}]}", "anyOf", schema, "type", "string",
	    "pattern", REFERENCE);
}

/* What is no text in YAML may still come from a variable. */
static json_t *
or_variable(json_t *take_schema)
{
	return js_pack("{s:[o, {s:s, s:s}]}", "anyOf", take_schema, "type",
	    "string", "pattern", WHOLE);
}

static json_t *
bool_schema(const struct field *row)
{
	(void)row;
	return or_variable(of_type("boolean"));
}

static json_t *
number_schema(const struct field *row)
{
	json_t *schema = of_type(row->type == F_INT ? "integer" : "number");

	set_limits(schema, row, "minimum", "maximum");
	return or_variable(schema);
}

static json_t *
amount_schema(const struct field *row)
{
	return js_pack("{s:[{s:s, s:s}, {s:i}, {s:s, s:s}]}", "anyOf", "type",
	    "string", "pattern", row->type == F_DURATION ? DURATION : SIZE,
	    "const", 0, "type", "string", "pattern", WHOLE);
}

static json_t *
enum_schema(const struct field *row)
{
	json_t *list = json_array();

	words_each (row->values, w, n) {
		js_push(list, js_new_strn(w, n));
	}
	return or_variable(
	    js_pack("{s:s, s:o}", "type", "string", "enum", list));
}

static json_t *
ref_schema(const struct field *row)
{
	auto_buf struct buf b = BUF_INIT;

	buf_adds(&b, "^(");
	if (row->values == NULL)
		buf_adds(&b, "[A-Za-z]+|");
	else {
		words_each (row->values, w, n) {
			buf_addf(&b, "%.*s|", (int)n, w);
		}
	}
	b.data[b.len - 1] = ')';
	buf_adds(&b, "/|^arn:|" REFERENCE);
	return js_pack("{s:s, s:s}", "type", "string", "pattern", b.data);
}

static json_t *
path_schema(const struct field *row)
{
	(void)row;
	return js_pack("{s:s, s:i}", "type", "string", "minLength", 1);
}

static json_t *
object_schema(const struct field *row)
{
	return field_schema(row->fields);
}

static json_t *
map_schema(const struct field *row)
{
	json_t *schema = js_pack("{s:s, s:o}", "type", "object",
	    "additionalProperties", schema_of(row->fields));

	set_limits(schema, row, "minProperties", "maxProperties");
	if (row->form != NULL)
		js_set(schema, "propertyNames",
		    js_pack("{s:s}", "pattern", form_of(row->form).pattern));
	return schema;
}

static json_t *
list_schema(const struct field *row)
{
	json_t *schema = js_pack(
	    "{s:s, s:o}", "type", "array", "items", schema_of(row->fields));

	set_limits(schema, row, "minItems", "maxItems");
	if (row->flags & F_UNIQUE)
		js_set(schema, "uniqueItems", json_true());
	return or_variable(schema);
}

static json_t *
choice_schema(const struct field *row)
{
	json_t *list = json_array();

	for (const struct field *f = row->fields; f->name != NULL; f++)
		js_push(list, schema_of(f));
	return js_pack("{s:o}", "anyOf", list);
}

static json_t *
document_schema(const struct field *row)
{
	(void)row;
	return json_object();
}

/* With the description and default of the row. */
static json_t *
schema_of(const struct field *row)
{
	static json_t *(*const schemas[])(const struct field *) = {
		[F_STRING] = string_schema,
		[F_BOOL] = bool_schema,
		[F_INT] = number_schema,
		[F_NUMBER] = number_schema,
		[F_DURATION] = amount_schema,
		[F_SIZE] = amount_schema,
		[F_ENUM] = enum_schema,
		[F_REF] = ref_schema,
		[F_PATH] = path_schema,
		[F_OBJECT] = object_schema,
		[F_MAP] = map_schema,
		[F_LIST] = list_schema,
		[F_CHOICE] = choice_schema,
		[F_DOCUMENT] = document_schema,
	};
	json_t *schema = schemas[row->type](row);

	js_set_str(schema, "description", row->help);
	if (row->dflt != NULL)
		js_set(schema, "default", check_parse_default(row->dflt));
	return schema;
}

json_t *
field_schema(const struct field *fields)
{
	json_t *properties = json_object(), *required = json_array();
	json_t *schema = js_pack("{s:s, s:o, s:b}", "type", "object",
	    "properties", properties, "additionalProperties", 0);

	for (const struct field *f = fields; f->name != NULL; f++) {
		js_set(properties, f->name, schema_of(f));
		if (f->flags & F_REQUIRED)
			js_push(required, js_new_str(f->name));
	}
	if (js_len(required) > 0)
		js_set(schema, "required", required);
	else
		js_free(required);
	return schema;
}
