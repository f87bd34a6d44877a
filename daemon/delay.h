/* How long to wait: intervals with jitter, growing pauses. Any thread. */
#ifndef DAEMON_DELAY_H
#define DAEMON_DELAY_H

#define DELAY_MAX_SEC 900.0

/* interval, up to `jitter` (0.1: 10%) of it shorter or longer */
double delay_jitter(double interval_sec, double jitter);
/* 1 s, 2 s, 4 s ... 15 min after so many failures in a row, with jitter */
double delay_backoff(unsigned failures, double jitter);

#endif
