#include "ring.h"

#include <string.h>
#include <unistd.h>

/* Linux 6.6, include/uapi/linux/io_uring.h; liburing's own header has it from 2.6 on. */
#ifndef IORING_SETUP_NO_SQARRAY
#define IORING_SETUP_NO_SQARRAY (1U << 16)
#endif

int ring_open(struct io_uring *ring, unsigned entries, unsigned cq_entries, uint32_t flags)
{
	struct io_uring_params p;

	memset(&p, 0, sizeof(p));
	p.flags = flags | IORING_SETUP_CQSIZE;
	p.cq_entries = cq_entries;
	int fd = io_uring_setup(entries, &p);
	if (fd < 0)
		return fd;
	int error = io_uring_queue_mmap(fd, &p, ring);
	if (error < 0) {
		close(fd);
		return error;
	}
	ring->features = p.features; /* which liburing 2.3 leaves to its caller */
	if (!(p.flags & IORING_SETUP_NO_SQARRAY))
		for (unsigned i = 0; i < p.sq_entries; i++)
			ring->sq.array[i] = i;
	error = io_uring_register_ring_fd(ring);
	if (error != 1) {
		io_uring_queue_exit(ring);
		return error < 0 ? error : -1;
	}
	return 0;
}
