/*
 * What zero-copy calls on a stream have sent. The kernel may take a part of a
 * message, so that it goes in several calls: its buffer is released when all of it
 * was sent and no call has it any more.
 */
#ifndef PARTS_H
#define PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Calls that are told apart, a power of two: many times what a batch takes. */
enum { CALLS = 1 << 14 };

struct part {
	size_t sent;   /* bytes that the kernel took */
	unsigned open; /* calls that it may still read them for */
	bool copied;   /* it copied those of a call that is over */
};

struct parts {
	struct part *of;        /* by message number, masked */
	uint64_t mask;
	uint64_t message[CALLS]; /* that a call was for, by the call's number, modulo */
};

/* parts_open makes room for messages of which two batches are in flight; NULL when
 * there is no memory. */
struct parts *parts_open(unsigned batch);

/* parts_begin has n messages begin, of which nothing was sent. */
void parts_begin(struct parts *p, uint64_t first, unsigned n);

/* parts_room tells whether n calls from call on can be told from those in flight. */
bool parts_room(const struct parts *p, uint32_t call, unsigned n);

/* parts_send notes that a call took bytes of a message, and returns how many of it
 * were taken in all. */
size_t parts_send(struct parts *p, uint32_t call, uint64_t seq, size_t bytes);

/* parts_release notes that a call is over, and returns what is known of the message
 * that it was for, seq; NULL for a call that isn't in flight. */
const struct part *parts_release(struct parts *p, uint32_t call, bool copied, uint64_t *seq);

#endif
