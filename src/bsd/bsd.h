/*
 * Functions of libbsd and libmd that sockcat uses, for systems that have
 * neither, as musl's. Each follows its manual page, as far as sockcat needs.
 * The names differ, so that every build compiles and tests these functions
 * beside those of libbsd; the headers in bsd/include/ give them the usual
 * names in a build without libbsd.
 */
#ifndef BSD_BSD_H
#define BSD_BSD_H

#include <stddef.h>
#include <stdint.h>

/*
 * strtonum(3). *why, which may be NULL, becomes NULL, or "invalid" (errno
 * EINVAL), "too small" or "too large" (ERANGE); the result is then 0.
 */
long long	bsd_strtonum(const char *s, long long min, long long max,
		    const char **why);

/* strlcpy(3), strlcat(3). Return the length without truncation. */
size_t	bsd_strlcpy(char *dst, const char *src, size_t size);
size_t	bsd_strlcat(char *dst, const char *src, size_t size);
/*
 * strvis(3) with VIS_WHITE, each byte as in the C locale. dst has
 * 4 * strlen(src) + 1 bytes. Returns the length.
 */
int	bsd_strvis(char *dst, const char *src);

/* freezero(3): overwrites and frees the memory. NULL: does nothing. */
void	bsd_freezero(void *, size_t);

/*
 * arc4random_buf(3), by getentropy(3). If getentropy fails the program aborts,
 * since a secret made without randomness could be guessed.
 */
void		bsd_arc4random_buf(void *, size_t);
/* From 0 to bound - 1, each with the same probability. */
uint32_t	bsd_arc4random_uniform(uint32_t bound);

/*
 * readpassphrase(3) with RPP_REQUIRE_TTY: reads from /dev/tty, without echo.
 * size is at least 1.
 */
char	*bsd_readpassphrase(const char *prompt, char *buf, size_t size);

/* MD5 (RFC 1321) and SHA-256 (FIPS 180-4). */
#define BSD_DIGEST_BLOCK	64
#define BSD_MD5_LENGTH		16
#define BSD_SHA256_LENGTH	32

struct bsd_digest {
	const struct bsd_digest_kind *kind;
	uint32_t	h[8];
	uint64_t	bytes;			/* so far */
	uint8_t		block[BSD_DIGEST_BLOCK];	/* not yet used */
};

void	 bsd_md5_init(struct bsd_digest *);
void	 bsd_sha256_init(struct bsd_digest *);
void	 bsd_digest_update(struct bsd_digest *, const uint8_t *, size_t);
/* Writes hexadecimal digits and a NUL: 2 * length + 1 bytes. Returns them. */
char	*bsd_digest_end(struct bsd_digest *, char *);

#endif
