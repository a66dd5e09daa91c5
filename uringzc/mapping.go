//go:build linux

package uringzc

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	sqeSize = int64(unsafe.Sizeof(sqe{}))
	cqeSize = int64(unsafe.Sizeof(cqe{}))
)

// mapping is the memory that a ring shares with the kernel.
type mapping struct {
	rings []byte // heads, tails, flags, completions and the index array
	sqes  []byte
}

// mapRings maps the queues of a ring. All kernels with FeatureSingleMmap have
// both rings in one mapping, whose size is that of the longer one.
func mapRings(fd int, p *setupParams) (mapping, error) {
	size := int64(p.cqOff.cqes) + int64(p.cqEntries)*cqeSize
	if p.flags&SetupNoSQArray == 0 {
		size = max(size, int64(p.sqOff.array)+int64(p.sqEntries)*4)
	}
	const prot, flags = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_POPULATE
	rings, err := unix.Mmap(fd, mmapRings, int(size), prot, flags)
	if err != nil {
		return mapping{}, os.NewSyscallError("mmap", err)
	}
	sqes, err := unix.Mmap(fd, mmapSQEs, int(int64(p.sqEntries)*sqeSize), prot, flags)
	if err != nil {
		return mapping{}, errors.Join(os.NewSyscallError("mmap", err), unix.Munmap(rings))
	}
	return mapping{rings: rings, sqes: sqes}, nil
}

func (m mapping) unmap() error {
	return os.NewSyscallError("munmap", errors.Join(unix.Munmap(m.sqes), unix.Munmap(m.rings)))
}

// word is the 32-bit word at an offset of the rings. The kernel aligns each to
// its size, and the index keeps the pointer inside the mapping.
func (m mapping) word(offset uint32) *uint32 {
	return (*uint32)(unsafe.Pointer(&m.rings[offset]))
}

// submissions is the array of submission entries. The mapping is page-aligned
// and was made for exactly this many.
func (m mapping) submissions(entries uint32) []sqe {
	return unsafe.Slice((*sqe)(unsafe.Pointer(&m.sqes[0])), entries)
}

// completions is the array of completions; mapRings made room for this many.
func (m mapping) completions(offset, entries uint32) []cqe {
	return unsafe.Slice((*cqe)(unsafe.Pointer(&m.rings[offset])), entries)
}

// fillIndexArray makes each place of the submission queue stand for the entry
// of the same number. Only a ring without NO_SQARRAY has the array.
func (m mapping) fillIndexArray(offset, entries uint32) {
	for i := range entries {
		*m.word(offset + 4*i) = i
	}
}
