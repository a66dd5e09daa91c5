//go:build linux

package uringzc

import (
	"context"
	"net"
	"testing"
)

func TestConnAllocates(t *testing.T) {
	d := newDriver(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	unconnected, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unconnected.Close()
	connected := wrap(t, d, connectedUDP(t))
	anywhere := wrap(t, d, unconnected)
	to := connected.NetConn().RemoteAddr().(*net.UDPAddr).AddrPort()
	slab := newSlab(t, 1400, 4)
	buf := make([]byte, 1400)
	called := make(chan Usage, 1)
	callback := func(u Usage) { called <- u }
	for name, send := range map[string]func() (int, Release, error){
		"SendZC":   func() (int, Release, error) { return connected.SendZC(ctx, buf) },
		"SendZCTo": func() (int, Release, error) { return anywhere.SendZCTo(ctx, buf, to) },
		"segment": func() (int, Release, error) {
			return connected.SendMsgZC(ctx, Message{Buffer: Bytes(buf), Segment: 700})
		},
		"lease": func() (int, Release, error) {
			lease, _ := slab.Lease()
			return connected.SendMsgZC(ctx, Message{Buffer: lease.Buffer(1400)})
		},
	} {
		allocs := testing.AllocsPerRun(500, func() {
			_, release, err := send()
			if err != nil {
				t.Fatal(err)
			}
			release.OnRelease(callback)
			if _, err := release.Wait(ctx); err != nil {
				t.Fatal(err)
			}
			<-called
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations a send", name, allocs)
		}
	}
}
