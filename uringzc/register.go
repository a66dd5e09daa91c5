//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// register is io_uring_register(2). What arg points to is the kernel's only
// during the call.
func (r *Ring) register(opcode uintptr, arg unsafe.Pointer, n int) (int, error) {
	if r.fd < 0 {
		return 0, errClosed
	}
	res, _, errno := unix.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(r.fd), opcode, uintptr(arg), uintptr(n), 0, 0)
	if errno == unix.EEXIST && unix.Gettid() != r.thread {
		return 0, fmt.Errorf("%w: %w", ErrWrongThread, os.NewSyscallError("io_uring_register", errno))
	}
	if errno != 0 {
		return 0, os.NewSyscallError("io_uring_register", errno)
	}
	return int(res), nil
}

// RegisterBuffers makes the buffers available to PrepareSendZC as Fixed under their
// indexes: the kernel looks their pages up and locks them once. Each may be 1
// byte to 1 GiB, and there may be 16384. They stay registered until
// UnregisterBuffers or Close; before registering others, unregister these.
//
// Where the limit on locked memory is too small the error is an
// *UnsupportedError that tells limit, need and cure. The kernel may give
// memory back late after a ring was closed: keep a ring and its registration
// rather than make new ones. Memory that is backed by a file other than
// hugetlbfs or shmem gives EOPNOTSUPP, a second registration EBUSY.
//
// From Linux 6.12 on, where all of a buffer is in huge pages, a send from it counts
// against SO_SNDBUF, and against SO_RCVBUF of a receiver on this machine, with its place
// in that page on top: up to 2 MiB for a message of any size (io_sg_from_iter,
// io_uring/net.c; seen on 6.12 and 6.18). With the usual limits a message or two are in
// flight then, and such a UDP receiver drops the rest. Have small pages (MADV_NOHUGEPAGE,
// madvise(2)), as a Slab has; Go's heap may have either.
func (r *Ring) RegisterBuffers(bufs [][]byte) error {
	if len(bufs) < 1 || len(bufs) > registerMaxBuffers {
		return fmt.Errorf("uringzc: register %d buffers: want 1 to %d", len(bufs), registerMaxBuffers)
	}
	iovecs := make([]unix.Iovec, len(bufs))
	var need int64
	for i, b := range bufs {
		if len(b) < 1 || len(b) > registerMaxBufBytes {
			return fmt.Errorf("uringzc: register buffer %d of %d bytes: want 1 to %d", i, len(b), registerMaxBufBytes)
		}
		iovecs[i].Base = &b[0]
		iovecs[i].SetLen(len(b))
		need += pages(int64(uintptr(unsafe.Pointer(&b[0]))%uintptr(os.Getpagesize())) + int64(len(b)))
	}
	_, err := r.register(registerBuffers, unsafe.Pointer(&iovecs[0]), len(iovecs))
	runtime.KeepAlive(iovecs)
	if isErrno(err, unix.ENOMEM) {
		return LockedMemoryError("IORING_REGISTER_BUFFERS", need, err)
	}
	if err != nil {
		return fmt.Errorf("uringzc: register %d buffers of %d bytes: %w", len(bufs), need, err)
	}
	r.registered = slices.Clone(bufs) // Go memory among them must outlive the registration
	return nil
}

// RegisterSlab registers the whole of a slab, so that its leases go as registered
// buffers. It takes the place of RegisterBuffers, with the same errors; a slab
// that isn't registered can be sent from as well, at the price of a look-up of
// its pages for each send.
func (r *Ring) RegisterSlab(s *Slab) error {
	if s == nil {
		return errors.New("uringzc: register a slab: it is nil; want one of NewSlab")
	}
	if err := r.RegisterBuffers(s.regions()); err != nil {
		return err
	}
	r.slab = s
	return nil
}

// UnregisterBuffers takes all registered buffers back from the ring. Sends in
// flight keep those they use until their release; Go memory that was registered
// while there are any is kept until Close.
//
// Before Linux 6.13 it waits for those releases, as long as they take
// (io_rsrc_ref_quiesce, io_uring/rsrc.c), and a signal ends the wait with EINTR and
// the buffers registered as they were: await the releases first, which is bounded.
// Close doesn't wait like that on any kernel.
func (r *Ring) UnregisterBuffers() error {
	if _, err := r.register(unregisterBuffers, nil, 0); err != nil {
		return fmt.Errorf("uringzc: unregister buffers: %w", err)
	}
	if r.ops.inFlight > 0 {
		// Go memory among them may be read still.
		r.retired = append(r.retired, r.registered...)
	}
	r.registered, r.slab = nil, nil
	return nil
}

// RegisterFiles makes the descriptors available as RegisteredFile under their
// indexes, which spares the look-up for each send. The ring holds references of
// its own; the descriptors may be closed. -1 leaves a place empty. Files past
// RLIMIT_NOFILE give EMFILE, a second registration EBUSY.
func (r *Ring) RegisterFiles(fds []int) error {
	if len(fds) < 1 {
		return fmt.Errorf("uringzc: register 0 files: want at least 1")
	}
	numbers := make([]int32, len(fds))
	for i, fd := range fds {
		if fd < -1 || fd > math.MaxInt32 {
			return fmt.Errorf("uringzc: register file %d: %d is no descriptor; want one, or -1", i, fd)
		}
		numbers[i] = int32(fd)
	}
	_, err := r.register(registerFiles, unsafe.Pointer(&numbers[0]), len(numbers))
	runtime.KeepAlive(numbers)
	if err != nil {
		return fmt.Errorf("uringzc: register %d files: %w", len(fds), err)
	}
	return nil
}

// updateFile puts a descriptor's file at an index of what RegisterFiles was
// given, in place of what is there; -1 empties the place. Sends in flight keep
// the file that they go to.
func (r *Ring) updateFile(index, fd int) error {
	number := new(int32)
	*number = Descriptor(fd).number()
	var pin runtime.Pinner
	pin.Pin(number) // and off the stack, which moves
	defer pin.Unpin()
	update := resourceUpdate{offset: uint32(index), data: uint64(uintptr(unsafe.Pointer(number)))}
	_, err := r.register(registerFilesUpdate, unsafe.Pointer(&update), 1)
	if err != nil {
		return fmt.Errorf("uringzc: register a file at %d: %w", index, err)
	}
	return nil
}

// UnregisterFiles takes all registered files back from the ring. Before Linux 6.13
// it waits for the sends in flight as UnregisterBuffers does.
func (r *Ring) UnregisterFiles() error {
	if _, err := r.register(unregisterFiles, nil, 0); err != nil {
		return fmt.Errorf("uringzc: unregister files: %w", err)
	}
	return nil
}

// RegisteredRing reports whether the ring is registered with its thread, so that
// an enter doesn't look the descriptor up. Open registers every ring that it
// can. It can't on kernels before 5.18, nor from a thread's 17th open ring on: a
// thread has 16 places (IO_RINGFD_REG_MAX, io_uring/tctx.c). Such a ring works
// all the same, by its plain descriptor, and gets no place when one falls free.
func (r *Ring) RegisteredRing() bool { return r.enterFlags&enterRegisteredRing != 0 }

// registerRingFD takes a place in the thread's table, if there is one.
func (r *Ring) registerRingFD() {
	update := resourceUpdate{offset: registerAnyOffset, data: uint64(r.fd)}
	if n, err := r.register(registerRingFDs, unsafe.Pointer(&update), 1); err != nil || n != 1 {
		return
	}
	r.enterFD, r.enterFlags = uintptr(update.offset), enterRegisteredRing
}

// unregisterRingFD frees the place in the thread's table.
func (r *Ring) unregisterRingFD() error {
	if !r.RegisteredRing() {
		return nil
	}
	update := resourceUpdate{offset: uint32(r.enterFD)}
	_, err := r.register(unregisterRingFDs, unsafe.Pointer(&update), 1)
	return err
}
