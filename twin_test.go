//go:build linux

package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// openTwin starts a twin over loopback whose rings have the flags that Go's get.
func openTwin(t *testing.T, program, proto string, footprint int64) (*twin, *link.Link) {
	t.Helper()
	l, err := link.Open(link.Loopback, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	_, flags, err := goNops(1, time.Millisecond)
	if err != nil {
		t.Skipf("needs io_uring: %v", err)
	}
	segment := 0
	if proto == results.ProtoUDP {
		segment = link.AutoSegment(4, 1500)
	}
	tw, err := startTwin(t.Context(), l, twinOptions{
		Program: program, CPU: senderCPU(t), Memory: newMemory(t, footprint), RingFlags: uint32(flags),
		Proto: proto, Segment: segment,
	})
	if err != nil {
		t.Fatal(err)
	}
	return tw, l
}

// senderCPU is the CPU that a rig would send from.
func senderCPU(t *testing.T) int {
	t.Helper()
	cpus, err := meter.AllowedCPUs()
	if err != nil {
		t.Fatal(err)
	}
	return meter.PickSenderCPU(cpus)
}

// TestTwinDelivers: what the twin sends arrives whole, each message stamped, and
// its counts agree with each other and with the receiver's. Loopback copies all
// zero-copy messages, which the twin has to notice.
func TestTwinDelivers(t *testing.T) {
	program := buildTwin(t)
	for proto, sizes := range map[string][]int{
		results.ProtoUDP: {strategies.StampSize, 1400, 16000},
		results.ProtoTCP: {strategies.StampSize, 1400, 65536, 1 << 17},
	} {
		t.Run(proto, func(t *testing.T) { twinDelivers(t, program, proto, sizes) })
	}
}

func twinDelivers(t *testing.T, program, proto string, sizes []int) {
	const batch, batches = 4, 3 // the least that a job sends
	tw, l := openTwin(t, program, proto, 1<<20)
	for _, strategy := range twinStrategies {
		for _, size := range sizes {
			receiver, err := l.Listen(link.ListenOptions{Proto: proto, Size: size, Start: strategies.Stamped, Intact: strategies.Intact, CPU: -1})
			if err != nil {
				t.Fatal(err)
			}
			a, err := tw.send(twinJob{Strategy: strategy, Size: size, Batch: batch})
			if err != nil {
				t.Fatal(err)
			}
			counts, err := receiver.Settle(a.Messages, time.Second)
			if err := errors.Join(err, receiver.Close()); err != nil {
				t.Fatal(err)
			}
			zeroCopied := int64(0)
			if s, err := strategies.Lookup(strategy); err != nil {
				t.Fatal(err)
			} else if s.ZeroCopy {
				zeroCopied = a.Messages
			}
			switch {
			case a.Messages != batch*batches || a.EffectiveBatch != batch || a.Bytes != a.Messages*int64(size):
				t.Errorf("%s: says it sent %d messages, %d bytes in batches of %d; want %d of %d bytes by %d",
					strategy, a.Messages, a.Bytes, a.EffectiveBatch, batch*batches, size, batch)
			case counts.Messages != a.Messages || counts.Bytes != a.Bytes:
				t.Errorf("%s: sent %d messages, %d bytes; received %+v", strategy, a.Messages, a.Bytes, counts)
			case a.Notifications != zeroCopied || a.Copied != zeroCopied:
				t.Errorf("%s: %d notifications, %d copied, want %d", strategy, a.Notifications, a.Copied, zeroCopied)
			case a.ElapsedNS <= 0 || a.CPUThreadNS <= 0 || a.CPUProcessNS <= 0 || a.ReleaseP99NS < a.ReleaseP50NS || a.ReleaseP50NS <= 0:
				t.Errorf("%s: times %+v", strategy, a)
			}
		}
	}
	if err := tw.close(); err != nil {
		t.Error(err)
	}
}

// TestTwinNops: round trips are counted, on a ring with the flags asked for.
func TestTwinNops(t *testing.T) {
	tw, _ := openTwin(t, buildTwin(t), results.ProtoUDP, 1<<20)
	_, flags, err := goNops(1, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range []int{1, 32} {
		a, err := tw.nop(batch, time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if a.Messages <= 0 || a.Messages%int64(batch) != 0 || a.ElapsedNS < int64(time.Millisecond) || a.RingFlags != uint32(flags) {
			t.Errorf("%d NOPs in %d ns with flags %#x; want a multiple of %d in a millisecond or more, with %#x",
				a.Messages, a.ElapsedNS, a.RingFlags, batch, uint32(flags))
		}
	}
	if err := tw.close(); err != nil {
		t.Error(err)
	}
}

// TestTwinRefuses: a job that makes no sense is answered with an error, and ends
// the twin.
func TestTwinRefuses(t *testing.T) {
	program := buildTwin(t)
	for job, want := range map[string]string{
		"":                                "a job is send ",
		"send write 3 1400 32":            "a job is send ",
		"send write 3 1400 0 walk 1":      "a job is send ",
		"send write 3 1400 32 crawl 1":    "a job is send ",
		"nop 0 1":                         "a job is send ",
		"send carrier 3 1400 32 walk 1":   "no such strategy",
		"send write 3 15 32 walk 1":       "must hold two messages",
		"send write 3 65528 32 walk 1":    "must hold two messages",
		"send write 3 40000 1 walk 1":     "must hold two messages", // of the 64 KiB below
		"send write 999 1400 1 walk 1":    "write: Bad file descriptor",
		"send uring-send 999 99 1 walk 1": "io_uring_register_files: Bad file descriptor",
	} {
		t.Run(job, func(t *testing.T) {
			tw, _ := openTwin(t, program, results.ProtoUDP, 64<<10)
			if _, err := tw.do(job); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("answers %v, want %q", err, want)
			}
			var exit *exec.ExitError
			if err := tw.close(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("ends with %v, want exit code 1", err)
			}
		})
	}
}
