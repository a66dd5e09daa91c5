package control

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
)

// relay passes one connection's bytes on to the server from an address of its own, and
// then gives what the sender sent.
func (b *bench) relay(t *testing.T) (address string, sent <-chan []byte) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	recorded := make(chan []byte, 1)
	go func() {
		defer close(recorded)
		near, err := listener.Accept()
		if err != nil {
			return
		}
		defer near.Close()
		far, err := net.Dial("tcp", b.address)
		if err != nil {
			t.Error(err)
			return
		}
		defer far.Close()
		go func() {
			_, _ = io.Copy(near, far)
			_ = near.(*net.TCPConn).CloseWrite()
		}()
		var record bytes.Buffer
		if _, err := io.Copy(io.MultiWriter(far, &record), near); err != nil {
			t.Error(err)
		}
		recorded <- record.Bytes()
	}()
	return listener.Addr().String(), recorded
}

// An agreement by way of a relay is none: TLS goes through it, and data would go to
// whoever runs it.
func TestRelay(t *testing.T) {
	b := serve(t, nil)
	_, direct := b.agree(t)
	other := serve(t, nil)
	for _, test := range []struct {
		name  string
		bench *bench
		ask   func(context.Context, *Conn) (Agreement, error)
	}{
		{"agree", other, func(ctx context.Context, c *Conn) (Agreement, error) { return c.Agree(ctx, terms) }},
		{"join", b, func(ctx context.Context, c *Conn) (Agreement, error) { return c.Join(ctx, direct.Token) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			through, _ := test.bench.relay(t)
			c, err := Dial(t.Context(), through, secret)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			a, err := test.ask(t.Context(), c)
			if err == nil || len(a.Ports) != 0 || !strings.Contains(err.Error(), "was relayed or translated") || !strings.Contains(err.Error(), test.bench.address) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %+v, %v; want no agreement and a line that names the ends", a, err)
			}
			select {
			case <-c.Gone():
			default:
				t.Error("the connection goes on")
			}
		})
	}
	if s := await(t, other.over, "the relayed session to be over"); s.Err == nil || !strings.Contains(s.Err.Error(), "was relayed or translated") {
		t.Errorf("the receiver says %v", s.Err)
	}
	select {
	case s := <-b.over:
		t.Errorf("the session of the other connection ended: %+v", s)
	default:
	}
}
