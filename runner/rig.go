//go:build linux

package runner

import (
	"errors"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// Rig is what trials are made on: a link, an arena of buffers, the sender's CPU,
// and the sockets and senders that were opened so far. It belongs to one
// goroutine, which it locks to a thread pinned to a CPU from NewRig to Close.
type Rig struct {
	link  *link.Link
	path  link.Path // as it was when the rig was made
	arena *arena
	walks *walk
	open  map[key]*session
	// copies says that the kernel copied what it was asked to send without.
	copies     bool
	cpus       []int // allowed before pinning
	cpu        int   // the sender's
	sendBuffer int   // SO_SNDBUF in bytes as granted, 0 before the first socket
}

// key tells what needs a sender of its own.
type key struct {
	strategy  string
	footprint int64
	segment   int
	batch     int
	aa        bool // or the noise floor would leave out what another socket brings
}

func keyOf(c results.Cell) key {
	return key{strategy: c.Strategy, footprint: c.Footprint, segment: c.Segment, batch: c.Batch, aa: c.AA}
}

// session is an open socket with its sender.
type session struct {
	fd       int
	sender   strategies.Sender
	zeroCopy bool
}

// SendBuffer is the SO_SNDBUF asked for, in bytes, for every strategy alike. The
// kernel grants no more than net.core.wmem_max, doubled (socket(7)).
const SendBuffer = 4 << 20

// NewRig makes a rig with an arena of footprint bytes on a link as it stands: a
// profile applied later needs another rig.
func NewRig(l *link.Link, footprint int64) (*Rig, error) {
	memory, err := newArena(footprint)
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
	strategies.Paint(memory)
	return newRig(l, &arena{memory: memory, foreign: true})
}

func newRig(l *link.Link, memory *arena) (*Rig, error) {
	path, err := l.Path()
	if err != nil {
		return nil, err
	}
	cpus, err := meter.AllowedCPUs()
	if err != nil {
		return nil, err
	}
	cpu := meter.PickSenderCPU(cpus)
	runtime.LockOSThread()
	if err := meter.Pin(cpu); err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	return &Rig{
		link: l, path: path, arena: memory, walks: newWalk(), open: map[key]*session{},
		cpus: cpus, cpu: cpu,
	}, nil
}

// Close closes what was opened. The link stays its owner's.
func (r *Rig) Close() error {
	var errs []error
	for _, s := range r.open {
		errs = append(errs, s.close())
	}
	errs = append(errs, r.arena.close(), meter.Pin(r.cpus...))
	runtime.UnlockOSThread()
	return errors.Join(errs...)
}

// session opens the socket and sender of a cell, or finds them.
func (r *Rig) session(c results.Cell) (*session, error) {
	k := keyOf(c)
	if s := r.open[k]; s != nil {
		return s, nil
	}
	strategy, err := strategies.Lookup(c.Strategy)
	if err != nil {
		return nil, err
	}
	fd, granted, err := r.link.Dial(link.DialOptions{Segment: c.Segment, SendBuffer: SendBuffer})
	if err != nil {
		return nil, err
	}
	r.sendBuffer = granted
	sender, err := strategy.Open(strategies.Config{
		FD: fd, Arena: r.arena.footprint(c.Footprint), Batch: c.Batch, Segment: c.Segment,
		PollCPU: meter.PickReceiverCPU(r.cpus, r.cpu),
	})
	if err != nil {
		return nil, errors.Join(err, os.NewSyscallError("close", unix.Close(fd)))
	}
	s := &session{fd: fd, sender: sender, zeroCopy: strategy.ZeroCopy}
	r.open[k] = s
	return s, nil
}

func (s *session) close() error {
	return errors.Join(s.sender.Close(), os.NewSyscallError("close", unix.Close(s.fd)))
}
