/* A timed stretch of sending. */
#ifndef PUMP_H
#define PUMP_H

#include "sender.h"

struct stretch {
	int64_t elapsed_ns;  /* to the end of the drain */
	int64_t cpu_ns;      /* of this thread, the same stretch */
	int64_t usage_ns;    /* CPU time of this process, user and system, by getrusage(2) */
	int64_t preemptions; /* times that it had to give up its CPU */
};

/* pump_run sends for a time, at least three batches, and drains: when it returns
 * true every buffer is the sender's again, and what went over a stream is
 * acknowledged. */
bool pump_run(struct sender *s, int64_t length_ns, struct stretch *stretch);

#endif
