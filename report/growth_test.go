package report

import (
	"bytes"
	"io"
	"path/filepath"
	"runtime"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// TestGrowth: as many trials more always take about as much memory more, from the
// record's lines to the page. What is allocated in all doesn't depend on when the
// collector runs.
func TestGrowth(t *testing.T) {
	allocated := func(rounds int) uint64 {
		o := resultstest.Options{Rounds: rounds, Sizes: []int{1400, 64000}, OtherSizes: []int{64000}}
		var lines bytes.Buffer
		if err := results.Write(&lines, resultstest.Planted(o)); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rec, err := results.Read(&lines)
		if err != nil {
			t.Fatal(err)
		}
		d := newDocument([]Source{{File: "results.jsonl", Record: rec}})
		if err := writePage(io.Discard, d, d.charts(), nil); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	few, some, many := allocated(20), allocated(80), allocated(140)
	t.Logf("%d, %d and %d MB for 20, 80 and 140 rounds", few>>20, some>>20, many>>20)
	if first, second := float64(some)-float64(few), float64(many)-float64(some); second > 1.5*first {
		t.Errorf("60 rounds more allocate %.0f bytes, and the next 60 rounds %.0f", first, second)
	}
}

// BenchmarkRead100800 and BenchmarkReport100800 are a record of 100,800 trials, read
// and reported on.
func BenchmarkRead100800(b *testing.B) {
	lines := manyTrials(b)
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		if _, err := results.Read(bytes.NewReader(lines)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReport100800(b *testing.B) {
	rec, err := results.Read(bytes.NewReader(manyTrials(b)))
	if err != nil {
		b.Fatal(err)
	}
	dir := filepath.Join(b.TempDir(), "report")
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(dir, []Source{{File: "results.jsonl", Record: rec}}); err != nil {
			b.Fatal(err)
		}
	}
}

func manyTrials(b *testing.B) []byte {
	var lines bytes.Buffer
	if err := results.Write(&lines, resultstest.Planted(resultstest.Options{Rounds: 360})); err != nil {
		b.Fatal(err)
	}
	return lines.Bytes()
}
