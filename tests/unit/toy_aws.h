/*
 * A toy AWS at link time in the place of the client: service "toy" with
 * things and their children, kept as JSON, with scripted failures and a log
 * of the calls. One world per test (check forks).
 */
#ifndef TESTS_UNIT_TOY_AWS_H
#define TESTS_UNIT_TOY_AWS_H

#include "common/engine/type.h"

struct aws;

struct toy_operation {
	const char *name;
	/* 0, or -1 for "does not exist"; under the world's lock */
	int (*run)(const json_t *in, json_t *out);
	bool read;
	const char *service; /* NULL: "toy" */
};

extern const struct resource_type toy_thing, toy_child;
/* Known by an id that the toy gives: "n1", "n2" ... */
extern const struct resource_type toy_net;
extern const struct toy_operation toy_net_operations[];
/* Of a thing, in the index of tags by an id that the toy gives: outlives it. */
extern const struct resource_type toy_guest;
extern const struct toy_operation toy_guest_operations[];
extern const struct resource_type *const toy_types[];
/* What lists can tell and reads can: crews with their ranks and jobs, not in
 * the index of tags; badges; a flag that each may have. */
extern const struct resource_type toy_crew, toy_badge, toy_flag;
extern const struct resource_type *const toy_crew_types[];
extern const struct toy_operation toy_crew_operations[];

/* {"things": {name: {...}}, "children": {parent: {key: {...}}},
 *  "nets": {id: {...}}, "guests": {id: {"Host", "Key", "Tags"}},
 *  "strays": {ARN: {tag: value}}	the index shows them, too
 *  "crews": {name: {"Tags", "Rank", "Jobs": {key: value}, "Flag",
 *	"Badges": [{"Key"}],
 *	"New": true	the list of ranks does not show it yet}},
 *  "genuine": true	it is AWS itself
 *  "page": n	a list has pages of n items
 *  "fail": [[operation, code, message], ...]	each hit once, in order
 *  "hide": n	a created thing is not shown for n reads
 *  "pending": n	... and not Active for n further reads
 *  "stuck": [property]	updates of it are accepted and forgotten} */
/* A handle to pass around; nothing is behind it. */
struct aws *toy_aws(void);
void toy_world(const char *json);
json_t *toy_state(void);
/* "CreateThing(a) GetThing(a) ..." of writes; reads too if asked for. */
const char *toy_calls(bool reads);
unsigned toy_reads(void);

#endif
