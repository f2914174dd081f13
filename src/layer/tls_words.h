/*
 * A public list of words, of which two people compare six.
 *
 * Law: the list and its order are part of the protocol between two sockcats:
 * neither is ever changed.
 */
#ifndef LAYER_TLS_WORDS_H
#define LAYER_TLS_WORDS_H

#define TLS_WORD_LIST	7776

/* Returns a word of the list; index: below TLS_WORD_LIST. */
const char	*tls_word(unsigned index);

#endif
