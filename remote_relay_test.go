//go:build linux

package main

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// relayed: a host that passes the control connection on to a receiver has agreed to
// nothing, and gets nothing.
func relayed(t *testing.T) {
	near, between, far := nearHost(t), newHost(t), newHost(t)
	cable(near, "eth1", between, "in", 1)
	cable(between, "out", far, "eth2", 2)
	r := far.receive("10.2.0.2:7001", filepath.Join(t.TempDir(), "secret"))
	const at = "10.1.0.2:7001"
	between.pass(at, r.at)
	var data net.PacketConn // where a receiver has its first port for data
	between.do(func() (err error) {
		data, err = net.ListenPacket("udp", "10.1.0.2:7002")
		return err
	})
	defer data.Close()
	for _, proto := range []string{"udp", "tcp"} {
		cmd := send(t, r, strings.Fields("--to "+at+" --proto "+proto+" --size 1400 --strategy write --nic default --rounds 1 --trial 2ms")...)
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != exitFailed || strings.Count(string(out), "\n") != 1 || !strings.Contains(string(out), "was relayed or translated") || !strings.Contains(string(out), r.at) {
			t.Errorf("%s: exit code %d, says %q; want %d and a line that says so", proto, code, out, exitFailed)
		}
	}
	if err := data.SetReadDeadline(time.Unix(1, 0)); err != nil { // what has come is there
		t.Fatal(err)
	}
	if n, from, err := data.ReadFrom(make([]byte, 1<<16)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the relay got %d bytes of data from %v (%v)", n, from, err)
	}
}

// pass has the host pass TCP connections to one address on to another.
func (h *host) pass(at, to string) {
	h.t.Helper()
	var listener net.Listener
	h.do(func() (err error) {
		listener, err = net.Listen("tcp", at)
		return err
	})
	h.t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			var out net.Conn
			err = h.on(func() (err error) {
				out, err = net.Dial("tcp", to)
				return err
			})
			if err != nil {
				h.t.Errorf("the relay: %v", err)
				in.Close()
				return
			}
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() {
					_, _ = io.Copy(way[0], way[1]) // until either side ends
					way[0].Close()
				}()
			}
		}
	}()
}
