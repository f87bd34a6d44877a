/* Addresses, time limits and attempts of metadata services that cannot be on
 * the loopback address: the transport is this test's own. */

#include "common/aws/provider_impl.h"
#include "common/loop/gate.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* ---- in place of common/loop/http.c ---- */

struct http {
	struct buf sent; /* "PUT http://... 1s;" */
	bool proxied;
};

int
http_send(struct http *h, const struct http_request *r,
    struct http_response *ret, struct err *err)
{
	(void)ret;
	buf_addf(&h->sent, "%s %s %gs;", r->method, r->url, r->total_sec);
	h->proxied |= !r->no_proxy;
	return err_set(err, ERR_NETWORK, "nobody there");
}

int
http_pause(struct http *h, double sec, struct err *err)
{
	(void)h, (void)sec, (void)err;
	return 0;
}

struct gate *
http_gate(struct http *h)
{
	(void)h;
	must(!"a call of the client in this test");
	return NULL;
}

/* ---- */

#define TOKEN "/latest/api/token"
#define V6    "[default]\nec2_metadata_service_endpoint_mode = IPv6\n"
#define OWN                                                                    \
	"[default]\nec2_metadata_service_endpoint = http://127.0.0.9/\n"       \
	"metadata_service_timeout = 2.5\nmetadata_service_num_attempts = 3\n"

static const struct row {
	const char *variables[3][2];
	const char *config;
	const char *sent;
} rows[] = {
	{ { { NULL } }, NULL, "PUT http://169.254.169.254" TOKEN " 1s;" },
	{ { { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv6" } }, NULL,
	    "PUT http://[fd00:ec2::254]" TOKEN " 1s;" },
	{ { { NULL } }, V6, "PUT http://[fd00:ec2::254]" TOKEN " 1s;" },
	{ { { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv4" } }, V6,
	    "PUT http://169.254.169.254" TOKEN " 1s;" },
	{ { { NULL } }, OWN,
	    "PUT http://127.0.0.9" TOKEN " 2.5s;"
	    "PUT http://127.0.0.9" TOKEN " 2.5s;"
	    "PUT http://127.0.0.9" TOKEN " 2.5s;" },
	{ { { "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.8" },
	      { "AWS_METADATA_SERVICE_TIMEOUT", "4" },
	      { "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1" } },
	    OWN, "PUT http://127.0.0.8" TOKEN " 4s;" },
	{ { { "AWS_METADATA_SERVICE_TIMEOUT", "soon" },
	      { "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "-1" } },
	    NULL, "PUT http://169.254.169.254" TOKEN " 1s;" },
	{ { { "AWS_EC2_METADATA_DISABLED", "true" } }, NULL, "" },
	{ { { "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x?y" } }, NULL,
	    "GET http://169.254.170.2/v2/x?y 2s;"
	    "GET http://169.254.170.2/v2/x?y 2s;"
	    "GET http://169.254.170.2/v2/x?y 2s;" },
	/* the host stays what it is, whatever the path looks like */
	{ { { "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@127.0.0.1/" } }, NULL,
	    "GET http://169.254.170.2/@127.0.0.1/ 2s;"
	    "GET http://169.254.170.2/@127.0.0.1/ 2s;"
	    "GET http://169.254.170.2/@127.0.0.1/ 2s;" },
	{ { { "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/a" },
	      { "AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://127.0.0.1/" } },
	    NULL,
	    "GET http://169.254.170.2/a 2s;GET http://169.254.170.2/a 2s;"
	    "GET http://169.254.170.2/a 2s;" },
	{ { { "AWS_CONTAINER_CREDENTIALS_FULL_URI",
	      "http://[fd00:ec2::23]/v1/c" } },
	    NULL,
	    "GET http://[fd00:ec2::23]/v1/c 2s;"
	    "GET http://[fd00:ec2::23]/v1/c 2s;"
	    "GET http://[fd00:ec2::23]/v1/c 2s;" },
};

START_TEST(addresses)
{
	const struct row *r = &rows[_i];
	auto_of(config_free) struct config *config = config_new();
	struct http http = { .sent = BUF_INIT };
	struct credentials_settings s = {
		.config = config, .profile = "default", .http = &http
	};
	auto_of(credentials_free) struct credentials *c = NULL;
	struct secret got = { 0 };
	struct err err;

	clearenv();
	for (int i = 0; i < 3 && r->variables[i][0] != NULL; i++)
		setenv(r->variables[i][0], r->variables[i][1], 1);
	if (r->config != NULL)
		ck_assert_int_eq(config_add(config, CONFIG_FILE, "config",
				     r->config, strlen(r->config), &err),
		    0);
	c = credentials_new(&s);
	ck_assert_int_eq(credentials_get(c, &got, &err), -1);
	ck_assert_str_eq(http.sent.data, r->sent);
	ck_assert(!http.proxied);
	buf_free(&http.sent);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("metadata_urls");
	TCase *t = tcase_create("metadata_urls");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, addresses, 0, LEN(rows));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
