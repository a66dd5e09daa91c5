package results_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// Lines as go test -bench prints them.
const (
	benchHead   = "goos: linux\ngoarch: amd64\npkg: sendbench\ncpu: Xeon\n"
	benchPrefix = "BenchmarkSend/link=sink/nic=default/footprint=1Mi/fill=stamp/segment=1472/size=1400/strategy="
	benchWrite  = benchPrefix + "write-2  \t     100\t      2000 ns/op\t5600000000 bit/s\t         1.250 cpu-ns/B\t    500000 msg/s\t         1.000 syscalls/msg\t       0 B/op\t       0 allocs/op\n"
	benchZC     = benchPrefix + "uring-sendzc-2  \t     100\t      1000 ns/op\t11200000000 bit/s\t         0.2500 copied-ratio\t         0.500 cpu-ns/B\t   1000000 msg/s\t         0.06 syscalls/msg\t       0 B/op\t       0 allocs/op\n"
)

func readBench(t *testing.T, text string) *results.Record {
	t.Helper()
	rec, err := results.ReadBench(strings.NewReader(text), "bench.txt")
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestReadBench(t *testing.T) {
	rec := readBench(t, benchHead+benchWrite+benchZC+"PASS\nok  \tsendbench\t1.2s\n")
	env, plan := rec.Run.Environment, rec.Run.Plan
	if env.OS != "linux" || env.Arch != "amd64" || env.CPUModel != "Xeon" || env.Link.Name != "sink" || env.Kernel != "" || env.WmemMax != -1 {
		t.Errorf("environment is %+v", env)
	}
	if plan.Baseline != "write" || fmt.Sprint(plan.Strategies, plan.Profiles, plan.Rounds, len(plan.Cells)) != "[write uring-sendzc] [default] 1 2" {
		t.Errorf("plan is %+v", plan)
	}
	if want := (results.Bench{FlowsUnknown: true}); rec.Run.Bench == nil || *rec.Run.Bench != want {
		t.Errorf("bench is %+v, want %+v", rec.Run.Bench, want)
	}
	if rec.End == nil || rec.End.Status != results.StatusComplete || len(rec.Trials) != 2 {
		t.Fatalf("end is %+v, of %d trials", rec.End, len(rec.Trials))
	}
	zc := rec.Trials[1]
	want := cell
	want.Size, want.Strategy = 1400, "uring-sendzc"
	if zc.Cell != want {
		t.Errorf("cell is %+v, want %+v", zc.Cell, want)
	}
	got := []int64{zc.Messages, zc.Bytes, zc.ElapsedNS, zc.CPUThreadNS, zc.Syscalls, zc.Notifications, zc.Copied}
	if want := []int64{100, 140000, 100000, 70000, 6, 100, 25}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("messages, bytes, ns, CPU ns, calls, notifications and copied are %d, want %d", got, want)
	}
	if rec.Trials[0].Notifications != 0 {
		t.Error("a write was notified of")
	}
}

// TestReadBenchRounds tells results of rounds from repetitions in a row.
func TestReadBenchRounds(t *testing.T) {
	round := func(n int) string { return fmt.Sprintf("round: %d\n", n) + benchHead }
	for _, tt := range []struct {
		name, text string
		paired     bool
	}{
		{"as make bench", round(1) + benchZC + benchWrite + "PASS\n" + round(2) + benchWrite + benchZC + "PASS\n", true},
		{"a strategy missing in one", round(1) + benchZC + benchWrite + round(2) + benchWrite, true},
		{"as go test -count=2", benchHead + benchWrite + benchWrite + benchZC + benchZC, false},
		{"once without", benchHead + benchWrite + round(1) + benchWrite + benchZC, false},
		{"one cell twice in a round", round(1) + benchWrite + benchZC + benchWrite, false},
		{"two files in one", round(1) + benchWrite + benchZC + round(1) + benchWrite + benchZC, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := readBench(t, tt.text)
			if rec.Run.Bench.Paired != tt.paired {
				t.Errorf("paired is %t", rec.Run.Bench.Paired)
			}
			s := results.Summarize(rec)
			if s.Trials != strings.Count(tt.text, "\nBenchmark") {
				t.Errorf("%d trials of %d results", s.Trials, strings.Count(tt.text, "\nBenchmark"))
			}
			row := s.Groups[0].Rows[1]
			if row.Strategy != "uring-sendzc" || (row.Ratio.N > 0) != tt.paired {
				t.Errorf("%s has a ratio of %d rounds", row.Strategy, row.Ratio.N)
			}
			if !math.IsNaN(row.ReleaseP50.Center) || !math.IsNaN(row.ProcessCPUPerByte.Center) || !math.IsNaN(row.Held.Center) {
				t.Errorf("what bench output lacks is %v, %v and %v and not unknown", row.ReleaseP50.Center, row.ProcessCPUPerByte.Center, row.Held.Center)
			}
		})
	}
}

// TestReadBenchIsTheProjection holds the reader against the writer: what a record is
// projected to comes back with the same figures and verdicts.
func TestReadBenchIsTheProjection(t *testing.T) {
	planted := resultstest.Planted(resultstest.Options{Rounds: 12})
	var b bytes.Buffer
	if err := planted.WriteBench(&b); err != nil {
		t.Fatal(err)
	}
	first := b.String()
	rec := readBench(t, first)
	if !rec.Run.Bench.Paired || rec.Run.Bench.FlowsUnknown {
		t.Errorf("bench is %+v", *rec.Run.Bench)
	}
	// As the reader of the format's own library sees it.
	lines := benchfmt.NewReader(strings.NewReader(first), "projection")
	for _, tr := range rec.Trials {
		var result *benchfmt.Result
		for result == nil && lines.Scan() {
			result, _ = lines.Result().(*benchfmt.Result)
		}
		if result == nil {
			t.Fatal("more trials than results")
		}
		rate, _ := result.Value(results.UnitRate)
		if int64(result.Iters) != tr.Messages || math.Abs(tr.Rate()/rate-1) > 1e-5 {
			t.Fatalf("%d messages at %v bit/s, want %d at %v", tr.Messages, tr.Rate(), result.Iters, rate)
		}
	}
	then, now := results.Summarize(planted), results.Summarize(rec)
	if len(then.Groups) != len(now.Groups) {
		t.Fatalf("%d groups, want %d", len(now.Groups), len(then.Groups))
	}
	for _, g := range then.Groups {
		at := slices.IndexFunc(now.Groups, func(back results.Group) bool { return back.Cell == g.Cell })
		if at < 0 {
			t.Fatalf("%+v is missing", g.Cell)
		}
		rows := now.Groups[at].Rows
		for _, r := range g.Rows {
			at := slices.IndexFunc(rows, func(back results.Row) bool { return back.Strategy == r.Strategy })
			if back := rows[max(0, at)]; at < 0 || back.Verdict != r.Verdict || back.Rounds != r.Rounds {
				t.Errorf("%+v: %s is %s in %d rounds, want %s %s in %d", g.Cell, back.Strategy, back.Verdict, back.Rounds, r.Strategy, r.Verdict, r.Rounds)
			}
		}
	}
}

// TestReadBenchVerbose reads what go test -v adds: benchmarks as they begin, and why
// some were skipped.
func TestReadBenchVerbose(t *testing.T) {
	rec := readBench(t, benchHead+"BenchmarkSend\nBenchmarkSend/link=sink\n"+benchWrite+
		"--- SKIP: "+benchPrefix+"uring-sendzc-fixed\n    bench_test.go:61: registering needs 2 MiB\n        of locked memory\n"+
		"--- BENCH: BenchmarkSend-2\n    bench_test.go:140: profile mtu=9000: no such\n"+
		"--- SKIP: "+benchPrefix+"uring-send\n"+"PASS\n")
	var reasons []string
	for _, u := range rec.Unsupported {
		reasons = append(reasons, u.Cell.Strategy+": "+u.Reason)
	}
	want := []string{"uring-sendzc-fixed: registering needs 2 MiB of locked memory", "uring-send: the benchmark was skipped, and its output doesn't say why"}
	if fmt.Sprint(reasons) != fmt.Sprint(want) {
		t.Errorf("unsupported are %q, want %q", reasons, want)
	}
	if len(rec.Run.Plan.Cells) != 3 {
		t.Errorf("%d cells, want the skipped ones too", len(rec.Run.Plan.Cells))
	}
}

func TestReadBenchFailed(t *testing.T) {
	rec := readBench(t, benchHead+benchWrite+"--- FAIL: "+benchPrefix+"uring-send\n    bench_test.go:66: lost\nFAIL\nexit status 1\nFAIL\tsendbench\t2.1s\n")
	if rec.End.Status != results.StatusInterrupted || rec.End.Reason == "" {
		t.Errorf("the end is %+v", rec.End)
	}
}

// TestReadBenchFlows takes -N for flows where it differs, which go test's -cpu alone
// brings about.
func TestReadBenchFlows(t *testing.T) {
	one := strings.ReplaceAll(benchWrite, "write-2", "write")
	rec := readBench(t, benchHead+one+benchWrite)
	if f := []int{rec.Trials[0].Cell.Flows, rec.Trials[1].Cell.Flows}; f[0] != 1 || f[1] != 2 || rec.Run.Bench.FlowsUnknown {
		t.Errorf("flows are %d, unknown is %t", f, rec.Run.Bench.FlowsUnknown)
	}
}

func TestReadBenchRefuses(t *testing.T) {
	line := func(old, new string) string { return benchHead + strings.Replace(benchWrite, old, new, 1) }
	for _, tt := range []struct{ name, text, want string }{
		{"prose", "Once upon a time\n", `b:1: neither a sendbench record nor bench output: "Once upon a time"; a record's first line is {"record":"run",…}, and BenchmarkSend's results are lines such as`},
		{"binary", "\x7fELF\x02\x01", `b:1: neither a sendbench record nor bench output: "\x7fELF`},
		{"prose in the middle", benchHead + benchWrite + "and so on\n", `b:6: "and so on" is no line of bench output`},
		{"nothing", "", "b:1: the file ends without a result"},
		{"keys alone", benchHead, "b:4: the file ends without a result"},
		{"another benchmark", benchHead + "BenchmarkRead-2 100 5 ns/op\n", `"BenchmarkRead-2" is none of BenchmarkSend's`},
		{"another package", "pkg: sendbench/uringzc\n", `pkg is "sendbench/uringzc": benchmarks of another package`},
		{"two machines", benchHead + benchWrite + "cpu: EPYC\n", `b:6: cpu is "EPYC" and was "Xeon" before`},
		{"round of words", "round: one\n", `round is "one"; it is a whole number from 0`},
		{"round beyond count", "round: 99999999999999999999\n", "it is a whole number from 0"},
		{"no unit", line("0 allocs/op", "0"), `"0" has no unit behind it`},
		{"no rate", line("5600000000 bit/s", ""), "the result has no bit/s"},
		{"no iterations", line("     100\t", "     0\t"), `"0" iterations`},
		{"rate and time differ", line("5600000000 bit/s", "56000000000 bit/s"), "isn't 1400 bytes every 2000 ns"},
		{"not a number", line("5600000000 bit/s", "NaN bit/s"), `"NaN" "bit/s"; it is a number from 0`},
		{"infinite", line("1.250 cpu-ns/B", "1e999 cpu-ns/B"), `"1e999" "cpu-ns/B"; it is a number`},
		{"huge", line("1.250 cpu-ns/B", "1e300 cpu-ns/B"), "a figure is out of range"},
		{"too many messages", line("     100\t", "     99999999999999\t"), "no run sends as many"},
		{"share above 1", line("1.250 cpu-ns/B", "1.250 cpu-ns/B 2 copied-ratio"), "copied-ratio to 1"},
		{"unknown axis", line("/size=1400", "/size=1400/colour=red"), `"colour=red" in the benchmark's name is no axis`},
		{"axis twice", line("/size=1400", "/size=1400/size=1400"), "size is twice"},
		{"axis missing", line("/size=1400", ""), "size is missing in the benchmark's name"},
		{"a set rate", line("/footprint", "/rate=1000/footprint"), `rate is "1000" in the benchmark's name; it is 0: a latency`},
		{"64k over UDP", line("/size=1400", "/size=65536"), "cell.size is 65536"},
		{"escape", line("strategy=write", "strategy=%zz"), `strategy is "%zz`},
		{"fast", line("2000 ns/op\t5600000000 bit/s", "0.1 ns/op\t112000000000000 bit/s"), "no machine sends more than one in a nanosecond"},
		{"endless", benchHead + strings.Repeat("x", 1<<20), "the line is longer than 64 KiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec, err := results.ReadBench(strings.NewReader(tt.text), "b")
			var format *results.FormatError
			if rec != nil || !errors.As(err, &format) {
				t.Fatalf("error %v (a record: %t), want a FormatError with %q", err, rec != nil, tt.want)
			}
			if msg := err.Error(); !strings.Contains(msg, tt.want) || strings.ContainsAny(msg, "\n\r\x00") || len(msg) > 500 {
				t.Errorf("error %q, want one short line with %q", msg, tt.want)
			}
		})
	}
}

// TestReadBenchIsBounded reads names that are never the same twice, and one without an
// end.
func TestReadBenchIsBounded(t *testing.T) {
	var names strings.Builder
	for i := range 20_000 {
		names.WriteString(strings.Replace(benchWrite, "write-2", fmt.Sprintf("s%dx", i), 1))
	}
	if _, err := results.ReadBench(strings.NewReader(names.String()), "b"); err == nil || !strings.Contains(err.Error(), "b:16385: more than 16384 benchmarks") {
		t.Errorf("endless names: %v", err)
	}
	long := strings.Replace(benchWrite, "write", strings.Repeat("x", 2000), 1)
	if _, err := results.ReadBench(strings.NewReader(long), "b"); err == nil || !strings.Contains(err.Error(), "b:1: the benchmark's name is longer than 1024 bytes") {
		t.Errorf("long name: %v", err)
	}
}

func TestReadReportable(t *testing.T) {
	read := func(text string) (*results.Record, error) {
		return results.ReadReportable(strings.NewReader(text), "it")
	}
	rec, err := read(string(encode(t, small())))
	if err != nil || rec.Run.Bench != nil {
		t.Errorf("a record: %v", err)
	}
	rec, err = read("\n" + benchHead + benchWrite)
	if err != nil || rec.Run.Bench == nil {
		t.Errorf("bench output: %v", err)
	}
	for text, want := range map[string]string{
		"":                         "the file is empty",
		"[1]\n":                    "the line is a JSON array",
		" \n{\"record\":\"x\"}\n":  "not a sendbench record",
		"Dear reader\n":            "neither a sendbench record nor bench output",
		strings.Repeat(" ", 1<<14): "the file ends without a result",
	} {
		if _, err := read(text); err == nil || !strings.HasPrefix(err.Error(), "it:") || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want the input's name and %q", text, err, want)
		}
	}
}

func FuzzReadBench(f *testing.F) {
	f.Add([]byte(benchHead + benchWrite + benchZC))
	f.Add([]byte("round: 1\n" + benchWrite + "round: 2\n" + benchZC + "--- SKIP: " + benchPrefix + "x\n    a.go:1: why\n"))
	f.Add([]byte("Once upon a time"))
	var b bytes.Buffer
	if err := tiny().WriteBench(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := results.ReadBench(bytes.NewReader(data), "b")
		var format *results.FormatError
		switch {
		case err == nil:
		case !errors.As(err, &format) || rec != nil:
			t.Fatalf("%T: %v", err, err)
		case strings.ContainsAny(err.Error(), "\n\r"):
			t.Fatalf("more than one line: %q", err)
		default:
			return
		}
		// What was read is a record that could be written.
		if _, err := results.Read(bytes.NewReader(encode(t, rec))); err != nil && len(rec.Trials) < 1<<15 {
			t.Fatalf("it makes no record: %v", err)
		}
		results.Summarize(rec)
		if err := rec.WriteBench(&b); err != nil {
			t.Fatal(err)
		}
		b.Reset()
	})
}
