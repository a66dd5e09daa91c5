#include "parts.h"

#include <stdlib.h>

static const uint64_t no_message = UINT64_MAX;

struct parts *parts_open(unsigned batch)
{
	struct parts *p = malloc(sizeof(*p));
	uint64_t places = 1;

	while (places < 2 * (uint64_t)batch)
		places *= 2;
	if (p == NULL)
		return NULL;
	p->mask = places - 1;
	p->of = calloc(places, sizeof(*p->of));
	if (p->of == NULL) {
		free(p);
		return NULL;
	}
	for (unsigned i = 0; i < CALLS; i++)
		p->message[i] = no_message;
	return p;
}

static struct part *part_of(struct parts *p, uint64_t seq)
{
	return &p->of[seq & p->mask];
}

void parts_begin(struct parts *p, uint64_t first, unsigned n)
{
	for (uint64_t k = first; k < first + n; k++)
		*part_of(p, k) = (struct part){ 0 };
}

bool parts_room(const struct parts *p, uint32_t call, unsigned n)
{
	for (uint32_t k = call; k != call + n; k++)
		if (p->message[k % CALLS] != no_message)
			return false;
	return true;
}

size_t parts_send(struct parts *p, uint32_t call, uint64_t seq, size_t bytes)
{
	struct part *part = part_of(p, seq);

	p->message[call % CALLS] = seq;
	part->open++;
	part->sent += bytes;
	return part->sent;
}

const struct part *parts_release(struct parts *p, uint32_t call, bool copied, uint64_t *seq)
{
	*seq = p->message[call % CALLS];
	if (*seq == no_message)
		return NULL;
	p->message[call % CALLS] = no_message;
	struct part *part = part_of(p, *seq);
	part->open--;
	part->copied |= copied;
	return part;
}
