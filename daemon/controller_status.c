/* What the controller answers about its targets: see controller.h. */

#include <string.h>

#include "daemon/controller_impl.h"
#include "daemon/metrics.h"
#include "daemon/revision.h"

/* ---- questions ---- */

bool
controller_compiling(const struct controller *c)
{
	return c->compiling != NULL;
}

bool
controller_busy(const struct controller *c)
{
	bool busy = c->compiling != NULL;

	for (size_t i = 0; i < c->n; i++)
		busy |= target_busy(c->list[i]);
	return busy;
}

bool
controller_has_run(const struct controller *c)
{
	bool done = c->newest != NULL && c->compiling == NULL;

	for (size_t i = 0; i < c->n; i++)
		done &= target_is_invalid(c->list[i]) ||
			target_has_run(c->list[i]);
	return done;
}

static int
code_of(const struct target *t)
{
	static const struct {
		const char *result;
		int code;
	} codes[] = { { "Synced", 0 }, { "OutOfSync", 2 },
		{ "Progressing", 2 } };
	const char *result = target_result(t);

	if (target_has_errors(t))
		return 1;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (result != NULL && strcmp(result, codes[i].result) == 0)
			return codes[i].code;
	return result == NULL ? 2 : 1;
}

int
controller_exit_code(const struct controller *c)
{
	int worst = 0;

	if (c->newest == NULL || js_len(c->errors) > 0 || c->n == 0)
		return 1;
	for (size_t i = 0; i < c->n; i++) {
		int code = code_of(c->list[i]);

		if (code == 1)
			return 1;
		worst = code > worst ? code : worst;
	}
	return worst;
}

void
controller_add_status(const struct controller *c, struct packed_doc *to)
{
	packed_doc_array(to, "architectures");
	for (size_t i = 0; i < c->n; i++) {
		auto_of(packed_doc_free) struct packed_doc *status =
		    target_status(c->list[i]);

		packed_doc_push_doc(to, "architectures", status);
	}
}

const char *
controller_revision(const struct controller *c)
{
	return c->newest == NULL ? NULL : revision_name(c->newest);
}

const json_t *
controller_errors(const struct controller *c)
{
	return c->errors;
}

static bool
has_account(const struct target *t)
{
	const char *account = target_account(t);

	return account != NULL && *account != 0;
}

/* A bad manifest stops only its own architecture: the rest may be ready. */
static void
add_unready(const struct target *t, bool credentials, struct buf *b)
{
	const char *name = target_name(t), *why = target_error(t);

	if (target_is_invalid(t))
		return;
	if (target_age(t) < 0)
		buf_addf(b, "architecture %s: first pass not done\n", name);
	else if (!credentials)
		buf_addf(b, "credentials: %s: %s\n", name,
		    why == NULL ? "not proven yet" : why);
}

void
controller_readiness(const struct controller *c, struct buf *b)
{
	bool credentials = false;

	if (c->newest == NULL)
		buf_adds(b, "source: no revision compiled\n");
	else if (c->n == 0)
		buf_adds(b, "source: no architecture in the newest revision\n");
	for (size_t i = 0; i < c->n; i++)
		credentials |= has_account(c->list[i]);
	for (size_t i = 0; i < c->n; i++)
		add_unready(c->list[i], credentials, b);
}

void
controller_collect(const struct controller *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (target_age(c->list[i]) >= 0)
			metrics_set(c->env.metrics, M_VERDICT_AGE,
			    target_age(c->list[i]),
			    LABELS(target_name(c->list[i])));
}
