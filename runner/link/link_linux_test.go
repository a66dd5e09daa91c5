package link_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sendbench/runner/link"
	"sendbench/runner/link/linktest"
	"sendbench/runner/nic"
	"sendbench/runner/results"
)

func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct {
		kind   string
		family int
		want   string
	}{
		{"tunnel", 4, "sink, pair or loopback"},
		{"", 4, "sink, pair or loopback"},
		{link.Sink, 5, "4 or 6"},
	} {
		_, err := link.Open(test.kind, test.family)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q, %d: got %v, want one line with %q", test.kind, test.family, err, test.want)
		}
	}
}

// Outside a namespace nothing is built, and loopback is known to be shared.
func TestOpenOutside(t *testing.T) {
	out, err := play(t, "outside").Output()
	if err != nil || strings.TrimSpace(string(out)) != "true" {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestSharedLoopbackKeepsItsSettings(t *testing.T) {
	l, err := link.Attach(link.Spec{Kind: link.Loopback, Family: 4, Shared: true, Device: "lo"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p, err := nic.ParseProfile("mtu=9000")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Apply(p); !errors.As(err, new(*nic.SettingError)) {
		t.Errorf("got %v, want a SettingError", err)
	}
	if undo, err := l.Apply(nic.Profile{}); err != nil {
		t.Error(err)
	} else if err := undo(); err != nil {
		t.Error(err)
	}
}

// Close takes the devices away, and links can stand side by side.
func TestOpenClose(t *testing.T) {
	linktest.Need(t)
	var links []*link.Link
	for _, kind := range []string{link.Sink, link.Sink, link.Pair, link.Loopback} {
		for _, family := range []int{4, 6} {
			l, err := link.Open(kind, family)
			skipLacking(t, err)
			if err != nil {
				t.Fatal(err)
			}
			links = append(links, l)
		}
	}
	for _, l := range links {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}
	}
	left, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, device := range left {
		if strings.HasPrefix(device.Name, "send") || strings.HasPrefix(device.Name, "sink") {
			t.Errorf("%s is left", device.Name)
		}
	}
}

// The process's first thread, which /proc/self shows, is not left in the far
// end's namespace.
func TestFirstThreadStays(t *testing.T) {
	for range 20 {
		listen(t, open(t, link.Pair, 4), 16)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	first, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	this, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	if first != this {
		t.Errorf("the first thread is in %s, this one in %s", first, this)
	}
}

func TestDescribe(t *testing.T) {
	for kind, caveat := range map[string]string{link.Sink: "no receiver and no DMA", link.Pair: "copies on delivery", link.Loopback: "always copies"} {
		l := open(t, kind, 4)
		d, err := l.Describe()
		if err != nil {
			t.Fatal(err)
		}
		if d.Name != kind || d.Description == "" || !strings.Contains(d.Caveat, caveat) || !strings.Contains(d.Namespace, "network namespace") {
			t.Errorf("%+v", d)
		}
		if d.Device.Name != l.Device() || d.Device.MTU < 1500 || d.Device.Features["tx-udp-segmentation"] == "" || d.Device.Limits["gso_max_size"] == 0 {
			t.Errorf("%s: device %+v", kind, d.Device)
		}
	}
}

func TestApply(t *testing.T) {
	for _, kind := range []string{link.Sink, link.Pair, link.Loopback} {
		l := open(t, kind, 6)
		before, err := l.Path()
		if err != nil {
			t.Fatal(err)
		}
		for _, profile := range []string{"mtu=1279", "no-such-feature=off", "mtu=1500,ring.tx=64"} {
			p, err := nic.ParseProfile(profile)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.Apply(p); !errors.As(err, new(*nic.SettingError)) {
				t.Errorf("%s on %s: got %v, want a SettingError", profile, kind, err)
			}
		}
		p, err := nic.ParseProfile("mtu=4000,tx-udp-segmentation=off")
		if err != nil {
			t.Fatal(err)
		}
		undo, err := l.Apply(p)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := l.Path(); err != nil || got.MTU != 4000 || got.SuperFrames {
			t.Errorf("%s: got %+v, %v", kind, got, err)
		}
		if err := undo(); err != nil {
			t.Error(err)
		}
		if after, err := l.Path(); err != nil || after != before {
			t.Errorf("%s: got %+v, %v after undo, want %+v", kind, after, err, before)
		}
	}
}

// Nothing but what the test sends goes over a link, in either direction.
func TestNoBackgroundFrames(t *testing.T) {
	var devices []string
	for _, kind := range []string{link.Sink, link.Pair} {
		for _, family := range []int{4, 6} {
			devices = append(devices, open(t, kind, family).Device())
		}
	}
	// What a kernel announces of itself (duplicate address detection, groups,
	// router solicitation) it announces within a second of coming up.
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for range 25 {
		for _, device := range devices {
			for _, way := range []string{"rx", "tx"} {
				if n := counter(t, device, way); n != 0 {
					t.Fatalf("%s: %d frames %s, want none", device, n, way)
				}
			}
		}
		<-tick.C
	}
}

// What a socket still sends after its link is closed doesn't go over the next one: a ring
// holds its sockets a while longer, and TCP repeats what nobody acknowledged.
func TestSocketOutlivesItsLink(t *testing.T) {
	linktest.Need(t)
	for _, family := range []int{4, 6} {
		pair, err := link.Open(link.Pair, family)
		if err != nil {
			t.Fatal(err)
		}
		fd, _, err := pair.Dial(link.DialOptions{Proto: results.ProtoTCP})
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		r, err := pair.Listen(link.ListenOptions{Proto: results.ProtoTCP, Size: 24, CPU: -1})
		if err != nil {
			t.Fatal(err)
		}
		put(t, fd, make([]byte, 24))
		counts, err := r.Settle(1, settleTimeout)
		if err := errors.Join(err, r.Close(), pair.Close()); err != nil || counts.Messages != 1 {
			t.Fatal(counts, err)
		}
		sink := open(t, link.Sink, family)
		put(t, fd, make([]byte, 24)) // TCP takes it, whatever becomes of it
		// write(2) has sent it by now, if there was a way.
		if w, err := sink.Wire(); err != nil || w.Frames != 0 {
			t.Errorf("IPv%d: %d frames of the closed link's went over the next one (%v)", family, w.Frames, err)
		}
	}
}

// counter reads a device's packet count from /proc/net/dev, see proc_net(5).
func counter(t *testing.T, device, way string) int64 {
	t.Helper()
	b, err := os.ReadFile("/proc/thread-self/net/dev")
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{"rx": 1, "tx": 9}[way]
	for line := range strings.Lines(string(b)) {
		if counts, ok := strings.CutPrefix(strings.TrimSpace(line), device+":"); ok {
			n, err := strconv.ParseInt(strings.Fields(counts)[column], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no device %s", device)
	return 0
}

func TestDial(t *testing.T) {
	l := open(t, link.Sink, 4)
	fd, granted, err := l.Dial(link.DialOptions{Segment: 1472, SendBuffer: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if granted != 200_000 {
		t.Errorf("granted %d bytes, want twice the 100000 asked for", granted)
	}
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK != 0 {
		t.Errorf("flags %#x, %v: want a blocking socket", flags, err)
	}
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("flags %#x, %v: want it closed on exec", flags, err)
	}
	if segment, err := unix.GetsockoptInt(fd, unix.SOL_UDP, unix.UDP_SEGMENT); err != nil || segment != 1472 {
		t.Errorf("segment %d, %v", segment, err)
	}
	local, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	if got := local.(*unix.SockaddrInet4).Addr; got != l.Source().As4() {
		t.Errorf("sends from %v, want %s", got, l.Source())
	}
	if _, _, err := l.Dial(link.DialOptions{Segment: 65536}); !errors.Is(err, unix.EINVAL) {
		t.Errorf("segment 65536: got %v, want %v", err, unix.EINVAL)
	}
}

func TestWhyCopied(t *testing.T) {
	l := open(t, link.Sink, 4)
	if got := l.WhyCopied(true); !strings.HasPrefix(got, "unknown") {
		t.Errorf("got %q, want no reason", got)
	}
	t.Run("scatter-gather", func(t *testing.T) {
		apply(t, l, "tx-scatter-gather=off")
		if got := l.WhyCopied(true); !strings.Contains(got, "tx-scatter-gather") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("checksum", func(t *testing.T) {
		apply(t, l, "tx-checksum-ip-generic=off")
		if got := l.WhyCopied(true); got == "" || strings.HasPrefix(got, "unknown") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("tap", func(t *testing.T) {
		all := uint16(unix.ETH_P_ALL<<8&0xff00 | unix.ETH_P_ALL>>8)
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(all))
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if got := l.WhyCopied(true); !strings.Contains(got, "tap is open on every device") {
			t.Errorf("got %q", got)
		}
		device, err := net.InterfaceByName(l.Device())
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: device.Index}); err != nil {
			t.Fatal(err)
		}
		if got := l.WhyCopied(true); !strings.Contains(got, "tap is open on "+l.Device()) {
			t.Errorf("got %q", got)
		}
	})
}

// worked is what the role worker reports.
type worked struct {
	Wire   link.Wire
	Counts link.Counts
}

// A process that inherits the namespace sends and receives over a link that
// this one built.
func TestAttach(t *testing.T) {
	const messages, size = 10, 4000
	for _, kind := range []string{link.Sink, link.Pair, link.Loopback} {
		for _, family := range []int{4, 6} {
			t.Run(fmt.Sprintf("%s/%d", kind, family), func(t *testing.T) {
				l := open(t, kind, family)
				spec, files := l.Spec(3)
				value, err := json.Marshal(spec)
				if err != nil {
					t.Fatal(err)
				}
				cmd := play(t, "worker", marker+"="+os.Getenv(marker), "SPEC="+string(value))
				cmd.ExtraFiles = files
				before := wire(t, l)
				out, err := cmd.Output()
				if err != nil {
					t.Fatal(err)
				}
				var got worked
				if err := json.Unmarshal(out, &got); err != nil {
					t.Fatal(err)
				}
				if seen := wire(t, l).Sub(before); got.Wire != seen || seen.Frames < messages {
					t.Errorf("the worker counts %+v, this process %+v", got.Wire, seen)
				}
				if c := got.Counts; kind != link.Sink && (c.Messages != messages || c.Bytes != messages*size || c.Missing+c.Reordered+c.Duplicated != 0) {
					t.Errorf("got %+v, want %d messages of %d bytes in order", c, messages, size)
				}
			})
		}
	}
}

func work() (int, error) {
	const messages, size = 10, 4000
	var spec link.Spec
	if err := json.Unmarshal([]byte(os.Getenv("SPEC")), &spec); err != nil {
		return 1, err
	}
	l, err := link.Attach(spec)
	if err != nil {
		return 1, err
	}
	defer l.Close()
	receiver, err := l.Listen(link.ListenOptions{Size: size, Start: start, Intact: intact, CPU: -1})
	if err != nil {
		return 1, err
	}
	fd, _, err := l.Dial(link.DialOptions{Segment: 1400})
	if err != nil {
		return 1, err
	}
	before, err := l.Wire()
	if err != nil {
		return 1, err
	}
	for i := range messages {
		if _, err := unix.Write(fd, message(uint64(i), size)); err != nil {
			return 1, err
		}
	}
	after, err := l.Wire()
	if err != nil {
		return 1, err
	}
	result := worked{Wire: after.Sub(before)}
	if receiver != nil {
		result.Counts, err = receiver.Settle(messages, settleTimeout)
		if err := errors.Join(err, receiver.Close()); err != nil {
			return 1, err
		}
	}
	return 0, json.NewEncoder(os.Stdout).Encode(result)
}
