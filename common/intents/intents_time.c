/* Moments that outlive a process: see intents_time.h. */

#include "common/intents/intents_time.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/mem.h"

#include <math.h>
#include <string.h>
#include <time.h>

void
moment_boot(char ret[static 37])
{
	auto_buf struct buf text = BUF_INIT;
	struct err err;

	ret[0] = 0;
	if (file_read("/proc/sys/kernel/random/boot_id", 64, &text, &err) ==
		0 &&
	    text.len >= 36) {
		memcpy(ret, text.data, 36);
		ret[36] = 0;
	}
}

struct moment
moment_now(const char *boot)
{
	struct moment m = { .wall = clock_wall() };
	struct timespec t;

	memcpy(m.boot, boot, strlen(boot));
	must(clock_gettime(CLOCK_BOOTTIME, &t) == 0);
	m.up = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
	return m;
}

void
moment_put(json_t *record, const struct moment *m)
{
	js_set_str(record, "boot", m->boot);
	js_set(record, "up", json_real(m->up));
	js_set(record, "wall", json_real(m->wall));
}

double
moment_age(const json_t *record, const struct moment *now)
{
	const char *boot = js_str(record, "boot");
	bool same = boot != NULL && boot[0] != 0 &&
		    strcmp(boot, now->boot) == 0;
	double then = json_number_value(js_get(record, same ? "up" : "wall"));

	return fmax(0, (same ? now->up : now->wall) - then);
}
