package control

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// However many refusals there are, they are told once a second, and all of them are.
func TestRefusalsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type line struct {
			At          time.Duration
			Why         string
			Connections int
		}
		var told []line
		began := time.Now()
		r := refusals{tell: func(_ netip.AddrPort, why string, connections int) {
			told = append(told, line{time.Since(began), why, connections})
		}}
		r.add(netip.AddrPort{}, "first")
		r.add(netip.AddrPort{}, "second")
		time.Sleep(refusalPause / 2)
		r.add(netip.AddrPort{}, "third")
		time.Sleep(10 * refusalPause)
		r.flush()
		r.add(netip.AddrPort{}, "fourth")
		r.add(netip.AddrPort{}, "last")
		r.flush()
		time.Sleep(10 * refusalPause)
		want := []line{
			{0, "first", 1}, {refusalPause, "third", 2},
			{10*refusalPause + refusalPause/2, "fourth", 1}, {10*refusalPause + refusalPause/2, "last", 1},
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Error(diff)
		}
	})
}
