/* Shared by the pages of LambdaFunction. */
#ifndef MODULES_LAMBDA_LAMBDA_H
#define MODULES_LAMBDA_LAMBDA_H

#include "modules/module.h"

extern const struct field lambda_fields[];

/* The function's own role, "role", with what its spec needs. */
void lambda_add_role(struct expansion *);
/* Event sources, URL and what becomes of failed asynchronous calls. */
void lambda_add_events(struct expansion *);
void lambda_add_url(struct expansion *);
void lambda_add_invoke_config(struct expansion *);
/* Alias and version; description: what the function's says, with the hash. */
void lambda_add_alias(struct expansion *, const char *description);

bool lambda_has_alias(const struct expansion *);
/* Does the event come from a queue (or else a stream)? */
bool lambda_is_queue(const json_t *event);

#endif
