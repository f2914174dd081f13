/* The program has the list in a module, which tests are not linked with. */
#include "layer/tls_words.c"
#include "unit.h"

TEST(words_are_short_distinct_and_in_order)
{
	for (unsigned i = 0; i < TLS_WORD_LIST; i++) {
		const char *word = tls_word(i);
		size_t len = strlen(word);

		CHECK(len >= 3 && len <= 9);
		CHECK(strspn(word, "abcdefghijklmnopqrstuvwxyz-") == len);
		CHECK(i == 0 || strcmp(tls_word(i - 1), word) < 0);
	}
}

TEST(the_places_of_words_never_change)
{
	CHECK_STR(tls_word(0), "abacus");
	CHECK_STR(tls_word(1), "abdomen");
	CHECK_STR(tls_word(TLS_WORD_LIST / 2), "mastiff");
	CHECK_STR(tls_word(TLS_WORD_LIST - 1), "zoom");
}
