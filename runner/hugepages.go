//go:build linux

package runner

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"unsafe"

	"sendbench/strategies"
)

// hugePage is the size in bytes of a transparent huge page, where pages are of 4 KiB.
const hugePage = 2 << 20

// newHugeArena makes an arena of huge pages. An error that errors.ErrUnsupported is
// found in says that this machine gives none, or not enough.
func newHugeArena(size int64) (*arena, error) {
	a, err := newArena(size, true)
	if err != nil {
		return nil, err
	}
	got, err := hugeBytes(a.memory)
	if want := wholeHugePages(size); err == nil && got < want {
		err = noHugePages(fmt.Errorf("the kernel gave huge pages for %d of %d MiB", got>>20, want>>20))
	}
	if err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

// wholeHugePages is how much memory the huge pages have that hold a size.
func wholeHugePages(size int64) int64 { return (size + hugePage - 1) / hugePage * hugePage }

// fromHugePage is a mapping from where its first whole huge page begins.
func fromHugePage(mapping []byte) []byte {
	return mapping[-uintptr(unsafe.Pointer(&mapping[0]))&(hugePage-1):]
}

// noHugePages is why there are none.
func noHugePages(err error) error {
	return &strategies.UnsupportedError{
		Feature: "buffers in huge pages", Reason: "transparent huge pages are off or used up",
		Cure: "echo madvise >/sys/kernel/mm/transparent_hugepage/enabled, or more free memory", Err: err,
	}
}

// hugeBytes is how much of a mapping lies in huge pages: the AnonHugePages of
// /proc/self/smaps (proc_pid_smaps(5)), in bytes.
func hugeBytes(memory []byte) (int64, error) {
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return 0, err
	}
	first := uint64(uintptr(unsafe.Pointer(&memory[0])))
	last := first + uint64(len(memory))
	var sum int64
	inside := false
	for line := range bytes.Lines(smaps) {
		from, to, isRange := addressRange(line)
		if isRange {
			inside = from < last && to > first
		} else if rest, ok := bytes.CutPrefix(line, []byte("AnonHugePages:")); ok && inside {
			n, err := strconv.ParseInt(string(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte(" kB"))), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("/proc/self/smaps: %w", err)
			}
			sum += n << 10
		}
	}
	return sum, nil
}

// addressRange reads the line that begins a mapping: 7f12a000-7f12b000 rw-p …
func addressRange(line []byte) (from, to uint64, ok bool) {
	addresses, _, _ := bytes.Cut(line, []byte{' '})
	low, high, ok := bytes.Cut(addresses, []byte{'-'})
	if !ok {
		return 0, 0, false
	}
	from, err1 := strconv.ParseUint(string(low), 16, 64)
	to, err2 := strconv.ParseUint(string(high), 16, 64)
	return from, to, err1 == nil && err2 == nil
}
