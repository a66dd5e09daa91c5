//go:build linux

package main

import "testing"

func TestResumption(t *testing.T) {
	for want, f := range map[string]runFlags{
		"sendbench run --resume --out r.jsonl":                            {out: "r.jsonl"},
		"sendbench run --resume --secret-file s --out r.jsonl":            {out: "r.jsonl", remote: remoteFlags{secretFile: "s"}},
		"sendbench run --resume --secret-file s --force --out out/r.json": {out: "out/r.json", remote: remoteFlags{secretFile: "s", force: true}},
	} {
		if got := f.resumption(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
