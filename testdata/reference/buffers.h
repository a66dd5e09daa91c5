/*
 * The message buffers of a trial, and the account of which of them are lent to
 * the kernel. It is kept exactly as the Go senders keep theirs, message for
 * message: each has its number, the time it was lent at and a place in the
 * histogram of release times, and a release that isn't due is an error. That
 * account is the harness's demand and not a cost of either language, so that it
 * has to be on both sides of the comparison or on neither.
 */
#ifndef BUFFERS_H
#define BUFFERS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "latency.h"

enum { STAMP_SIZE = 16, MAX_MESSAGE = 1 << 20 };

#define STAMP_CHECK UINT64_C(0x5b3c9a17e2d46f81)

struct loan {
	uint8_t *message;
	int64_t since; /* when it was lent; 0: it is the sender's */
};

struct buffers {
	uint8_t *arena;
	size_t size;    /* of a message, in bytes */
	size_t stride;  /* from one slot to the next, in bytes */
	size_t slots;
	unsigned batch;
	unsigned window; /* most messages in flight: two batches */
	bool stamped;    /* messages carry their number */

	size_t next;       /* slot of the next message */
	uint64_t seq;      /* number of the next message */
	unsigned in_flight;
	struct loan *loans; /* by message number, masked */
	uint64_t mask;
	struct latencies released;
};

/* How messages lie in the arena. */
enum walk {
	WALK,  /* in slots at page boundaries, one after the other, stamped */
	STILL, /* all in one place, and never written to */
};

/*
 * buffers_open lays out an arena of footprint bytes for messages of size bytes,
 * and returns false where that makes no sense. The batch is held under half the
 * slots: the other half is for the batch that is still in flight. The walk
 * begins at the slot at or after offset.
 */
bool buffers_open(struct buffers *b, uint8_t *arena, size_t footprint, size_t size,
		  unsigned batch, enum walk walk, size_t offset);
void buffers_close(struct buffers *b);

static inline struct loan *loan_of(struct buffers *b, uint64_t seq)
{
	return &b->loans[seq & b->mask];
}

/* buffers_ready tells whether the next batch can be taken: of message k, whether
 * message k - window is back. */
static inline bool buffers_ready(struct buffers *b)
{
	if (b->in_flight == 0)
		return true;
	for (uint64_t k = b->seq; k < b->seq + b->batch; k++)
		if (k >= b->window && loan_of(b, k - b->window)->since != 0)
			return false;
	return true;
}

/* buffers_take gives out the next batch and returns the number of its first
 * message. */
static inline uint64_t buffers_take(struct buffers *b)
{
	uint64_t first = b->seq;

	for (unsigned i = 0; i < b->batch; i++) {
		loan_of(b, b->seq++)->message = b->arena + b->next * b->stride;
		if (++b->next == b->slots)
			b->next = 0;
	}
	return first;
}

/* buffers_filled writes a message that was taken and returns it: its number, and
 * the number with a constant mixed in. */
static inline uint8_t *buffers_filled(struct buffers *b, uint64_t seq)
{
	uint8_t *message = loan_of(b, seq)->message;

	if (b->stamped) {
		uint64_t stamp[2] = { htole64(seq), htole64(seq ^ STAMP_CHECK) };
		memcpy(message, stamp, sizeof(stamp));
	}
	return message;
}

/* buffers_lend marks n messages as the kernel's since now. */
static inline void buffers_lend(struct buffers *b, uint64_t first, unsigned n, int64_t now)
{
	for (uint64_t k = first; k < first + n; k++)
		loan_of(b, k)->since = now;
	b->in_flight += n;
}

/* buffers_release takes a message back, and returns false if it isn't lent. */
static inline bool buffers_release(struct buffers *b, uint64_t seq, int64_t now)
{
	struct loan *l = loan_of(b, seq);

	if (l->since == 0 || seq >= b->seq || b->seq - seq > b->window)
		return false;
	latency_record(&b->released, now - l->since, 1);
	l->since = 0;
	b->in_flight--;
	return true;
}

#endif
