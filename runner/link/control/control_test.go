package control

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"sendbench/runner/results"
)

var secret = []byte("a secret of these tests")

// account is a receiver that counts nothing by itself: tests set what it has.
type account struct {
	mu       sync.Mutex
	begun    []Stretch
	counts   Counts
	received int64
	closings int
	closed   chan struct{}
	stuck    bool          // Settle waits for Close
	gate     chan struct{} // Counts waits for this to be closed, if there is one
}

func newAccount() *account { return &account{closed: make(chan struct{})} }

func (a *account) Ports() []uint16    { return []uint16{7001, 7002} }
func (a *account) Peer() results.Peer { return results.Peer{Hostname: "far", Warnings: []string{}} }

func (a *account) Begin(s Stretch) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.Size < 16 {
		return errors.New("messages of less than 16 bytes have no number")
	}
	a.begun = append(a.begun, s)
	return nil
}

func (a *account) Counts() (Counts, error) {
	if a.gate != nil {
		<-a.gate
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.counts, nil
}

func (a *account) Settle(messages int64, timeout time.Duration) (Counts, error) {
	if a.stuck {
		<-a.closed
		return Counts{}, errors.New("closed")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.counts.Messages = messages
	return a.counts, nil
}

func (a *account) Received() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.received
}

func (a *account) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closings++
	if a.closings == 1 {
		close(a.closed)
	}
	return nil
}

// bench is a server under test and what it told.
type bench struct {
	server  *Server
	address string
	account *account
	over    chan Summary
	refused chan string
	stop    context.CancelFunc
	served  chan error
}

// serve starts a server on loopback, which is stopped when the test ends and then
// must have served without an error.
func serve(t *testing.T, change func(*Server)) *bench {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{
		address: listener.Addr().String(), account: newAccount(),
		over: make(chan Summary, 100), refused: make(chan string, 100), served: make(chan error, 1),
	}
	b.server = &Server{
		Secret: secret,
		Open:   func(Terms, netip.AddrPort, netip.AddrPort) (Receiver, error) { return b.account, nil },
		Over:   func(s Summary) { b.over <- s },
		Refused: func(_ netip.AddrPort, why string, _ int) {
			b.refused <- why
		},
	}
	if change != nil {
		change(b.server)
	}
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	go func() { b.served <- b.server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-b.served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return b
}

func (b *bench) dial(t *testing.T) *Conn {
	t.Helper()
	c, err := Dial(t.Context(), b.address, secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

var terms = Terms{Proto: results.ProtoUDP, Family: 4, Flows: 2}

func (b *bench) agree(t *testing.T) (*Conn, Agreement) {
	t.Helper()
	c := b.dial(t)
	a, err := c.Agree(t.Context(), terms)
	if err != nil {
		t.Fatal(err)
	}
	return c, a
}

// await returns what comes, or fails after a time that is far above any wait of the
// protocol.
func await[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("waited 30 s for %s", what)
		return *new(T)
	}
}
