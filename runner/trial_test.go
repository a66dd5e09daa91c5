//go:build linux

package runner

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"sendbench/runner/link"
	"sendbench/runner/link/linktest"
	"sendbench/runner/meter"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// rigOn opens a link and a rig on it under a profile, with memory for hot buffers.
func rigOn(t *testing.T, kind string, family int, profileName string) (*Rig, *link.Link) {
	t.Helper()
	return rigOf(t, kind, family, profileName, sizes{small: Hot})
}

// rigOf is rigOn with so much memory.
func rigOf(t *testing.T, kind string, family int, profileName string, s sizes) (*Rig, *link.Link) {
	t.Helper()
	linktest.Need(t)
	l, err := link.Open(kind, family)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	undo, err := l.Apply(profile(t, profileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := undo(); err != nil {
			t.Error(err)
		}
	})
	r, err := newRigOf(l, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r, l
}

func cellOn(l *link.Link, profileName, strategy string, size, segment int) results.Cell {
	return results.Cell{
		Link: l.Name(), Proto: "udp", Family: l.Family(), Connected: true, NIC: profileName, Flows: 1,
		Footprint: Hot, Fill: results.FillStamp, Segment: segment, Size: size, Batch: DefaultBatch, Strategy: strategy,
	}
}

// one makes a trial of 100 messages, in the test's own goroutine, to which the
// rig belongs. ok is false if the machine can't, which strategytest skips for,
// or if the test has failed.
func one(t *testing.T, r *Rig, c results.Cell) (trial results.Trial, ok bool) {
	t.Helper()
	trial, err := r.Trial(c, Limits{Messages: 100})
	what := fmt.Sprintf("%s, %s, segment %d, %d B", c.Strategy, c.Fill, c.Segment, c.Size)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		t.Logf("%s: %v", what, err)
	case err != nil:
		t.Errorf("%s: %v", what, err)
	case trial.Error != "":
		t.Errorf("%s: %s", what, trial.Error)
	case trial.Messages != 100 || trial.Bytes != 100*int64(c.Size):
		t.Errorf("%s: %d messages, %d bytes accepted; 100 were sent", what, trial.Messages, trial.Bytes)
	default:
		return trial, true
	}
	return trial, false
}

// TestSinkCountsToTheByte is law 3: in every trial the far end's count is the
// one expected, which check sees to; here it meets every way of cutting a
// message into frames.
func TestSinkCountsToTheByte(t *testing.T) {
	for _, family := range []int{4, 6} {
		for _, name := range defaultProfiles {
			t.Run(fmt.Sprintf("v%d/%s", family, name), func(t *testing.T) {
				r, l := rigOn(t, link.Sink, family, name)
				mtu, err := l.MTU()
				if err != nil {
					t.Fatal(err)
				}
				for _, segment := range []int{SegmentOff, link.AutoSegment(family, mtu), 1000} {
					for _, strategy := range strategies.Names() {
						for _, size := range []int{64, 1400, 16384, 64000} {
							trial, ok := one(t, r, cellOn(l, name, strategy, size, segment))
							if ok && family == 4 && segment != SegmentOff && trial.WireBytes-42*trial.WireFrames != trial.Bytes {
								t.Errorf("%d frames of %d bytes in all for %d bytes of payload", trial.WireFrames, trial.WireBytes, trial.Bytes)
							}
						}
					}
				}
			})
		}
	}
}

func TestCopied(t *testing.T) {
	for _, c := range []struct {
		kind, profile string
		copied        bool
	}{
		{link.Sink, "default", false},
		{link.Sink, "mtu=9000", false},
		{link.Sink, "tx-scatter-gather=off", true},
		{link.Pair, "default", true},
		{link.Loopback, "default", true},
	} {
		t.Run(c.kind+"/"+c.profile, func(t *testing.T) {
			r, l := rigOn(t, c.kind, 4, c.profile)
			p, err := r.Probe(c.profile, results.ProtoUDP)
			if err != nil {
				t.Fatal(err)
			}
			if p.ZeroCopy == nil || *p.ZeroCopy == c.copied {
				t.Errorf("the probe says zero copy: %v, want %v", p.ZeroCopy, !c.copied)
			}
			mtu, err := l.MTU()
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range strategies.All() {
				if !s.ZeroCopy {
					continue
				}
				trial, ok := one(t, r, cellOn(l, c.profile, s.Name, 64000, link.AutoSegment(4, mtu)))
				want := map[bool]int64{false: 0, true: trial.Notifications}[c.copied]
				if ok && (trial.Notifications != trial.Messages || trial.Copied != want) {
					t.Errorf("%s: %d messages, %d notifications, %d copied; want %d copied", s.Name, trial.Messages, trial.Notifications, trial.Copied, want)
				}
			}
		})
	}
}

func TestDelivery(t *testing.T) {
	for _, kind := range []string{link.Pair, link.Loopback} {
		for _, family := range []int{4, 6} {
			for _, name := range []string{"default", "tx-udp-segmentation=off"} {
				if kind == link.Loopback && name != "default" {
					continue
				}
				t.Run(fmt.Sprintf("%s/v%d/%s", kind, family, name), func(t *testing.T) {
					r, l := rigOn(t, kind, family, name)
					for _, strategy := range strategies.Names() {
						for _, fill := range []string{results.FillStamp, results.FillFull} {
							for _, size := range []int{64, 4096, 16384} {
								c := cellOn(l, name, strategy, size, 1400)
								c.Fill = fill
								trial, ok := one(t, r, c)
								if ok && (*trial.DeliveredMessages != trial.Messages || *trial.DeliveredBytes != trial.Bytes) {
									t.Errorf("%s, %s: sent %d messages, %d bytes; delivered %d, %q", strategy, fill, trial.Messages, trial.Bytes, *trial.DeliveredMessages, trial.Warnings)
								}
							}
						}
					}
				})
			}
		}
	}
}

// TestWalkGoesOn: a trial starts where the last of its kind stopped, whatever
// came between.
func TestWalkGoesOn(t *testing.T) {
	r, l := rigOn(t, link.Sink, 4, "default")
	c := cellOn(l, "default", "write", 4096, 1472)
	one(t, r, c)
	touching := r.walks.start(c, 0, true)
	if want := int64(100 * 4096 % Hot); touching != want {
		t.Errorf("100 messages of a page each end at offset %d, want %d", touching, want)
	}
	zc := c
	zc.Strategy = "sendmmsg-zc"
	one(t, r, zc)
	if got := r.walks.start(c, 0, true); got != touching {
		t.Errorf("a send from the page moved the walk of those that copy from %d to %d", touching, got)
	}
	one(t, r, c)
	if got, want := r.walks.start(c, 0, true), int64(200*4096%Hot); got != want {
		t.Errorf("the walk is at %d, want %d", got, want)
	}
}

// TestTrialErrors: what can't be sent is an invalid trial with the reason, and
// the next trial goes.
func TestTrialErrors(t *testing.T) {
	r, l := rigOn(t, link.Sink, 4, "default")
	for _, strategy := range strategies.Names() {
		bad := cellOn(l, "default", strategy, 64000, 400) // 160 segments
		trial, err := r.Trial(bad, Limits{Messages: 10})
		if errors.Is(err, errors.ErrUnsupported) {
			t.Logf("%s: %v", strategy, err)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if trial.Error == "" {
			t.Errorf("%s: a message of 160 segments went through", strategy)
		}
		one(t, r, cellOn(l, "default", strategy, 64000, 1472))
	}
	if _, err := strategies.Lookup("pigeon"); err == nil {
		t.Error("pigeon is a strategy")
	}
	if !slices.Contains(strategies.Names(), strategies.Baseline().Name) {
		t.Error("the baseline is no strategy")
	}
}

// TestRigGivesItsCPUBack: a rig pins its thread, and the next one may choose anew.
func TestRigGivesItsCPUBack(t *testing.T) {
	linktest.Need(t)
	l, err := link.Open(link.Sink, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := meter.AllowedCPUs()
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewRig(l, Hot)
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := meter.AllowedCPUs()
	if err != nil || len(pinned) != 1 {
		t.Errorf("a rig's thread may run on %v, %v; want one CPU", pinned, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if after, err := meter.AllowedCPUs(); err != nil || !slices.Equal(before, after) {
		t.Errorf("CPUs %v before, %v after: %v", before, after, err)
	}
	if _, err := NewRig(l, 1<<60); err == nil {
		t.Fatal("a rig with an arena of 2^60 bytes")
	}
	if after, err := meter.AllowedCPUs(); err != nil || !slices.Equal(before, after) {
		t.Errorf("after a rig that failed: CPUs %v before, %v after: %v", before, after, err)
	}
}
