/*
 * The words that two people compare; each stands for 12.9 bits.
 */
#include "layer/tls_impl.h"

/* Longer than each word. The table has no pointers, and is never relocated. */
#define WORD_MAX	10

static const char	words[TLS_WORD_LIST][WORD_MAX] = {
#include "layer/tls_words.inc"
};

const char *
tls_word(unsigned index)
{
	return words[index];
}
