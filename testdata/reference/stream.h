/* What a stream socket asks for that a datagram socket doesn't. */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "sender.h"

/* stream_is tells whether a socket is a stream one. A descriptor that is no socket
 * isn't: sending will tell of it. */
bool stream_is(int fd);

/* stream_flush waits until the peer has acknowledged all that was sent (SIOCOUTQ,
 * tcp(7)). That it acknowledges nothing for so long is an error. */
bool stream_flush(struct sender *s, int64_t limit_ns);

#endif
