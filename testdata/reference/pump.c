#define _GNU_SOURCE
#include "pump.h"

#include <sys/resource.h>

#include "clock.h"
#include "stream.h"

enum { MIN_BATCHES = 3 };

static const int64_t drain_limit_ns = 2000000000;

static bool send_for(struct sender *s, int64_t length_ns)
{
	int64_t until = now_ns() + length_ns;

	for (unsigned batches = 0; batches < MIN_BATCHES || now_ns() < until; batches++) {
		while (!buffers_ready(s->buffers))
			if (!s->reap(s))
				return false;
		if (!s->send(s, buffers_take(s->buffers)))
			return false;
	}
	return true;
}

static bool drain(struct sender *s)
{
	int64_t start = now_ns();

	while (s->buffers->in_flight > 0) {
		if (!s->reap(s))
			return false;
		if (now_ns() - start > drain_limit_ns)
			return fail(s, "buffers are not released within two seconds", 0);
	}
	return !s->stream || stream_flush(s, drain_limit_ns);
}

static int64_t preemptions(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : 0;
}

/* usage_ns is in whole microseconds. Unlike that of RUSAGE_THREAD the sum of the two
 * parts is up to date, and not as of the last scheduler tick: thread_group_cputime in
 * kernel/sched/cputime.c brings the calling thread's account up to now. */
static int64_t usage_ns(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return 0;
	return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
	       ((int64_t)usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

bool pump_run(struct sender *s, int64_t length_ns, struct stretch *stretch)
{
	int64_t lost = preemptions();
	int64_t usage = usage_ns();
	int64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	int64_t start = now_ns();
	bool good = send_for(s, length_ns) && drain(s);

	stretch->elapsed_ns = now_ns() - start;
	stretch->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	stretch->usage_ns = usage_ns() - usage;
	stretch->preemptions = preemptions() - lost;
	return good;
}
