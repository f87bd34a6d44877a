/* Secrets from files and systemd credentials: see secret.h. */

#include "daemon/secret.h"
#include "common/base/file.h"
#include "common/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define MAX_BYTES (16 << 10)

int
secret_path(const char *word, char **ret, struct err *err)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");

	if (word == NULL)
		return 0;
	if (*word == '/') {
		*ret = mem_str(word);
		return 0;
	}
	if (*word == 0 || strchr(word, '/') != NULL)
		return err_set(err, ERR_INPUT,
		    "`%s` is neither an absolute path nor the name of a "
		    "systemd credential",
		    word);
	if (directory == NULL)
		return err_set(err, ERR_INPUT,
		    "`%s` is a systemd credential, but CREDENTIALS_DIRECTORY "
		    "is not set; use LoadCredential=, or an absolute path",
		    word);
	*ret = mem_fmt("%s/%s", directory, word);
	return 0;
}

static int
one_line(const struct buf *text, char **ret, struct err *err)
{
	size_t n = strcspn(text->data, "\r\n");

	if (n == 0)
		return err_set(err, ERR_INPUT, "is empty");
	if (strlen(text->data) != text->len ||
	    text->data[n + strspn(text->data + n, "\r\n")] != 0)
		return err_set(err, ERR_INPUT, "must hold one line of text");
	*ret = mem_strn(text->data, n);
	return 0;
}

int
secret_read(const char *word, char **ret, struct err *err)
{
	auto_free char *path = NULL;
	struct buf text = BUF_INIT;
	int result;

	if (word == NULL)
		return 0;
	if (secret_path(word, &path, err) == -1)
		return -1;
	result = file_read(path, MAX_BYTES, &text, err);
	if (result == 0)
		result = one_line(&text, ret, err);
	if (result == -1)
		err_wrap(err, "%s", path);
	if (text.cap != 0)
		mem_wipe(text.data, text.cap);
	buf_free(&text);
	return result;
}

void
secret_wipe(char *s)
{
	if (s != NULL)
		mem_wipe(s, strlen(s));
	free(s);
}
