/* A world in which time runs twenty times as fast, for tests of what waits for
 * AWS: linked with --wrap in the place of the clock and of libev's timers. */

#include <ev.h>

#include "common/base/clock.h"

#define FASTER 20

double __real_clock_mono(void);
double __wrap_clock_mono(void);
void __real_ev_timer_start(struct ev_loop *, ev_timer *);
void __wrap_ev_timer_start(struct ev_loop *, ev_timer *);

double
__wrap_clock_mono(void)
{
	return __real_clock_mono() * FASTER;
}

void
__wrap_ev_timer_start(struct ev_loop *loop, ev_timer *w)
{
	w->at /= FASTER;
	w->repeat /= FASTER;
	__real_ev_timer_start(loop, w);
}
