#include "nop.h"

#include <errno.h>

#include "clock.h"
#include "ring.h"

enum {
	TRIPS = 64,          /* between two looks at the clock */
	WARMUP_NS = 1000000, /* before what is timed */
};

static int trip(struct io_uring *ring, unsigned batch)
{
	struct io_uring_cqe *cqe;
	unsigned head, done = 0;

	for (unsigned i = 0; i < batch; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
		if (sqe == NULL)
			return -EBUSY;
		io_uring_prep_nop(sqe);
		sqe->user_data = i;
	}
	int taken = io_uring_submit_and_wait(ring, batch);
	if (taken < 0)
		return taken;
	io_uring_for_each_cqe(ring, head, cqe) {
		if (cqe->res < 0)
			return cqe->res;
		done++;
	}
	io_uring_cq_advance(ring, done);
	return done == batch ? 0 : -EIO;
}

static int trips_for(struct io_uring *ring, unsigned batch, int64_t length_ns, struct nops *nops)
{
	int64_t start = now_ns(), now;

	nops->count = 0;
	do {
		for (unsigned i = 0; i < TRIPS; i++) {
			int error = trip(ring, batch);
			if (error < 0)
				return error;
			nops->count += batch;
		}
		now = now_ns();
	} while (now - start < length_ns);
	nops->elapsed_ns = now - start;
	return 0;
}

int nop_run(unsigned batch, uint32_t ring_flags, int64_t length_ns, struct nops *nops)
{
	struct io_uring ring;
	int error = ring_open(&ring, batch, 4 * batch, ring_flags);

	if (error < 0)
		return error;
	nops->ring_flags = ring.flags;
	error = trips_for(&ring, batch, WARMUP_NS, nops);
	if (error == 0)
		error = trips_for(&ring, batch, length_ns, nops);
	io_uring_queue_exit(&ring);
	return error;
}
