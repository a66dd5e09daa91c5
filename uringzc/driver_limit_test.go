//go:build linux

package uringzc

import (
	"context"
	"strings"
	"testing"
	"time"
)

// TestDriverFull lets one send hold the only place there is.
func TestDriverFull(t *testing.T) {
	d := newDriver(t, Options{Entries: 1, InFlight: 1})
	peer, tcp := tcpConns(t, "tcp4", 4096)
	stream, err := d.Conn(tcp)
	if err != nil {
		t.Fatal(err)
	}
	datagrams, err := d.Conn(connectedUDP(t))
	if err != nil {
		t.Fatal(err)
	}
	sent := make(chan error)
	const size = 3 << 20
	go func() {
		n, _, err := stream.SendZC(t.Context(), make([]byte, size))
		if n != size {
			t.Errorf("%d bytes sent, want %d", n, size)
		}
		sent <- err
	}()
	within(t, "the place is taken", func() bool { return inFlight(t, d) == 1 })
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if n, release, err := datagrams.SendZC(ctx, []byte("x")); n != 0 || err != context.DeadlineExceeded || release != (Release{}) {
		t.Errorf("a send without a place: %d, %v, %+v; want the deadline and nothing lent", n, err, release)
	}
	go func() {
		_, _, err := datagrams.SendZC(t.Context(), []byte("x"))
		sent <- err
	}()
	if n := discard(t, peer, size); n != size {
		t.Errorf("%d bytes received", n)
	}
	for range 2 {
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
}

// TestDriverTable fills the table of files.
func TestDriverTable(t *testing.T) {
	d := newDriver(t, Options{})
	var spare []int
	take := func() error {
		spare, d.owner.places = d.owner.places[1:], d.owner.places[:1]
		return nil
	}
	if err := d.call(take); err != nil {
		t.Fatal(err)
	}
	defer d.call(func() error { d.owner.places = append(d.owner.places, spare...); return nil })
	for range 3 { // a place comes back
		c, err := d.Conn(connectedUDP(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Conn(connectedUDP(t)); err == nil || !strings.Contains(err.Error(), "as many as fit") {
			t.Errorf("one more connection than fits: %v", err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDriverCancelsByAndBy has more sends to cancel at once than there are entries
// for that.
func TestDriverCancelsByAndBy(t *testing.T) {
	d := newDriver(t, Options{Entries: 1})
	const conns = 5
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan Release, conns)
	for range conns {
		c := wrap(t, d, blockedTCP(t))
		go func() {
			_, release, err := c.SendZC(ctx, []byte("x"))
			if err != context.Canceled {
				t.Errorf("%v; want context.Canceled", err)
			}
			given <- release
		}()
	}
	var sends int
	look := func() error { sends = d.owner.sends; return nil }
	within(t, "all are submitted", func() bool { return d.call(look) == nil && sends == conns })
	var releases []Release
	err := d.call(func() error { // while the owner is here, it hears of none
		cancel()
		for range conns {
			releases = append(releases, <-given)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	bounded, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	for _, release := range releases {
		if _, err := release.Wait(bounded); err != nil {
			t.Errorf("release: %v", err)
		}
	}
}
