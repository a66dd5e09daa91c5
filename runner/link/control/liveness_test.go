package control

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sendbench/runner/results"
)

// In these tests time is synctest's: it passes when all goroutines wait, and a
// goroutine that is left behind fails the test. Connections are pipes whose other side
// is through its handshake.

// pipeTerms are terms on a pipe, which has no addresses.
var pipeTerms = Terms{Proto: results.ProtoUDP, Family: 6, Flows: 1}

// office is a server without a listener.
type office struct {
	server  *Server
	account *account
	over    []Summary
	ctx     context.Context
}

func newOffice(ctx context.Context, limits Limits) *office {
	o := &office{account: newAccount(), ctx: ctx}
	o.server = &Server{
		Limits: limits,
		Open:   func(Terms, netip.AddrPort, netip.AddrPort) (Receiver, error) { return o.account, nil },
		Over:   func(s Summary) { o.over = append(o.over, s) },
	}
	return o
}

// visit returns a connection to the server.
func (o *office) visit() net.Conn {
	near, far := net.Pipe()
	at, err := o.server.lobby.enter(netip.Addr{}, netip.Addr{})
	if err != nil {
		panic(err) // no test has as many
	}
	go o.server.converse(o.ctx, far, at)
	return near
}

// lead makes a session by a sender that does as it should.
func (o *office) lead(t *testing.T, asked Terms) *Conn {
	t.Helper()
	c, err := greet(t.Context(), o.visit(), "far")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Agree(t.Context(), asked); err != nil {
		t.Fatal(err)
	}
	return c
}

// say writes requests as they are.
func say(t *testing.T, conn net.Conn, requests ...message) {
	t.Helper()
	for _, m := range requests {
		text, err := encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(text); err != nil {
			t.Fatal(err)
		}
	}
}

// A sender that falls silent is given up after Silence, whether it reads or not, and
// whether it sends nothing or too little for a message.
func TestSilentSender(t *testing.T) {
	for _, test := range []struct {
		name    string
		reads   bool
		trickle bool
		within  time.Duration
	}{
		{"reads", true, false, Silence},
		{"stands still", false, false, Silence + Beat},
		{"trickles", true, true, Silence},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t.Context(), Limits{})
				conn := o.visit()
				reading := make(chan struct{})
				agreed := make(chan struct{})
				go func() {
					defer close(reading)
					d := decoder{r: conn}
					for {
						m, err := d.next()
						if m.Kind == kindAgreement {
							close(agreed)
							if !test.reads {
								return
							}
						}
						if err != nil {
							return
						}
					}
				}()
				say(t, conn, message{Kind: kindHello, Version: Version}, message{Kind: kindAgree, Terms: &pipeTerms})
				<-agreed
				began := time.Now()
				var trickling sync.WaitGroup
				if test.trickle {
					trickling.Go(func() {
						for {
							if _, err := conn.Write([]byte{0}); err != nil {
								return
							}
							time.Sleep(Silence / 2)
						}
					})
				}
				<-o.account.closed
				if lasted := time.Since(began); lasted < Silence || lasted > test.within {
					t.Errorf("it was given up after %v", lasted)
				}
				synctest.Wait()
				conn.Close()
				<-reading
				trickling.Wait()
				synctest.Wait()
				if len(o.over) != 1 || o.over[0].Err == nil || !strings.Contains(o.over[0].Err.Error(), "silent for 800ms") {
					t.Errorf("sessions over: %+v", o.over)
				}
			})
		})
	}
}

// The same the other way round: a receiver that is there and says nothing.
func TestSilentReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go io.Copy(io.Discard, far)
		began := time.Now()
		_, err := greet(t.Context(), near, "far")
		if !errors.As(err, new(*LostError)) || !strings.Contains(err.Error(), "the receiver at far has been silent for 800ms: it hangs, or the way to it is slower") {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(began); waited != Silence {
			t.Errorf("it took %v", waited)
		}
		far.Close()
	})
}

// muted is a connection that takes what is written and passes nothing on from some moment
// on, as one whose packets wait behind others does.
type muted struct {
	net.Conn
	since chan struct{}
}

func (m muted) Write(b []byte) (int, error) {
	select {
	case <-m.since:
		return len(b), nil
	default:
		return m.Conn.Write(b)
	}
}

// A sender that isn't heard any more but hears is told so, and what to do.
func TestUnheardSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t.Context(), Limits{})
		conn := muted{o.visit(), make(chan struct{})}
		c, err := greet(t.Context(), conn, "far")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Agree(t.Context(), pipeTerms); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		close(conn.since)
		<-c.Gone()
		if lasted := time.Since(began); lasted > Silence {
			t.Errorf("it is told after %v", lasted)
		}
		var lost *LostError
		if err := c.Err(); !errors.As(err, &lost) || !strings.Contains(err.Error(), "the receiver at far has heard nothing for 800ms") || !strings.Contains(err.Error(), "--max-rate") {
			t.Errorf("the sender is told %v", err)
		}
		c.Close()
		synctest.Wait()
		if len(o.over) != 1 || !strings.HasSuffix(o.over[0].Err.Error(), "silent for 800ms") {
			t.Errorf("sessions over: %+v", o.over)
		}
	})
}

// A session that keeps to its terms lasts for as long as they say, and no longer.
func TestTimeCap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t.Context(), Limits{Seconds: 90})
		c := o.lead(t, pipeTerms)
		began := time.Now()
		<-c.Gone()
		if lasted := time.Since(began); lasted != 90*time.Second {
			t.Errorf("the session lasted %v", lasted)
		}
		if err := c.Err(); errors.As(err, new(*LostError)) || !strings.Contains(err.Error(), "the receiver at far ended the session: the agreed 1m30s are over") {
			t.Errorf("the sender is told %v", err)
		}
		c.Close()
		synctest.Wait()
		if len(o.over) != 1 || o.over[0].Lasted != 90*time.Second {
			t.Errorf("sessions over: %+v", o.over)
		}
	})
}

func TestRateCap(t *testing.T) {
	const agreed = 1e9
	for _, test := range []struct {
		name  string
		each  int64 // bytes in each tenth of a second
		burst int64 // bytes at once in the fifth second
		ends  bool
	}{
		{"as agreed", agreed / 80, 0, false},
		{"a fifth above", agreed / 80 * 6 / 5, 0, false},
		{"as agreed, with a burst", agreed / 80, Burst, false},
		{"one and a half", agreed / 80 * 3 / 2, 16 << 20, true},
		{"twice", agreed / 40, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t.Context(), Limits{BitsPerSecond: agreed, Seconds: 10})
				c := o.lead(t, pipeTerms)
				for tenth := 0; c.Err() == nil; tenth++ {
					o.account.mu.Lock()
					o.account.received += test.each
					if tenth == 50 {
						o.account.received += test.burst
					}
					o.account.mu.Unlock()
					time.Sleep(rateInterval)
				}
				why := c.Err().Error()
				if ends := strings.Contains(why, "of payload came over a second, agreed were 1"); ends != test.ends {
					t.Errorf("the session ended since %s", why)
				}
				c.Close()
			})
		})
	}
}

// A visitor that doesn't say what it wants is sent away, though it beats.
func TestUndecided(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t.Context(), Limits{})
		c, err := greet(t.Context(), o.visit(), "far")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		<-c.Gone()
		if lasted := time.Since(began); lasted != decision {
			t.Errorf("it was sent away after %v", lasted)
		}
		c.Close()
		synctest.Wait()
		if len(o.server.lobby.places) != 0 {
			t.Error("its place is still taken")
		}
	})
}

// A controller that goes away in the middle of its own request ends the session at
// once, and the next sender is served.
func TestControllerGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t.Context(), Limits{})
		o.account.stuck = true
		c := o.lead(t, pipeTerms)
		settled := make(chan error)
		go func() {
			_, err := c.Settle(t.Context(), 1, MaxSettle)
			settled <- err
		}()
		synctest.Wait()
		began := time.Now()
		c.line.conn.Close() // as the kernel does for a process that was killed
		if err := <-settled; err == nil {
			t.Error("Settle succeeded")
		}
		<-o.account.closed
		if lasted := time.Since(began); lasted > Silence {
			t.Errorf("the session went on for %v", lasted)
		}
		c.Close()
		synctest.Wait()
		if len(o.over) != 1 || o.over[0].Err == nil || !strings.Contains(o.over[0].Err.Error(), "went away without a word") {
			t.Errorf("sessions over: %+v", o.over)
		}
		o.account = newAccount()
		o.lead(t, pipeTerms).Close()
		synctest.Wait()
		if len(o.over) != 2 || o.over[1].Err != nil {
			t.Errorf("sessions over: %+v", o.over)
		}
	})
}

// A server that is stopped says so.
func TestServerStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancelCause(t.Context())
		o := newOffice(ctx, Limits{})
		c := o.lead(t, pipeTerms)
		stop(errStopped)
		<-c.Gone()
		if err := c.Err(); !strings.Contains(err.Error(), "ended the session: it was stopped") {
			t.Errorf("the sender is told %v", err)
		}
		c.Close()
	})
}
