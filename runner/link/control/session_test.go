package control

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sendbench/runner/results"
)

// A run as it is meant to go: the controller agrees, a worker joins, and the session
// ends with the controller's connection.
func TestSession(t *testing.T) {
	b := serve(t, func(s *Server) { s.Limits = Limits{BitsPerSecond: 1e9, Seconds: 600} })
	controller := b.dial(t)
	asked := Terms{Proto: results.ProtoUDP, Family: 4, Flows: 2, Seconds: 60}
	agreement, err := controller.Agree(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	asked.BitsPerSecond = 1e9
	want := Agreement{
		Token: agreement.Token, Ports: []uint16{7001, 7002}, Terms: asked,
		Peer:  results.Peer{Control: b.address, Hostname: "far", MaxBitsPerSecond: 1e9, MaxSeconds: 60, Warnings: []string{}},
		Local: controller.RemoteAddr(), Sender: controller.LocalAddr(),
	}
	addresses := cmpopts.EquateComparable(netip.AddrPort{})
	if diff := cmp.Diff(want, agreement, addresses); diff != "" {
		t.Error(diff)
	}
	worker := b.dial(t)
	joined, err := worker.Join(t.Context(), agreement.Token)
	if err != nil {
		t.Fatal(err)
	}
	want.Sender = worker.LocalAddr()
	if diff := cmp.Diff(want, joined, addresses); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		if err := worker.Begin(t.Context(), Stretch{Size: 1400, Check: true}); err != nil {
			t.Fatal(err)
		}
		if counts, err := worker.Settle(t.Context(), 30, time.Second); err != nil || counts.Messages != 30 {
			t.Fatalf("settled %+v, %v: want 30 messages", counts, err)
		}
	}
	if counts, err := worker.Counts(t.Context()); err != nil || counts.Messages != 30 {
		t.Errorf("counts %+v, %v: want 30 messages", counts, err)
	}
	if diff := cmp.Diff([]Stretch{{1400, true}, {1400, true}}, b.account.begun); diff != "" {
		t.Error(diff)
	}
	controller.Close()
	await(t, worker.Gone(), "the worker's line to end")
	if err := worker.Err(); err == nil || !strings.Contains(err.Error(), "the sender ended it") {
		t.Errorf("the worker's line ended with %v", err)
	}
	summary := await(t, b.over, "the session to be over")
	if summary.Err != nil || summary.Messages != 60 || summary.Terms != asked {
		t.Errorf("summary %+v: want 60 messages and no error", summary)
	}
	if b.account.closings != 1 {
		t.Errorf("the receiver was closed %d times", b.account.closings)
	}
}

// A worker's connection is its own: its end ends nothing else.
func TestWorkerEnds(t *testing.T) {
	b := serve(t, nil)
	controller, agreement := b.agree(t)
	for range 2 * maxInside {
		worker := b.dial(t)
		if _, err := worker.Join(t.Context(), agreement.Token); err != nil {
			t.Fatal(err)
		}
		worker.Close()
	}
	if _, err := controller.Counts(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRefusals(t *testing.T) {
	b := serve(t, nil)
	c := b.dial(t)
	refused := func(what, why string, err error) {
		t.Helper()
		var refusal *RefusedError
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, why) {
			t.Errorf("%s: got %v, want a refusal with %q", what, err, why)
		}
	}
	for _, test := range []struct {
		name, why string
		change    func(*Terms)
	}{
		{"protocol", "takes udp and tcp", func(t *Terms) { t.Proto = "sctp" }},
		{"family", "is 4 or 6", func(t *Terms) { t.Family = 5 }},
		{"other family", "came to 127.0.0.1", func(t *Terms) { t.Family = 6 }},
		{"no flows", "takes 1 to 64", func(t *Terms) { t.Flows = 0 }},
		{"many flows", "takes 1 to 64", func(t *Terms) { t.Flows = 65 }},
		{"rate", "can be negative", func(t *Terms) { t.BitsPerSecond = -1 }},
		{"time", "can be negative", func(t *Terms) { t.Seconds = -1 }},
	} {
		asked := terms
		test.change(&asked)
		_, err := c.Agree(t.Context(), asked)
		refused(test.name, test.why, err)
	}
	_, err := c.Join(t.Context(), "")
	refused("join without a session", "no such session", err)

	agreement, err := c.Agree(t.Context(), terms)
	if err != nil {
		t.Fatalf("the connection did not go on after refusals: %v", err)
	}
	other := b.dial(t)
	_, err = other.Agree(t.Context(), terms)
	refused("second session", "busy: a session with 127.0.0.1", err)
	_, err = other.Join(t.Context(), agreement.Token+"x")
	refused("wrong token", "no such session", err)
	refused("stretch", "less than 16 bytes", c.Begin(t.Context(), Stretch{Size: 1}))
	if _, err := other.Join(t.Context(), agreement.Token); err != nil {
		t.Error(err)
	}
}

// A receiver that can't be opened is a refusal with the reason, and the next session
// may come.
func TestOpenFails(t *testing.T) {
	opened := 0
	b := serve(t, func(s *Server) {
		open := s.Open
		s.Open = func(agreed Terms, local, peer netip.AddrPort) (Receiver, error) {
			if opened++; opened == 1 {
				return nil, errors.New("the port is taken")
			}
			return open(agreed, local, peer)
		}
	})
	c := b.dial(t)
	var refusal *RefusedError
	if _, err := c.Agree(t.Context(), terms); !errors.As(err, &refusal) || refusal.Reason != "the port is taken" {
		t.Errorf("got %v, want the reason", err)
	}
	if _, err := c.Agree(t.Context(), terms); err != nil {
		t.Error(err)
	}
}
