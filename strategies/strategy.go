//go:build linux

package strategies

import (
	"fmt"
	"strings"
	"time"
)

// Strategy is one way of sending.
type Strategy struct {
	Name string // as in a record's cell and on the command line
	Way  string // what it does, in a few words
	// ZeroCopy says that the kernel is asked to send from the buffer itself.
	// Whether it did is in Tally.Copied.
	ZeroCopy bool
	// CPUs is how many CPUs it takes to show what it can do; the default sweep
	// leaves it out on a smaller machine.
	CPUs int
	// Open makes a sender. What this kernel, socket or user can't do is an
	// *UnsupportedError.
	Open func(Config) (Sender, error)
}

// Config is what every strategy is given alike.
type Config struct {
	// FD is a connected, blocking socket with its options set, for datagrams
	// unless Stream is true. It stays the caller's, and open until after
	// Sender.Close.
	FD int
	// Stream says that it is a TCP socket: the bytes of all messages have to go in
	// their order, a send may be short, and a blocking one gives up after the
	// socket's SO_SNDTIMEO. TCP_NODELAY is set.
	Stream bool
	// Arena is the memory that all buffers of all trials lie in: off the Go
	// heap, page aligned, mapped until after Sender.Close.
	Arena []byte
	// Batch is the largest number of messages of one Send call. At most twice
	// as many are in flight.
	Batch int
	// Segment is the UDP_SEGMENT size set on the socket in bytes, 0 for none.
	Segment int
	// PollCPU is the CPU for a kernel thread that polls, another than the
	// sender's; -1 for any.
	PollCPU int
	// Halt ends the waits for a peer that a stream may make. It may be nil.
	Halt *Halt
}

// Sender sends the messages of a trial. It belongs to one goroutine that is
// locked to one thread from Open to Close.
type Sender interface {
	// Begin gets ready for a trial over b, counting into t. Nothing is in
	// flight when it is called.
	Begin(b *Buffers, t *Tally) error
	// Send fills n messages that were taken, from number first on, hands them to
	// the kernel, and takes in the completions that are there. A message is
	// filled when the sender is about to pass it on, as a program would: one by
	// one, or as the batch is put together. On return each was accepted or is in
	// flight; with an error, those that the kernel never saw are recalled, or are in
	// flight until the sender is closed. It allocates nothing.
	Send(first uint64, n int) error
	// Reap waits until the kernel has something to say of a buffer in flight, and
	// takes in all completions that are there. That nothing comes for the time given
	// is an error, unless that is 0: then it only looks. It may have to be called
	// more than once for a release.
	Reap(wait time.Duration) error
	// Close gives up what the kernel holds for the sender.
	Close() error
}

// A ThreadedSender has kernel threads send on its behalf, whose CPU time is
// part of its cost.
type ThreadedSender interface {
	Sender
	// Threads returns their thread ids, none if they can't be told. They live
	// until Close.
	Threads() []int
}

// All returns every strategy, the baseline first, and those of Add last.
func All() []Strategy {
	return append([]Strategy{
		write(),
		sendmmsg(),
		sendmmsgZC(),
		uringSend(),
		uringSendZC(),
		uringSendZCFixed(),
		uringSendMsgZC(),
		uringSendZCSQPoll(),
	}, added...)
}

// added are the strategies of Add.
var added []Strategy

// Add adds a strategy to All for this process, for programs and tests that bring one
// of their own. A run's rounds are processes of the same program, which have to know it
// too: call Add first thing in the main function or in TestMain, before anything else
// here is used and before the process serves as a worker. A name that is taken is an
// error.
func Add(s Strategy) error {
	if _, err := Lookup(s.Name); err == nil {
		return fmt.Errorf("there is a strategy %q already: another needs a name of its own", s.Name)
	}
	added = append(added, s)
	return nil
}

// Baseline is the strategy that all others are compared with.
func Baseline() Strategy { return All()[0] }

// Names returns the names of all strategies.
func Names() []string {
	var names []string
	for _, s := range All() {
		names = append(names, s.Name)
	}
	return names
}

// Lookup finds a strategy by its name.
func Lookup(name string) (Strategy, error) {
	for _, s := range All() {
		if s.Name == name {
			return s, nil
		}
	}
	return Strategy{}, fmt.Errorf("unknown strategy %q: there are %s", name, strings.Join(Names(), ", "))
}
