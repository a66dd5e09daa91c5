/* Round trips through a ring that send nothing. */
#ifndef NOP_H
#define NOP_H

#include <stdint.h>

struct nops {
	int64_t count;
	int64_t elapsed_ns;
	uint32_t ring_flags; /* granted */
};

/* nop_run makes round trips of batch NOPs each for a time, after a millisecond that
 * isn't timed, and returns 0 or a negated error number. */
int nop_run(unsigned batch, uint32_t ring_flags, int64_t length_ns, struct nops *nops);

#endif
