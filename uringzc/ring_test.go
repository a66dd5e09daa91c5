//go:build linux

package uringzc

import (
	"errors"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestNop(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	for i := range uint64(8) {
		if _, err := r.PrepareNop(i); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.PrepareNop(8); err != ErrQueueFull {
		t.Errorf("a ninth entry in a queue of 8: %v; want ErrQueueFull", err)
	}
	if r.Pending() != 8 {
		t.Errorf("%d pending, want 8", r.Pending())
	}
	if n, err := r.Submit(); n != 8 || err != nil {
		t.Fatalf("Submit = %d, %v; want 8", n, err)
	}
	for i, c := range take(t, r, 8) {
		if c.UserData != uint64(i) || c.Res != 0 || c.More() || c.Notification() || c.Err() != nil {
			t.Errorf("completion %d: %+v", i, c)
		}
	}
	if c, ok := r.Next(); ok {
		t.Errorf("a completion too many: %+v", c)
	}
	if r.Pending() != 0 || r.Enters() != 1 || r.Overflows() != 0 || r.Lost() != 0 {
		t.Errorf("pending %d, enters %d, overflows %d, lost %d; want 0, 1, 0, 0", r.Pending(), r.Enters(), r.Overflows(), r.Lost())
	}
	if n, err := r.Submit(); n != 0 || err != nil || r.Enters() != 1 {
		t.Errorf("empty Submit = %d, %v after %d enters; want no system call", n, err, r.Enters())
	}
}

func TestClosedRing(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	r.PrepareNop(1)
	if _, err := r.Submit(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if c, ok := r.Next(); ok {
		t.Errorf("a closed ring has a completion: %+v", c)
	}
	if r.Pending() != 0 || r.Entries() != 0 || r.Lost() != 0 {
		t.Errorf("pending %d, entries %d, lost %d; want 0", r.Pending(), r.Entries(), r.Lost())
	}
	_, nop := r.PrepareNop(2)
	_, send := r.PrepareSend(Descriptor(0), Bytes([]byte("x")), 0, 3)
	_, sendZC := r.PrepareSendZC(Descriptor(0), Bytes([]byte("x")), 0, 3)
	_, submit := r.Submit()
	_, wait := r.SubmitAndWait(1, time.Second)
	for name, err := range map[string]error{
		"PrepareNop": nop, "PrepareSend": send, "PrepareSendZC": sendZC,
		"Submit": submit, "SubmitAndWait": wait,
		"RegisterBuffers": r.RegisterBuffers([][]byte{{1}}), "UnregisterBuffers": r.UnregisterBuffers(),
		"RegisterFiles": r.RegisterFiles([]int{0}), "UnregisterFiles": r.UnregisterFiles(),
	} {
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s on a closed ring: %v; want os.ErrClosed", name, err)
		}
	}
}

// TestDescriptorsAreGivenBack opens more rings than a thread has places for
// registered ones, one after the other.
func TestDescriptorsAreGivenBack(t *testing.T) {
	runtime.LockOSThread()
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip(err)
		}
		return len(entries)
	}
	before := count()
	for i := range 40 {
		r, err := Open(Options{Entries: 2})
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		if i == 39 && r.Flags()&SetupDeferTaskrun != 0 && !r.RegisteredRing() {
			t.Error("the thread's places for registered rings ran out")
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if after := count(); after != before {
		t.Errorf("%d descriptors open, %d before", after, before)
	}
}

// TestManyRings holds more rings at once than a thread has places for; those
// beyond go on with the plain descriptor, and say so.
func TestManyRings(t *testing.T) {
	const places = 16
	rings := make([]*Ring, places+2)
	for i := range rings {
		rings[i] = openRing(t, Options{Entries: 2})
	}
	hasPlaces := rings[0].Flags()&SetupDeferTaskrun != 0 // a flag that is younger than the places
	for i, r := range rings {
		if want := hasPlaces && i < places; r.RegisteredRing() != want {
			t.Errorf("ring %d of this thread: registered %v, want %v", i, r.RegisteredRing(), want)
		}
		r.PrepareNop(uint64(i))
		if c := take(t, r, 1)[0]; c.UserData != uint64(i) {
			t.Errorf("ring %d: %+v", i, c)
		}
	}
	if err := rings[3].Close(); err != nil {
		t.Fatal(err)
	}
	if rings[3].RegisteredRing() || rings[places].RegisteredRing() {
		t.Error("after a Close: a closed ring or one opened too late has a place")
	}
	if r := openRing(t, Options{Entries: 2}); r.RegisteredRing() != hasPlaces {
		t.Errorf("the next ring: registered %v, want %v: the place that fell free", r.RegisteredRing(), hasPlaces)
	}
}

func TestWrongThread(t *testing.T) {
	r := openRing(t, Options{Entries: 4})
	if r.Flags()&SetupSingleIssuer == 0 {
		t.Skip("this kernel has no SINGLE_ISSUER and lets any thread submit")
	}
	r.PrepareNop(1)
	var submit, register error
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and die with the thread
		_, submit = r.Submit()
		register = r.RegisterBuffers([][]byte{make([]byte, 1)})
	}()
	<-done
	if !errors.Is(submit, ErrWrongThread) || !errors.Is(register, ErrWrongThread) {
		t.Errorf("from another thread: Submit %v, RegisterBuffers %v; want ErrWrongThread", submit, register)
	}
	if c := take(t, r, 1)[0]; c.UserData != 1 {
		t.Errorf("afterwards, on the right thread: %+v", c)
	}
}

func TestOverflow(t *testing.T) {
	r := openRing(t, Options{Entries: 8, InFlight: 40, CQEntries: 8})
	const rounds = 5
	for round := range uint64(rounds) {
		for i := range uint64(8) {
			if _, err := r.PrepareNop(round*8 + i); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := r.Submit(); n != 8 || err != nil {
			t.Fatalf("Submit = %d, %v; want 8", n, err)
		}
	}
	var got uint64
	for got < rounds*8 {
		c, ok := r.Next()
		if !ok {
			if _, err := r.SubmitAndWait(1, patience); err != nil {
				t.Fatalf("after %d completions: %v", got, err)
			}
			continue
		}
		if c.UserData != got {
			t.Fatalf("completion %d is that of operation %d", got, c.UserData)
		}
		got++
	}
	if r.Overflows() == 0 || r.Lost() != 0 {
		t.Errorf("overflows %d, lost %d; want some, none", r.Overflows(), r.Lost())
	}
}

// TestPartialSubmission queues an entry that fails at once between two that
// don't. Without SUBMIT_ALL submission stops there.
func TestPartialSubmission(t *testing.T) {
	prepare := func(t *testing.T, r *Ring) {
		r.PrepareNop(1)
		unknown, err := r.entry()
		if err != nil {
			t.Fatal(err)
		}
		unknown.opcode = 255
		r.commit(unknown, 0, 2)
		r.PrepareNop(3)
	}
	check := func(t *testing.T, r *Ring) {
		t.Helper()
		came := take(t, r, 3)
		slices.SortFunc(came, byUserData) // before Linux 5.18 the unknown one is over first
		for i, c := range came {
			wantErr := error(nil)
			if i == 1 {
				wantErr = unix.EINVAL
			}
			if c.UserData != uint64(i+1) || c.Err() != wantErr {
				t.Errorf("completion %d: %+v, error %v", i, c, c.Err())
			}
		}
	}
	t.Run("stops", func(t *testing.T) {
		runtime.LockOSThread()
		r, err := open(Options{Entries: 8}, without(SetupSubmitAll))
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		prepare(t, r)
		if n, err := r.Submit(); n != 2 || err != nil || r.Pending() != 1 {
			t.Fatalf("Submit = %d, %v with %d pending; want 2 with 1", n, err, r.Pending())
		}
		if n, err := r.Submit(); n != 1 || err != nil || r.Pending() != 0 {
			t.Fatalf("second Submit = %d, %v with %d pending; want 1 with 0", n, err, r.Pending())
		}
		check(t, r)

		prepare(t, r)
		if n, err := r.SubmitAndWait(3, patience); n != 3 || err != nil {
			t.Fatalf("SubmitAndWait = %d, %v; want 3", n, err)
		}
		check(t, r)
	})
	t.Run("goes on", func(t *testing.T) {
		r := openRing(t, Options{Entries: 8})
		if r.Flags()&SetupSubmitAll == 0 {
			t.Skip("this kernel has no SUBMIT_ALL")
		}
		prepare(t, r)
		if n, err := r.Submit(); n != 3 || err != nil {
			t.Fatalf("Submit = %d, %v; want 3", n, err)
		}
		check(t, r)
	})
}
