#include "stream.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "clock.h"

bool stream_is(int fd)
{
	int type = 0;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

/* connection_error is what ended a connection, which keeps what it had to send. */
static int connection_error(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? errno : error;
}

bool stream_flush(struct sender *s, int64_t limit_ns)
{
	const struct timespec nap = { .tv_nsec = 50000 };
	int64_t start = now_ns();

	for (int before = 0;;) {
		int left;
		if (ioctl(s->fd, SIOCOUTQ, &left) < 0)
			return fail(s, "SIOCOUTQ", errno);
		if (left == 0)
			return true;
		if (left < before)
			start = now_ns();
		else if (now_ns() - start > limit_ns)
			return fail(s, "the peer acknowledges nothing of what was sent", 0);
		before = left;
		int error = connection_error(s->fd);
		if (error != 0)
			return fail(s, "not all that was sent is acknowledged", error);
		nanosleep(&nap, NULL);
	}
}
