package link_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"sendbench/runner/link"
	"sendbench/runner/link/linktest"
	"sendbench/runner/nic"
)

// open opens a link for one test.
func open(t testing.TB, kind string, family int) *link.Link {
	t.Helper()
	linktest.Need(t)
	l, err := link.Open(kind, family)
	skipLacking(t, err)
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

// skipLacking skips a test if Open fails for what this kernel is built without.
func skipLacking(t testing.TB, err error) {
	t.Helper()
	for _, lacking := range []error{unix.EOPNOTSUPP, unix.EAFNOSUPPORT, unix.EPROTONOSUPPORT} {
		if errors.Is(err, lacking) {
			t.Skip(err)
		}
	}
}

// apply puts a profile on a link for one test.
func apply(t testing.TB, l *link.Link, profile string) {
	t.Helper()
	p, err := nic.ParseProfile(profile)
	if err != nil {
		t.Fatal(err)
	}
	undo, err := l.Apply(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := undo(); err != nil {
			t.Error(err)
		}
	})
}

// dial opens a socket to the link's destination for one test.
func dial(t testing.TB, l *link.Link, o link.DialOptions) int {
	t.Helper()
	fd, granted, err := l.Dial(o)
	if err != nil {
		t.Fatal(err)
	}
	if granted == 0 {
		t.Error("no send buffer is granted")
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

func wire(t testing.TB, l *link.Link) link.Wire {
	t.Helper()
	w, err := l.Wire()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// sizes straddle what decides: a frame, a whole number of segments and of
// fragments, the length at which GSO is done in software, and the largest
// message.
var sizes = []int{1, 16, 64, 1399, 1400, 1401, 1452, 1453, 1472, 1473, 2944, 2945, 2968, 4096, 8192, 8952, 8953, 8972, 8973, 8980,
	16384, 17928, 17944, 32768, 64000, 65473, 65474, 65475, 65492, 65493, 65494, 65495, 65506, 65507}

// TestWire sends on each link and holds the counters to Expected, to the byte.
func TestWire(t *testing.T) {
	profiles := []string{
		"default",
		"tx-udp-segmentation=off",
		"tx-scatter-gather=off",
		"tx-checksum-ip-generic=off",
		"mtu=9000",
		"mtu=9000,tx-udp-segmentation=off",
		"mtu=1501",
		"gso_max_size=30000",
		"gso_max_segs=10",
	}
	for _, kind := range []string{link.Sink, link.Pair, link.Loopback} {
		for _, family := range []int{4, 6} {
			t.Run(fmt.Sprintf("%s/%d", kind, family), func(t *testing.T) {
				l := open(t, kind, family)
				listen(t, l, 1)
				for _, profile := range profiles {
					if kind != link.Sink && profile != "default" && profile != "tx-udp-segmentation=off" && profile != "mtu=9000" {
						continue
					}
					t.Run(profile, func(t *testing.T) {
						apply(t, l, profile)
						path, err := l.Path()
						if err != nil {
							t.Fatal(err)
						}
						for _, segment := range []int{0, 1400, link.AutoSegment(family, path.MTU)} {
							checkSizes(t, l, path, segment)
						}
					})
				}
			})
		}
	}
}

func checkSizes(t *testing.T, l *link.Link, path link.Path, segment int) {
	t.Helper()
	fd := dial(t, l, link.DialOptions{Segment: segment, SendBuffer: 1 << 20})
	for _, size := range append(sizes, link.MaxPayload(path.Family)) {
		want, err := link.Expected(path, size, segment)
		if err != nil {
			t.Fatal(err)
		}
		before := wire(t, l)
		_, err = unix.Write(fd, make([]byte, size))
		if err == unix.EIO && segment > 0 && strings.HasSuffix(t.Name(), "tx-checksum-ip-generic=off") {
			t.Skip("UDP_SEGMENT on a device without checksum offload takes Linux 6.11")
		}
		if err != nil {
			t.Fatalf("%d bytes, segment %d: %v", size, segment, err)
		}
		if got := wire(t, l).Sub(before); got != want {
			t.Errorf("%d bytes, segment %d, on %+v: got %+v, want %+v", size, segment, path, got, want)
		}
	}
}

func BenchmarkWire(b *testing.B) {
	l := open(b, link.Sink, 4)
	b.ReportAllocs()
	for b.Loop() {
		wire(b, l)
	}
}

// The count stays exact when the sender never pauses.
func TestWireUnderLoad(t *testing.T) {
	for _, test := range []struct {
		profile       string
		size, segment int
		messages      int64
	}{
		{"default", 64, 1472, 50_000},
		{"default", 64000, 1472, 10_000},
		{"default", 64000, 0, 2_000},
		{"tx-udp-segmentation=off", 64000, 1472, 2_000},
	} {
		t.Run(fmt.Sprintf("%s/%d/%d", test.profile, test.size, test.segment), func(t *testing.T) {
			l := open(t, link.Sink, 4)
			apply(t, l, test.profile)
			path, err := l.Path()
			if err != nil {
				t.Fatal(err)
			}
			one, err := link.Expected(path, test.size, test.segment)
			if err != nil {
				t.Fatal(err)
			}
			fd := dial(t, l, link.DialOptions{Segment: test.segment, SendBuffer: 1 << 20})
			before, payload := wire(t, l), make([]byte, test.size)
			for range test.messages {
				if _, err := unix.Write(fd, payload); err != nil {
					t.Fatal(err)
				}
			}
			if got, want := wire(t, l).Sub(before), one.Mul(test.messages); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}
