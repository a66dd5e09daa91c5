// Package uringzc is io_uring(7) in pure Go, without cgo, for sending, with and
// above all without a copy.
//
// It has two layers. A Ring is a submission queue and a completion queue that are
// shared with the kernel, and the account of what is lent to it. It belongs to
// one goroutine, allocates nothing, and sends in batches:
//
//	runtime.LockOSThread()
//	ring, err := uringzc.Open(uringzc.Options{Entries: 64})
//	…
//	op, err := ring.PrepareSendZC(uringzc.Descriptor(fd), uringzc.Bytes(buf), 0, id)
//	…
//	result, err := ring.AwaitResult(op, time.Second)   // how much was sent
//	release, err := ring.AwaitRelease(op, time.Second) // buf is the caller's again
//
// On it a Driver runs a ring on a thread of its own for any number of Conns,
// which wrap net's UDP and TCP connections and may be used by many goroutines:
//
//	n, release, err := conn.SendZC(ctx, buf)
//	…
//	usage, err := release.Wait(ctx)
//
// # Result and release
//
// An operation with one completion, a plain send, is a SingleOp. A zero-copy send
// is a ZeroCopyOp: it has two events, which are different things.
//
//	 caller's              lent to the kernel                      caller's
//	──────────┬──────────────────────────────┬────────────────┬──────────────▶
//	       Prepare                        result           release
//	                                  F_MORE, no F_NOTIF    F_NOTIF
//	                                  Res: bytes or -errno  Res: copied?
//
//	          ┌─────────┐ Submit ┌───────────┐ F_MORE ┌────────────┐ F_NOTIF
//	 Prepare ▶│ queued  ├───────▶│ submitted ├───────▶│ unreleased ├────────▶ over
//	          └────┬────┘        └─────┬─────┘        └────────────┘
//	               │ Close             │ neither F_MORE nor F_NOTIF
//	               ▼                   ▼
//	           withdrawn             over
//
// The result says what the send achieved. The release says that the kernel has
// let go of the memory, which may be when the device has transmitted it or,
// for TCP, when the peer has acknowledged it. A release follows if and only if
// the result carries F_MORE (Completion.More). A failed send carries it as
// well when it failed during execution, and not when the entry was refused
// before: the sign of Res decides nothing. Releases arrive in any order, and
// one may be taken long after its result, never before it.
//
// Completions go to whoever asks: to an Await function that names the operation,
// or in the order of arrival to Next. What comes while another is awaited is kept
// in the operation's slot. An operation that was abandoned (Abandon) runs on, and
// nobody hears of it. In each case the buffer is given back with the operation's
// last completion, by that alone, and exactly once; Ring.InFlight tells whether
// that has happened. One thing is asked for in return: take every completion, or
// abandon the operation, or its slot stays in use (Options.InFlight).
//
// # Streams
//
// Sends on one TCP connection that are in flight together go in no order once one of
// them has to wait for room. Either one is in flight at a time, until its result, which
// is what a Conn does; or several are tied into a chain (Ring.Link) that is submitted and
// waited for in one enter (Ring.SubmitChain). A next chain may be submitted when all
// results of the one before are there; their releases may come later.
//
// # Lifetimes
//
//   - The bytes of a buffer: lent from Prepare until the operation is over.
//     Meanwhile nobody writes to them. A Prepare function that returns an error
//     has lent nothing.
//   - The memory of a buffer is kept in its place that long: for Bytes by a
//     runtime.Pinner; for a Lease by its Slab, which takes the buffer back at the
//     end; for OffHeap and Fixed by the caller, who doesn't unmap it.
//   - A message's header, address and control message are the ring's. What is
//     passed to Prepare for them is copied.
//   - A registered buffer: from RegisterBuffers until UnregisterBuffers or
//     Close, and then until the release of the last send that uses it.
//   - A plain descriptor: open, and of the same file, until its sends are
//     submitted, with SQPoll until Pending no longer counts them. That of a
//     net.Conn is to be had inside SyscallConn().Control. O_NONBLOCK has no
//     effect: sends wait, unless they have MSG_DONTWAIT.
//   - A registered file: the ring has its own reference; the descriptor may be
//     closed as soon as RegisterFiles has returned.
//   - A Completion and a Handle are values and have no lifetime. A Handle whose
//     operation is over is stale, which is noticed by its generation.
//   - Close withdraws what was never submitted, cancels what is open, and waits
//     up to Options.Drain for every release. What the kernel holds after that is
//     leaked, and a *LeakError says so: it is never freed, since nothing would
//     tell when it could be.
//
// # Threads
//
// One goroutine, locked to one thread, owns a ring from Open to Close, which must
// be called: a ring that is dropped with buffers pinned has the runtime panic ("found
// leaking pinned pointer"), and any other leaks its descriptor. There
// are no locks: two goroutines that use one ring are a data race. The kernel
// ties the ring to the thread that opened it, and a call from another one that
// enters the kernel (Submit, an Await, Register, Close) fails with ErrWrongThread, except that a thread with rings of its own may, by the
// way registered ring descriptors are numbered, reach one of those instead.
// Lock the goroutine with runtime.LockOSThread before Open. A Slab, a Driver and
// its Conns may be used by any goroutine.
//
// # Time
//
// A Submit is made without telling the Go scheduler, whose bookkeeping costs about
// as much as an empty system call; a garbage collection that wants to stop the
// world waits for it. It doesn't sleep as long as the memory that is sent from is
// resident (see Ring.Submit). A wait does tell the scheduler, and is always
// bounded.
//
// # Kernels
//
// It is for Linux alone; elsewhere the package is empty. A Ring opens from 5.11 on,
// a Driver from 6.0, which is the first with zero-copy sends; 6.1 has messages with
// a segment size, 6.2 says whether it copied. Stable releases take such things over:
// late ones of 5.10 open a Ring, late ones of 6.1 say whether they copied. What a kernel
// can do is found out by trying and never from its version; what it can't is an
// *UnsupportedError that names the release that can. The binary interface is
// include/uapi/linux/io_uring.h, and the behaviour relied on is that of io_uring/net.c
// and io_uring/notif.c.
package uringzc
