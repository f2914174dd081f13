/*
 * The functions of libbsd(7) and libmd that sockcat uses, for a system that
 * has neither. Each does what its manual page says as far as sockcat asks
 * for it. They bear names of their own, so that they are compiled, and tested
 * beside libbsd's, in every build; the headers in bsd/include/ give them the
 * usual names in a build that has no libbsd.
 */
#ifndef BSD_BSD_H
#define BSD_BSD_H

#include <stddef.h>
#include <stdint.h>

/*
 * strtonum(3): the number that s is, blanks before it and a sign allowed. *why
 * is NULL, or "invalid", "too small" or "too large"; then the result is 0, and
 * errno is EINVAL or ERANGE.
 */
long long	bsd_strtonum(const char *s, long long min, long long max,
		    const char **why);

/* strlcpy(3), strlcat(3): the length that the whole would have had. */
size_t	bsd_strlcpy(char *dst, const char *src, size_t size);
size_t	bsd_strlcat(char *dst, const char *src, size_t size);

/* freezero(3): overwrite what is freed. NULL is fine. */
void	bsd_freezero(void *, size_t);

/*
 * arc4random(3), straight from the kernel. They cannot fail: where there is no
 * randomness the program ends, for a secret that can be guessed is none.
 */
uint32_t	bsd_arc4random(void);
void		bsd_arc4random_buf(void *, size_t);
/* 0 to bound - 1, each as likely as the others. */
uint32_t	bsd_arc4random_uniform(uint32_t bound);

#define BSD_VIS_OCTAL	0x0001
#define BSD_VIS_CSTYLE	0x0002
#define BSD_VIS_SP	0x0004
#define BSD_VIS_TAB	0x0008
#define BSD_VIS_NL	0x0010
#define BSD_VIS_WHITE	(BSD_VIS_SP | BSD_VIS_TAB | BSD_VIS_NL)
#define BSD_VIS_GLOB	0x1000

/*
 * vis(3): one byte as at most four visible ones and a NUL, whose place is
 * returned; next tells whether "\0" is without doubt. Every byte is one of
 * ASCII, or none, whatever the locale.
 */
char	*bsd_vis(char *dst, int c, int flags, int next);
/* strvis(3): dst has 4 * strlen(src) + 1 bytes. Returns the length. */
int	 bsd_strvis(char *dst, const char *src, int flags);

/* readpassphrase(3), which here always asks the terminal, without echo. */
#define BSD_RPP_REQUIRE_TTY	0x02
char	*bsd_readpassphrase(const char *prompt, char *buf, size_t size,
	    int flags);

/* MD5 (RFC 1321) and SHA-256 (FIPS 180-4), which have a frame in common. */
#define BSD_DIGEST_BLOCK	64
#define BSD_MD5_LENGTH		16
#define BSD_SHA256_LENGTH	32

struct bsd_digest {
	uint32_t	h[8];
	uint64_t	bytes;			/* so far */
	uint8_t		block[BSD_DIGEST_BLOCK];	/* not yet used */
};

void	 bsd_md5_init(struct bsd_digest *);
void	 bsd_md5_update(struct bsd_digest *, const uint8_t *, size_t);
/* In hexadecimal digits, with a NUL: 2 * BSD_MD5_LENGTH + 1 bytes. */
char	*bsd_md5_end(struct bsd_digest *, char *);

void	 bsd_sha256_init(struct bsd_digest *);
void	 bsd_sha256_update(struct bsd_digest *, const uint8_t *, size_t);
/* The same: 2 * BSD_SHA256_LENGTH + 1 bytes. */
char	*bsd_sha256_end(struct bsd_digest *, char *);

#endif
