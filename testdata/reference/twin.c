/*
 * twin: a reference sender in C, on liburing, that does what the Go senders do and
 * is measured beside them.
 *
 *	twin CPU MEMORY-FD FOOTPRINT RING-FLAGS
 *
 * It keeps to one CPU, walks round FOOTPRINT bytes of buffers, which are shared
 * memory behind the descriptor MEMORY-FD, and sets its rings up with exactly these
 * IORING_SETUP flags. Standard input brings jobs, a line each:
 *
 *	send STRATEGY DESCRIPTOR SIZE BATCH walk|still LENGTH-NS
 *	nop BATCH LENGTH-NS
 *
 * DESCRIPTOR is an inherited socket, connected, blocking and with its options set: a
 * datagram socket, or a stream one with SO_SNDTIMEO. A strategy is opened by its
 * first job, with the BATCH of that, and stays open. Each job is answered by one
 * line of JSON, whose fields are named like those of a trial in a record. An error
 * in it is the last thing that the twin says: it ends with exit code 1, as for bad
 * arguments. At the end of its input it ends with 0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "nop.h"
#include "pump.h"

/* What one registered buffer can be: 1 GiB (io_uring/rsrc.c, io_buffer_validate). */
#define MAX_FOOTPRINT ((size_t)1 << 30)

enum { MAX_BATCH = 4096, MAX_CPUS = CPU_SETSIZE };

static const char *const names[] = { "write", "sendmmsg-zc", "uring-send", "uring-sendzc", "uring-sendzc-fixed" };

enum { STRATEGIES = sizeof(names) / sizeof(names[0]) };

struct twin {
	uint8_t *arena;
	size_t footprint;
	uint32_t ring_flags;
	size_t offset; /* where the walk stopped */
	struct sender *senders[STRATEGIES];
};

struct send_job {
	char strategy[32];
	int fd;
	size_t size;
	unsigned batch;
	enum walk walk;
	int64_t length_ns;
};

static int answer_error(const char *what)
{
	printf("{\"error\":\"%s\"}\n", what);
	return -1;
}

static struct sender *open_sender(struct twin *t, unsigned strategy, const struct send_job *j)
{
	switch (strategy) {
	case 0:
		return write_open(j->fd, j->batch);
	case 1:
		return sendmmsg_zc_open(j->fd, j->batch);
	case 2:
		return uring_open(j->fd, j->batch, t->ring_flags, URING_SEND, t->arena, t->footprint);
	case 3:
		return uring_open(j->fd, j->batch, t->ring_flags, URING_SENDZC, t->arena, t->footprint);
	default:
		return uring_open(j->fd, j->batch, t->ring_flags, URING_SENDZC_FIXED, t->arena, t->footprint);
	}
}

/* sender_of finds a strategy's sender, or opens it; NULL if there is no such
 * strategy, or no memory. */
static struct sender *sender_of(struct twin *t, const struct send_job *j)
{
	for (unsigned i = 0; i < STRATEGIES; i++) {
		if (strcmp(names[i], j->strategy) != 0)
			continue;
		if (t->senders[i] == NULL)
			t->senders[i] = open_sender(t, i, j);
		return t->senders[i];
	}
	return NULL;
}

/* do_send sends over fresh buffers from where the walk stands. */
static int do_send(struct twin *t, const struct send_job *j)
{
	struct sender *s = sender_of(t, j);
	struct buffers b;
	struct stretch stretch;

	if (s == NULL)
		return answer_error("no such strategy, or no memory");
	if (s->error[0] != '\0')
		return answer_error(s->error);
	if (j->batch > s->batch)
		return answer_error("the strategy was opened for a smaller batch");
	if (!buffers_open(&b, t->arena, t->footprint, j->size, j->batch, j->walk, t->offset))
		return answer_error("the footprint must hold two messages of 16 to 1048576 bytes");
	s->buffers = &b;
	memset(&s->tally, 0, sizeof(s->tally));
	if (!pump_run(s, j->length_ns, &stretch))
		return answer_error(s->error);
	t->offset = b.next * b.stride;
	buffers_close(&b);
	printf("{\"messages\":%" PRId64 ",\"bytes\":%" PRId64 ",\"syscalls\":%" PRId64 ",\"retries\":%" PRId64
	       ",\"notifications\":%" PRId64 ",\"copied\":%" PRId64 ",\"elapsed_ns\":%" PRId64 ",\"cpu_thread_ns\":%" PRId64
	       ",\"cpu_process_ns\":%" PRId64
	       ",\"preemptions\":%" PRId64 ",\"release_p50_ns\":%" PRId64 ",\"release_p99_ns\":%" PRId64
	       ",\"effective_batch\":%u,\"touched_bytes\":%zu,\"ring_flags\":%" PRIu32 "}\n",
	       s->tally.messages, s->tally.bytes, s->tally.syscalls, s->tally.retries, s->tally.notifications, s->tally.copied,
	       stretch.elapsed_ns, stretch.cpu_ns, stretch.usage_ns, stretch.preemptions,
	       latency_quantile(&b.released, 0.50), latency_quantile(&b.released, 0.99), b.batch, b.slots * b.size, s->ring_flags);
	return 0;
}

static int do_nop(const struct twin *t, unsigned batch, int64_t length_ns)
{
	struct nops nops;
	int error = nop_run(batch, t->ring_flags, length_ns, &nops);

	if (error < 0)
		return answer_error(strerror(-error));
	printf("{\"messages\":%" PRId64 ",\"elapsed_ns\":%" PRId64 ",\"ring_flags\":%" PRIu32 "}\n", nops.count, nops.elapsed_ns,
	       nops.ring_flags);
	return 0;
}

static int do_job(struct twin *t, const char *line)
{
	struct send_job j;
	char walk[8];
	unsigned batch;
	int64_t length_ns;

	if (sscanf(line, "send %31s %d %zu %u %7s %" SCNd64, j.strategy, &j.fd, &j.size, &j.batch, walk, &j.length_ns) == 6 &&
	    j.batch >= 1 && j.batch <= MAX_BATCH && (strcmp(walk, "walk") == 0 || strcmp(walk, "still") == 0)) {
		j.walk = strcmp(walk, "walk") == 0 ? WALK : STILL;
		return do_send(t, &j);
	}
	if (sscanf(line, "nop %u %" SCNd64, &batch, &length_ns) == 2 && batch >= 1 && batch <= MAX_BATCH)
		return do_nop(t, batch, length_ns);
	return answer_error("a job is send STRATEGY DESCRIPTOR SIZE BATCH walk|still LENGTH-NS, or nop BATCH LENGTH-NS");
}

/* map_arena maps the buffers, which lie in the same memory as the other side's:
 * which pages are neighbours decides how many fragments a zero-copy send has. */
static bool map_arena(struct twin *t, int fd)
{
	void *arena = mmap(NULL, t->footprint, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);

	if (arena == MAP_FAILED)
		return false;
	t->arena = arena;
	return true;
}

static bool pin(unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

int main(int argc, char **argv)
{
	struct twin t = { 0 };
	unsigned cpu;
	int memory;
	char line[256];

	if (argc != 5 || sscanf(argv[1], "%u", &cpu) != 1 || cpu >= MAX_CPUS || sscanf(argv[2], "%d", &memory) != 1 ||
	    sscanf(argv[3], "%zu", &t.footprint) != 1 || t.footprint == 0 || t.footprint > MAX_FOOTPRINT ||
	    sscanf(argv[4], "%" SCNu32, &t.ring_flags) != 1) {
		fprintf(stderr, "usage: twin CPU MEMORY-FD FOOTPRINT RING-FLAGS (CPU to %d, FOOTPRINT to 1 GiB)\n", MAX_CPUS - 1);
		return 1;
	}
	if (!pin(cpu) || !map_arena(&t, memory)) {
		perror("twin");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN); /* a peer that is gone is an error to tell */
	while (fgets(line, sizeof(line), stdin) != NULL)
		if (do_job(&t, line) < 0)
			return 1;
	return 0;
}
