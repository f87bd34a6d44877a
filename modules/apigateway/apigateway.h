/* Shared by the pages of HttpApi. */
#ifndef MODULES_APIGATEWAY_APIGATEWAY_H
#define MODULES_APIGATEWAY_APIGATEWAY_H

#include "modules/module.h"

extern const struct field http_api_fields[];

/* arn:PARTITION:execute-api:REGION:ACCOUNT:API<suffix> */
json_t *http_api_execution_arn(struct expansion *, const char *suffix);
/* "GET /a/{b}" as part of a local name: "GET:a:{b}". Caller frees. */
char *http_api_slug(const char *text);
/* StatementId of a permission for `what`. Caller frees. */
char *http_api_statement(const struct expansion *, const char *what);

void http_api_add_authorizers(struct expansion *);
void http_api_add_routes(struct expansion *);
/* parent_type: "apigatewayv2.stage" or that of an imported API */
void http_api_add_stage(struct expansion *, const char *type);

#endif
