//go:build linux

package uringzc

import "time"

// Link ties the operation prepared last to the one that is prepared next
// (IOSQE_IO_LINK, io_uring_enter(2)): the kernel begins the next when it has
// completed. Operations tied one to the other are a chain, which ends with one that
// isn't tied. If one fails, or sends less than it was to with MSG_WAITALL, those behind
// it in its chain aren't begun: their result is ECANCELED. What fails in preparation
// takes the whole chain with it, which before Linux 5.18 includes a descriptor that
// isn't open.
//
// It is how several sends go on one stream. Sends that are in flight together pass one
// another as soon as one has to wait for room. Between two chains the caller sees to
// it that the first has all its results before the second is submitted; releases
// may be outstanding. Give each send MSG_WAITALL, which from Linux 5.19 on has a short
// send gone on with in the kernel (io_uring/net.c, io_net_retry).
//
// A chain must be submitted as a whole, and so fit the queue: what one enter doesn't
// take begins another chain. Link does nothing if nothing is prepared and not submitted
// yet.
func (r *Ring) Link() {
	if r.sqTail != r.sqPublished {
		r.sqes[(r.sqTail-1)&r.sqMask].flags |= sqeLink
	}
}

// SubmitChain is SubmitAndWait for chains, in one enter: what follows in a chain is
// begun by deferred work, of which a Submit does one step and a wait as many as it
// waits for. It returns how many entries the kernel took, also with ErrTimeout, which
// a signal may bring early.
func (r *Ring) SubmitChain(atLeast uint32, timeout time.Duration) (int, error) {
	atLeast = min(atLeast, uint32(len(r.cqes)))
	if r.fd < 0 || r.flags&SetupSQPoll != 0 || r.ready() >= atLeast {
		return r.SubmitAndWait(atLeast, timeout)
	}
	r.publishSQTail()
	// What is kept by Await is not in the queue, where the kernel counts.
	n, err := r.wait(atLeast-uint32(r.ops.keeps), timeout)
	if err == nil && r.ready() < atLeast {
		err = ErrTimeout
	}
	return n, err
}
