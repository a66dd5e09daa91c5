//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/nftables"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	"sendbench/runner/results"
)

// TestRemote sends from one host to another: two network namespaces, a veth pair for a
// cable, and the command itself on both.
func TestRemote(t *testing.T) {
	if !onNearHost(t) {
		return
	}
	for _, family := range []struct {
		name, at string
		number   int
	}{{"IPv4", "10.1.0.2:7001", 4}, {"IPv6", "[fd01::2]:7001", 6}} {
		t.Run(family.name, func(t *testing.T) {
			_, far, r := twoHosts(t)
			if family.number == 6 {
				r.kill(t)
				r = far.receive(family.at, r.secret)
			}
			was := state(t, "eth1")
			cmd := send(t, r, strings.Fields("--to "+family.at+" --size 64,1400,64000 --strategy write,uring-sendzc --flows 1,"+mostFlows()+
				" --nic default --nic mtu=9000 --nic tx-udp-segmentation=off --nic tx-scatter-gather=off --rounds 2 --trial 2ms")...)
			if out, err := cmd.CombinedOutput(); err != nil || len(out) != 0 {
				t.Fatalf("%v: %s", err, out)
			}
			rec := readRun(t, cmd)
			everyRoundOnce(t, rec)
			accounted(t, rec)
			asBefore(t, was)
			l := rec.Run.Environment.Link
			if l.Peer == nil || l.Peer.Device.Name != "eth2" || l.Peer.Control != family.at || rec.Run.Plan.Cells[0].Family != family.number {
				t.Errorf("the record has peer %+v and family %d", l.Peer, rec.Run.Plan.Cells[0].Family)
			}
			if l.ZeroCopy == nil || *l.ZeroCopy || !strings.Contains(l.WhyCopied, "a veth, whose far end is on this machine") {
				t.Errorf("to a receiver on this machine zero copy is %v, because %q", l.ZeroCopy, l.WhyCopied)
			}
			if l.Applied["mtu=9000"]["mtu"] != "9000" || l.Applied["tx-scatter-gather=off"]["tx-tcp-segmentation"] != "off" || l.Applied["default"] != nil {
				t.Errorf("the record has applied %v", l.Applied)
			}
		})
	}
	t.Run("link-local, TCP", linkLocal)
	t.Run("relayed", relayed)
	t.Run("losses", losses)
	t.Run("refusals", refusals)
	t.Run("profiles", profilesOfNIC)
	t.Run("capped", capped)
	t.Run("ended", endedRun)
}

// linkLocal: each host names its own device in a link-local address.
func linkLocal(t *testing.T) {
	_, far, r := twoHosts(t)
	r.kill(t)
	r = far.receive("[fe80::2%eth2]:7001", r.secret)
	const to = "[fe80::2%eth1]:7001"
	cmd := send(t, r, strings.Fields("--to "+to+" --proto tcp --size 1400,65536 --strategy write --nic default --rounds 2 --trial 2ms")...)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) != 0 {
		t.Fatalf("%v: %s", err, out)
	}
	rec := readRun(t, cmd)
	everyRoundOnce(t, rec)
	for _, trial := range rec.Trials {
		if trial.Error != "" || *trial.DeliveredMessages != trial.Messages {
			t.Errorf("%d B: %d of %d messages were delivered, error %q", trial.Cell.Size, *trial.DeliveredMessages, trial.Messages, trial.Error)
		}
	}
	if control := rec.Run.Environment.Link.Peer.Control; control != to {
		t.Errorf("the record has the receiver at %s", control)
	}
}

// accounted checks that of every trial all is accounted for: what was sent was
// delivered, or dropped in a place. It returns what was dropped in each, in datagrams.
func accounted(t *testing.T, rec *results.Record) (device, path, kernel, socket int64) {
	t.Helper()
	for _, trial := range rec.Trials {
		c := trial.Cell
		name := fmt.Sprintf("round %d, %s at %d B, %d flows, %s", trial.Round, c.Strategy, c.Size, c.Flows, c.NIC)
		if trial.Error != "" {
			t.Errorf("%s: %s", name, trial.Error)
			continue
		}
		parts := int64(1)
		if c.Segment > 0 {
			parts = int64((c.Size + c.Segment - 1) / c.Segment)
		}
		lost := trial.Messages - *trial.DeliveredMessages
		dropped := *trial.DroppedDevice + *trial.DroppedPath + *trial.DroppedReceiver + *trial.DroppedSocket
		if lost < 0 || dropped < lost || dropped > lost*parts || *trial.Duplicated != 0 || *trial.Reordered != 0 {
			t.Errorf("%s: of %d messages %d are missing; %d datagrams were dropped, %d duplicated, %d reordered", name, trial.Messages, lost, dropped, *trial.Duplicated, *trial.Reordered)
		}
		if lost > 0 == !strings.Contains(strings.Join(trial.Warnings, "\n"), "messages were lost") {
			t.Errorf("%s: %d messages were lost, warnings are %q", name, lost, trial.Warnings)
		}
		device, path, kernel, socket = device+*trial.DroppedDevice, path+*trial.DroppedPath, kernel+*trial.DroppedReceiver, socket+*trial.DroppedSocket
	}
	return device, path, kernel, socket
}

// losses are provoked in each place there is.
func losses(t *testing.T) {
	few := strings.Fields("--size 64,1400,64000 --strategy write --nic default --rounds 1 --trial 2ms")
	measure := func(t *testing.T, r *receiver, to string, more ...string) *results.Record {
		t.Helper()
		cmd := send(t, r, append(append(few, "--to", to), more...)...)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) != 0 {
			t.Fatalf("%v: %s", err, out)
		}
		rec := readRun(t, cmd)
		everyRoundOnce(t, rec)
		return rec
	}
	t.Run("path", func(t *testing.T) {
		near, router, far := nearHost(t), newHost(t), newHost(t)
		cable(near, "eth1", router, "in", 1)
		cable(router, "out", far, "eth2", 2)
		near.setMTU("eth1", 1500)
		near.route("10.2.0.0/24", "10.1.0.2")
		far.route("10.1.0.0/24", "10.2.0.1")
		router.forward()
		router.drop(nftables.ChainHookForward, everyFourth()...)
		r := far.receive("10.2.0.2:7001", filepath.Join(t.TempDir(), "secret"))
		rec := measure(t, r, r.at)
		device, path, kernel, _ := accounted(t, rec)
		if device != 0 || path == 0 || kernel != 0 {
			t.Errorf("dropped by the device %d, on the way %d, by the receiver's kernel %d; all were on the way", device, path, kernel)
		}
		for _, trial := range rec.Trials {
			if quarter := trial.Messages / 4; *trial.DroppedPath < quarter || *trial.Missing < quarter-1 {
				t.Errorf("%d B: of %d messages a quarter was dropped on the way; %d datagrams were found, %d messages missing", trial.Cell.Size, trial.Messages, *trial.DroppedPath, *trial.Missing)
			}
		}
	})
	t.Run("receiver", func(t *testing.T) {
		_, far, r := twoHosts(t)
		far.drop(nftables.ChainHookInput, everyFourth()...)
		device, path, kernel, _ := accounted(t, measure(t, r, r.at))
		if device != 0 || path != 0 || kernel == 0 {
			t.Errorf("dropped by the device %d, on the way %d, by the receiver's kernel %d; all were by the kernel", device, path, kernel)
		}
	})
	t.Run("device", func(t *testing.T) {
		near, _, r := twoHosts(t)
		// Enough for a run's control connection, and a tenth of what a sender does.
		tbf := &netlink.Tbf{
			QdiscAttrs: netlink.QdiscAttrs{LinkIndex: near.device("eth1").Attrs().Index, Handle: netlink.MakeHandle(1, 0), Parent: netlink.HANDLE_ROOT},
			Rate:       25e6, Buffer: 1 << 20, Limit: 1 << 18,
		}
		if err := near.handle.QdiscAdd(tbf); errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EOPNOTSUPP) {
			t.Skipf("this kernel has no tbf: %v", err)
		} else if err != nil {
			t.Fatal(err)
		}
		rec := measure(t, r, r.at, "--trial", "20ms")
		for _, trial := range rec.Trials {
			*trial.Reordered = 0 // a queue sends from whichever CPU, and a veth delivers from that
		}
		device, path, kernel, _ := accounted(t, rec)
		if device == 0 || path != 0 || kernel != 0 {
			t.Errorf("dropped by the device %d, on the way %d, by the receiver's kernel %d; all were by the device's queue", device, path, kernel)
		}
	})
	t.Run("socket", func(t *testing.T) {
		near, _, r := twoHosts(t)
		cmd := send(t, r, strings.Fields("--to "+r.at+" --size 64000 --strategy write --nic default --rounds 1 --trial 1s")...)
		near.start(cmd)
		inTrial(t, near, cmd.Dir, 0)
		// The receiver sleeps while several times as much is sent as its buffer holds.
		near.must(r.cmd.Process.Signal(unix.SIGSTOP))
		sent := near.sent()
		poll(t, "too much for the receiver's buffer", func() bool { return near.sent() > sent+64<<20 })
		near.must(r.cmd.Process.Signal(unix.SIGCONT))
		if err := cmd.Wait(); err != nil {
			t.Skipf("this machine takes too long to overflow the receiver's buffer: %v", err)
		}
		rec := readRun(t, cmd)
		device, path, kernel, socket := accounted(t, rec)
		if device != 0 || path != 0 || kernel != 0 || socket == 0 {
			t.Errorf("dropped by the device %d, on the way %d, by the receiver's kernel %d, at its socket %d; all were at the socket", device, path, kernel, socket)
		}
	})
}

// refusals: nothing is sent, nothing is changed, and a line says why.
func refusals(t *testing.T) {
	near, far, r := twoHosts(t)
	cable(near, "eth3", far, "eth4", 3)
	was := state(t, "eth1")
	write := func(secret string) string {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name string
		args string
		code int
		says string
	}{
		{"another secret", "--to 10.1.0.2:7001 --secret-file " + write("a secret of somebody else's"), 1, "has another secret: copy its secret file"},
		{"no secret", "--to 10.1.0.2:7001 --secret-file /nowhere/secret", 2, "--secret-file: "},
		{"a short secret", "--to 10.1.0.2:7001 --secret-file " + write("short"), 2, "--secret-file: "},
		{"nobody there", "--to 10.1.0.2:7002", 1, "connect to the receiver: "},
		{"another device", "--to 10.3.0.2:7001", 1, "packets to 10.3.0.2 would leave by eth3, not by eth1: name that device"},
		{"no route", "--to 192.0.2.1:7001", 1, "there is no way to 192.0.2.1"},
		{"this machine", "--to 10.1.0.1:7001", 1, "10.1.0.1 is an address of this machine: packets to it never reach eth1"},
		{"no device", "--to 10.1.0.2:7001 --device eth9", 1, "no device \"eth9\" here"},
		{"no host", "--to 224.0.0.1:7001", 1, "224.0.0.1 is no address of a host"},
		{"no port", "--to 10.1.0.2", 1, "\"10.1.0.2\" is no host and port"},
		{"another family", "--to 10.1.0.2:7001 --family 6", 1, "10.1.0.2 is no address of IPv6"},
	} {
		cmd := send(t, r, append([]string{"--size", "1400", "--nic", "mtu=9000"}, strings.Fields(c.args)...)...)
		stdout, stderr := capture(cmd)
		_ = cmd.Run() // the exit code says it
		if code := cmd.ProcessState.ExitCode(); code != c.code || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), c.says) || stdout.Len() != 0 {
			t.Errorf("%s: exit code %d, says %q; want %d and one line with %q", c.name, code, stderr, c.code, c.says)
		}
		asBefore(t, was)
	}
}
