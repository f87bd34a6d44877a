/* inotify on the refs of a local repository: see watch.h. */

#include "daemon/watch.h"
#include "common/base/text.h"

#include <dirent.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define COALESCE_SEC 0.02
#define MAX_DEPTH    16
#define MASK                                                                   \
	(IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |                 \
	    IN_CLOSE_WRITE | IN_DELETE_SELF | IN_ONLYDIR)

struct watch {
	struct ev_loop *loop;
	ev_io io;
	ev_timer settle;
	int fd;     /* of inotify, -1: nothing is watched */
	char *path; /* as given */
	char *refs; /* the directory watched with all below it */
	void (*changed)(void *arg);
	void *arg;
};

static void
stop(struct watch *w)
{
	if (w->fd != -1) {
		ev_io_stop(w->loop, &w->io);
		close(w->fd);
	}
	w->fd = -1;
	free(mem_move(&w->path));
	free(mem_move(&w->refs));
}

static void
settled(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct watch *w = t->data;

	(void)loop, (void)revents;
	w->changed(w->arg);
}

static void
add_tree(struct watch *w, const char *path, int depth)
{
	DIR *d = depth > MAX_DEPTH ? NULL : opendir(path);
	struct dirent *e;

	if (d == NULL)
		return;
	inotify_add_watch(w->fd, path, MASK);
	while ((e = readdir(d)) != NULL) {
		auto_free char *sub = NULL;

		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		sub = mem_fmt("%s/%s", path, e->d_name);
		add_tree(w, sub, depth + 1);
	}
	closedir(d);
}

/* Git writes "x.lock" and renames it: the rename is the news. Of the Git
 * directory itself only packed-refs and refs matter. */
static bool
is_news(const struct inotify_event *e)
{
	if (e->mask & (IN_Q_OVERFLOW | IN_ISDIR | IN_DELETE_SELF))
		return true;
	return e->len > 0 && !text_ends(e->name, ".lock") &&
	       strcmp(e->name, "FETCH_HEAD") != 0;
}

/* True when the events say that a push may have happened. */
static bool
drain(struct watch *w, bool *ret_new_directory)
{
	char data[16384] __attribute__((aligned(8)));
	bool news = false;
	ssize_t n;

	while ((n = read(w->fd, data, sizeof(data))) > 0)
		for (char *p = data; p < data + n;) {
			const struct inotify_event *e = (void *)p;

			news |= is_news(e);
			*ret_new_directory |= (e->mask & IN_ISDIR) != 0;
			p += sizeof(*e) + e->len;
		}
	return news;
}

static void
readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct watch *w = io->data;
	bool directory = false;

	(void)revents;
	if (!drain(w, &directory))
		return;
	if (directory) /* watching a directory twice changes nothing */
		add_tree(w, w->refs, 0);
	if (!ev_is_active(&w->settle)) {
		ev_timer_set(&w->settle, COALESCE_SEC, 0);
		ev_timer_start(loop, &w->settle);
	}
}

struct watch *
watch_new(struct ev_loop *loop, void (*changed)(void *arg), void *arg)
{
	struct watch *w = mem_of(struct watch);

	*w = (struct watch){
		.loop = loop, .fd = -1, .changed = changed, .arg = arg
	};
	ev_timer_init(&w->settle, settled, COALESCE_SEC, 0);
	w->settle.data = w;
	return w;
}

/* path may be the Git directory, its "refs", or "refs/heads". */
static char *
refs_of(const char *path)
{
	struct stat st;
	auto_free char *refs = mem_fmt("%s/refs", path);

	if (stat(refs, &st) == 0 && S_ISDIR(st.st_mode))
		return mem_move(&refs);
	return mem_str(path);
}

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
start(struct watch *w, const char *path)
{
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd == -1)
		return false;
	w->path = mem_str(path);
	w->refs = refs_of(path);
	/* The parent too: git pack-refs moves branches into packed-refs. */
	if (strcmp(w->refs, path) != 0)
		inotify_add_watch(w->fd, path, IN_MOVED_TO | IN_ONLYDIR);
	add_tree(w, w->refs, 0);
	ev_io_init(&w->io, readable, w->fd, EV_READ);
	w->io.data = w;
	ev_io_start(w->loop, &w->io);
	return true;
}

bool
watch_path(struct watch *w, const char *path)
{
	bool same = path != NULL && w->path != NULL &&
		    strcmp(path, w->path) == 0 && is_directory(w->refs);

	if (same)
		return false;
	stop(w);
	return path != NULL && is_directory(path) && start(w, path);
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	ev_timer_stop(w->loop, &w->settle);
	stop(w);
	free(w);
}
