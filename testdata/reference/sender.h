/* A way of sending, and what it counts. */
#ifndef SENDER_H
#define SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "buffers.h"

/* What a sender counts in a stretch of sending. */
struct tally {
	int64_t messages; /* accepted by the kernel */
	int64_t bytes;    /* of payload accepted */
	int64_t syscalls;
	int64_t retries;       /* sends refused for want of room and made again */
	int64_t notifications; /* messages whose buffer the kernel has released */
	int64_t copied;        /* those of them that it sent from a copy */
};

/*
 * A sender's functions return false when something went wrong that the trial
 * can't go on with; error then says what, and the sender is good for nothing
 * more.
 */
struct sender {
	/* send fills and hands over the batch that begins with message first, and
	 * takes in the completions that are there. */
	bool (*send)(struct sender *s, uint64_t first);
	/* reap waits until a message in flight is released, a second at most. */
	bool (*reap)(struct sender *s);

	int fd;         /* a connected, blocking socket */
	bool stream;    /* of the stream kind: a send may be short, and a blocking one times out */
	unsigned batch; /* the largest that it was opened for */
	struct buffers *buffers;
	struct tally tally;
	int64_t stalled; /* since when the kernel has refused sends; 0: it hasn't */
	uint32_t ring_flags; /* granted; 0 without a ring */
	char error[160];
};

/* fail keeps what went wrong, with an error number unless that is 0, and returns
 * false. */
bool fail(struct sender *s, const char *what, int error);

/* stall says whether to try a refused send again: an interruption always, want of
 * room for a second. */
bool stall(struct sender *s, int error);

/* What makes senders; NULL when there is no memory. Their error is set, and is not
 * empty, if they can't send. */
struct sender *write_open(int fd, unsigned batch);
struct sender *sendmmsg_zc_open(int fd, unsigned batch);

/* The io_uring operation that sends. */
enum uring_operation { URING_SEND, URING_SENDZC, URING_SENDZC_FIXED };
struct sender *uring_open(int fd, unsigned batch, uint32_t ring_flags, enum uring_operation operation,
			  uint8_t *arena, size_t footprint);

#endif
