//go:build linux

package runner

import (
	"errors"
	"runtime"

	"sendbench/runner/link"
	"sendbench/runner/meter"
)

// Rig is what trials are made on: a link, arenas of buffers, the senders' CPUs, and
// the sockets and senders that were opened so far. It belongs to one goroutine,
// which it locks to a thread pinned to a CPU from NewRig to Close.
type Rig struct {
	link   *link.Link
	path   link.Path // as it was when the rig was made
	arenas *arenas
	walks  *walk
	lanes  []*lane // the rig's own thread first
	open   map[key]*session
	// halting ends what is sent when the link's receiver is gone.
	halting *halting
	// copies says that the kernel copied what it was asked to send without.
	copies     bool
	softirq    *meter.KernelThreads // nil where they can't be seen
	cpus       []int                // allowed before pinning
	sendBuffer int                  // SO_SNDBUF in bytes as granted, 0 before the first socket
	congestion string               // congestion control, "" before the first socket of TCP
}

// SendBuffer is the SO_SNDBUF asked for, in bytes, for every strategy alike. The
// kernel grants no more than net.core.wmem_max, doubled (socket(7)).
const SendBuffer = 4 << 20

// NewRig makes a rig with an arena of size bytes of small pages on a link as it
// stands: a profile applied later needs another rig. A cell takes its footprint for
// each of its flows.
func NewRig(l *link.Link, size int64) (*Rig, error) {
	return newRigOf(l, sizes{small: size})
}

func newRigOf(l *link.Link, s sizes) (*Rig, error) {
	memory, err := newArenas(s)
	if err != nil {
		return nil, err
	}
	r, err := newRig(l, memory)
	if err != nil {
		return nil, errors.Join(err, memory.close())
	}
	return r, nil
}

// NewRigOn is NewRig with buffers in memory of the caller's, which is off the Go
// heap, page aligned, and stays mapped until after Close. Two programs that are
// compared can thus send from the same pages: neighbours among them go as one
// fragment, and how many there are is an accident worth some percent.
func NewRigOn(l *link.Link, memory []byte) (*Rig, error) {
	return newRig(l, foreignArena(memory))
}

func newRig(l *link.Link, memory *arenas) (*Rig, error) {
	path, err := l.Path()
	if err != nil {
		return nil, err
	}
	cpus, err := meter.AllowedCPUs()
	if err != nil {
		return nil, err
	}
	softirq, err := meter.SoftirqThreads()
	if err != nil && !errors.As(err, new(*meter.UnavailableError)) {
		return nil, err
	}
	runtime.LockOSThread()
	own, err := ownLane(meter.PickSenderCPU(cpus))
	if err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	return &Rig{
		link: l, path: path, arenas: memory, walks: newWalk(), open: map[key]*session{},
		lanes: []*lane{own}, softirq: softirq, cpus: cpus, halting: newHalting(l),
	}, nil
}

// Close closes what was opened. The link stays its owner's.
func (r *Rig) Close() error {
	var errs []error
	for _, s := range r.open {
		errs = append(errs, s.close())
	}
	r.halting.close()
	for _, l := range r.lanes {
		errs = append(errs, l.close())
	}
	errs = append(errs, r.arenas.close(), meter.Pin(r.cpus...))
	runtime.UnlockOSThread()
	return errors.Join(errs...)
}
