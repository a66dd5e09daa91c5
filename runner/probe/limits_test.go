package probe

import (
	"math"
	"testing"
)

func TestLimitNotes(t *testing.T) {
	low := func(l Limits) map[string]bool {
		found := map[string]bool{}
		for _, n := range l.notes() {
			if n.About == "" || n.Value == "" || n.Means == "" || n.Low != (n.Cure != "") && n.About != "user.max_user_namespaces" {
				t.Errorf("%+v: want a value, what it means, and a cure where it is low alone", n)
			}
			if n.Low {
				found[n.About] = true
			}
		}
		return found
	}
	if found := low(noLimits); len(found) != 0 {
		t.Errorf("low without limits: %v", found)
	}
	unknown := Limits{
		MemlockBytes: -1, OptmemMaxBytes: -1, WmemMaxBytes: -1, RmemMaxBytes: -1, OpenFiles: -1,
		IOUringDisabled: -1, IOUringGroup: -1, SeccompMode: -1, MaxUserNamespaces: -1,
	}
	if found := low(unknown); len(found) != 0 {
		t.Errorf("low though unknown: %v", found)
	}
	for name, change := range map[string]func(*Limits){
		"RLIMIT_MEMLOCK":           func(l *Limits) { l.MemlockExempt, l.MemlockBytes = false, 65536 },
		"net.core.optmem_max":      func(l *Limits) { l.OptmemMaxBytes = 20480 },
		"net.core.wmem_max":        func(l *Limits) { l.WmemMaxBytes = 212992 },
		"net.core.rmem_max":        func(l *Limits) { l.RmemMaxBytes = 0 },
		"RLIMIT_NOFILE":            func(l *Limits) { l.OpenFiles = 10 },
		"kernel.io_uring_disabled": func(l *Limits) { l.IOUringDisabled = 2 },
		"user.max_user_namespaces": func(l *Limits) { l.Namespace = "it is forbidden" },
	} {
		l := noLimits
		change(&l)
		if found := low(l); !found[name] || len(found) != 1 {
			t.Errorf("%s: low are %v", name, found)
		}
	}
}

func TestBytesWord(t *testing.T) {
	for n, want := range map[int64]string{
		-1: "unknown", 0: "0 B", 1000: "1000 B", 1024: "1 KiB", 212992: "208 KiB", 8 << 20: "8 MiB", 3 << 30: "3 GiB", math.MaxInt64: "no limit",
	} {
		if got := bytesWord(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}
