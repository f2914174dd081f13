/*
 * The text of --tag.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "run/tag.h"

static void
tag_put_address(FILE *f, const struct addr *peer)
{
	char host[ADDR_HOST_MAX];
	const char *s = addr_host(peer, host, sizeof(host));

	if (*s == '\0')
		s = "unnamed";
	for (; *s != '\0'; s++)
		putc(isascii((unsigned char)*s) && isprint((unsigned char)*s) ?
		    *s : '?', f);
}

static void
tag_put_field(FILE *f, char field, const struct tag *tag)
{
	switch (field) {
	case 'a':
		tag_put_address(f, tag->peer);
		break;
	case 'p':
		fprintf(f, "%u", addr_port(tag->peer));
		break;
	case 'n':
		fprintf(f, "%u", tag->number);
		break;
	case 'f':
		fputs(tag->input, f);
		break;
	default:
		putc(field, f);
	}
}

char *
tag_text(const char *format, const struct tag *tag, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (f == NULL)
		return NULL;
	for (; *format != '\0'; format++)
		if (*format == '%' && format[1] != '\0')
			tag_put_field(f, *++format, tag);
		else
			putc(*format, f);
	if (fclose(f) == 0)
		return text;
	/* The buffer is the caller's even where fclose(3) ran out of memory. */
	free(text);
	return NULL;
}
