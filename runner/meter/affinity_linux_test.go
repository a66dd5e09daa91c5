package meter

import (
	"errors"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestPin(t *testing.T) {
	allowed, err := AllowedCPUs()
	if err != nil || len(allowed) == 0 || !slices.IsSorted(allowed) {
		t.Fatalf("allowed CPUs %v, %v", allowed, err)
	}
	for _, cpu := range allowed {
		done := make(chan error)
		go func() {
			runtime.LockOSThread() // the pinned thread ends with its goroutine
			if err := Pin(cpu); err != nil {
				done <- err
				return
			}
			now, err := AllowedCPUs()
			if err == nil && !slices.Equal(now, []int{cpu}) {
				err = errors.New("the affinity reads back otherwise")
			}
			done <- err
		}()
		if err := <-done; err != nil {
			t.Errorf("pin to CPU %d: %v", cpu, err)
		}
	}
}

func TestPinRefuses(t *testing.T) {
	allowed, err := AllowedCPUs()
	if err != nil {
		t.Fatal(err)
	}
	for _, cpu := range []int{-1, mostCPUs} {
		if err := Pin(cpu); err == nil {
			t.Errorf("CPU %d was taken", cpu)
		}
	}
	if err := Pin(mostCPUs - 1); !errors.Is(err, unix.EINVAL) {
		t.Errorf("a CPU that no machine has: %v, want EINVAL", err)
	}
	if now, err := AllowedCPUs(); err != nil || !slices.Equal(now, allowed) {
		t.Errorf("refusals changed the affinity from %v to %v, %v", allowed, now, err)
	}
}

func TestPickCPUs(t *testing.T) {
	metal := fixture(t, "x86-metal") // CPU 3 shares its core with 67
	tests := []struct {
		allowed          []int
		sender, receiver int
	}{
		{nil, -1, -1},
		{[]int{0}, 0, -1},
		{[]int{0, 1}, 1, 0},
		{[]int{2, 5, 9}, 9, 5},
	}
	for _, tt := range tests {
		sender := PickSenderCPU(tt.allowed)
		if sender != tt.sender {
			t.Errorf("of %v the sender got %d, want %d", tt.allowed, sender, tt.sender)
		}
		if receiver := metal.receiverCPU(tt.allowed, sender); receiver != tt.receiver {
			t.Errorf("of %v the receiver got %d, want %d", tt.allowed, receiver, tt.receiver)
		}
	}
	for _, tt := range []struct {
		allowed  []int
		receiver int
	}{{[]int{1, 3, 67}, 1}, {[]int{3, 67}, 67}, {[]int{3}, -1}} {
		if got := metal.receiverCPU(tt.allowed, 3); got != tt.receiver {
			t.Errorf("beside a sender on CPU 3, of %v the receiver got %d, want %d", tt.allowed, got, tt.receiver)
		}
	}
	for _, tt := range []struct{ taken, allowed, want []int }{
		{[]int{3, 2}, []int{0, 1, 2, 3}, []int{1}},
		{[]int{3, 1}, []int{1, 3, 67, 68}, []int{68}},
		{[]int{3, 1}, []int{1, 3, 67}, []int{67}},
		{[]int{3, 1}, []int{1, 3}, []int{-1}},
	} {
		if got := metal.receiverCPU(tt.allowed, tt.taken...); got != tt.want[0] {
			t.Errorf("beside senders on %v, of %v the receiver got %d, want %d", tt.taken, tt.allowed, got, tt.want[0])
		}
	}
	allowed, err := AllowedCPUs()
	if err != nil {
		t.Fatal(err)
	}
	sender := PickSenderCPU(allowed)
	if receiver := PickReceiverCPU(allowed, sender); receiver == sender || len(allowed) > 1 && !slices.Contains(allowed, receiver) {
		t.Errorf("of %v sender %d and receiver %d", allowed, sender, receiver)
	}
}
