//go:build linux

package runner

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// arena is the memory of all buffers of all cells with one kind of pages, off the
// Go heap. Every page is written, since one that isn't is the kernel's shared zero
// page, which is always in cache.
type arena struct {
	memory  []byte
	mapping []byte // that memory is a part of; nil if it is the caller's
}

// newArena takes small pages on every machine alike, whatever the transparent huge
// page setting, or huge ones.
func newArena(size int64, huge bool) (*arena, error) {
	if free := meter.MemAvailable(); free >= 0 && size > free*9/10 {
		return nil, fmt.Errorf("footprint of %d MiB: only %d MiB of memory are available; use a smaller --footprint", size>>20, free>>20)
	}
	length, advice := size, unix.MADV_NOHUGEPAGE
	if huge {
		// So much holds enough whole huge pages wherever it begins.
		length, advice = wholeHugePages(size)+hugePage, unix.MADV_HUGEPAGE
	}
	mapping, err := unix.Mmap(-1, 0, int(length), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("map %d bytes of buffers: %w", length, os.NewSyscallError("mmap", err))
	}
	// EINVAL is a kernel built without transparent huge pages (madvise(2)).
	if err := unix.Madvise(mapping, advice); err != nil && (huge || err != unix.EINVAL) {
		return nil, errors.Join(noHugePages(os.NewSyscallError("madvise", err)), os.NewSyscallError("munmap", unix.Munmap(mapping)))
	}
	a := &arena{memory: mapping[:size:size], mapping: mapping}
	if huge {
		a.memory = fromHugePage(mapping)[:size:size]
	}
	strategies.Paint(a.memory)
	return a, nil
}

func (a *arena) close() error {
	if a.mapping == nil {
		return nil
	}
	return os.NewSyscallError("munmap", unix.Munmap(a.mapping))
}

// sizes are those in bytes of the arenas of a rig.
type sizes struct{ small, huge int64 }

// fit makes room for a cell.
func (s *sizes) fit(c results.Cell) {
	need := int64(c.Flows) * c.Footprint
	if c.Pages == results.PagesHuge {
		s.huge = max(s.huge, need)
	} else {
		s.small = max(s.small, need)
	}
}

// arenas are a rig's, one for each kind of pages.
type arenas struct {
	small, huge *arena
	tooFewHuge  error // why huge isn't there
}

// newArenas makes those that have a size. That there are no huge pages is an error
// only for the cells that want some.
func newArenas(s sizes) (*arenas, error) {
	small, err := newArena(max(s.small, Hot), false)
	if err != nil {
		return nil, err
	}
	a := &arenas{small: small}
	if s.huge == 0 {
		return a, nil
	}
	a.huge, a.tooFewHuge = newHugeArena(s.huge)
	if a.tooFewHuge != nil && !errors.Is(a.tooFewHuge, errors.ErrUnsupported) {
		return nil, errors.Join(a.tooFewHuge, small.close())
	}
	return a, nil
}

func foreignArena(memory []byte) *arenas {
	strategies.Paint(memory)
	return &arenas{small: &arena{memory: memory}}
}

// of is the memory that a cell's flows walk round.
func (a *arenas) of(c results.Cell) ([]byte, error) {
	from := a.small
	if c.Pages == results.PagesHuge {
		if a.tooFewHuge != nil {
			return nil, a.tooFewHuge
		}
		from = a.huge
	}
	need := int64(c.Flows) * c.Footprint
	if from == nil || int64(len(from.memory)) < need {
		return nil, fmt.Errorf("%d bytes for %d flows: the rig was made with less memory", need, c.Flows)
	}
	return from.memory[:need:need], nil
}

func (a *arenas) close() error {
	var errs []error
	for _, one := range []*arena{a.small, a.huge} {
		if one != nil {
			errs = append(errs, one.close())
		}
	}
	return errors.Join(errs...)
}
