package probe

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendbench/runner/link"
)

func TestVerdict(t *testing.T) {
	reason := &link.CopyReason{Cause: link.CauseTap, What: "a tap is open", Cure: "end it"}
	all := func(o Outcome) func(string, int, int) Try {
		return func(string, int, int) Try {
			try := Try{Outcome: o}
			switch o {
			case Copied, Unreported:
				try.Copy = reason
			case Unsupported, Failed:
				try.Reason = "it is so"
			}
			return try
		}
	}
	least := func(n int) *int { return &n }
	for _, test := range []struct {
		name      string
		try       func(strategy string, size, segment int) Try
		zeroCopy  State
		auto, off *int
		line      string
	}{
		{"all", all(ZeroCopy), Yes, nil, nil, "zero copy works here: on the link sink, in segments of 1472 bytes at every size tried, without UDP_SEGMENT at every size tried"},
		{"copied", all(Copied), No, least(64), least(64), "would be copied: a tap is open"},
		{"unreported", all(Unreported), Unknown, nil, nil, "can't be told: a tap is open"},
		{"unsupported", all(Unsupported), No, nil, nil, "no zero copy here: it is so"},
		{"failed", all(Failed), Unknown, nil, nil, "can't be told: it is so"},
		{"large copied", func(s string, size, segment int) Try {
			if segment == 0 && size > 4096 {
				return all(Copied)(s, size, segment)
			}
			return all(ZeroCopy)(s, size, segment)
		}, Yes, nil, least(16384), "in segments of 1472 bytes at every size tried, without UDP_SEGMENT up to 4096 bytes"},
		{"large unsupported", func(s string, size, segment int) Try {
			if size > 16384 {
				return all(Unsupported)(s, size, segment)
			}
			return all(ZeroCopy)(s, size, segment)
		}, Yes, nil, nil, "in segments of 1472 bytes up to 16384 bytes, without UDP_SEGMENT up to 16384 bytes"},
		{"small copied", func(s string, size, segment int) Try {
			if size < 4096 || segment == 0 {
				return all(Copied)(s, size, segment)
			}
			return all(ZeroCopy)(s, size, segment)
		}, Yes, least(64), least(64), "in segments of 1472 bytes at 4096, 16384, 64000 bytes, without UDP_SEGMENT at no size tried"},
		{"one way copied", func(s string, size, segment int) Try {
			if s == "sendmmsg-zc" {
				return all(Copied)(s, size, segment)
			}
			return all(ZeroCopy)(s, size, segment)
		}, No, least(64), least(64), "would be copied: a tap is open"},
		{"one way unsupported", func(s string, size, segment int) Try {
			if s == "sendmmsg-zc" {
				return all(Unsupported)(s, size, segment)
			}
			return all(ZeroCopy)(s, size, segment)
		}, Yes, nil, nil, "at every size tried"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := judgeLink(link.Sink, plantedTries(1472, test.try), 1472)
			if v.ZeroCopy != test.zeroCopy || !v.Seen || !strings.Contains(v.Line, test.line) {
				t.Errorf("got %+v, want %s, seen, %q", v, test.zeroCopy, test.line)
			}
			if diff := cmp.Diff([]*int{test.auto, test.off}, []*int{v.CopiedFromAuto, v.CopiedFromOff}); diff != "" {
				t.Error(diff)
			}
		})
	}
	if v := judgeLink(link.Sink, nil, 1472); v.ZeroCopy != Unknown || v.Line == "" {
		t.Errorf("of no tries: %+v", v)
	}
}

func TestPresumedVerdict(t *testing.T) {
	for driver, want := range map[string]string{"ixgbe": "eth1 (presumed from its settings, not seen)", "veth": "its other end has the last word"} {
		v := judgeDevice("eth1", driver, []Presumed{{SizeBytes: 64, SegmentBytes: 1472}}, 1472)
		if v.ZeroCopy != Yes || v.Seen || !strings.Contains(v.Line, want) {
			t.Errorf("%s: %+v, want %q", driver, v, want)
		}
	}
	v := judgeDevice("eth1", "ixgbe", []Presumed{{64, 0, true, link.CopyReason{What: "w", Cure: "c"}}}, 1472)
	if want := "would be copied: on eth1 (presumed from its settings, not seen), w"; v.Line != want {
		t.Errorf("got %q, want %q", v.Line, want)
	}
}
