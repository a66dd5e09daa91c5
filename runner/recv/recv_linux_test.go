package recv

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sendbench/runner/link/control"
	"sendbench/runner/link/linktest"
	"sendbench/runner/results"
	"sendbench/strategies"
)

func TestMain(m *testing.M) { os.Exit(linktest.RunTests(m)) }

const settleTimeout = 10 * time.Second

// agree has a server serve this host, and makes a session on loopback.
func agree(t *testing.T, terms control.Terms, limits control.Limits) (*control.Conn, control.Agreement) {
	t.Helper()
	host := "127.0.0.1:0"
	if terms.Family == 6 {
		host = "[::1]:0"
	}
	listener, err := net.Listen("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	secret := control.NewSecret()
	server := control.Server{Secret: secret, Limits: limits, Open: Host{}.Open}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	conn, err := control.Dial(t.Context(), listener.Addr().String(), secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	agreement, err := conn.Agree(t.Context(), terms)
	if err != nil {
		t.Fatal(err)
	}
	return conn, agreement
}

// dial connects a flow to its port, from an address of its own if that is given.
func dial(t *testing.T, c *control.Conn, a control.Agreement, flow int, from string) net.Conn {
	t.Helper()
	port := a.Ports[0]
	if a.Terms.Proto == results.ProtoUDP {
		port = a.Ports[flow]
	}
	to := netip.AddrPortFrom(c.RemoteAddr().Addr(), port)
	dialer := net.Dialer{}
	if from != "" {
		dialer.LocalAddr = &net.UDPAddr{IP: net.ParseIP(from)}
	}
	conn, err := dialer.Dial(a.Terms.Proto, to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// message is number seq, whole.
func message(seq uint64, size int) []byte {
	m := make([]byte, size)
	strategies.Full(m, seq)
	return m
}

func write(t *testing.T, to net.Conn, payload []byte) {
	t.Helper()
	if _, err := to.Write(payload); err != nil {
		t.Fatal(err)
	}
}

// Each protocol and family, with two flows, in two stretches of different messages:
// all that was sent is counted, once.
func TestReceive(t *testing.T) {
	linktest.Need(t)
	const messages = 50
	for _, proto := range []string{results.ProtoUDP, results.ProtoTCP} {
		for _, family := range []int{4, 6} {
			t.Run(fmt.Sprintf("%s/%d", proto, family), func(t *testing.T) {
				c, a := agree(t, control.Terms{Proto: proto, Family: family, Flows: 2}, control.Limits{})
				flows := []net.Conn{dial(t, c, a, 0, ""), dial(t, c, a, 1, "")}
				seq := uint64(0)
				for _, stretch := range []control.Stretch{{Size: 64, Check: true}, {Size: 8192}, {Size: 1400, Check: true}} {
					if err := c.Begin(t.Context(), stretch); err != nil {
						t.Fatal(err)
					}
					for range messages {
						for _, flow := range flows {
							write(t, flow, message(seq, stretch.Size))
						}
						seq++
					}
					counts, err := c.Settle(t.Context(), 2*messages, settleTimeout)
					if err != nil {
						t.Fatal(err)
					}
					got := control.Counts{Messages: counts.Messages, Bytes: counts.Bytes, Incomplete: counts.Incomplete, Strays: counts.Strays, Missing: counts.Missing, SocketDrops: counts.SocketDrops}
					want := control.Counts{Messages: 2 * messages, Bytes: 2 * messages * int64(stretch.Size)}
					if got != want {
						t.Errorf("%+v: got %+v, want %+v", stretch, counts, want)
					}
					if counts.Device.Frames == 0 || counts.Device.Bytes < counts.Bytes {
						t.Errorf("%+v: the device counted %+v", stretch, counts.Device)
					}
				}
			})
		}
	}
}

// What is out of order is told apart, and what comes from anyone but the sender counts
// as nothing else.
func TestFaults(t *testing.T) {
	linktest.Need(t)
	c, a := agree(t, control.Terms{Proto: results.ProtoUDP, Family: 4, Flows: 1}, control.Limits{})
	flow, stranger := dial(t, c, a, 0, ""), dial(t, c, a, 0, "127.0.0.2")
	if err := c.Begin(t.Context(), control.Stretch{Size: 1000, Check: true}); err != nil {
		t.Fatal(err)
	}
	for _, seq := range []uint64{0, 1, 4, 2, 2} {
		write(t, flow, message(seq, 1000))
	}
	write(t, stranger, message(5, 1000))
	write(t, flow, []byte("no stamp"))
	damaged := message(6, 1000)
	damaged[500]++
	write(t, flow, damaged)
	counts, err := c.Settle(t.Context(), 10, settleTimeout)
	if err != nil {
		t.Fatal(err)
	}
	counts.Device, counts.Kernel = control.Device{}, control.Kernel{}
	want := control.Counts{
		Messages: 4, Bytes: 4000, Incomplete: 1, Strays: 1, Foreign: 1, Missing: 2, Reordered: 1, Duplicated: 1,
		Datagrams: 7, Received: 6008,
	}
	if counts != want {
		t.Errorf("got %+v, want %+v", counts, want)
	}
}

// What comes late from one stretch is nothing to the next, and finds its port open.
func TestLate(t *testing.T) {
	linktest.Need(t)
	c, a := agree(t, control.Terms{Proto: results.ProtoUDP, Family: 4, Flows: 1}, control.Limits{})
	flow := dial(t, c, a, 0, "")
	write(t, flow, message(7, 500)) // before the first
	for range 2 {
		if err := c.Begin(t.Context(), control.Stretch{Size: 500, Check: true}); err != nil {
			t.Fatal(err)
		}
		write(t, flow, message(8, 500))
		counts, err := c.Settle(t.Context(), 1, settleTimeout)
		if err != nil || counts.Messages != 1 || counts.Datagrams != 1 || counts.Kernel.UDPNoPorts != 0 {
			t.Errorf("got %+v, %v, want one message", counts, err)
		}
		write(t, flow, message(9, 500))
	}
}

func TestStretchRefused(t *testing.T) {
	linktest.Need(t)
	for _, terms := range []control.Terms{{Proto: results.ProtoUDP, Family: 4, Flows: 1}, {Proto: results.ProtoTCP, Family: 6, Flows: 2}} {
		c, _ := agree(t, terms, control.Limits{})
		for _, size := range []int{-1, 0, 15, 1<<20 + 1} {
			var refusal *control.RefusedError
			if err := c.Begin(t.Context(), control.Stretch{Size: size}); !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, "it takes 16 to ") {
				t.Errorf("%s of %d bytes: got %v, want a refusal", terms.Proto, size, err)
			}
		}
		if counts, err := c.Counts(t.Context()); err != nil || counts != (control.Counts{}) {
			t.Errorf("before any stretch: got %+v, %v, want nothing", counts, err)
		}
	}
}

// A sender that goes on above the agreed rate is cut off.
func TestRateCap(t *testing.T) {
	linktest.Need(t)
	c, a := agree(t, control.Terms{Proto: results.ProtoUDP, Family: 4, Flows: 1}, control.Limits{BitsPerSecond: 8e6})
	flow := dial(t, c, a, 0, "")
	if err := c.Begin(t.Context(), control.Stretch{Size: 60000}); err != nil {
		t.Fatal(err)
	}
	m := message(0, 60000)
	for seq := uint64(1); c.Err() == nil && seq < 1e6; seq++ {
		strategies.Stamp(m, seq)
		if _, err := flow.Write(m); err != nil {
			break // the port is closed
		}
	}
	await(t, c.Gone(), "the end of the session")
	if err := c.Err(); !strings.Contains(err.Error(), "of payload came over a second, agreed were 0.008") {
		t.Errorf("the session ended with %v", err)
	}
}

// A sender that sends and begins nothing is held to the agreed rate, too.
func TestRateCapOutside(t *testing.T) {
	linktest.Need(t)
	for _, proto := range []string{results.ProtoUDP, results.ProtoTCP} {
		t.Run(proto, func(t *testing.T) {
			c, a := agree(t, control.Terms{Proto: proto, Family: 4, Flows: 1}, control.Limits{BitsPerSecond: 8e6})
			flow := dial(t, c, a, 0, "")
			m := message(0, 60000)
			for deadline := time.Now().Add(30 * time.Second); c.Err() == nil; {
				if time.Now().After(deadline) {
					t.Fatal("the session goes on")
				}
				if _, err := flow.Write(m); err != nil {
					break // the port is closed
				}
			}
			await(t, c.Gone(), "the end of the session")
			if err := c.Err(); !strings.Contains(err.Error(), "of payload came over a second, agreed were 0.008") {
				t.Errorf("the session ended with %v", err)
			}
		})
	}
}

// Strangers that connect are counted as such.
func TestForeignConnections(t *testing.T) {
	linktest.Need(t)
	c, a := agree(t, control.Terms{Proto: results.ProtoTCP, Family: 4, Flows: 1}, control.Limits{})
	if err := c.Begin(t.Context(), control.Stretch{Size: 1000}); err != nil {
		t.Fatal(err)
	}
	write(t, dial(t, c, a, 0, ""), message(0, 1000))
	stranger := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	conn, err := stranger.Dial("tcp", netip.AddrPortFrom(c.RemoteAddr().Addr(), a.Ports[0]).String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = conn.Read(make([]byte, 1)) // until it is closed there
	if counts, err := c.Settle(t.Context(), 1, settleTimeout); err != nil || counts.Foreign != 1 || counts.Messages != 1 {
		t.Errorf("got %+v, %v; want a message and a stranger", counts, err)
	}
}

// await fails after a time that is far above any wait of the protocol.
func await(t *testing.T, done <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatalf("waited 30 s for %s", what)
	}
}

func TestPeer(t *testing.T) {
	linktest.Need(t)
	_, a := agree(t, control.Terms{Proto: results.ProtoUDP, Family: 4, Flows: 64}, control.Limits{BitsPerSecond: 1e9, Seconds: 60})
	p := a.Peer
	if p.Hostname == "" || p.Kernel == "" || p.CPUs < 1 || p.Device.Name != "lo" || p.Device.MTU != 65536 || p.ReceiveBufferBytes == 0 {
		t.Errorf("the peer describes itself as %+v", p)
	}
	if p.CPUs <= 64 && !slices.ContainsFunc(p.Warnings, func(w string) bool { return strings.Contains(w, "CPUs for 64 receiving threads") }) {
		t.Errorf("no warning of too many flows in %q", p.Warnings)
	}
	if len(a.Ports) != 64 {
		t.Errorf("%d ports for 64 flows", len(a.Ports))
	}
}

// Ports in a row are taken from the one that is said, and a taken one is told.
func TestDataPort(t *testing.T) {
	linktest.Need(t)
	at := netip.MustParseAddrPort("127.0.0.1:7001")
	terms := control.Terms{Proto: results.ProtoUDP, Family: 4, Flows: 3}
	r, err := Host{DataPort: 7002}.Open(terms, at, at)
	if err != nil {
		t.Fatal(err)
	}
	if ports := r.Ports(); !slices.Equal(ports, []uint16{7002, 7003, 7004}) {
		t.Errorf("ports %v", ports)
	}
	if _, err := (Host{DataPort: 7004}).Open(terms, at, at); err == nil || !strings.Contains(err.Error(), "127.0.0.1:7004") {
		t.Errorf("second receiver: %v, want the port that is taken", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if r, err := (Host{DataPort: 7002}).Open(terms, at, at); err != nil {
		t.Error(err)
	} else if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := (Host{DataPort: 65534}).Open(terms, at, at); err == nil || !strings.Contains(err.Error(), "no port above 65535") {
		t.Errorf("got %v, want the last port", err)
	}
}
