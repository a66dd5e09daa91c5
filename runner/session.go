//go:build linux

package runner

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// key tells what needs senders of its own.
type key struct {
	strategy  string
	proto     string
	footprint int64
	pages     string
	segment   int
	batch     int
	flows     int
	aa        bool // or the noise floor would leave out what another socket brings
}

func keyOf(c results.Cell) key {
	return key{
		strategy: c.Strategy, proto: c.Proto, footprint: c.Footprint, pages: c.Pages, segment: c.Segment, batch: c.Batch,
		flows: c.Flows, aa: c.AA,
	}
}

// session is the open senders of a cell, one a flow.
type session struct {
	flows    []flow
	zeroCopy bool
	halting  *halting // that watches its streams
}

// flow is a socket with its sender, and the lane that both belong to.
type flow struct {
	lane    *lane
	memory  []byte // its part of the arena
	pollCPU int    // for a kernel thread of the sender's, -1 for any
	number  int    // among the session's
	fd      int
	stream  strategies.Stream // nil for datagrams
	sender  strategies.Sender
	cap     *strategies.Cap // nil for none
}

// taken are the CPUs of the flows that are open, and of those that will be on lanes.
func (s *session) taken(lanes []*lane) []int {
	var cpus []int
	for _, l := range lanes {
		cpus = append(cpus, l.cpu)
	}
	for _, f := range s.flows {
		if _, ok := f.sender.(strategies.ThreadedSender); ok && f.pollCPU >= 0 {
			cpus = append(cpus, f.pollCPU)
		}
	}
	return cpus
}

// session opens the sockets and senders of a cell, or finds them.
func (r *Rig) session(c results.Cell) (*session, error) {
	k := keyOf(c)
	if s := r.open[k]; s != nil {
		return s, nil
	}
	strategy, err := strategies.Lookup(c.Strategy)
	if err != nil {
		return nil, err
	}
	memory, err := r.arenas.of(c)
	if err != nil {
		return nil, err
	}
	lanes, err := r.lanesFor(c.Flows)
	if err != nil {
		return nil, err
	}
	s := &session{zeroCopy: strategy.ZeroCopy, halting: r.halting}
	for i, l := range lanes {
		f := flow{
			lane: l, number: i, memory: memory[int64(i)*c.Footprint:][:c.Footprint:c.Footprint],
			pollCPU: meter.PickReceiverCPU(r.cpus, s.taken(lanes)...),
		}
		if most := r.link.Cap(); most > 0 {
			f.cap = strategies.NewCap(max(1, share(most/8, c.Flows, i)))
		}
		if err := r.dial(&f, strategy, c); err != nil {
			return nil, errors.Join(err, s.close())
		}
		s.flows = append(s.flows, f)
	}
	r.open[k] = s
	return s, nil
}

// dial opens a flow's socket, and its sender on the lane.
func (r *Rig) dial(f *flow, strategy strategies.Strategy, c results.Cell) (err error) {
	f.fd, r.sendBuffer, err = r.link.Dial(link.DialOptions{Proto: c.Proto, Flow: f.number, Segment: c.Segment, SendBuffer: SendBuffer})
	if err != nil {
		return err
	}
	if c.Proto == results.ProtoTCP {
		if r.congestion, err = link.CongestionControl(f.fd); err != nil {
			return errors.Join(err, os.NewSyscallError("close", unix.Close(f.fd)))
		}
		f.stream = strategies.NewStream(f.fd, &r.halting.halt)
		r.halting.add(f.fd)
	}
	f.lane.do(func() {
		f.sender, err = strategy.Open(strategies.Config{
			FD: f.fd, Stream: f.stream != nil, Arena: f.memory, Batch: c.Batch, Segment: c.Segment,
			PollCPU: f.pollCPU, Halt: &r.halting.halt,
		})
	})
	if err != nil {
		r.halting.drop(f.fd)
		return errors.Join(err, os.NewSyscallError("close", unix.Close(f.fd)))
	}
	return nil
}

// lanesFor returns as many lanes as there are flows.
func (r *Rig) lanesFor(flows int) ([]*lane, error) {
	cpus := meter.PickFlowCPUs(r.cpus, flows)
	if len(cpus) < flows {
		return nil, fmt.Errorf("%d flows: each has a CPU of its own, and this process may run on %d", flows, len(cpus))
	}
	for len(r.lanes) < flows {
		l, err := newLane(cpus[len(r.lanes)])
		if err != nil {
			return nil, err
		}
		r.lanes = append(r.lanes, l)
	}
	return r.lanes[:flows], nil
}

func (s *session) close() error {
	var errs []error
	for _, f := range s.flows {
		if f.stream != nil {
			// All is acknowledged, or given up. A ring lets go of its socket some time
			// after it is closed: the connection's end would be among later frames.
			errs = append(errs, f.stream.Abort())
		}
		f.lane.do(func() { errs = append(errs, f.sender.Close()) })
		s.halting.drop(f.fd)
		errs = append(errs, os.NewSyscallError("close", unix.Close(f.fd)))
	}
	return errors.Join(errs...)
}
