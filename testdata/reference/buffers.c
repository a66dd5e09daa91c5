#include "buffers.h"

#include <stdlib.h>
#include <unistd.h>

bool buffers_open(struct buffers *b, uint8_t *arena, size_t footprint, size_t size,
		  unsigned batch, enum walk walk, size_t offset)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t stride = (size + page - 1) / page * page;

	if (size < STAMP_SIZE || size > MAX_MESSAGE || batch < 1 || footprint < 2 * stride)
		return false;
	memset(b, 0, sizeof(*b));
	b->arena = arena;
	b->size = size;
	b->batch = batch;
	if (walk == WALK) {
		b->stamped = true;
		b->stride = stride;
		b->slots = footprint / stride;
		if (b->batch > b->slots / 2)
			b->batch = (unsigned)(b->slots / 2);
		b->next = (offset + stride - 1) / stride % b->slots;
	} else {
		b->slots = 1;
	}
	b->window = 2 * b->batch;
	uint64_t places = 1;
	while (places < b->window)
		places *= 2;
	b->mask = places - 1;
	b->loans = calloc(places, sizeof(*b->loans));
	return b->loans != NULL;
}

void buffers_close(struct buffers *b)
{
	free(b->loans);
	b->loans = NULL;
}
