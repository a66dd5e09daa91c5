package meter

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// perfEvent names what is counted: a type and config of perf_event_open(2).
type perfEvent struct {
	kind   uint32
	config uint64
}

// mostEvents is how many events a group may have. It bounds a reading, so that
// one needs no allocation.
const mostEvents = 3

// perfGroup counts events of one thread together: at any moment the kernel counts
// all of them or none.
type perfGroup struct {
	fds  []int           // the first leads the group
	slot [mostEvents]int // by event: its place among the values read, -1 for one that the machine hasn't
	buf  [8 * (3 + mostEvents)]byte
}

// Reading is the state of counters at one moment. Two of them tell what was
// counted between.
type Reading struct {
	enabled uint64 // ns that the thread was running with the group asked for
	running uint64 // ns of these that the group was counted in
	values  [mostEvents]uint64
}

// openPerfGroup counts events of the calling thread from now on, wherever it
// runs. exclude has the bits of what isn't to be counted, unix.PerfBitExclude….
// An event that the machine hasn't is left out; if it has none of them the error
// is that of the first.
func openPerfGroup(events []perfEvent, exclude uint64) (*perfGroup, error) {
	g := &perfGroup{}
	var missing error
	for i, e := range events {
		// The first waits for the others: one that is added to a group that counts
		// already may stay at 0.
		leader, bits := -1, exclude|unix.PerfBitDisabled
		if len(g.fds) > 0 {
			leader, bits = g.fds[0], exclude
		}
		fd, err := unix.PerfEventOpen(&unix.PerfEventAttr{
			Type:        e.kind,
			Config:      e.config,
			Size:        unix.PERF_ATTR_SIZE_VER0, // has all that is set here
			Read_format: unix.PERF_FORMAT_GROUP | unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING,
			Bits:        bits,
		}, 0, -1, leader, unix.PERF_FLAG_FD_CLOEXEC)
		switch {
		case err == nil:
			g.slot[i] = len(g.fds)
			g.fds = append(g.fds, fd)
		case lacksEvent(err):
			g.slot[i] = -1
			if missing == nil {
				missing = os.NewSyscallError("perf_event_open", err)
			}
		default:
			return nil, errors.Join(os.NewSyscallError("perf_event_open", err), g.close())
		}
	}
	if len(g.fds) == 0 {
		return nil, missing
	}
	if err := unix.IoctlSetInt(g.fds[0], unix.PERF_EVENT_IOC_ENABLE, 0); err != nil {
		return nil, errors.Join(os.NewSyscallError("ioctl", err), g.close())
	}
	return g, nil
}

// lacksEvent tells an event that the machine hasn't from other failures, see the
// errors of perf_event_open(2): EINVAL is also that of a group which has more
// events than the CPU has counters.
func lacksEvent(err error) bool {
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV), errors.Is(err, unix.EOPNOTSUPP),
		errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS):
		return true
	}
	return false
}

// read makes one read(2) and allocates nothing.
func (g *perfGroup) read() (r Reading, err error) {
	want := 8 * (3 + len(g.fds))
	n, err := unix.Read(g.fds[0], g.buf[:want])
	if err != nil {
		return r, fmt.Errorf("meter: read the counters: %w", os.NewSyscallError("read", err))
	}
	word := func(i int) uint64 { return binary.NativeEndian.Uint64(g.buf[8*i:]) }
	if n != want || word(0) != uint64(len(g.fds)) {
		return r, fmt.Errorf("meter: read the counters: %d bytes for %d events, want %d bytes for %d", n, word(0), want, len(g.fds))
	}
	r.enabled, r.running = word(1), word(2)
	for i := range g.fds {
		r.values[i] = word(3 + i)
	}
	return r, nil
}

// count returns what an event came to between two readings, nil if the machine
// hasn't the event or didn't count it in that time. Where the CPU's counters were
// shared out, so that the group was counted for a part of the time, the count is
// scaled up to all of it.
func (g *perfGroup) count(event int, before, after Reading) *int64 {
	slot := g.slot[event]
	if slot < 0 || after.running <= before.running {
		return nil
	}
	enabled, running := after.enabled-before.enabled, after.running-before.running
	n := after.values[slot] - before.values[slot]
	counted := int64(n)
	if running < enabled {
		counted = int64(float64(n) * (float64(enabled) / float64(running)))
	}
	return &counted
}

// close ends the counting.
func (g *perfGroup) close() error {
	var errs []error
	for _, fd := range g.fds {
		errs = append(errs, os.NewSyscallError("close", unix.Close(fd)))
	}
	g.fds = nil
	return errors.Join(errs...)
}
