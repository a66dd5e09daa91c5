//go:build linux

package uringzc

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// lentRequest is a request of a driver without a ring, as if it had been sent,
// and its Release.
func lentRequest(d *Driver, r *request) Release {
	r.driver = d
	r.stage = lending
	r.sides.Store(2)
	return Release{request: r, generation: r.generation.Load()}
}

// giveBackAs ends a lent request.
func giveBackAs(r *request, u Usage) {
	r.usage = u
	r.release()
	r.end()
	r.end()
	<-r.driver.free
}

func TestReleaseOfAReusedPlace(t *testing.T) {
	d := &Driver{free: make(chan *request, 1)}
	r := &request{}
	usages := []Usage{UsageZeroCopy, UsageCopied, UsageUnknown, UsageCopied, UsageCopied}
	var releases []Release
	var want []Usage
	for i := range 200 {
		u := usages[i%len(usages)]
		release := lentRequest(d, r)
		if release.Done() {
			t.Fatalf("send %d: released before its release", i)
		}
		giveBackAs(r, u)
		releases, want = append(releases, release), append(want, u)
		for age := range releases {
			n := len(releases) - 1 - age
			expect := want[n]
			if age >= 64 {
				expect = UsageUnknown
			}
			if got, err := releases[n].Wait(t.Context()); got != expect || err != nil || !releases[n].Done() {
				t.Fatalf("send %d, %d later: %v, %v; want %v", n, age, got, err, expect)
			}
		}
	}
}

func TestReleaseZero(t *testing.T) {
	var r Release
	called := false
	r.OnRelease(func(u Usage) { called = u == UsageUnknown })
	if u, err := r.Wait(t.Context()); u != UsageUnknown || err != nil || !r.Done() || !called {
		t.Errorf("%v, %v, done %v, called %v", u, err, r.Done(), called)
	}
}

func TestReleaseWatchers(t *testing.T) {
	d := &Driver{free: make(chan *request, 1)}
	r := &request{}
	release := lentRequest(d, r)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := release.Wait(ended); err != context.Canceled {
		t.Errorf("Wait with a context that has ended: %v", err)
	}
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if u, err := release.Wait(t.Context()); u != UsageCopied || err != nil {
				t.Errorf("Wait: %v, %v", u, err)
			}
		})
	}
	for i := range 3 {
		all.Add(1)
		release.OnRelease(func(u Usage) {
			defer all.Done()
			if u != UsageCopied {
				t.Errorf("function %d: %v", i, u)
			}
		})
	}
	within(t, "all wait", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		n := 0
		for w := r.watching; w != nil; w = w.next {
			n++
		}
		return n == 8
	})
	giveBackAs(r, UsageCopied)
	all.Wait()
	called := false
	release.OnRelease(func(u Usage) { called = u == UsageCopied })
	if !called {
		t.Error("a function given after the release was not called at once")
	}
}

// TestReleaseCancelRace ends contexts and releases at the same time.
func TestReleaseCancelRace(t *testing.T) {
	d := &Driver{free: make(chan *request, 1)}
	r := &request{}
	for range 2000 {
		release := lentRequest(d, r)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if u, err := release.Wait(ctx); err == nil && u != UsageZeroCopy || err != nil && err != context.Canceled {
					t.Errorf("%v, %v", u, err)
				}
			})
		}
		all.Go(cancel)
		giveBackAs(r, UsageZeroCopy)
		all.Wait()
		if u, err := release.Wait(t.Context()); u != UsageZeroCopy || err != nil {
			t.Fatalf("afterwards: %v, %v", u, err)
		}
	}
}

func TestReleaseLeaked(t *testing.T) {
	d := &Driver{free: make(chan *request, 1)}
	r := &request{}
	release := lentRequest(d, r)
	waited := make(chan error)
	go func() {
		_, err := release.Wait(t.Context())
		waited <- err
	}()
	release.OnRelease(func(Usage) { t.Error("called for a buffer that was never released") })
	leak := &LeakError{Operations: 1}
	r.leaked(leak)
	if err := <-waited; !errors.Is(err, leak) {
		t.Errorf("Wait: %v", err)
	}
	if _, err := release.Wait(t.Context()); !errors.Is(err, leak) || release.Done() {
		t.Errorf("afterwards: %v, done %v", err, release.Done())
	}
}
