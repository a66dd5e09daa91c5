//go:build linux

package uringzc

import "unsafe"

// Buffer says what a send takes its bytes from, and who keeps them there until
// the kernel lets go. It is a value, and free to make.
type Buffer struct {
	bytes []byte
	index uint16 // of the registered buffer
	kind  bufferKind
	lease Lease
}

type bufferKind uint8

const (
	goMemory bufferKind = iota
	offHeap
	registered
	ofSlab
)

// Bytes is any slice. The ring pins it with a runtime.Pinner from Prepare until
// the release; what else it takes is not to write to it meanwhile. The send
// carries at most 2147483647 bytes of it.
func Bytes(b []byte) Buffer { return Buffer{bytes: b, kind: goMemory} }

// OffHeap is memory that is not Go's, such as a mapping of the caller's, which
// stays mapped until the release. It isn't pinned, which spares some tens of
// nanoseconds; Go memory must not be passed this way.
func OffHeap(b []byte) Buffer { return Buffer{bytes: b, kind: offHeap} }

// Fixed is memory inside the buffer that was registered under an index
// (Ring.RegisterBuffers), whose pages the kernel has at hand and doesn't look up
// for each send. A zero-copy send from elsewhere gives EFAULT. Operations that
// take no registered buffers, PrepareSend and PrepareSendMsgZC, read it like
// OffHeap.
func Fixed(b []byte, index uint16) Buffer { return Buffer{bytes: b, index: index, kind: registered} }

// address is where the bytes begin.
func (b *Buffer) address() uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b.bytes))) }
