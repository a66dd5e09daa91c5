//go:build linux

package uringzc

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// awaitChain takes completions until so many results have come, and returns these.
func awaitChain(t *testing.T, r *Ring, results int) (came []Completion) {
	t.Helper()
	for deadline := time.Now().Add(patience); len(came) < results; {
		_, err := r.SubmitChain(1, time.Until(deadline))
		if err != nil && !errors.Is(err, ErrTimeout) {
			t.Fatal(err)
		}
		for c, ok := r.Next(); ok; c, ok = r.Next() {
			if !c.Notification() {
				came = append(came, c)
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d results in %v", len(came), results, patience)
		}
	}
	return came
}

// TestChainKeepsOrder: sends of a chain go one after the other, whole, though each has
// to wait for room.
func TestChainKeepsOrder(t *testing.T) {
	const sends, size = 8, 50_000
	for _, op := range []Op{OpSend, OpSendZC, OpSendMsgZC} {
		for _, polled := range []bool{false, true} {
			t.Run(op.String()+map[bool]string{true: "/SQPOLL"}[polled], func(t *testing.T) {
				r := openRing(t, Options{Entries: 2 * sends, SQPoll: polled, SQPollIdle: time.Millisecond, SQPollCPU: -1})
				require(t, r, op)
				peer, fd := slowTCPPair(t)
				payload := make([]byte, sends*size)
				rand.NewChaCha8([32]byte{1}).Read(payload)
				for i := range sends {
					if i > 0 {
						r.Link()
					}
					part, err := Bytes(payload[i*size:][:size]), error(nil)
					switch op {
					case OpSend:
						_, err = r.PrepareSend(Descriptor(fd), part, unix.MSG_WAITALL, uint64(i))
					case OpSendZC:
						_, err = r.PrepareSendZC(Descriptor(fd), part, unix.MSG_WAITALL, uint64(i))
					case OpSendMsgZC:
						_, err = r.PrepareSendMsgZC(Descriptor(fd), part, 0, unix.MSG_WAITALL, uint64(i))
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				got, done := make([]byte, len(payload)), make(chan error, 1)
				go func() {
					_, err := io.ReadFull(peer, got)
					done <- err
				}()
				for i, c := range awaitChain(t, r, sends) {
					if c.UserData != uint64(i) || c.Res != size {
						t.Errorf("result %d is %+v; want %d bytes of send %d", i, c, size, i)
					}
				}
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, payload) {
					t.Error("what came is not what was sent")
				}
			})
		}
	}
}

// TestChainBreaks: what is behind a send that fails is not begun, and gives its buffer
// back.
func TestChainBreaks(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	peer, fd := tcpPair(t)
	payload := []byte("a part of a stream")
	nowhere := udpSocket(t) // isn't connected
	for i, to := range []FD{Descriptor(fd), Descriptor(nowhere), Descriptor(fd), Descriptor(fd)} {
		if i > 0 {
			r.Link()
		}
		if _, err := r.PrepareSend(to, Bytes(payload), unix.MSG_WAITALL, uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	want := map[uint64]error{0: nil, 1: unix.EDESTADDRREQ, 2: unix.ECANCELED, 3: unix.ECANCELED}
	for _, c := range awaitChain(t, r, 4) {
		if c.Err() != want[c.UserData] {
			t.Errorf("send %d: %v, want %v", c.UserData, c.Err(), want[c.UserData])
		}
	}
	if r.InFlight() != 0 {
		t.Errorf("%d in flight", r.InFlight())
	}
	unix.Shutdown(fd, unix.SHUT_WR)
	if got, err := io.ReadAll(peer); err != nil || string(got) != string(payload) {
		t.Errorf("the peer got %q, %v; want the first part alone", got, err)
	}
}

// TestLinkNothing: without an entry that isn't submitted there is nothing to tie.
func TestLinkNothing(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	r.Link()
	for i := range uint64(3) {
		if _, err := r.PrepareNop(i); err != nil {
			t.Fatal(err)
		}
		if c := take(t, r, 1)[0]; c.UserData != i || c.Err() != nil {
			t.Fatalf("%+v", c)
		}
		r.Link()
	}
}

// TestSubmitChain: one enter submits a chain and waits for all of it; a wait in vain
// and a closed ring are errors.
func TestSubmitChain(t *testing.T) {
	r := openRing(t, Options{Entries: 16})
	const nops = 10
	for i := range uint64(nops) {
		if i > 0 {
			r.Link()
		}
		if _, err := r.PrepareNop(i); err != nil {
			t.Fatal(err)
		}
	}
	n, err := r.SubmitChain(nops, patience)
	if n != nops || err != nil || r.Enters() != 1 {
		t.Errorf("took %d, %v, with %d enters; want %d with one", n, err, r.Enters(), nops)
	}
	var came [nops]Completion
	if n := r.Reap(came[:]); n != nops {
		t.Fatalf("%d completions, want %d", n, nops)
	}
	for i, c := range came {
		if c.UserData != uint64(i) || c.Err() != nil {
			t.Errorf("completion %d is %+v", i, c)
		}
	}
	if _, err := r.SubmitChain(1, time.Millisecond); !errors.Is(err, ErrTimeout) {
		t.Errorf("a wait for nothing: %v, want ErrTimeout", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.SubmitChain(1, 0); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a closed ring: %v, want os.ErrClosed", err)
	}
	r.Link()
}
