/*
 * sendmmsg(2) with MSG_ZEROCOPY. Notifications come on the error queue as inclusive
 * ranges of calls (Documentation/networking/msg_zerocopy.rst); each message of a
 * sendmmsg is a call, counted from 0 a socket, modulo 2^32. On a stream a message
 * may take several calls; a call that took only a part is the last of its sendmmsg.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/errqueue.h> /* after time.h, whose struct timespec it needs */

#include "clock.h"
#include "parts.h"
#include "sender.h"
#include "stream.h"

#ifndef SO_EE_CODE_ZEROCOPY_COPIED
#define SO_EE_CODE_ZEROCOPY_COPIED 1
#endif

enum { NOTICES = 8, CONTROL_SIZE = 128, WAIT_MS = 1000 };

struct sendmmsg_zc {
	struct sender sender;
	struct mmsghdr *headers;
	struct iovec *vectors;
	uint32_t calls; /* number of the next */
	uint32_t begun; /* what it was when the trial began */
	uint32_t open;  /* calls without their notification */
	struct parts *parts; /* of a stream's messages, or NULL */

	struct mmsghdr notices[NOTICES];
	_Alignas(struct cmsghdr) char control[NOTICES][CONTROL_SIZE];
};

/* release_datagrams takes back the messages of calls from call on. */
static bool release_datagrams(struct sendmmsg_zc *z, uint32_t call, uint32_t count, bool copied, int64_t now)
{
	struct sender *s = &z->sender;

	s->tally.notifications += count;
	if (copied)
		s->tally.copied += count;
	for (uint32_t i = 0; i < count; i++)
		if (!buffers_release(s->buffers, (uint32_t)(call - z->begun + i), now))
			return fail(s, "a message was released twice, or never lent", 0);
	return true;
}

/* release_parts takes back what calls from call on sent of a stream: messages, or
 * parts of them. */
static bool release_parts(struct sendmmsg_zc *z, uint32_t call, uint32_t count, bool copied, int64_t now)
{
	struct sender *s = &z->sender;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t seq;
		const struct part *p = parts_release(z->parts, call + i, copied, &seq);
		if (p == NULL)
			return fail(s, "a call was released twice, or never made", 0);
		if (p->open > 0 || p->sent < s->buffers->size)
			continue;
		s->tally.notifications++;
		s->tally.copied += p->copied;
		if (!buffers_release(s->buffers, seq, now))
			return fail(s, "a message was released twice, or never lent", 0);
	}
	return true;
}

static bool take_notice(struct sendmmsg_zc *z, struct msghdr *h, int64_t now)
{
	struct sender *s = &z->sender;
	struct cmsghdr *c = CMSG_FIRSTHDR(h);

	if (c == NULL || c->cmsg_len < CMSG_LEN(sizeof(struct sock_extended_err)) ||
	    !((c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
	      (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR)))
		return fail(s, "the error queue holds something other than a notification", 0);
	const struct sock_extended_err *e = (const void *)CMSG_DATA(c);
	if (e->ee_origin != SO_EE_ORIGIN_ZEROCOPY || e->ee_errno != 0)
		return fail(s, "the error queue holds an error", (int)e->ee_errno);
	uint32_t count = e->ee_data - e->ee_info + 1;
	if (count > z->open)
		return fail(s, "a notification for calls that aren't open", 0);
	z->open -= count;
	bool copied = e->ee_code & SO_EE_CODE_ZEROCOPY_COPIED;
	return z->parts != NULL ? release_parts(z, e->ee_info, count, copied, now)
				: release_datagrams(z, e->ee_info, count, copied, now);
}

/* take reads one load of notifications. */
static bool take(struct sendmmsg_zc *z)
{
	struct sender *s = &z->sender;

	for (unsigned i = 0; i < NOTICES; i++) {
		z->notices[i].msg_hdr.msg_control = z->control[i];
		z->notices[i].msg_hdr.msg_controllen = CONTROL_SIZE;
	}
	int n = recvmmsg(s->fd, z->notices, NOTICES, MSG_ERRQUEUE | MSG_DONTWAIT, NULL);
	s->tally.syscalls++;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR || fail(s, "recvmmsg", errno);
	int64_t now = now_ns();
	for (int i = 0; i < n; i++)
		if (!take_notice(z, &z->notices[i].msg_hdr, now))
			return false;
	return true;
}

static bool sendmmsg_zc_reap(struct sender *s)
{
	struct sendmmsg_zc *z = (struct sendmmsg_zc *)s;
	uint32_t before = z->open;

	if (!take(z))
		return false;
	if (z->open < before || z->open == 0)
		return true;
	/* POLLERR is always asked for (poll(2)). */
	struct pollfd p = { .fd = s->fd };
	int n = poll(&p, 1, WAIT_MS);
	s->tally.syscalls++;
	if (n < 0 && errno != EINTR)
		return fail(s, "poll", errno);
	if (n == 0)
		return fail(s, "no zero-copy notification came within a second", 0);
	return take(z);
}

/* refused tells whether to try again. ENOBUFS is unread notifications that fill
 * net.core.optmem_max, or the limit on locked memory: reading gives back both. */
static bool refused(struct sendmmsg_zc *z, int error)
{
	struct sender *s = &z->sender;

	if (!stall(s, error))
		return fail(s, "sendmmsg", error);
	s->tally.retries++;
	if (error != ENOBUFS)
		return true;
	if (z->open > 0)
		return sendmmsg_zc_reap(s);
	poll(NULL, 0, 1); /* pages that somebody else has still locked */
	return true;
}

/* took_datagrams counts what a sendmmsg took, and returns how many messages are
 * done with it. */
static unsigned took_datagrams(struct sendmmsg_zc *z, unsigned at, unsigned taken)
{
	struct sender *s = &z->sender;

	for (unsigned i = at; i < at + taken; i++)
		s->tally.bytes += z->headers[i].msg_len;
	s->tally.messages += taken;
	z->calls += taken;
	z->open += taken;
	return taken;
}

/* took_parts is took_datagrams for messages of a stream, of which the last may
 * have to be gone on with. */
static unsigned took_parts(struct sendmmsg_zc *z, uint64_t first, unsigned at, unsigned taken)
{
	struct sender *s = &z->sender;
	unsigned whole = 0;

	for (unsigned i = at; i < at + taken; i++) {
		size_t sent = z->headers[i].msg_len;
		s->tally.bytes += sent;
		z->open++;
		if (parts_send(z->parts, z->calls++, first + i, sent) == s->buffers->size) {
			whole++;
		} else {
			z->vectors[i].iov_base = (uint8_t *)z->vectors[i].iov_base + sent;
			z->vectors[i].iov_len -= sent;
		}
	}
	s->tally.messages += whole;
	return whole;
}

static bool sendmmsg_zc_send(struct sender *s, uint64_t first)
{
	struct sendmmsg_zc *z = (struct sendmmsg_zc *)s;
	unsigned n = s->buffers->batch;

	if (first == 0) /* a trial begins */
		z->begun = z->calls;
	for (unsigned i = 0; i < n; i++) {
		z->vectors[i].iov_base = buffers_filled(s->buffers, first + i);
		z->vectors[i].iov_len = s->buffers->size;
	}
	if (z->parts != NULL)
		parts_begin(z->parts, first, n);
	buffers_lend(s->buffers, first, n, now_ns());
	for (unsigned done = 0; done < n;) {
		while (z->parts != NULL && !parts_room(z->parts, z->calls, n - done))
			if (!sendmmsg_zc_reap(s))
				return false;
		int taken = sendmmsg(s->fd, z->headers + done, n - done, MSG_ZEROCOPY);
		s->tally.syscalls++;
		if (taken < 0) {
			if (!refused(z, errno))
				return false;
			continue;
		}
		s->stalled = 0;
		done += z->parts != NULL ? took_parts(z, first, done, (unsigned)taken) : took_datagrams(z, done, (unsigned)taken);
	}
	return take(z);
}

struct sender *sendmmsg_zc_open(int fd, unsigned batch)
{
	struct sendmmsg_zc *z = calloc(1, sizeof(*z));
	int on = 1;

	if (z == NULL)
		return NULL;
	struct sender *s = &z->sender;
	s->send = sendmmsg_zc_send;
	s->reap = sendmmsg_zc_reap;
	s->fd = fd;
	s->stream = stream_is(fd);
	s->batch = batch;
	z->headers = calloc(batch, sizeof(*z->headers));
	z->vectors = calloc(batch, sizeof(*z->vectors));
	if (s->stream)
		z->parts = parts_open(batch);
	if (z->headers == NULL || z->vectors == NULL || (s->stream && z->parts == NULL)) {
		fail(s, "sendmmsg-zc", ENOMEM);
		return s;
	}
	for (unsigned i = 0; i < batch; i++) {
		z->headers[i].msg_hdr.msg_iov = &z->vectors[i];
		z->headers[i].msg_hdr.msg_iovlen = 1;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)) < 0)
		fail(s, "SO_ZEROCOPY", errno);
	return s;
}
