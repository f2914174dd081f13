/*
 * A chat inside TLS.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/chat_tls.h"
#include "chat/name_look.h"
#include "layer/tls.h"
#include "message/messages.h"

static const char help[] =
    ":words shows the words to compare; :trust NAME remembers the peer's key, "
    "so that later chats show NAME; :forget NAME forgets that";

/* No name of a known peer has a blank. */
static const char nameless[] = "unknown peer";
static const char wordless[] = "no words to compare";

/* ---- Opening ------------------------------------------------------------ */

int
chat_tls_open(struct chat_tls *t, const struct plan *plan, bool commands)
{
	const char *name = plan->chat.expect;
	struct error err;

	t->plan = plan;
	t->on = plan->tls.on;
	t->commands = commands;
	if (!t->on)
		return 0;
	if (known_peers_open(&t->known, &t->unusable) == 0)
		t->unusable.num = 0;
	if (t->unusable.num != 0 && name != NULL)
		return messages_failed(plan, &t->unusable);
	if (t->unusable.num != 0)
		diag_error(&t->unusable);
	if (name == NULL)
		return 0;
	/* The fingerprints of --expect become pins. */
	if (!known_peers_pins(&t->known, name, &t->pins, &t->npins)) {
		error_set(&err, ENOMEM, "expect", "%s", name);
		return messages_failed(plan, &err);
	}
	if (t->npins > 0)
		return 0;
	error_set(&err, ENOENT, "expect", "%s", name);
	(void)strlcpy(err.why, "no known peer has this name",
	    sizeof(err.why));
	err.hint = "in a chat, :trust NAME makes the peer known";
	return messages_failed(plan, &err);
}

void
chat_tls_close(struct chat_tls *t)
{
	if (!t->on)
		return;
	known_peers_close(&t->known);
	if (t->pem != NULL)
		explicit_bzero(t->pem, strlen(t->pem));
	free(t->pem);
	free(t->pins);
}

void
chat_tls_adapt(struct chat_tls *t, struct tls_options *opt)
{
	struct error err;

	opt->asks_cert = true;
	if (t->npins > 0) {
		opt->pins = t->pins;
		opt->npins = t->npins;
		opt->pins_of = t->plan->chat.expect;
	}
	if (opt->cert != NULL)
		return;
	if (t->pem == NULL && known_peers_has_key(&t->known)) {
		known_peers_key(&t->known, t->key);
		opt->cert = t->key;
		return;
	}
	/* Without a key, making the context fails and gives the reason. */
	if (t->pem == NULL)
		t->pem = tls_make_key(&err);
	opt->pem = t->pem;
}

const char *
chat_tls_keeps(struct chat_tls *t)
{
	if (!t->on || *t->known.dir == '\0' || t->no_place.num != 0)
		return NULL;
	/* Without commands the list is only read, for each peer. */
	return t->commands ? known_peers_make_place(&t->known, &t->no_place) :
	    t->known.dir;
}

/* In the sandbox, another try would only fail by the sandbox. */
static bool
chat_tls_has_place(const struct chat_tls *t)
{
	if (t->no_place.num == 0)
		return true;
	diag_error(&t->no_place);
	return false;
}

/* ---- The peer ----------------------------------------------------------- */

static void
chat_tls_show_words(const struct chat_tls *t, const char *before)
{
	const char *const *w = t->words;

	diag_warnx("%sthe words are: %s %s %s %s %s %s", before, w[0], w[1],
	    w[2], w[3], w[4], w[5]);
}

void
chat_tls_secured(struct chat_tls *t, const struct tls_facts *facts,
    char shown[CHAT_NAME_MAX])
{
	char other[CHAT_NAME_MAX], before[CHAT_NAME_MAX + 32];

	t->secured = true;
	t->claimed = false;
	t->has_cert = facts->has_cert;
	memcpy(t->sha256, facts->cert.sha256, sizeof(t->sha256));
	memcpy(t->words, facts->words, sizeof(t->words));
	*t->name = '\0';
	/*
	 * The names of the file, or of --expect, count as they are now. Where
	 * no place could be made, there is no file, and the sandbox lets none
	 * be opened.
	 */
	if (t->no_place.num == 0) {
		known_peers_close(&t->known);
		if (known_peers_open(&t->known, &t->unusable) == 0)
			t->unusable.num = 0;
	}
	if (t->has_cert)
		(void)known_peers_find(&t->known, t->sha256, t->name);
	if (known_peers_is_other(&t->known, shown, NULL, other)) {
		if (*t->name == '\0')
			diag_warnx("this is not the %s you know: the key is "
			    "different", other);
		(void)strlcpy(shown, nameless, CHAT_NAME_MAX);
	}
	(void)strlcpy(t->plain, shown, sizeof(t->plain));
	if (*t->name != '\0') {
		(void)strlcpy(shown, t->name, CHAT_NAME_MAX);
		diag_warnx("this is %s: it has the key that you trust",
		    t->name);
		return;
	}
	(void)snprintf(before, sizeof(before), "%.*s is not known; ",
	    CHAT_NAME_MAX, shown);
	if (t->words[0] == NULL) {
		diag_warnx("%s%s", before, wordless);
		return;
	}
	chat_tls_show_words(t, before);
	diag_warnx("read them to each other, by telephone for example: if they "
	    "differ, someone is intercepting");
	if (t->commands && t->has_cert)
		diag_warnx("if they are the same, :trust NAME remembers this "
		    "peer");
}

void
chat_tls_left(struct chat_tls *t)
{
	t->secured = t->has_cert = false;
	*t->name = '\0';
}

bool
chat_tls_allows_name(struct chat_tls *t, const char *name, const char *shown)
{
	char other[CHAT_NAME_MAX];

	if (!t->secured)
		return true;
	if (*t->name != '\0')
		return false;
	if (!known_peers_is_other(&t->known, name, NULL, other))
		return true;
	if (!t->claimed)
		diag_warnx("the peer calls itself %s, but does not have the "
		    "key of %s: still shown as %s", name, other, shown);
	t->claimed = true;
	return false;
}

bool
chat_tls_is_known_name(const struct chat_tls *t, const char *name)
{
	char other[CHAT_NAME_MAX];

	return t->secured &&
	    known_peers_is_other(&t->known, name, NULL, other);
}

/* ---- Commands ----------------------------------------------------------- */

static void
chat_tls_trust(struct chat_tls *t, const char *name, char shown[CHAT_NAME_MAX])
{
	struct error err;
	char path[PATH_MAX];

	if (!t->secured) {
		diag_warnx("the peer is not here yet");
		return;
	}
	if (!t->has_cert) {
		diag_warnx("the peer has shown no key that could be "
		    "remembered");
		return;
	}
	if (name_fault(name) != NULL || !chat_names_fit(name)) {
		diag_warnx("a name is a word of at most %d letters, digits, "
		    "dots, - and _", CHAT_NAME_CHARS);
		return;
	}
	if (!chat_tls_has_place(t))
		return;
	if (known_peers_add(&t->known, name, t->sha256, &err) == -1) {
		diag_error(&err);
		return;
	}
	(void)strlcpy(t->name, name, sizeof(t->name));
	(void)strlcpy(shown, name, CHAT_NAME_MAX);
	/* The key of this chat becomes the lasting key, if there was none. */
	if (t->pem != NULL && !t->keeps_pem) {
		if (known_peers_keep_key(&t->known, t->pem, &err) == 0) {
			known_peers_key(&t->known, path);
			diag_warnx("your own key is new, and is kept in %s",
			    path);
		} else if (err.num == EEXIST) {
			diag_warnx("another chat has just made your key; this "
			    "chat uses a temporary key");
		} else {
			diag_error(&err);
			return;
		}
		t->keeps_pem = true;
	}
	diag_warnx("this peer is known as %s; later chats show the name if "
	    "the other side has used :trust, too", name);
}

static void
chat_tls_forget(struct chat_tls *t, const char *name,
    char shown[CHAT_NAME_MAX])
{
	struct error err;

	if (!chat_tls_has_place(t))
		return;
	if (known_peers_remove(&t->known, name, &err) == -1) {
		diag_error(&err);
		return;
	}
	diag_warnx("%s is forgotten", name);
	if (*t->name == '\0' ||
	    known_peers_find(&t->known, t->sha256, t->name))
		return;
	*t->name = '\0';
	(void)strlcpy(shown, t->plain, CHAT_NAME_MAX);
}

bool
chat_tls_command(struct chat_tls *t, const char *line,
    char shown[CHAT_NAME_MAX])
{
	if (!t->on)
		return false;
	if (strcmp(line, ":trust") == 0 || strcmp(line, ":forget") == 0)
		diag_warnx("usage: %s NAME", line);
	else if (strncmp(line, ":trust ", 7) == 0)
		chat_tls_trust(t, line + 7, shown);
	else if (strncmp(line, ":forget ", 8) == 0)
		chat_tls_forget(t, line + 8, shown);
	else if (strcmp(line, ":words") != 0)
		return false;
	else if (!t->secured)
		diag_warnx("the peer is not here yet");
	else if (t->words[0] == NULL)
		diag_warnx("%s", wordless);
	else
		chat_tls_show_words(t, "");
	return true;
}

void
chat_tls_info(const struct chat_tls *t)
{
	char hex[2 * TLS_SHA256 + 1];

	if (!t->secured || !t->has_cert)
		return;
	tls_hex(t->sha256, TLS_SHA256, hex);
	diag_warnx("the peer's key: SHA256:%s, %s%s", hex,
	    *t->name != '\0' ? "known as " : "not known", t->name);
}

void
chat_tls_help(const struct chat_tls *t)
{
	if (t->on)
		diag_warnx("%s", help);
}
