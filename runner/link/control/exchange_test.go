package control

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
)

// A request that is given up leaves the line as it was, and its late answer is nobody
// else's.
func TestRequestGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t.Context(), Limits{})
		c := o.lead(t, pipeTerms)
		o.account.gate = make(chan struct{}) // a mutex doesn't let synctest's time pass
		ctx, cancel := context.WithTimeout(t.Context(), Beat)
		_, err := c.Counts(ctx)
		cancel()
		o.account.counts.Messages = 5
		close(o.account.gate)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's end", err)
		}
		if err := c.Begin(t.Context(), Stretch{Size: 16}); err != nil {
			t.Error(err)
		}
		if counts, err := c.Counts(t.Context()); err != nil || counts.Messages != 5 {
			t.Errorf("got %+v, %v", counts, err)
		}
		c.Close()
	})
}

// Another version is refused by its number in either direction.
func TestVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t.Context(), Limits{})
		refused := make(chan string, 1)
		o.server.refusals.tell = func(_ netip.AddrPort, why string, _ int) { refused <- why }
		conn := o.visit()
		say(t, conn, message{Kind: kindHello, Version: 2, ID: 1})
		d := decoder{r: conn}
		if m, err := d.next(); err != nil || m.Kind != kindHello || m.Version != Version {
			t.Errorf("a sender of version 2 is answered %+v, %v", m, err)
		}
		if why := <-refused; !strings.Contains(why, "speaks version 2 of the control protocol and this is version 1") {
			t.Errorf("the receiver says %q", why)
		}
		conn.Close()

		near, far := net.Pipe()
		go func() {
			d := decoder{r: far}
			m, _ := d.next()
			text, _ := encode(message{Kind: kindHello, Version: 2, ID: m.ID})
			_, _ = far.Write(text)
			_, _ = io.Copy(io.Discard, far)
			far.Close()
		}()
		if _, err := greet(t.Context(), near, "far"); err == nil || !strings.Contains(err.Error(), "speaks version 2 of the control protocol and this is version 1") {
			t.Errorf("a sender of version 1 says %v", err)
		}
	})
}
