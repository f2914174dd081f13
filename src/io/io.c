#include "io/io.h"

static const char *const names[] = {
	[IO_OK] = "ok",
	[IO_AGAIN] = "again",
	[IO_EOF] = "eof",
	[IO_FAIL] = "fail",
};

const char *
io_name(enum io io)
{
	if ((unsigned)io >= sizeof(names) / sizeof(names[0]))
		return "?";
	return names[io];
}
