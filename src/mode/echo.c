/* to come */
#include "mode/conn.h"
struct conn *
conn_echo(const struct conn_start *s, int *status)
{
	fd_close(s->fd);
	*status = 1;
	return NULL;
}
