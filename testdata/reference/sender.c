#include "sender.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"

static const int64_t stall_limit_ns = 1000000000;

bool fail(struct sender *s, const char *what, int error)
{
	if (error != 0)
		snprintf(s->error, sizeof(s->error), "%s: %s", what, strerror(error));
	else
		snprintf(s->error, sizeof(s->error), "%s", what);
	return false;
}

bool stall(struct sender *s, int error)
{
	switch (error) {
	case EINTR:
		return true;
	case EAGAIN:
	case EBUSY:
	case ENOBUFS:
	case ENOMEM:
		break;
	default:
		return false;
	}
	int64_t now = now_ns();
	if (s->stalled == 0)
		s->stalled = now;
	return now - s->stalled <= stall_limit_ns;
}
