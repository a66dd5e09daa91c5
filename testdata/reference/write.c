/* One write(2) a message. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "sender.h"
#include "stream.h"

static bool write_one(struct sender *s, const uint8_t *message)
{
	for (size_t done = 0;;) {
		ssize_t sent = write(s->fd, message + done, s->buffers->size - done);
		s->tally.syscalls++;
		if (sent >= 0) {
			done += (size_t)sent;
			s->tally.bytes += sent;
			s->stalled = 0;
			if (done < s->buffers->size)
				continue; /* a stream had room for a part */
			s->tally.messages++;
			return true;
		}
		if (!stall(s, errno))
			return fail(s, "write", errno);
		s->tally.retries++;
	}
}

/* The clock is read around the last message of a batch, whose time stands for
 * each: reading it around every one would cost a tenth of a small message. */
static bool write_send(struct sender *s, uint64_t first)
{
	unsigned n = s->buffers->batch;
	int64_t start = 0;

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *message = buffers_filled(s->buffers, first + i);
		if (i == n - 1)
			start = now_ns();
		if (!write_one(s, message))
			return false;
	}
	latency_record(&s->buffers->released, now_ns() - start, n);
	return true;
}

/* write(2) returns when the data is copied: there is nothing to wait for. */
static bool write_reap(struct sender *s)
{
	(void)s;
	return true;
}

struct sender *write_open(int fd, unsigned batch)
{
	struct sender *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->send = write_send;
	s->reap = write_reap;
	s->fd = fd;
	s->stream = stream_is(fd);
	s->batch = batch;
	return s;
}
