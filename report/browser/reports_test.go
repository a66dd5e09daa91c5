package browser

import (
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"sendbench/report"
	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// planted are the records of each page that is looked at.
var planted = map[string]func() []*results.Record{
	"default":     one(resultstest.Options{}),
	"one-cell":    one(resultstest.OneCell()),
	"20x30":       one(resultstest.Wide(20, 30)),
	"hostile":     one(resultstest.Hostile()),
	"unsupported": one(resultstest.Options{Unsupported: true, HotOnly: true}),
	"interrupted": one(resultstest.Options{Interrupted: true, InvalidEvery: 50, HotOnly: true}),
	"copied":      one(resultstest.Options{Copied: true, HotOnly: true, Link: "pair"}),
	"three": func() []*results.Record {
		var list []*results.Record
		for i, host := range []string{"alpha", "beta", "gamma"} {
			rec := resultstest.Planted(resultstest.Options{Seed: uint64(i + 1), NoDifference: i == 2, Sizes: []int{1400, 8192, 64000}, OtherSizes: []int{64000}})
			rec.Run.ID, rec.Run.Environment.Hostname = host, host
			list = append(list, rec)
		}
		return list
	},
}

func one(o resultstest.Options) func() []*results.Record {
	return func() []*results.Record { return []*results.Record{resultstest.Planted(o)} }
}

func names() []string { return slices.Sorted(maps.Keys(planted)) }

var (
	writing sync.Mutex
	written = make(map[string]string) // index.html by name
)

// pageOf writes a report once and returns its page's file.
func pageOf(t *testing.T, name string) string {
	t.Helper()
	writing.Lock()
	defer writing.Unlock()
	if file, ok := written[name]; ok {
		return file
	}
	dir := filepath.Join(scratch, name)
	written[name] = filepath.Join(dir, "index.html")
	var sources []report.Source
	for _, rec := range planted[name]() {
		sources = append(sources, report.Source{File: rec.Run.ID + ".jsonl", Record: rec})
	}
	if err := report.Write(dir, sources); err != nil {
		t.Fatal(err)
	}
	return written[name]
}
