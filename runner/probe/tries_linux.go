package probe

import (
	"context"
	"errors"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/strategies"
	"sendbench/uringzc"
)

const (
	tryMessages = 2                // of each size
	tryBatch    = 1                // handed over at once
	tryLimit    = 20 * time.Second // for all tries together, which take a moment
)

// tryLink sends over a link in every way and size, and closes nothing of it.
func tryLink(ctx context.Context, l *link.Link) (Link, error) {
	ctx, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	described, err := l.Describe()
	if err != nil {
		return Link{}, err
	}
	found := Link{
		Name: described.Name, Description: described.Description, Namespace: described.Namespace,
		Device: described.Device, Family: l.Family(),
		AutoSegment: link.AutoSegment(l.Family(), described.Device.MTU),
	}
	cpu, unpin, err := oneCPU()
	if err != nil {
		return Link{}, err
	}
	defer unpin()
	receiver, err := l.Listen(link.ListenOptions{Size: Sizes[len(Sizes)-1], Start: strategies.Stamped, CPU: cpu})
	if err != nil {
		return Link{}, err
	}
	if receiver != nil {
		defer receiver.Close()
	}
	facts := l.CopyFacts()
	facts.Holders = tapHolders(facts.Taps)
	facts.Room = found.AutoSegment
	for _, s := range strategies.All() {
		for _, segment := range []int{found.AutoSegment, 0} {
			found.Tries = append(found.Tries, tryStrategy(ctx, l, s, segment, cpu, facts)...)
		}
	}
	found.Verdict = judgeLink(found.Name, found.Tries, found.AutoSegment)
	return found, nil
}

// oneCPU keeps the calling goroutine on one CPU, for the receiver and the polling
// thread to be on too, until unpin. A packet that is received on another CPU than it
// was made on goes back there to be freed, which can take seconds where there is no
// other traffic (skb_attempt_defer_free, net/core/skbuff.c), and releases what was
// sent no sooner.
func oneCPU() (cpu int, unpin func(), err error) {
	allowed, err := meter.AllowedCPUs()
	if err != nil {
		return -1, nil, err
	}
	runtime.LockOSThread()
	cpu = meter.PickSenderCPU(allowed)
	if err := meter.Pin(cpu); err != nil {
		runtime.UnlockOSThread()
		return -1, nil, err
	}
	return cpu, func() {
		if meter.Pin(allowed...) == nil {
			runtime.UnlockOSThread() // and otherwise the thread ends with the goroutine
		}
	}, nil
}

// tryStrategy sends messages of every size. A sender that failed may hold buffers
// still: the next size gets another, and other memory. One that can't be opened is
// the same for all sizes.
func tryStrategy(ctx context.Context, l *link.Link, s strategies.Strategy, segment, cpu int, facts link.CopyFacts) []Try {
	var (
		tries   []Try
		open    *attempt
		openErr error
	)
	for _, size := range Sizes {
		var tally strategies.Tally
		err := context.Cause(ctx)
		if err == nil && open == nil && openErr == nil {
			open, openErr = begin(l, s, segment, cpu)
		}
		if err == nil {
			err = openErr
		}
		if err == nil {
			if tally, err = open.send(ctx, size); err != nil {
				open.close()
				open = nil
			}
		}
		facts.Size, facts.Segment = size, segment
		t := Try{Strategy: s.Name, SizeBytes: size, SegmentBytes: segment}
		t.judge(s, tally, err, facts)
		tries = append(tries, t)
	}
	if open != nil {
		open.close()
	}
	return tries
}

// judge says what a try came to.
func (t *Try) judge(s strategies.Strategy, tally strategies.Tally, err error, facts link.CopyFacts) {
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		t.Outcome, t.Reason = Unsupported, plain(err)
	case err != nil:
		t.Outcome, t.Reason = Failed, plain(err)
	case !s.ZeroCopy:
		t.Outcome = Sent
	case tally.Unreported > 0 || tally.Notifications == 0:
		facts.Unreported = true
		reason := facts.Reason()
		t.Outcome, t.Copy = Unreported, &reason
	case tally.Copied > 0:
		reason := facts.Reason()
		t.Outcome, t.Copy = Copied, &reason
	default:
		t.Outcome = ZeroCopy
	}
}

// attempt is an open sender with its socket and buffers. It belongs to the thread
// that began it.
type attempt struct {
	fd     int
	memory []byte
	sender strategies.Sender
}

func begin(l *link.Link, s strategies.Strategy, segment, cpu int) (*attempt, error) {
	fd, _, err := l.Dial(link.DialOptions{Segment: segment})
	if err != nil {
		return nil, err
	}
	room := 2 * tryBatch * strategies.Stride(Sizes[len(Sizes)-1])
	memory, err := unix.Mmap(-1, 0, room, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, errors.Join(os.NewSyscallError("mmap", err), unix.Close(fd))
	}
	strategies.Paint(memory)
	runtime.LockOSThread()
	p := &attempt{fd: fd, memory: memory}
	p.sender, err = s.Open(strategies.Config{FD: fd, Arena: memory, Batch: tryBatch, Segment: segment, PollCPU: cpu})
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// send sends a few messages and waits until the kernel has released them.
func (p *attempt) send(ctx context.Context, size int) (tally strategies.Tally, err error) {
	buffers, err := strategies.NewBuffers(p.memory, size, tryBatch, 0, strategies.Stamp)
	if err != nil {
		return tally, err
	}
	if err := p.sender.Begin(buffers, &tally); err != nil {
		return tally, err
	}
	halt := new(strategies.Halt)
	defer context.AfterFunc(ctx, func() { halt.Stop(context.Cause(ctx)) })()
	pump := strategies.Pump{Sender: p.sender, Buffers: buffers, Halt: halt}
	return tally, pump.Run(0, tryMessages)
}

// close gives up what the try held; what it can't give back ends with the process.
// Memory that the kernel may read still stays mapped.
func (p *attempt) close() {
	defer runtime.UnlockOSThread()
	var err error
	if p.sender != nil {
		err = p.sender.Close()
	}
	_ = unix.Close(p.fd)
	if !errors.As(err, new(*uringzc.LeakError)) {
		_ = unix.Munmap(p.memory)
	}
}
