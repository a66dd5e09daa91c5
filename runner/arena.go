//go:build linux

package runner

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
	"sendbench/runner/meter"
	"sendbench/strategies"
)

// arena is the memory of all buffers of all cells, off the Go heap. Every page
// is written, since one that isn't is the kernel's shared zero page, which is
// always in cache. Its pages are small ones on every machine alike, whatever
// the transparent huge page setting.
type arena struct {
	memory  []byte
	foreign bool // the caller's, who unmaps it
}

func newArena(size int64) (*arena, error) {
	if free := meter.MemAvailable(); free >= 0 && size > free*9/10 {
		return nil, fmt.Errorf("footprint of %d MiB: only %d MiB of memory are available; use a smaller --footprint", size>>20, free>>20)
	}
	memory, err := unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("map %d bytes of buffers: %w", size, os.NewSyscallError("mmap", err))
	}
	// EINVAL is a kernel built without transparent huge pages (madvise(2)).
	if err := unix.Madvise(memory, unix.MADV_NOHUGEPAGE); err != nil && err != unix.EINVAL {
		return nil, os.NewSyscallError("madvise", err)
	}
	strategies.Paint(memory)
	return &arena{memory: memory}, nil
}

// footprint is the part of the arena that a cell walks round.
func (a *arena) footprint(size int64) []byte { return a.memory[:size:size] }

func (a *arena) size() int64 { return int64(len(a.memory)) }

func (a *arena) close() error {
	if a.foreign {
		return nil
	}
	return os.NewSyscallError("munmap", unix.Munmap(a.memory))
}
