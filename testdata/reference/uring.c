/*
 * IORING_OP_SEND and IORING_OP_SEND_ZC: one submission a message, one
 * io_uring_enter a batch. A zero-copy send has two completions, its result and its
 * release; flags tell them apart, never the sign of the result
 * (io_uring_prep_send_zc(3)).
 *
 * On a stream, sends that are in flight together overtake each other once one has
 * to wait for room: the messages of a batch are a chain (IOSQE_IO_LINK), each with
 * MSG_WAITALL, with which the kernel itself goes on with a short send (Linux 5.19),
 * and the next batch is submitted when all results of the one before are there.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "clock.h"
#include "ring.h"
#include "sender.h"
#include "stream.h"

/* Linux 6.2, include/uapi/linux/io_uring.h; younger than liburing 2.3. */
#ifndef IORING_SEND_ZC_REPORT_USAGE
#define IORING_SEND_ZC_REPORT_USAGE (1U << 3)
#define IORING_NOTIF_USAGE_ZC_COPIED (1U << 31)
#endif

struct uring {
	struct sender sender;
	struct io_uring ring;
	enum uring_operation operation;
	int flags; /* of each send, see send(2) */
};

/* complete takes in one completion: a message is released by the last it has, the
 * one without F_MORE. */
static bool complete(struct sender *s, const struct io_uring_cqe *cqe, int64_t now)
{
	if (cqe->flags & IORING_CQE_F_NOTIF) {
		s->tally.notifications++;
		if ((uint32_t)cqe->res & IORING_NOTIF_USAGE_ZC_COPIED)
			s->tally.copied++;
	} else if (cqe->res < 0) {
		return fail(s, "send", -cqe->res);
	} else if ((size_t)cqe->res < s->buffers->size) {
		return fail(s, "a send was short: the connection has ended", 0);
	} else {
		s->tally.messages++;
		s->tally.bytes += cqe->res;
	}
	if (cqe->flags & IORING_CQE_F_MORE)
		return true;
	return buffers_release(s->buffers, cqe->user_data, now) ||
	       fail(s, "a message was released twice, or never lent", 0);
}

/* take reads all completions that are there. */
static bool take(struct uring *u)
{
	struct io_uring_cqe *cqe;
	unsigned head, taken = 0;
	int64_t now = 0;

	io_uring_for_each_cqe(&u->ring, head, cqe) {
		if (now == 0)
			now = now_ns();
		taken++;
		if (!complete(&u->sender, cqe, now))
			return false;
	}
	if (taken > 0)
		io_uring_cq_advance(&u->ring, taken);
	return true;
}

static void prepare(struct uring *u, struct io_uring_sqe *sqe, uint64_t seq)
{
	const uint8_t *message = buffers_filled(u->sender.buffers, seq);
	size_t size = u->sender.buffers->size;

	switch (u->operation) {
	case URING_SEND:
		io_uring_prep_send(sqe, 0, message, size, u->flags);
		break;
	case URING_SENDZC:
		io_uring_prep_send_zc(sqe, 0, message, size, u->flags, IORING_SEND_ZC_REPORT_USAGE);
		break;
	case URING_SENDZC_FIXED:
		io_uring_prep_send_zc_fixed(sqe, 0, message, size, u->flags, IORING_SEND_ZC_REPORT_USAGE, 0);
		break;
	}
	sqe->flags = IOSQE_FIXED_FILE; /* the socket is registered file 0 */
	sqe->user_data = seq;
}

static bool uring_send(struct sender *s, uint64_t first)
{
	struct uring *u = (struct uring *)s;
	unsigned n = s->buffers->batch;

	for (unsigned i = 0; i < n; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&u->ring);
		if (sqe == NULL)
			return fail(s, "the submission queue is full", 0);
		prepare(u, sqe, first + i);
	}
	buffers_lend(s->buffers, first, n, now_ns());
	for (unsigned done = 0; done < n;) {
		/* Releases are deferred work, which runs in an enter that asks for events. */
		int taken = io_uring_submit_and_get_events(&u->ring);
		s->tally.syscalls++;
		if (taken < 0 && !stall(s, -taken))
			return fail(s, "io_uring_enter", -taken);
		if (taken <= 0) {
			s->tally.retries++;
		} else {
			s->stalled = 0;
			done += (unsigned)taken;
		}
		if (!take(u))
			return false;
	}
	return true;
}

/* await_results submits a chain and waits until so many messages in all are
 * accepted. Linked sends are deferred work, each of the one before, which goes on for
 * as long as an enter waits for completions. */
static bool await_results(struct uring *u, int64_t messages)
{
	struct sender *s = &u->sender;
	struct __kernel_timespec second = { .tv_sec = 1 };

	while (s->tally.messages < messages) {
		struct io_uring_cqe *cqe;
		int64_t before = s->tally.messages;
		int error = io_uring_submit_and_wait_timeout(&u->ring, &cqe, (unsigned)(messages - before), &second, NULL);
		s->tally.syscalls++;
		if (error < 0 && error != -ETIME && !stall(s, -error))
			return fail(s, "io_uring_enter", -error);
		if (error >= 0 && io_uring_sq_ready(&u->ring) > 0)
			return fail(s, "the kernel took only a part of a chain", 0);
		if (!take(u))
			return false;
		if (error == -ETIME && s->tally.messages == before)
			return fail(s, "no result of a send came within a second", 0);
	}
	s->stalled = 0;
	return true;
}

static bool uring_send_stream(struct sender *s, uint64_t first)
{
	struct uring *u = (struct uring *)s;
	unsigned n = s->buffers->batch;

	for (unsigned i = 0; i < n; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&u->ring);
		if (sqe == NULL)
			return fail(s, "the submission queue is full", 0);
		prepare(u, sqe, first + i);
		if (i < n - 1)
			sqe->flags |= IOSQE_IO_LINK;
	}
	buffers_lend(s->buffers, first, n, now_ns());
	return await_results(u, s->tally.messages + n);
}

static bool uring_reap(struct sender *s)
{
	struct uring *u = (struct uring *)s;
	unsigned before = s->buffers->in_flight;
	struct __kernel_timespec second = { .tv_sec = 1 };
	struct io_uring_cqe *cqe;

	if (!take(u))
		return false;
	if (s->buffers->in_flight < before)
		return true;
	int error = io_uring_wait_cqe_timeout(&u->ring, &cqe, &second);
	s->tally.syscalls++;
	if (error == -ETIME)
		return fail(s, "no completion came within a second", 0);
	if (error < 0 && error != -EINTR)
		return fail(s, "io_uring_enter", -error);
	return take(u);
}

/* register_arena tries for a while where there is not enough memory to lock: the
 * kernel gives back late what rings just closed had locked. */
static bool register_arena(struct uring *u, uint8_t *arena, size_t footprint)
{
	struct iovec whole = { .iov_base = arena, .iov_len = footprint };
	int error;

	while ((error = io_uring_register_buffers(&u->ring, &whole, 1)) == -ENOMEM && stall(&u->sender, ENOMEM))
		poll(NULL, 0, 1);
	u->sender.stalled = 0;
	return error == 0 || fail(&u->sender, "io_uring_register_buffers", -error);
}

struct sender *uring_open(int fd, unsigned batch, uint32_t ring_flags, enum uring_operation operation,
			  uint8_t *arena, size_t footprint)
{
	struct uring *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	struct sender *s = &u->sender;
	s->stream = stream_is(fd);
	s->send = s->stream ? uring_send_stream : uring_send;
	s->reap = uring_reap;
	s->fd = fd;
	s->batch = batch;
	u->operation = operation;
	u->flags = s->stream ? MSG_WAITALL : 0;
	/* Two batches are in flight, each message with two completions at most. */
	unsigned completions = 4 * batch < 8 ? 8 : 4 * batch;
	int error = ring_open(&u->ring, 2 * batch, completions, ring_flags);
	if (error < 0) {
		fail(s, "io_uring_setup", -error);
		return s;
	}
	s->ring_flags = u->ring.flags;
	error = io_uring_register_files(&u->ring, &fd, 1);
	if (error < 0)
		fail(s, "io_uring_register_files", -error);
	else if (operation == URING_SENDZC_FIXED)
		register_arena(u, arena, footprint);
	return s;
}
