package results_test

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

func TestWriteBenchGolden(t *testing.T) {
	var b bytes.Buffer
	if err := small().WriteBench(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "small.bench", b.Bytes())
}

// TestWriteBenchIsTheFormat parses the lines by the grammar of the Go
// benchmark format and holds the figures against the record.
func TestWriteBenchIsTheFormat(t *testing.T) {
	rec := resultstest.Planted(resultstest.Options{InvalidEvery: 7})
	var b strings.Builder
	if err := rec.WriteBench(&b); err != nil {
		t.Fatal(err)
	}
	var valid []results.Trial
	for _, tr := range rec.Trials {
		if tr.Valid() {
			valid = append(valid, tr)
		}
	}
	var (
		key    = regexp.MustCompile(`^[a-z][^\sA-Z:]*: \S.*$`)
		unit   = regexp.MustCompile(`^Unit \S+ better=(higher|lower)$`)
		result = regexp.MustCompile(`^(BenchmarkSend/\S*[^-\d]\d*)\t(\d+)((?:\t[\d.]+ \S+)+)$`)
	)
	round := ""
	for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		switch {
		case line == "" || unit.MatchString(line):
		case key.MatchString(line):
			if n, ok := strings.CutPrefix(line, "round: "); ok {
				round = n
			}
		default:
			m := result.FindStringSubmatch(line)
			if m == nil {
				t.Fatalf("not a line of the format: %q", line)
			}
			if len(valid) == 0 {
				t.Fatalf("more results than valid trials: %q", line)
			}
			tr := valid[0]
			valid = valid[1:]
			if want := "BenchmarkSend/" + results.BenchName(tr.Cell, results.Axes{}); m[1] != want {
				t.Fatalf("name %q, want %q", m[1], want)
			}
			if strconv.Itoa(tr.Round) != round || strconv.FormatInt(tr.Messages, 10) != m[2] {
				t.Fatalf("round %s, %s messages; want %d, %d: %q", round, m[2], tr.Round, tr.Messages, line)
			}
			fields := strings.Fields(m[3])
			for i, want := range results.Metrics(tr) {
				got, err := strconv.ParseFloat(fields[2*i], 64)
				if err != nil || fields[2*i+1] != want.Unit || got < want.Value*(1-1e-6) || got > want.Value*(1+1e-6) {
					t.Fatalf("%s %s, want %v %s: %q", fields[2*i], fields[2*i+1], want.Value, want.Unit, line)
				}
			}
		}
	}
	if len(valid) != 0 {
		t.Errorf("%d valid trials have no line", len(valid))
	}
}

func TestWriteBenchLeavesOutReplacedTrials(t *testing.T) {
	rec := small()
	again := rec.Trials[0]
	again.Messages = 12345
	rec.Trials = append(rec.Trials, again)
	var b strings.Builder
	if err := rec.WriteBench(&b); err != nil {
		t.Fatal(err)
	}
	// Six trials, of which one is invalid and one replaced.
	if got := strings.Count(b.String(), "\nBenchmarkSend/"); got != 5 || !strings.Contains(b.String(), "\t12345\t") {
		t.Errorf("%d results, want 5 with that of 12345 messages:\n%s", got, &b)
	}
}

func TestMetrics(t *testing.T) {
	tr := results.Trial{ElapsedNS: 2000, Messages: 4, Bytes: 100, Syscalls: 1, CPUThreadNS: 300, CPUHelperNS: 200}
	want := []results.Metric{{500, "ns/op"}, {4e8, "bit/s"}, {2e6, "msg/s"}, {5, "cpu-ns/B"}, {0.25, "syscalls/msg"}}
	check := func(name string) {
		t.Helper()
		got := results.Metrics(tr)
		if len(got) != len(want) {
			t.Fatalf("%s: got %v, want %v", name, got, want)
		}
		for i := range want {
			if d := got[i].Value/want[i].Value - 1; got[i].Unit != want[i].Unit || d < -1e-12 || d > 1e-12 {
				t.Errorf("%s: got %v, want %v", name, got[i], want[i])
			}
		}
	}
	check("without notifications")
	tr.Notifications, tr.Copied = 8, 2
	want = append(want, results.Metric{Value: 0.25, Unit: "copied-ratio"})
	check("with notifications")
	tr.Error, want = "planted", nil
	check("invalid")
}
