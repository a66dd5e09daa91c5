//go:build linux

package uringzc

import (
	"math"
	"unsafe"
)

// Buffer says what a send takes its bytes from, and who keeps them there until
// the kernel lets go. It is a value, small enough for registers, and free to
// make. Of more than 2147483647 bytes the first so many are meant, as in send(2).
type Buffer struct {
	data  unsafe.Pointer
	len   uint32
	from  uint32 // bufferKind<<16 | index of the registered buffer
	lease Lease
}

type bufferKind uint32

const (
	goMemory bufferKind = iota
	offHeap
	registered
	ofSlab
)

// Bytes is any slice. The ring pins it with a runtime.Pinner from Prepare until
// the release; what remains for the caller is not to write to it meanwhile.
func Bytes(b []byte) Buffer { return bufferOf(b, goMemory, 0) }

// OffHeap is memory that is not Go's, such as a mapping of the caller's, which
// stays mapped until the release. It isn't pinned, which spares some tens of
// nanoseconds; Go memory must not be passed this way.
func OffHeap(b []byte) Buffer { return bufferOf(b, offHeap, 0) }

// Fixed is memory inside the buffer that was registered under an index
// (Ring.RegisterBuffers), whose pages the kernel has at hand and doesn't look up
// for each send. A zero-copy send from elsewhere gives EFAULT. Operations that
// take no registered buffers, PrepareSend and PrepareSendMsgZC, read it like
// OffHeap.
func Fixed(b []byte, index uint16) Buffer { return bufferOf(b, registered, index) }

func bufferOf(b []byte, kind bufferKind, index uint16) Buffer {
	return Buffer{
		data: unsafe.Pointer(unsafe.SliceData(b)), len: uint32(min(len(b), math.MaxInt32)),
		from: uint32(kind)<<16 | uint32(index),
	}
}

// borrowed tells whether the ring has something to keep until the release, and to give
// back.
func (b Buffer) borrowed() bool { return b.kind() == goMemory || b.kind() == ofSlab }

func (b Buffer) kind() bufferKind { return bufferKind(b.from >> 16) }

// Len is how many bytes are sent.
func (b Buffer) Len() int { return int(b.len) }
