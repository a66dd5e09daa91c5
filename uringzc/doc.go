// Package uringzc is io_uring(7) in pure Go, without cgo, for sending.
//
// A Ring is a submission queue and a completion queue that are shared with the
// kernel. Prepare functions fill submission entries, Submit hands them over in
// one io_uring_enter(2), and Next takes completions off without a system call:
//
//	runtime.LockOSThread()
//	ring, err := uringzc.Open(uringzc.Options{Entries: 64, SQPollCPU: -1})
//	…
//	ring.PrepareSendZC(uringzc.Descriptor(fd), buf, 0, id)
//	_, err = ring.SubmitAndWait(2, time.Second)
//	for c, ok := ring.Next(); ok; c, ok = ring.Next() { … }
//
// # Result and release
//
// A plain send (PrepareSend) has one completion. A zero-copy send has two
// events, and they are different things:
//
//	 caller's              lent to the kernel                      caller's
//	──────────┬──────────────────────────────┬────────────────┬──────────────▶
//	       Prepare                        result           release
//	                                  F_MORE, no F_NOTIF    F_NOTIF
//	                                  Res: bytes or -errno  Res: copied?
//
//	          ┌─────────┐ Submit ┌───────────┐ F_MORE ┌───────────┐ F_NOTIF
//	 Prepare ▶│ queued  ├───────▶│ in flight ├───────▶│ held      ├────────▶ released
//	          └─────────┘        └─────┬─────┘        └───────────┘
//	                                   │ neither F_MORE nor F_NOTIF
//	                                   └──────────────────────────▶ released
//
// The result says what the send achieved. The release says that the kernel has
// let go of the memory, which may be when the device has transmitted it or,
// for TCP, when the peer has acknowledged it. A release follows if and only if
// the result carries F_MORE (Completion.More). A failed send carries it as
// well when it failed during execution, and not when the entry was refused
// before: the sign of Res decides nothing. Releases arrive in any order, and
// one may be taken off the queue long after its result, never before it.
//
// # Lifetimes
//
//   - The bytes of a buffer: lent from Prepare until the release or, for a plain
//     send, until its completion. Meanwhile the caller neither writes them nor
//     frees them.
//   - The address of a buffer: the kernel is given raw addresses, which the
//     garbage collector doesn't see. The caller keeps a reference to each buffer
//     until its release, and doesn't unmap one that lies outside the Go heap.
//     The Go heap doesn't move today; runtime.Pinner promises it. A buffer that
//     is declared on a goroutine's stack, which does move, is put on the heap by
//     the act of passing it to Prepare.
//   - A Msghdr and all it points to (name, iovecs, control): from Prepare until
//     the result. The data that the iovecs describe: until the release.
//   - A registered buffer: from RegisterBuffers until UnregisterBuffers or
//     Close, and then until the release of the last send that uses it.
//   - A registered file: the ring has its own reference; the descriptor may be
//     closed as soon as RegisterFiles has returned.
//   - A submission entry: the kernel has copied it when Submit returns, or, with
//     SQPOLL, when Pending no longer counts it.
//   - A Completion is a copy and has no lifetime.
//   - Close abandons what is in flight. Buffers not yet released then stay lent
//     for a time that nobody reports; reap every release first.
//
// # Threads
//
// One goroutine, locked to one thread, owns a ring from Open to Close. There
// are no locks: two goroutines that use one ring are a data race. The kernel
// ties the ring to the thread that opened it, and a call from another one fails
// with ErrWrongThread, except that a thread with rings of its own may, by the
// way registered ring descriptors are numbered, reach one of those instead.
// Lock the goroutine with runtime.LockOSThread before Open.
//
// # Time
//
// A Submit doesn't sleep and is made without telling the Go scheduler, whose
// bookkeeping costs about as much as an empty system call; a garbage collection
// that wants to stop the world waits for it. A wait does tell the scheduler, and
// is always bounded.
//
// # Kernels
//
// The oldest kernel is 5.11. What a kernel can do is found out by trying and
// never from its version; what it can't is an *UnsupportedError that names the
// release that can. The binary interface is include/uapi/linux/io_uring.h.
package uringzc
