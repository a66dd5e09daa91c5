//go:build linux

package uringzc

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// drainInbox lists what a take or close returned.
func drainInbox(q *inbox, first uint32) (all []uint32) {
	for n := first; n != none; n = q.after(n) {
		all = append(all, n)
	}
	return all
}

func TestInbox(t *testing.T) {
	q := newInbox(4)
	put := func(n uint32, wantOK, wantWake bool) {
		t.Helper()
		if ok, wake := q.put(n); ok != wantOK || wake != wantWake {
			t.Errorf("put %d: ok %v, wake %v; want %v, %v", n, ok, wake, wantOK, wantWake)
		}
	}
	take := func(want ...uint32) {
		t.Helper()
		if got := drainInbox(q, q.take()); !slices.Equal(got, want) {
			t.Errorf("took %v, want %v", got, want)
		}
		if !q.isEmpty() {
			t.Error("not empty after a take")
		}
	}
	take()
	put(2, true, false)
	put(0, true, false)
	put(3, true, false)
	if q.sleep() {
		t.Error("the owner may sleep over what is in")
	}
	take(2, 0, 3)
	if !q.sleep() {
		t.Error("the owner may not sleep though nothing is in")
	}
	put(1, true, true)
	put(2, true, false) // one wakes
	take(1, 2)
	if !q.sleep() {
		t.Error("the owner may not sleep again")
	}
	take() // it woke for another reason
	put(3, true, false)
	if got := drainInbox(q, q.close()); !slices.Equal(got, []uint32{3}) {
		t.Errorf("closing took %v, want 3", got)
	}
	put(1, false, false)
	if n := q.take(); n != none {
		t.Errorf("a shut inbox gives %d", n)
	}
}

// TestInboxConcurrently has the owner sleep whenever it may: what is put comes
// out once, in each putter's order, and no wake-up is lost.
func TestInboxConcurrently(t *testing.T) {
	const putters, each = 8, 5000
	q := newInbox(putters * each)
	wake := make(chan struct{}, putters*each)
	var all sync.WaitGroup
	for p := range uint32(putters) {
		all.Go(func() {
			for i := range uint32(each) {
				ok, sleeps := q.put(p*each + i)
				if !ok {
					t.Error("shut")
				}
				if sleeps {
					wake <- struct{}{}
				}
			}
		})
	}
	next := make([]uint32, putters)
	timeout := time.After(patience)
	for got := 0; got < putters*each; {
		batch := drainInbox(q, q.take())
		for _, n := range batch {
			if p := n / each; n%each != next[p] {
				t.Fatalf("putter %d: number %d, want %d", p, n%each, next[p])
			}
			next[n/each]++
		}
		got += len(batch)
		if len(batch) > 0 || !q.sleep() {
			continue
		}
		if got == putters*each {
			break
		}
		select {
		case <-wake:
		case <-timeout:
			t.Fatalf("asleep over %d numbers", putters*each-got)
		}
	}
	all.Wait()
}
