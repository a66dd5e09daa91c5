package link_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sendbench/runner/link"
)

const settleTimeout = 10 * time.Second

// settle leaves out in how many datagrams messages came, which their path decides.
func settle(t *testing.T, r link.Receiver, messages int64) link.Counts {
	t.Helper()
	counts, err := r.Settle(messages, settleTimeout)
	if err != nil {
		t.Fatal(err)
	}
	if counts.Datagrams < counts.Messages || counts.Received < counts.Bytes {
		t.Errorf("fewer datagrams than messages: %+v", counts)
	}
	counts.Datagrams, counts.Received = 0, 0
	return counts
}

// Every message arrives whole, whether the device cuts it up, the kernel does,
// or IP fragments it.
func TestReceiver(t *testing.T) {
	const messages = 50
	for _, kind := range []string{link.Pair, link.Loopback} {
		for _, family := range []int{4, 6} {
			l := open(t, kind, family)
			for _, profile := range []string{"default", "tx-udp-segmentation=off", "tx-scatter-gather=off"} {
				if kind == link.Loopback && profile == "tx-scatter-gather=off" {
					continue // it is fixed on lo
				}
				for _, size := range []int{16, 1400, 8192, 64000} {
					for _, segment := range []int{0, 1400} {
						t.Run(fmt.Sprintf("%s/%d/%s/%d/%d", kind, family, profile, size, segment), func(t *testing.T) {
							apply(t, l, profile)
							r := listen(t, l, size)
							fd := dial(t, l, link.DialOptions{Segment: segment, SendBuffer: 1 << 20})
							for i := range messages {
								if _, err := unix.Write(fd, message(uint64(i), size)); err != nil {
									t.Fatal(err)
								}
							}
							want := link.Counts{Messages: messages, Bytes: messages * int64(size)}
							if got := settle(t, r, messages); got != want {
								t.Errorf("got %+v, want %+v", got, want)
							}
						})
					}
				}
			}
		}
	}
}

func TestReceiverFlows(t *testing.T) {
	l := open(t, link.Pair, 4)
	r := listen(t, l, 4000)
	a, b := dial(t, l, link.DialOptions{}), dial(t, l, link.DialOptions{})
	m := message(7, 4000)
	for _, send := range []struct {
		fd      int
		payload []byte
	}{{a, m[:1400]}, {b, m[:1400]}, {a, m[1400:2800]}, {b, m[1400:]}, {a, m[2800:]}} {
		if _, err := unix.Write(send.fd, send.payload); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := settle(t, r, 2), (link.Counts{Messages: 2, Bytes: 8000}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Damage and loss are told apart from whole messages, and a message that stays
// open ends with the wait for it.
func TestReceiverFaults(t *testing.T) {
	l := open(t, link.Pair, 4)
	r := listen(t, l, 4000)
	fd := dial(t, l, link.DialOptions{})
	damaged := message(1, 4000)
	damaged[3000]++
	for _, payload := range [][]byte{
		damaged,
		[]byte("no stamp"),
		message(2, 4000)[:1400], // its rest never comes
		message(3, 4000),
		message(4, 4000)[:1400], // nor does this one's
	} {
		if _, err := unix.Write(fd, payload); err != nil {
			t.Fatal(err)
		}
	}
	counts := settle(t, r, 5)
	if want := (link.Counts{Messages: 1, Bytes: 4000, Incomplete: 3, Strays: 1}); counts != want {
		t.Errorf("got %+v, want %+v", counts, want)
	}
}

// A flood that the receive buffer can't hold shows as drops, and the sum of
// what was sent is accounted for.
func TestReceiverDrops(t *testing.T) {
	l := open(t, link.Pair, 4)
	gate, opened := make(chan struct{}), false
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		t.Fatal(err)
	}
	cpu := 0
	for !allowed.IsSet(cpu) {
		cpu++
	}
	r, err := l.Listen(link.ListenOptions{Size: 16, CPU: cpu, Start: func(datagram []byte) (uint64, bool) {
		if !opened { // the receiving thread stands still in its first datagram
			<-gate
			opened = true
		}
		return start(datagram)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	fd := dial(t, l, link.DialOptions{})
	const messages = 400_000 // at some 800 bytes of kernel memory each, beyond any receive buffer asked for
	for i := range messages {
		if _, err := unix.Write(fd, message(uint64(i), 16)); err != nil {
			t.Fatal(err)
		}
	}
	close(gate)
	counts, err := r.Settle(messages, settleTimeout)
	if err != nil {
		t.Fatal(err)
	}
	if counts.Drops == 0 || counts.Messages+counts.Drops != messages {
		t.Errorf("%d of %d messages counted, %d dropped: want some dropped and none missing", counts.Messages, messages, counts.Drops)
	}
}

func TestListenRefuses(t *testing.T) {
	l := open(t, link.Loopback, 4)
	for _, o := range []link.ListenOptions{
		{Size: 0, Start: start, CPU: -1},
		{Size: 65508, Start: start, CPU: -1},
		{Size: 16, CPU: -1},
		{Size: 16, Start: start, CPU: 1023},
	} {
		r, err := l.Listen(o)
		if err == nil {
			r.Close()
			t.Errorf("size %d, CPU %d: want an error", o.Size, o.CPU)
		}
	}
	listen(t, l, 16)
	if _, err := l.Listen(link.ListenOptions{Size: 16, Start: start, CPU: -1}); !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("second receiver: got %v, want %v", err, unix.EADDRINUSE)
	}
}

// One trial after another has a receiver of its own, in a process that may not
// collect garbage meanwhile: what each allocates is far below the memory that
// it receives into.
func TestReceiversShareMemory(t *testing.T) {
	l := open(t, link.Pair, 4)
	use := func(seq uint64) {
		r, err := l.Listen(link.ListenOptions{Size: 16, Start: start, Intact: intact, CPU: -1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := unix.Write(dial(t, l, link.DialOptions{}), message(seq, 16)); err != nil {
			t.Fatal(err)
		}
		if got, want := settle(t, r, 1), (link.Counts{Messages: 1, Bytes: 16}); got != want {
			t.Errorf("receiver %d: got %+v, want %+v", seq, got, want)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	use(0)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const receivers = 20
	for i := range receivers {
		use(uint64(i))
	}
	runtime.ReadMemStats(&after)
	each := (after.TotalAlloc - before.TotalAlloc) / receivers
	t.Logf("%d bytes a receiver", each)
	if each > 256<<10 {
		t.Errorf("each receiver allocates %d bytes, want at most %d", each, 256<<10)
	}
}

func BenchmarkReceiver(b *testing.B) {
	for _, size := range []int{64, 64000} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			l := open(b, link.Pair, 4)
			r := listen(b, l, size)
			fd := dial(b, l, link.DialOptions{Segment: 1472, SendBuffer: 1 << 20})
			m := message(0, size)
			b.SetBytes(int64(size))
			var sent int64
			for b.Loop() {
				copy(m, message(uint64(sent), 16))
				if _, err := unix.Write(fd, m); err != nil {
					b.Fatal(err)
				}
				sent++
			}
			counts, err := r.Settle(sent, settleTimeout)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(counts.Messages)/float64(sent), "delivered/op")
		})
	}
}
