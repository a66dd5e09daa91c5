//go:build linux

package uringzc

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestSQPoll(t *testing.T) {
	r := openRing(t, Options{Entries: 4, SQPoll: true, SQPollIdle: time.Millisecond, SQPollCPU: -1})
	require(t, r, OpSendZC)
	receiver, fd := udpPair(t)
	for i := range uint64(50) {
		payload := fmt.Append(nil, "message ", i)
		if _, err := r.PrepareSendZC(Descriptor(fd), Bytes(payload), 0, i); err != nil {
			t.Fatal(err)
		}
		if n, err := r.Submit(); n != 1 || err != nil {
			t.Fatalf("Submit = %d, %v; want 1", n, err)
		}
		if result, _ := takeZC(t, r, i); result.Err() != nil || int(result.Res) != len(payload) {
			t.Fatalf("send %d: %+v", i, result)
		}
		if got := receive(t, receiver); got != string(payload) {
			t.Fatalf("send %d: received %q", i, got)
		}
	}
}

// TestSQPollWakes submits when the polling thread has gone to sleep.
func TestSQPollWakes(t *testing.T) {
	r := openRing(t, Options{Entries: 4, SQPoll: true, SQPollIdle: time.Millisecond, SQPollCPU: -1})
	for round := range uint64(3) {
		deadline := time.Now().Add(patience)
		for atomic.LoadUint32(r.kernSQFlags)&sqNeedWakeup == 0 {
			if time.Now().After(deadline) {
				t.Fatal("the thread doesn't go to sleep")
			}
			runtime.Gosched()
		}
		before := r.Enters()
		r.PrepareNop(round)
		if n, err := r.Submit(); n != 1 || err != nil || r.Enters() != before+1 {
			t.Fatalf("Submit = %d, %v in %d system calls; want 1 in 1", n, err, r.Enters()-before)
		}
		if c := take(t, r, 1)[0]; c.UserData != round {
			t.Errorf("completion %+v", c)
		}
	}
}

func TestSQThread(t *testing.T) {
	polled := openRing(t, Options{Entries: 4, SQPoll: true, SQPollCPU: -1})
	within(t, "the polling thread gives itself its name", func() bool {
		comm, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/comm", polled.SQThread()))
		if err != nil {
			t.Fatal(err)
		}
		return strings.HasPrefix(string(comm), "iou-sqp-")
	})
	if tid := openRing(t, Options{Entries: 4}).SQThread(); tid != 0 {
		t.Errorf("a ring without SQPoll has the thread %d", tid)
	}
}

func TestParseSQThread(t *testing.T) {
	for _, tt := range []struct {
		fdinfo string
		want   int
	}{
		{"", 0},
		{"pos:\t0\nSqThread:\t1234\nSqThreadCpu:\t1\n", 1234},
		{"SqThread:\t-1\nSqThreadCpu:\t-1\n", 0},
		{"SqThreadCpu:\t7\n", 0},
		{"SqThread:", 0},
		{"SqThread:\tx\n", 0},
	} {
		if got := parseSQThread([]byte(tt.fdinfo)); got != tt.want {
			t.Errorf("%q: %d, want %d", tt.fdinfo, got, tt.want)
		}
	}
}
