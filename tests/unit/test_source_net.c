/* common/source: fetching over SSH and HTTPS from servers on this machine. */

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/source/source.h"
#include "tests/unit/gitrepo.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>

#define SSHD "/usr/sbin/sshd"

static char *here; /* the checkout, where git_https.py is */
static int port;
static pid_t server;
static bool made_dir;

/* ---- servers ---- */

static int
listen_any(int *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*ret_port = ntohs(a.sin_port);
	return fd;
}

static bool
answers(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
}

static void
stop_server(void)
{
	if (server > 0) {
		kill(server, SIGTERM);
		waitpid(server, NULL, 0);
	}
	server = 0;
	if (made_dir)
		rmdir("/run/sshd");
	room_close();
}

/* false: sshd is not here */
static bool
start_sshd(void)
{
	auto_free char *config = at("sshd_config");
	auto_free char *text = NULL;
	int fd;

	/* as root, sshd wants this directory; services make it at boot */
	made_dir = geteuid() == 0 && mkdir("/run/sshd", 0755) == 0;
	if (access(SSHD, X_OK) == -1) {
		fprintf(stderr, "no sshd: SSH is not tested here\n");
		return false;
	}
	run(".", "ssh-keygen -q -t ed25519 -N  -f host");
	run(".", "ssh-keygen -q -t ecdsa -N  -f hostec");
	run(".", "ssh-keygen -q -t ed25519 -N  -f key");
	run(".", "ssh-keygen -q -t ed25519 -N  -f stranger");
	fd = listen_any(&port); /* a free port */
	close(fd);
	text = mem_fmt("Port %d\nListenAddress 127.0.0.1\nHostKey %s/host\n"
		       "HostKey %s/hostec\n"
		       "AuthorizedKeysFile %s/key.pub\nStrictModes no\n"
		       "PasswordAuthentication no\nUsePAM no\n"
		       "KbdInteractiveAuthentication no\nPidFile none\n"
		       "PermitRootLogin yes\nLogLevel QUIET\n",
	    port, room, room, room);
	write_file(config, text);
	server = fork();
	if (server == 0) {
		execl(SSHD, SSHD, "-D", "-f", config, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 200 && !answers(); i++)
		usleep(20000);
	return true;
}

static void
start_https(void)
{
	auto_free char *script = mem_fmt("%s/tests/unit/git_https.py", here);
	char text[32] = "";
	int p[2];

	run(".", "openssl req -x509 -newkey ec "
		 "-pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
		 "-subj /CN=localhost -addext subjectAltName=DNS:localhost "
		 "-keyout tls.key -out tls.crt");
	ck_assert_int_eq(pipe2(p, O_CLOEXEC), 0);
	server = fork();
	if (server == 0) {
		dup2(p[1], 1);
		execlp("python3", "python3", script, room, "tls.crt", "tls.key",
		    (char *)NULL);
		_exit(127);
	}
	close(p[1]);
	ck_assert(read(p[0], text, sizeof(text) - 1) > 0);
	close(p[0]);
	port = (int)strtol(text, NULL, 10);
}

static int
fetch(
    const struct source_settings *settings, struct fetched *f, struct err *err)
{
	struct source_settings s = *settings;
	auto_free char *mirror = at("state/mirror");
	auto_of(source_free) struct source *source = NULL;
	auto_of(tree_free) struct tree *t = NULL;
	auto_buf struct buf b = BUF_INIT;

	memset(f, 0, sizeof(*f));
	s.branch = s.branch == NULL ? "main" : s.branch;
	s.mirror = mirror;
	if (source_new(&s, &source, err) == -1 ||
	    source_fetch(source, f, err) == -1)
		return -1;
	ck_assert_ptr_null(source_watch_path(source));
	ck_assert_int_eq(source_tree(source, &t, err), 0);
	return tree_read(t, "a", 100, &b, err);
}

/* ---- SSH ---- */

static char *
ssh_url(void)
{
	return mem_fmt("ssh://%s@127.0.0.1:%d%s/origin.git",
	    getpwuid(geteuid())->pw_name, port, room);
}

/* known_hosts with the given key files of the server, or one foreign key */
static void
know(const char *keys)
{
	auto_buf struct buf b = BUF_INIT;

	words_each (keys, w, n) {
		auto_free char *name = mem_strn(w, n);
		auto_free char *key = output(".", "cat %s.pub", name);

		buf_addf(&b, "[127.0.0.1]:%d %s\n", port, key);
	}
	write_file("known", b.data);
}

static const struct {
	const char *name, *known, *key;
	enum err_kind kind; /* ERR_NONE: it works */
	const char *error;
} sshs[] = {
	{ "good", "hostec host", "key", ERR_NONE, NULL },
	{ "unknown host", "", "key", ERR_NETWORK, "(SHA256:" },
	{ "unknown host, what to do", "", "key", ERR_NETWORK,
	    "\"ssh-keyscan -p " },
	{ "another key", "stranger", "key", ERR_NETWORK,
	    "differs from the keys in" },
	{ "refused", "hostec host", "stranger", ERR_AUTH,
	    "refuses the credentials of" },
	{ "no key file", "hostec host", "none", ERR_AUTH,
	    "cannot read the SSH key" },
};

START_TEST(ssh)
{
	auto_free char *url = NULL, *key = at("%s", sshs[_i].key);
	auto_free char *known = at("known");
	struct source_settings s = { .ssh_key = key, .known_hosts = known };
	struct fetched f;
	struct err err = { 0 };
	int rc;

	if (!start_sshd())
		return;
	know(sshs[_i].known);
	s.url = url = ssh_url();
	rc = fetch(&s, &f, &err);
	ck_assert_msg((rc == 0) == (sshs[_i].error == NULL), "%s: %s",
	    sshs[_i].name, err.msg);
	if (rc == 0)
		return;
	ck_assert_msg(strstr(err.msg, sshs[_i].error) != NULL, "%s", err.msg);
	ck_assert_msg(strstr(err.msg, "origin.git") != NULL, "%s", err.msg);
	ck_assert_int_eq(err.kind, sshs[_i].kind);
}
END_TEST

START_TEST(ssh_without_known_hosts)
{
	auto_free char *url = NULL, *key = at("key");
	struct source_settings s = { .ssh_key = key };
	struct fetched f;
	struct err err;

	if (!start_sshd())
		return;
	s.url = url = ssh_url();
	ck_assert_int_eq(fetch(&s, &f, &err), -1);
	ck_assert_msg(strstr(err.msg, ".ssh/known_hosts: No such file") != NULL,
	    "%s", err.msg);
}
END_TEST

/* ---- HTTPS ---- */

static const struct {
	const char *name, *repo, *user, *password, *branch;
	bool ca;
	enum err_kind kind; /* ERR_NONE: it works */
	const char *error;
} https[] = {
	{ "token", "origin.git", NULL, "s3cret-token", NULL, true, ERR_NONE,
	    NULL },
	{ "basic", "origin.git", "git", "s3cret-token", NULL, true, ERR_NONE,
	    NULL },
	{ "wrong token", "origin.git", NULL, "wr0ng-token", NULL, true,
	    ERR_AUTH, "refuses the credentials of git" },
	{ "no token", "origin.git", NULL, NULL, NULL, true, ERR_AUTH,
	    "wants a token or a password" },
	{ "no such repository", "none.git", NULL, "s3cret-token", NULL, true,
	    ERR_ABSENT, "404" },
	{ "no such branch", "origin.git", NULL, "s3cret-token", "mian", true,
	    ERR_ABSENT, "has no branch mian; it has main" },
	{ "not to be trusted", "origin.git", NULL, "s3cret-token", NULL, false,
	    ERR_NETWORK, "is not to be trusted" },
};

START_TEST(over_https)
{
	auto_free char *ca = at("tls.crt"), *url = NULL;
	struct source_settings s = { .username = https[_i].user,
		.password = https[_i].password,
		.branch = https[_i].branch };
	struct fetched f;
	struct err err = { 0 };
	int rc;

	start_https();
	s.ca_bundle = https[_i].ca ? ca : NULL;
	s.url = url = mem_fmt("https://localhost:%d/%s", port, https[_i].repo);
	rc = fetch(&s, &f, &err);
	ck_assert_msg((rc == 0) == (https[_i].error == NULL), "%s: %s",
	    https[_i].name, err.msg);
	if (rc == 0)
		return;
	ck_assert_msg(strstr(err.msg, https[_i].error) != NULL, "%s", err.msg);
	ck_assert_msg(strstr(err.msg, url) != NULL, "%s", err.msg);
	ck_assert_msg(strstr(err.msg, "-token") == NULL, "%s", err.msg);
	ck_assert_int_eq(err.kind, https[_i].kind);
}
END_TEST

START_TEST(https_follows)
{
	auto_free char *ca = at("tls.crt"), *url = NULL;
	auto_free char *mirror = at("state/mirror"), *first = NULL;
	struct source_settings s = { .password = "s3cret-token",
		.branch = "main",
		.ca_bundle = ca,
		.mirror = mirror };
	auto_of(source_free) struct source *source = NULL;
	struct fetched f;
	struct err err;

	start_https();
	first = output("work", "git rev-parse HEAD");
	s.url = url = mem_fmt("https://localhost:%d/origin.git", port);
	ck_assert_int_eq(source_new(&s, &source, &err), 0);
	ck_assert_int_eq(source_fetch(source, &f, &err), 0);
	ck_assert(f.changed);
	ck_assert_int_eq(source_fetch(source, &f, &err), 0);
	ck_assert(!f.changed);
	push_file("a", "2", "two");
	ck_assert_int_eq(source_fetch(source, &f, &err), 0);
	ck_assert(f.changed && !f.forced);
	run("work", "git reset -q --hard %s", first);
	push_file("a", "3", "three");
	ck_assert_int_eq(source_fetch(source, &f, &err), 0);
	ck_assert(f.changed && f.forced);
}
END_TEST

/* ---- servers that do not answer ---- */

static const struct {
	const char *form;
	bool listens;
	enum err_kind kind;
	const char *error;
} deads[] = {
	{ "https://u:hidd3n@127.0.0.1:%d/x", true, ERR_TRANSIENT,
	    "https://127.0.0.1:%d/x: not done after 0.5 seconds" },
	{ "http://u:hidd3n@127.0.0.1:%d/x", true, ERR_TRANSIENT,
	    "http://127.0.0.1:%d/x: not done after 0.5 seconds" },
	{ "ssh://git@127.0.0.1:%d/x", true, ERR_TRANSIENT,
	    "ssh://127.0.0.1:%d/x: not done after 0.5 seconds" },
	{ "https://u:hidd3n@127.0.0.1:%d/x", false, ERR_NETWORK,
	    "https://127.0.0.1:%d/x: cannot connect to 127.0.0.1:" },
	{ "ssh://git@127.0.0.1:%d/x", false, ERR_NETWORK,
	    "Connection refused; check the name, the network" },
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
START_TEST(dead_server)
{
	struct source_settings s = { .timeout_sec = 0.5 };
	auto_free char *url = NULL, *want = NULL;
	auto_fd int fd = listen_any(&port);
	struct fetched f;
	struct err err;
	double start = clock_mono();

	if (!deads[_i].listens)
		shutdown(fd, SHUT_RDWR);
	s.url = url = mem_fmt(deads[_i].form, port);
	want = mem_fmt(deads[_i].error, port);
	ck_assert_int_eq(fetch(&s, &f, &err), -1);
	ck_assert_msg(strstr(err.msg, want) != NULL, "%s", err.msg);
	ck_assert_ptr_null(strstr(err.msg, "hidd3n"));
	ck_assert_int_eq(err.kind, deads[_i].kind);
	ck_assert(clock_mono() - start < 5);
}
END_TEST
#pragma GCC diagnostic pop

static void
open_all(void)
{
	here = getcwd(NULL, 0);
	ck_assert_ptr_nonnull(here);
	repo_open();
	push_file("a", "1", "one");
}

int
main(void)
{
	Suite *suite = suite_create("source over the network");
	TCase *t = tcase_create("net");
	SRunner *r = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(t, open_all, stop_server);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, ssh, 0, COUNT(sshs));
	tcase_add_test(t, ssh_without_known_hosts);
	tcase_add_loop_test(t, over_https, 0, COUNT(https));
	tcase_add_test(t, https_follows);
	tcase_add_loop_test(t, dead_server, 0, COUNT(deads));
	suite_add_tcase(suite, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
