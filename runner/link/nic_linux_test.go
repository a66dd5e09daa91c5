package link_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sendbench/runner/link"
	"sendbench/runner/link/control"
	"sendbench/runner/link/linktest"
	"sendbench/runner/nic"
	"sendbench/runner/recv"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// serve has this host receive at an address, until the returned function is called.
func serve(t *testing.T, at string, secret []byte, limits control.Limits) (to string, stop func()) {
	t.Helper()
	return serveOn(t, listenControl(t, at), secret, limits)
}

func listenControl(t *testing.T, at string) net.Listener {
	t.Helper()
	linktest.Need(t)
	listener, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func serveOn(t *testing.T, listener net.Listener, secret []byte, limits control.Limits) (to string, stop func()) {
	t.Helper()
	server := control.Server{Secret: secret, Limits: limits, Open: recv.Host{}.Open}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, listener) }()
	stop = func() {
		if ctx.Err() != nil {
			return
		}
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return listener.Addr().String(), stop
}

// openNIC opens the link to a receiver over lo.
func openNIC(t *testing.T, to string, secret []byte, terms link.Terms) *link.Link {
	t.Helper()
	l, err := link.OpenNIC(t.Context(), link.Remote{Device: "lo", To: to, Secret: secret}, terms)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

var twoFlows = link.Terms{Proto: results.ProtoUDP, Flows: 2, Seconds: 60}

// TestNIC sends messages of two flows to a receiver, from a process that has joined.
func TestNIC(t *testing.T) {
	for _, at := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(at, func(t *testing.T) {
			secret := control.NewSecret()
			to, _ := serve(t, at, secret, control.Limits{BitsPerSecond: 1e9, Seconds: 30})
			opened := openNIC(t, to, secret, twoFlows)
			if opened.Cap() != 1e9 || opened.Time() != 30*time.Second || !opened.Shared() || opened.Name() != link.NIC {
				t.Errorf("a link with cap %d, time %v, shared %v, name %s", opened.Cap(), opened.Time(), opened.Shared(), opened.Name())
			}
			spec, files := opened.Spec(3)
			if len(files) != 0 {
				t.Errorf("%d files to inherit", len(files))
			}
			l, err := link.Attach(spec)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			const size, messages = 1000, 50
			r, err := l.Listen(link.ListenOptions{Size: size, Start: strategies.Stamped, Intact: strategies.Intact, CPU: -1})
			if err != nil {
				t.Fatal(err)
			}
			before, err := l.Wire()
			if err != nil {
				t.Fatal(err)
			}
			for flow := range 2 {
				sendAll(t, l, flow, size, messages)
			}
			after, err := l.Wire()
			if err != nil {
				t.Fatal(err)
			}
			counts, err := r.Settle(2*messages, settleTimeout)
			if err != nil {
				t.Fatal(err)
			}
			if counts.Messages != 2*messages || counts.Datagrams != 2*messages || counts.Bytes != 2*messages*size || counts.Incomplete+counts.Strays+counts.Missing+counts.Reordered+counts.Duplicated != 0 {
				t.Errorf("the receiver counted %+v", counts)
			}
			if counts.Device.Frames < 2*messages {
				t.Errorf("its device counted %+v", counts.Device)
			}
			if sent := after.Sub(before); sent.Frames < 2*messages || sent.Bytes < 2*messages*size || sent.Dropped != 0 {
				t.Errorf("the sending device counted %+v", sent)
			}
			if _, _, err := l.Dial(link.DialOptions{Flow: 2}); err == nil || !strings.Contains(err.Error(), "flow 2") {
				t.Errorf("a third flow: %v", err)
			}
		})
	}
}

// sendAll sends the messages of a flow, from number 0 on.
func sendAll(t *testing.T, l *link.Link, flow, size, messages int) {
	t.Helper()
	fd, _, err := l.Dial(link.DialOptions{Flow: flow})
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	message := make([]byte, size)
	for seq := range messages {
		strategies.Full(message, uint64(seq))
		if _, err := unix.Write(fd, message); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNICGone: with the receiver every process of the run knows that nothing may be
// sent any more, and why.
func TestNICGone(t *testing.T) {
	secret := control.NewSecret()
	to, stop := serve(t, "127.0.0.1:0", secret, control.Limits{})
	l := openNIC(t, to, secret, twoFlows)
	spec, _ := l.Spec(3)
	joined, err := link.Attach(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer joined.Close()
	if err := errors.Join(l.Err(), joined.Err()); err != nil {
		t.Fatalf("before: %v", err)
	}
	watched, unwatch := l.Watch(t.Context())
	defer unwatch()
	stop()
	<-joined.Gone()
	<-watched.Done()
	for _, err := range []error{l.Err(), joined.Err(), context.Cause(watched), l.Reach(t.Context())} {
		gone := (*link.GoneError)(nil)
		if !errors.As(err, &gone) || gone.To != to || !strings.HasPrefix(gone.Error(), "the receiver at "+to+" is gone: ") || strings.Count(gone.Error(), to) != 1 {
			t.Errorf("%v", err)
		}
	}
	if _, err := joined.Listen(link.ListenOptions{Size: 64, Start: start}); !errors.As(err, new(*link.GoneError)) {
		t.Errorf("listen: %v", err)
	}
	if _, err := link.Attach(spec); !errors.As(err, new(*link.GoneError)) {
		t.Errorf("attach: %v", err)
	}
}

// cutting is a listener whose connections can be cut, as a device that is reset does.
type cutting struct {
	net.Listener
	mu    sync.Mutex
	conns []*net.TCPConn
}

func (c *cutting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.mu.Lock()
		c.conns = append(c.conns, conn.(*net.TCPConn))
		c.mu.Unlock()
	}
	return conn, err
}

// cut resets every connection.
func (c *cutting) cut(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		if err := errors.Join(conn.SetLinger(0), conn.Close()); err != nil {
			t.Error(err)
		}
	}
	c.conns = nil
}

// TestReach: a change of settings may cost the connection, which is then made anew, and
// the device is as it was when the link is closed.
func TestReach(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	secret := control.NewSecret()
	listener := cutting{Listener: listenControl(t, "127.0.0.1:0")}
	to, _ := serveOn(t, &listener, secret, control.Limits{})
	l, err := link.OpenNIC(t.Context(), link.Remote{Device: "lo", To: to, Secret: secret}, twoFlows)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	was, err := l.Settings()
	if err != nil {
		t.Fatal(err)
	}
	changeMTU(t, l)
	if err := l.Reach(t.Context()); err != nil {
		t.Errorf("the receiver is there: %v", err)
	}
	first, _ := l.Spec(3)
	changeMTU(t, l)
	listener.cut(t)
	<-l.Gone()
	if err := l.Reach(t.Context()); err != nil {
		t.Errorf("the receiver is there again: %v", err)
	}
	if second, _ := l.Spec(3); second.Session.Token == first.Session.Token {
		t.Error("the session is still the first one's")
	}
	if now, err := l.Settings(); err != nil || now["mtu"] != "30000" {
		t.Errorf("mtu=%s is applied (%v)", now["mtu"], err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	again, err := link.OpenNIC(t.Context(), link.Remote{Device: "lo", To: to, Secret: secret}, twoFlows)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if now, err := again.Settings(); err != nil || now["mtu"] != was["mtu"] {
		t.Errorf("after Close mtu=%s, before it was %s (%v)", now["mtu"], was["mtu"], err)
	}
}

// changeMTU applies a profile, so that the receiver has to be reached anew.
func changeMTU(t *testing.T, l *link.Link) {
	t.Helper()
	p, err := nic.ParseProfile("mtu=30000")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Apply(p); err != nil {
		t.Fatal(err)
	}
}

// TestReachEnds: a receiver that has ended the session, or another one, isn't agreed with
// anew.
func TestReachEnds(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	secret := control.NewSecret()
	for _, c := range []struct {
		name string
		cut  bool // before the receiver ends
		says string
	}{
		{"it ended the session", false, "it ended the session: it was stopped"},
		{"another one is there", true, "there is another bound on the bits a second (0, now 1000000000)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			listener := cutting{Listener: listenControl(t, "127.0.0.1:0")}
			to, stop := serveOn(t, &listener, secret, control.Limits{})
			l := openNIC(t, to, secret, twoFlows)
			changeMTU(t, l)
			if c.cut {
				listener.cut(t)
				<-l.Gone()
			}
			stop()
			<-l.Gone()
			serve(t, to, secret, control.Limits{BitsPerSecond: 1e9})
			var gone *link.GoneError
			if err := l.Reach(t.Context()); !errors.As(err, &gone) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
			if l.Err() == nil {
				t.Error("the link goes on")
			}
		})
	}
}

// TestOwnCap: of the sender's bound and the receiver's the lesser holds, in every process
// of the run.
func TestOwnCap(t *testing.T) {
	secret := control.NewSecret()
	for _, c := range []struct{ ours, theirs, want int64 }{{1e8, 1e9, 1e8}, {1e9, 1e8, 1e8}, {1e8, 0, 1e8}, {0, 1e8, 1e8}, {0, 0, 0}} {
		to, stop := serve(t, "127.0.0.1:0", secret, control.Limits{BitsPerSecond: c.theirs})
		l, err := link.OpenNIC(t.Context(), link.Remote{Device: "lo", To: to, Secret: secret, MaxBitsPerSecond: c.ours}, twoFlows)
		if err != nil {
			t.Fatal(err)
		}
		spec, _ := l.Spec(3)
		joined, err := link.Attach(spec)
		if err != nil {
			t.Fatal(err)
		}
		if l.Cap() != c.want || joined.Cap() != c.want {
			t.Errorf("ours %d, theirs %d: the caps are %d and %d, want %d", c.ours, c.theirs, l.Cap(), joined.Cap(), c.want)
		}
		if err := errors.Join(joined.Close(), l.Close()); err != nil {
			t.Error(err)
		}
		stop()
	}
}

func TestAttachWithoutSession(t *testing.T) {
	linktest.Need(t)
	for _, session := range []*link.Session{nil, {}} {
		if _, err := link.Attach(link.Spec{Kind: link.NIC, Family: 4, Device: "lo", Session: session}); err == nil || !strings.Contains(err.Error(), "without its session") {
			t.Errorf("%v", err)
		}
	}
}
