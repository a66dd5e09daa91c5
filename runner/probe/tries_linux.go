package probe

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
	"sendbench/uringzc"
)

const (
	tryMessages = 2                // of each size
	tryBatch    = 1                // handed over at once
	tryLimit    = 20 * time.Second // for all tries together, which take a moment
)

// tryLink sends over a link in every way and size, over TCP too where somebody
// receives, and closes nothing of it.
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
	r := tries{link: l, cpu: cpu, facts: l.CopyFacts(), halt: new(strategies.Halt)}
	r.facts.Holders = tapHolders(r.facts.Taps)
	defer context.AfterFunc(ctx, func() { r.halt.Stop(context.Cause(ctx)) })()
	if l.Name() != link.Sink {
		if found.TCPTries, err = r.over(ctx, results.ProtoTCP, 0); err != nil {
			return Link{}, err
		}
	}
	r.facts.Room = found.AutoSegment
	if found.Tries, err = r.over(ctx, results.ProtoUDP, found.AutoSegment, 0); err != nil {
		return Link{}, err
	}
	found.Verdict = judgeLink(found.Name, found.Tries, found.AutoSegment)
	return found, nil
}

// tries are made over a link, on one CPU.
type tries struct {
	link  *link.Link
	cpu   int
	facts link.CopyFacts   // of no message; Room is 0 where IP cuts nothing into fragments
	halt  *strategies.Halt // ends them all
}

// over tries every strategy over a protocol, to a receiver where the link has one.
func (r *tries) over(ctx context.Context, proto string, segments ...int) (found []Try, err error) {
	o := link.ListenOptions{Proto: proto, Size: Sizes[len(Sizes)-1], CPU: r.cpu}
	if proto == results.ProtoUDP {
		o.Start = strategies.Stamped
	}
	receiver, err := r.link.Listen(o)
	if err != nil {
		return nil, err
	}
	if receiver != nil {
		defer receiver.Close()
	}
	for _, s := range strategies.All() {
		for _, segment := range segments {
			found = append(found, r.strategy(ctx, s, proto, segment)...)
		}
	}
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

// strategy sends messages of every size. A sender that failed may hold buffers still:
// the next size gets another, and other memory. One that can't be opened is the same
// for all sizes.
func (r *tries) strategy(ctx context.Context, s strategies.Strategy, proto string, segment int) []Try {
	var (
		found   []Try
		open    *attempt
		openErr error
	)
	facts := r.facts
	for _, size := range Sizes {
		var tally strategies.Tally
		err := context.Cause(ctx)
		if err == nil && open == nil && openErr == nil {
			open, openErr = r.begin(s, proto, segment)
		}
		if err == nil {
			err = openErr
		}
		if err == nil {
			if tally, err = open.send(size); err != nil {
				open.close()
				open = nil
			}
		}
		facts.Size, facts.Segment = size, segment
		t := Try{Strategy: s.Name, SizeBytes: size, SegmentBytes: segment}
		t.judge(s, tally, err, facts)
		found = append(found, t)
	}
	if open != nil {
		open.close()
	}
	return found
}

// judge says what a try came to.
func (t *Try) judge(s strategies.Strategy, tally strategies.Tally, err error, facts link.CopyFacts) {
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		t.Outcome, t.Reason = Unsupported, plain(err)
	case errors.Is(err, unix.EIO) && t.SegmentBytes > 0 && strings.HasPrefix(facts.Checksum, "off"): // udp_send_skb, net/ipv4/udp.c
		t.Outcome, t.Reason = Unsupported, "UDP_SEGMENT over a device without checksum offload takes Linux 6.11 or later (EIO); --segment off does without"
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
	stream strategies.Stream // nil for datagrams
	sender strategies.Sender
	halt   *strategies.Halt
}

func (r *tries) begin(s strategies.Strategy, proto string, segment int) (*attempt, error) {
	fd, _, err := r.link.Dial(link.DialOptions{Proto: proto, Segment: segment})
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
	p := &attempt{fd: fd, memory: memory, halt: r.halt}
	if proto == results.ProtoTCP {
		p.stream = strategies.NewStream(fd, r.halt)
	}
	p.sender, err = s.Open(strategies.Config{
		FD: fd, Stream: p.stream != nil, Arena: memory, Batch: tryBatch, Segment: segment, PollCPU: r.cpu, Halt: r.halt,
	})
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// send sends a few messages and waits until the kernel has released them.
func (p *attempt) send(size int) (tally strategies.Tally, err error) {
	buffers, err := strategies.NewBuffers(p.memory, size, tryBatch, 0, strategies.Stamp)
	if err != nil {
		return tally, err
	}
	if err := p.sender.Begin(buffers, &tally); err != nil {
		return tally, err
	}
	pump := strategies.Pump{Sender: p.sender, Buffers: buffers, Halt: p.halt, Stream: p.stream}
	return tally, pump.Run(0, tryMessages)
}

// close gives up what the try held; what it can't give back ends with the process.
// Memory that the kernel may read still stays mapped.
func (p *attempt) close() {
	defer runtime.UnlockOSThread()
	if p.stream != nil {
		_ = p.stream.Abort() // a ring lets go of its socket some time after it is closed
	}
	var err error
	if p.sender != nil {
		err = p.sender.Close()
	}
	_ = unix.Close(p.fd)
	if !errors.As(err, new(*uringzc.LeakError)) {
		_ = unix.Munmap(p.memory)
	}
}
