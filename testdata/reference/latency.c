#include "latency.h"

static int64_t middle(unsigned bucket)
{
	if (bucket < 16)
		return bucket;
	unsigned e = (bucket >> 3) - 1;
	return ((int64_t)((bucket & 7) | 8) << e) + ((int64_t)1 << e) / 2;
}

int64_t latency_quantile(const struct latencies *l, double q)
{
	int64_t rank = (int64_t)(q * (double)l->count);

	for (unsigned i = 0; i < 64 * 8; i++) {
		rank -= l->buckets[i];
		if (rank < 0)
			return middle(i);
	}
	return 0;
}
