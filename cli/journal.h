/*
 * The intents (common/engine/intent.h) of `apply`, so that one which is
 * killed and run again makes nothing twice: a file for each installation
 * and architecture in $XDG_STATE_HOME/convergd, or ~/.local/state/convergd.
 * Main thread.
 */
#ifndef CLI_JOURNAL_H
#define CLI_JOURNAL_H

#include "common/base/err.h"

struct intent_log;
struct intents;

struct journal {
	struct intent_log *log; /* NULL: there is no place for it */
	int lock;               /* of the file beside it, or -1 */
};

/*
 * Waits for nobody: ERR_REFUSED while another process has it. Without a
 * home, or where it cannot be written, as in a container that is thrown
 * away, nothing is kept: that is said on standard error.
 */
int journal_open(const char *installation, const char *architecture,
    struct journal *ret, struct err *);
void journal_close(struct journal *);
const struct intents *journal_intents(const struct journal *); /* or NULL */

#endif
