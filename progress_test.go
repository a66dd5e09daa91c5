//go:build linux

package main

import (
	"strings"
	"testing"
	"time"
)

func TestProgressLines(t *testing.T) {
	type call struct {
		at          time.Duration // since the first
		done, total int
	}
	for _, tt := range []struct {
		name  string
		calls []call
		want  string
	}{
		{"in a while", []call{{0, 1, 3360}, {14 * time.Second, 400, 3360}, {15 * time.Second, 481, 3360}, {16 * time.Second, 500, 3360}, {31 * time.Second, 991, 3360}, {105 * time.Second, 3360, 3360}},
			"measuring 3360 trials, for at most 2m0s\n481 of 3360 trials, about 1m30s left\n991 of 3360 trials, about 1m14s left\n"},
		{"resumed", []call{{0, 101, 200}, {20 * time.Second, 121, 200}},
			"measuring 200 trials, of which 100 are done, for at most 2m0s\n121 of 200 trials, about 1m19s left\n"},
		{"to a precision", []call{{0, 1, 100}, {20 * time.Second, 101, 200}},
			"measuring 100 trials, for at most 2m0s\n101 of 200 trials, about 20s left\n"},
		{"slower than thought", []call{{0, 1, 3360}, {60 * time.Second, 481, 3360}},
			"measuring 3360 trials, for at most 2m0s\n481 of 3360 trials, about 1m0s left\n"},
		{"short", []call{{0, 1, 1}}, "measuring 1 trial, for at most 2m0s\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			now := time.Unix(1e9, 0)
			p := progress{lines: &b, budget: 2 * time.Minute, now: func() time.Time { return now }}
			for _, c := range tt.calls {
				now = time.Unix(1e9, 0).Add(c.at)
				p.show(c.done, c.total)
			}
			p.end()
			if got := strings.ReplaceAll(b.String(), "sendbench: ", ""); got != tt.want {
				t.Errorf("got:\n%swant:\n%s", got, tt.want)
			}
		})
	}
}

func TestQuietProgress(t *testing.T) {
	var b strings.Builder
	p := progress{off: true, lines: &b, now: time.Now}
	p.show(1, 2)
	p.end()
	if b.Len() != 0 {
		t.Errorf("says %q", &b)
	}
}
