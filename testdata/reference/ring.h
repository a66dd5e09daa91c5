/* An io_uring ring for one thread. */
#ifndef RING_H
#define RING_H

#include <liburing.h>
#include <stdint.h>

/*
 * ring_open sets a ring up with exactly these IORING_SETUP flags, registers its
 * descriptor with the thread, and returns 0 or a negated error number.
 *
 * It calls io_uring_setup(2) and maps the rings with liburing's
 * io_uring_queue_mmap, instead of io_uring_queue_init_params: the latter, before
 * liburing 2.6, writes the index array that a ring with NO_SQARRAY hasn't got,
 * and later versions add that flag of their own accord. From liburing 2.3 on
 * nothing else looks at the array.
 */
int ring_open(struct io_uring *ring, unsigned entries, unsigned cq_entries, uint32_t flags);

#endif
