/* A histogram of times in nanoseconds, eight buckets to a power of two. */
#ifndef LATENCY_H
#define LATENCY_H

#include <stdint.h>

struct latencies {
	int64_t count;
	int64_t buckets[64 * 8];
};

static inline unsigned latency_bucket(int64_t ns)
{
	if (ns < 8)
		return ns < 0 ? 0 : (unsigned)ns;
	/* ns >> e is 8 to 15. */
	unsigned e = 60 - (unsigned)__builtin_clzll((uint64_t)ns);
	return (e << 3) + (unsigned)(ns >> e);
}

static inline void latency_record(struct latencies *l, int64_t ns, int64_t n)
{
	l->count += n;
	l->buckets[latency_bucket(ns)] += n;
}

/* latency_quantile returns the middle of the bucket that a share q, 0 to 1, of
 * the times lie in or below; 0 if there are none. */
int64_t latency_quantile(const struct latencies *l, double q);

#endif
