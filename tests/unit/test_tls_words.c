/* The program has the list in a module, which tests are not linked with. */
#include "layer/tls_words.c"
#include "unit.h"

static void
words_are_short_distinct_and_in_order(void)
{
	for (unsigned i = 0; i < TLS_WORD_LIST; i++) {
		const char *word = tls_word(i);
		size_t len = strlen(word);

		CHECK(len >= 3 && len <= 9);
		CHECK(strspn(word, "abcdefghijklmnopqrstuvwxyz-") == len);
		CHECK(i == 0 || strcmp(tls_word(i - 1), word) < 0);
	}
}

static void
places_of_words_never_change(void)
{
	CHECK_STR(tls_word(0), "abacus");
	CHECK_STR(tls_word(1), "abdomen");
	CHECK_STR(tls_word(TLS_WORD_LIST / 2), "mastiff");
	CHECK_STR(tls_word(TLS_WORD_LIST - 1), "zoom");
}

int
main(void)
{
	unit_run("words are short, distinct and in order",
	    words_are_short_distinct_and_in_order);
	unit_run("the places of words never change",
	    places_of_words_never_change);
	return unit_end();
}
