/* Loads settings, and puts new ones in force: a bad file changes nothing. */

#include <string.h>

#include "daemon/controller.h"
#include "daemon/daemon_impl.h"
#include "daemon/git.h"
#include "daemon/metrics.h"
#include "daemon/settings.h"

int
daemon_load(const struct daemon *d, struct settings **ret)
{
	struct errors errors = { NULL, 0 };
	struct log log = d->log;
	int result = settings_load(d->options.settings_path, ret, &errors);

	log_errors(&log, LEVEL_ERROR, NULL, &errors);
	errors_free(&errors);
	return result;
}

/* What is bound to the process's start. */
static const char *const fixed[] = { "installation", "http", "control", "state",
	"workers", "history" };

static void
warn_fixed(struct daemon *d, const struct settings *fresh)
{
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (!js_equal(js_get(d->settings->root, fixed[i]),
			js_get(fresh->root, fixed[i])))
			log_warning(&d->log,
			    "%s: a change of `%s` takes effect after a restart",
			    d->options.settings_path, fixed[i]);
}

static void
apply(struct daemon *d, struct settings *take_fresh)
{
	auto_of(settings_free) struct settings *old = d->settings;

	warn_fixed(d, take_fresh);
	d->settings = take_fresh;
	log_init(&d->log, log_level_of(take_fresh->log_level),
	    log_format_of(take_fresh->log_format));
	controller_settings(d->controller, take_fresh);
	if (!settings_same_source(old, take_fresh))
		git_follow(d->git, take_fresh);
	log_info(&d->log, "settings reloaded");
}

void
daemon_reload(struct daemon *d)
{
	struct settings *fresh = NULL;
	int result;

	notify_reloading(&d->notify);
	result = daemon_load(d, &fresh);
	if (result == 0)
		apply(d, fresh);
	else
		log_error(&d->log, "settings are not reloaded: the old ones "
				   "stay in force");
	metrics_set(d->metrics, M_SETTINGS_RELOAD_OK, result == 0, LABELS());
	notify_ready(&d->notify);
}
