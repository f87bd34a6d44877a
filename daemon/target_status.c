/* What a target answers about itself: see target.h. */

#include "common/base/clock.h"
#include "common/engine/pass.h"
#include "daemon/log.h"
#include "daemon/target_impl.h"

/* ---- questions ---- */

unsigned long
target_completed(const struct target *t)
{
	return t->completed;
}

const char *
target_name(const struct target *t)
{
	return t->name;
}

bool
target_is_gone(const struct target *t)
{
	return t->gone;
}

bool
target_busy(const struct target *t)
{
	return t->pass != NULL;
}

bool
target_has_run(const struct target *t)
{
	return t->sequence > 0 && t->pass == NULL;
}

bool
target_is_invalid(const struct target *t)
{
	return t->report == NULL && t->wanted.revision == NULL;
}

const char *
target_result(const struct target *t)
{
	return target_is_invalid(t)
		   ? "Invalid"
		   : js_str(packed_doc_head(t->report), "result");
}

bool
target_has_errors(const struct target *t)
{
	return t->errors != NULL;
}

const char *
target_account(const struct target *t)
{
	return js_str(packed_doc_head(t->report), "account");
}

const char *
target_error(const struct target *t)
{
	return js_pathstr(packed_doc_head(t->report), "error.message");
}

double
target_age(const struct target *t)
{
	return t->verdict_at == 0 ? -1 : clock_mono() - t->verdict_at;
}

/* While a pass converges its own report is newer than the last one. */
static struct packed_doc *
newest_report(struct target *t, double *ret_age)
{
	bool live = t->pass != NULL &&
		    (t->report == NULL || pass_plan(t->pass) != NULL);

	*ret_age = live ? clock_mono() - t->started : target_age(t);
	return live ? pass_report(t->pass, NULL, NULL)
		    : packed_doc_share(t->report);
}

static void
add_resources(struct target *t, const struct packed_doc *report, double age,
    struct packed_doc *to)
{
	packed_doc_array(to, "resources");
	packed_doc_each (report, "resources", resource) {
		target_mark_suspended(t, resource);
		js_set(resource, "ageSeconds", json_integer((json_int_t)age));
		packed_doc_push(to, "resources", js_move(&resource));
	}
}

/* Texts may quote what is no UTF-8, or be cut in the middle of a letter. */
static json_t *
clean(const char *text)
{
	auto_buf struct buf b = BUF_INIT;

	log_clean(&b, text);
	return js_new_str(b.data);
}

json_t *
target_error_lines(const struct errors *errors)
{
	json_t *lines = json_array();

	for (size_t i = 0; i < errors->n; i++) {
		auto_buf struct buf line = BUF_INIT;

		log_error_text(&errors->list[i], &line);
		js_push(lines, clean(line.data));
	}
	return lines;
}

static json_t *
all_errors(const struct target *t, const json_t *report)
{
	json_t *all = t->errors == NULL ? json_array() : js_copy(t->errors);

	if (js_pathstr(report, "error.message") != NULL)
		js_push(all, js_new_str(js_pathstr(report, "error.message")));
	return all;
}

static json_t *
heading(const struct target *t, const json_t *report)
{
	const struct goal *g = t->wanted.revision != NULL ? &t->wanted
							  : &t->used;
	json_t *s = js_pack("{s:s}", "name", t->name);
	auto_buf struct buf when = BUF_INIT;

	if (g->graph != NULL) {
		js_set_str(s, "revision", g->graph->arch.revision);
		js_set_str(s, "mode", g->graph->arch.mode);
		js_set_str(s, "region", g->graph->arch.region);
	}
	js_set_str(s, "account", js_str(report, "account"));
	js_set_str(s, "result",
	    report == NULL ? target_result(t) : js_str(report, "result"));
	js_set_str(s, "guard", js_str(report, "guard"));
	js_set(s, "running", json_boolean(t->pass != NULL));
	if (t->ended_wall > 0) {
		clock_add_iso(&when, t->ended_wall);
		js_set_str(s, "lastPass", when.data);
	}
	target_add_orders(t, s);
	js_set(s, "applied", js_copy(js_get(report, "applied")));
	js_set(s, "extra", js_copy(js_get(report, "extra")));
	js_set(s, "errors", all_errors(t, report));
	return s;
}

struct packed_doc *
target_status(struct target *t)
{
	double age;
	auto_of(packed_doc_free) struct packed_doc *report = newest_report(
	    t, &age);
	struct packed_doc *s = packed_doc_new(
	    heading(t, packed_doc_head(report)));

	add_resources(t, report, age, s);
	return s;
}
