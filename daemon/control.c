/* JSON lines over a UNIX socket: see control.h. */

#include "daemon/control.h"
#include "common/base/buf.h"
#include "daemon/listen.h"
#include "daemon/log.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

struct control_client {
	LIST_ENTRY(control_client) entry;
	struct control *control;
	int fd;
	ev_io in, out;
	struct buf input, output;
	bool asked;   /* a request has no answer yet */
	bool working; /* requests are being taken: no settling below */
	bool last;    /* nothing more is read: close when all is written */
};

struct control {
	struct control_options o;
	char *path;
	int fd;
	ev_io io;
	LIST_HEAD(, control_client) clients;
	unsigned n;
};

static void
client_free(struct control_client *c)
{
	ev_io_stop(c->control->o.loop, &c->in);
	ev_io_stop(c->control->o.loop, &c->out);
	LIST_REMOVE(c, entry);
	c->control->n--;
	close(c->fd);
	buf_free(&c->input);
	buf_free(&c->output);
	free(c);
}

/* ---- writing ---- */

/* False when the peer is gone. */
static bool
flush(struct control_client *c)
{
	ssize_t n = 0;

	while (c->output.len > 0 && n != -1) {
		n = send(c->fd, c->output.data, c->output.len, MSG_NOSIGNAL);
		if (n > 0) {
			c->output.len -= (size_t)n;
			memmove(c->output.data, c->output.data + n,
			    c->output.len + 1);
		}
	}
	return n != -1 || errno == EAGAIN || errno == EINTR;
}

static void
put_line(struct control_client *c, const json_t *answer)
{
	auto_free char *text = js_dump(answer);

	buf_adds(&c->output, text);
	buf_addc(&c->output, '\n');
}

static json_t *
refusal(const char *text)
{
	auto_buf struct buf clean = BUF_INIT;

	log_clean(&clean, text);
	return js_pack("{s:b, s:s}", "ok", 0, "error", clean.data);
}

/* ---- reading ---- */

static void
take_request(struct control_client *c, const char *line, size_t len)
{
	json_auto_t *request = NULL;
	struct err err;

	c->asked = true;
	if (js_parse(line, len, &request, &err) == -1)
		control_refuse(c, err.msg);
	else if (!json_is_object(request))
		control_refuse(c, "a request is a JSON object");
	else
		c->control->o.request(c->control->o.arg, c, request);
}

/* One complete line at a time, and none while an answer is owed. */
static void
take_lines(struct control_client *c)
{
	char *end;

	while (!c->asked &&
	       (end = memchr(c->input.data, '\n', c->input.len)) != NULL) {
		size_t n = (size_t)(end - c->input.data);
		auto_free char *line = mem_strn(c->input.data, n);

		c->input.len -= n + 1;
		memmove(c->input.data, end + 1, c->input.len + 1);
		take_request(c, line, n);
	}
}

/* An end without a line's end ends the last line, too. */
static void
receive(struct control_client *c)
{
	char data[4096];
	ssize_t n = recv(c->fd, data, sizeof(data), 0);

	if (n > 0) {
		buf_add(&c->input, data, (size_t)n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		c->last = true;
		if (c->input.len > 0)
			buf_addc(&c->input, '\n');
	}
}

/*
 * After anything happened. A long answer or an owed one stops reading, so
 * that a client cannot make us store more than it takes.
 */
static void
settle(struct control_client *c)
{
	struct ev_loop *loop = c->control->o.loop;
	bool alive = flush(c);

	ev_io_stop(loop, &c->in);
	ev_io_stop(loop, &c->out);
	if (c->asked)
		return;
	if (!alive || (c->last && c->output.len == 0)) {
		client_free(c);
		return;
	}
	if (c->output.len > 0)
		ev_io_start(loop, &c->out);
	else
		ev_io_start(loop, &c->in);
}

static void
limit(struct control_client *c)
{
	json_auto_t *answer = NULL;

	if (c->input.len <= CONTROL_MAX_REQUEST)
		return;
	answer = refusal("the request is too long");
	c->last = true;
	buf_clear(&c->input);
	put_line(c, answer);
}

/* May free the client. Answers given meanwhile only fill the output. */
static void
work(struct control_client *c)
{
	c->working = true;
	take_lines(c);
	c->working = false;
	limit(c);
	settle(c);
}

static void
readable(struct ev_loop *loop, ev_io *w, int revents)
{
	struct control_client *c = w->data;

	(void)loop, (void)revents;
	receive(c);
	work(c);
}

static void
writable(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop, (void)revents;
	settle(w->data);
}

static void
answered(struct control_client *c)
{
	must(c->asked);
	c->asked = false;
	if (!c->working)
		work(c);
}

void
control_answer(struct control_client *c, json_t *take_answer)
{
	put_line(c, take_answer);
	js_free(take_answer);
	answered(c);
}

void
control_answer_doc(struct control_client *c, struct packed_doc *take_answer)
{
	packed_doc_add_text(take_answer, &c->output);
	buf_addc(&c->output, '\n');
	packed_doc_free(take_answer);
	answered(c);
}

void
control_refuse(struct control_client *c, const char *text)
{
	control_answer(c, refusal(text));
}

/* ---- the socket ---- */

static void
client_new(struct control *control, int take_fd)
{
	struct control_client *c = mem_of(struct control_client);

	c->control = control;
	c->fd = take_fd;
	c->input = c->output = (struct buf)BUF_INIT;
	ev_io_init(&c->in, readable, take_fd, EV_READ);
	ev_io_init(&c->out, writable, take_fd, EV_WRITE);
	c->in.data = c->out.data = c;
	LIST_INSERT_HEAD(&control->clients, c, entry);
	control->n++;
	ev_io_start(control->o.loop, &c->in);
}

static void
acceptable(struct ev_loop *loop, ev_io *w, int revents)
{
	struct control *control = w->data;
	int fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)loop, (void)revents;
	if (fd == -1)
		return;
	if (control->n >= CONTROL_MAX_CLIENTS)
		close(fd);
	else
		client_new(control, fd);
}

int
control_new(
    const struct control_options *o, struct control **ret, struct err *err)
{
	struct control *control;
	int fd;

	if (listen_unix(o->path, &fd, err) == -1)
		return err_wrap(err, "control.socket");
	control = mem_of(struct control);
	control->o = *o;
	control->path = mem_str(o->path);
	control->fd = fd;
	LIST_INIT(&control->clients);
	ev_io_init(&control->io, acceptable, fd, EV_READ);
	control->io.data = control;
	ev_io_start(o->loop, &control->io);
	*ret = control;
	return 0;
}

void
control_free(struct control *control)
{
	struct control_client *c;

	if (control == NULL)
		return;
	while ((c = LIST_FIRST(&control->clients)) != NULL)
		client_free(c);
	ev_io_stop(control->o.loop, &control->io);
	close(control->fd);
	unlink(control->path);
	free(control->path);
	free(control);
}
