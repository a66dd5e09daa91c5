package results_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

func TestRoundTrip(t *testing.T) {
	delivered := int64(7)
	withPointers := small()
	withPointers.Trials[0].DeliveredBytes = &delivered
	withPointers.Trials[0].CPUMachineNS = &delivered
	withPointers.Trials[0].Warnings = []string{"a \x00 b", "ünï\ncode"}
	for name, rec := range map[string]*results.Record{
		"default":     resultstest.Default(),
		"pointers":    withPointers,
		"hostile":     resultstest.Planted(resultstest.Hostile()),
		"unsupported": resultstest.Planted(resultstest.Options{Unsupported: true}),
		"interrupted": resultstest.Planted(resultstest.Options{Interrupted: true}),
	} {
		t.Run(name, func(t *testing.T) {
			back, err := results.Read(bytes.NewReader(encode(t, rec)))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(rec, back) {
				t.Errorf("-want +got:\n%s", cmp.Diff(rec, back))
			}
		})
	}
}

// edited is the small record with the first old in it replaced.
func edited(t *testing.T, old, new string) string {
	t.Helper()
	text := string(encode(t, small()))
	if !strings.Contains(text, old) {
		t.Fatalf("the record has no %q", old)
	}
	return strings.Replace(text, old, new, 1)
}

func TestTolerated(t *testing.T) {
	plain := string(encode(t, small()))
	for name, text := range map[string]string{
		"more fields":       edited(t, `{"record":"trial",`, `{"record":"trial","temperature":{"cpu":[45]},`),
		"more cell fields":  edited(t, `"fill":"stamp"`, `"fill":"stamp","offload":true`),
		"carriage returns":  strings.ReplaceAll(plain, "\n", "\r\n"),
		"blank lines":       strings.ReplaceAll(plain, "\n", "\n\n"),
		"null for counts":   edited(t, `"delivered_messages":null`, `"delivered_messages":null,"missing":null`),
		"null for warnings": edited(t, `"warnings":[]`, `"warnings":null`),
	} {
		t.Run(name, func(t *testing.T) {
			back, err := results.Read(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(small(), back); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// tiny is the small record without its environment and with a trial only.
func tiny() *results.Record {
	rec := small()
	rec.Run.Environment = results.Environment{}
	rec.Run.Plan.Cells = nil
	rec.Trials = rec.Trials[:1]
	return rec
}

func TestKilledRunIsReadable(t *testing.T) {
	lines := bytes.SplitAfter(encode(t, small()), []byte("\n"))
	for n := 1; n < len(lines)-1; n++ {
		rec, err := results.Read(bytes.NewReader(bytes.Join(lines[:n], nil)))
		if err != nil || rec.End != nil {
			t.Errorf("of %d lines: %v", n, err)
		} else if got := 1 + len(rec.Unsupported) + len(rec.Trials); got != n {
			t.Errorf("of %d lines %d were read", n, got)
		}
	}
}

// TestTruncated cuts a record at every byte: between lines it is good, inside
// a line the lines before come with the error.
func TestTruncated(t *testing.T) {
	text := encode(t, tiny())
	firstLine := bytes.IndexByte(text, '\n')
	for n := 1; n < len(text); n++ {
		rec, err := results.Read(bytes.NewReader(text[:n]))
		whole := bytes.Count(text[:n], []byte("\n"))
		if text[n-1] == '\n' {
			if err != nil {
				t.Fatalf("cut at %d, between lines: %v", n, err)
			}
			continue
		}
		var format *results.FormatError
		if !errors.As(err, &format) || format.Line != whole+1 {
			t.Fatalf("cut at %d, in line %d: %v", n, whole+1, err)
		}
		if n <= firstLine {
			if rec != nil || format.Truncated {
				t.Fatalf("cut at %d, in the first line: truncated %t, a record: %t; nothing can be resumed", n, format.Truncated, rec != nil)
			}
			continue
		}
		if !format.Truncated || !strings.Contains(err.Error(), "sendbench run --resume --out record") || strings.Contains(err.Error(), "\n") {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if got := 1 + len(rec.Unsupported) + len(rec.Trials); got != whole {
			t.Fatalf("cut at %d: %d lines came with the error, want %d", n, got, whole)
		}
	}
}

func TestRefused(t *testing.T) {
	plain := string(encode(t, small()))
	run, rest, _ := strings.Cut(plain, "\n")
	_, trial, _ := strings.Cut(rest, "\n") // from the second line after it
	trial, _, _ = strings.Cut(trial[strings.Index(trial, `{"record":"trial"`):], "\n")
	long := run + "\n" + `{"record":"trial","error":"` + strings.Repeat("x", 17<<20) + "\"}\n"
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "record:1: the file is empty; give a file that `sendbench run --out FILE` wrote"},
		{"blank", "\n\n", "record:2: the file is empty"},
		{"go test output", "goos: linux\nBenchmarkSend 1 2 ns/op\n", `record:1: not a sendbench record: "goos: linux"; a record's first line is`},
		{"go test output without newline", "PASS", `not a sendbench record: "PASS"`},
		{"JSON of another tool", `{"start":{"version":"iperf 3.16"}}` + "\n", "not a sendbench record"},
		{"the same in lines", "{\n\t\"start\": {}\n}\n", `record:1: not a sendbench record: "{"`},
		{"record of another type", `{"record":5}` + "\n", "record is a JSON number; it should be a string"},
		{"array", "[1,2]\n", "record:1: the line is a JSON array; a line of a record is an object"},
		{"binary", "\x7fELF\x02\x01\x01\x00\x00\n\x00", `not a sendbench record: "\x7fELF`},
		{"gzip", "\x1f\x8b\x08\x00" + strings.Repeat("\xff", 100), "not a sendbench record"},
		{"first line cut", run[:100], "record:1: the file is cut off in its first line, which leaves nothing to resume; measure again with `sendbench run --out record`"},
		{"last line cut but ended", run + "\n" + trial[:200] + "\n", "record:2: the file is cut off in this line; `sendbench run --resume --out record` completes it"},
		{"line cut in the middle", run + "\n" + trial[:200] + "\n" + trial + "\n", "record:2: not JSON (unexpected end of JSON input)"},
		{"garbage after a record", plain[:len(plain)-1] + "x\n", "not JSON (invalid character 'x' after top-level value)"},
		{"trial first", rest, "record:1: a line of kind unsupported before the run line; a record's first line is"},
		{"two runs", run + "\n" + plain, "record:2: a second run line; two runs need two files"},
		{"after the end", plain + trial + "\n", "a line after the end of the record"},
		{"another schema", edited(t, `"schema":1`, `"schema":2`), "record:1: the record has schema 2 and this version reads schema 1"},
		{"no schema", edited(t, `"schema":1,`, ``), "the record has schema 0"},
		{"another kind", edited(t, `{"record":"trial"`, `{"record":"pause"`), `lines of kind "pause" are not known to this version`},
		{"no kind", edited(t, `{"record":"trial",`, `{`), `lines of kind "" are not known`},
		{"no baseline", edited(t, `"baseline":"write"`, `"baseline":""`), "plan.baseline is missing"},
		{"endless", long, "record:2: the line is longer than 16 MiB"},

		{"string for a number", edited(t, `"elapsed_ns":`, `"elapsed_ns":"1","x":`), "elapsed_ns is a JSON string; it should be a whole number"},
		{"fraction", edited(t, `"messages":`, `"messages":1.5,"x":`), "messages is a JSON number 1.5; it should be a whole number"},
		{"huge", edited(t, `"messages":`, `"messages":1e400,"x":`), "messages is a JSON number 1e400; it should be a whole number"},
		{"above int64", edited(t, `"syscalls":`, `"bytes":9223372036854775808,"syscalls":`), "bytes is a JSON number 9223372036854775808"},
		{"not a number", edited(t, `"messages":`, `"messages":NaN,"x":`), "not JSON (invalid character 'N'"},
		{"negative seed", edited(t, `"seed":1`, `"seed":-1`), "seed is a JSON number -1; it should be a whole number from 0"},
		{"object for a list", edited(t, `"warnings":[]`, `"warnings":{}`), "warnings is a JSON object; it should be an array"},
		{"list for a cell", run + "\n" + `{"record":"trial","cell":[]}` + "\n", "cell is a JSON array; it should be an object"},
		{"string for a pointer", edited(t, `"cpu_machine_ns":null`, `"cpu_machine_ns":""`), "cpu_machine_ns is a JSON string; it should be a whole number"},

		{"size 0", edited(t, `"size":64000`, `"size":0`), "plan.cells[0]: cell.size is 0; it lies from 1 to 65527"},
		{"64k over UDP", edited(t, `"size":64000`, `"size":65536`), "cell.size is 65536; it lies from 1 to 65527"},
		{"negative segment", edited(t, `"segment":1472`, `"segment":-1`), "cell.segment is -1"},
		{"family 5", edited(t, `"family":4`, `"family":5`), "cell.family is 5; it is 4 or 6"},
		{"no strategy", edited(t, `"strategy":"write"`, `"strategy":""`), "cell.strategy is missing"},
		{"footprint 0", edited(t, `"footprint":1048576`, `"footprint":0`), "cell.footprint is 0"},
		{"batch 0", edited(t, `"batch":32`, `"batch":0`), "cell.batch is 0"},
		{"rounds beyond count", edited(t, `"rounds":2`, `"rounds":1000000000`), "plan.rounds is 1000000000"},
		{"no cell", run + "\n" + `{"record":"trial","round":0}` + "\n", "record:2: cell.connected is missing; it is true or false"},
		{"a line of two kinds", run + "\n" + strings.Replace(trial, `"round":`, `"record":"end","round":`, 1) + "\n", "the line says of itself that it is a trial and a \"end\""},
		{"no segment in the cell", run + "\n" + strings.Replace(trial, `"segment":1472,`, "", 1) + "\n", "record:2: cell.segment is missing"},
		{"no link in the cell", run + "\n" + strings.Replace(trial, `"link":"sink",`, "", 1) + "\n", "record:2: cell.link is missing"},
		{"A/A of another strategy", run + "\n" + strings.Replace(trial, `"strategy":"`, `"aa":true,"strategy":"x`, 1) + "\n", "only the baseline \"write\" is measured twice"},

		{"negative count", edited(t, `"copied":0`, `"copied":-1`), "copied is -1; it lies from 0 to"},
		{"too many bytes for a sum", edited(t, `"syscalls":`, `"bytes":9223372036854775807,"syscalls":`), "bytes is 9223372036854775807"},
		{"nothing sent", edited(t, `"messages":`, `"messages":0,"x":`), "a valid trial has some of each"},
		{"no time", edited(t, `"elapsed_ns":`, `"elapsed_ns":0,"x":`), "a valid trial has some of each"},
		{"messages faster than ns", edited(t, `"messages":`, `"messages":281474976710655,"x":`), "no machine sends more than one in a nanosecond"},
		{"bytes faster than memory", edited(t, `"syscalls":`, `"bytes":281474976710655,"syscalls":`), "no machine sends more than 8192 in a nanosecond"},
		{"more bytes than messages hold", edited(t, `"messages":`, `"messages":1,"x":`), "bytes is at most messages times size"},
		{"copied without notifications", edited(t, `"copied":0`, `"copied":281474976710655`), "copied is 281474976710655 of"},
		{"a count below nothing", edited(t, `"delivered_messages":null`, `"dropped_receiver":-5`), "dropped_receiver is -5; it lies from 0 to"},
		{"dropped beyond any sum", edited(t, `"delivered_messages":null`, `"dropped_path":9223372036854775807`), "dropped_path is 9223372036854775807; it lies from 0 to"},
		{"less than none missing", edited(t, `"delivered_messages":null`, `"missing":-1`), "missing is -1"},
		{"less than none reordered", edited(t, `"delivered_messages":null`, `"reordered":-7`), "reordered is -7"},
		{"duplicates beyond any sum", edited(t, `"delivered_messages":null`, `"duplicated":9223372036854775807`), "duplicated is 9223372036854775807"},
		{"more delivered than sent", edited(t, `"delivered_messages":null`, `"delivered_messages":281474976710655`), "none came again; it counts some of them"},
		{"more bytes delivered than sent", edited(t, `"delivered_bytes":null`, `"delivered_bytes":281474976710655`), "delivered_bytes is 281474976710655 of"},
		{"no reason", edited(t, `"reason":"`, `"reason":"","x":"`), "reason is missing"},
		{"another status", edited(t, `"status":"complete"`, `"status":"done"`), `status is "done"; it is complete or interrupted`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec, err := results.Read(strings.NewReader(tt.text))
			var format *results.FormatError
			if !errors.As(err, &format) {
				t.Fatalf("error %v (a record: %t), want a FormatError with %q", err, rec != nil, tt.want)
			}
			if msg := err.Error(); !strings.Contains(msg, tt.want) || strings.ContainsAny(msg, "\n\r\x00") || len(msg) > 300 {
				t.Errorf("error %q, want one short line with %q", msg, tt.want)
			}
			if (rec != nil) != format.Truncated {
				t.Errorf("truncated is %t, a record: %t", format.Truncated, rec != nil)
			}
		})
	}
}

func TestReadErrorIsNoFormatError(t *testing.T) {
	broken := errors.New("the cable is out")
	in := io.MultiReader(bytes.NewReader(encode(t, small())), iotest.ErrReader(broken))
	_, err := results.Read(in)
	var format *results.FormatError
	if !errors.Is(err, broken) || errors.As(err, &format) {
		t.Errorf("error %v, want one that wraps %v and is no FormatError", err, broken)
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.jsonl")
	if _, err := results.ReadFile(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := results.ReadFile(path); err == nil || !strings.HasPrefix(err.Error(), path+":1: ") {
		t.Errorf("foreign file: %v, want its name and line", err)
	}
	if err := os.WriteFile(path, encode(t, small()), 0o600); err != nil {
		t.Fatal(err)
	}
	rec, err := results.ReadFile(path)
	if err != nil || !reflect.DeepEqual(rec, small()) {
		t.Errorf("good file: %v", err)
	}
	if _, err := results.ReadFile(dir); err == nil {
		t.Error("a directory was read")
	}
}

func FuzzRead(f *testing.F) {
	text := encode(f, tiny())
	f.Add(text)
	f.Add(text[:len(text)/2])
	f.Add([]byte("goos: linux\nBenchmarkSend-2 1 5 ns/op\n"))
	f.Add([]byte(`{"record":"run","schema":1,"plan":{"baseline":"w"}}` + "\n" + `{"record":"end","status":"complete"}` + "\n"))
	f.Add([]byte(`{"record":"run","schema":1,"plan":{"baseline":"w","cells":null},"environment":{"clocks":null,"mitigations":{"a":"b"}}}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := results.Read(bytes.NewReader(data))
		var format *results.FormatError
		switch {
		case err == nil:
		case !errors.As(err, &format):
			t.Fatalf("%T: %v", err, err)
		case strings.ContainsAny(err.Error(), "\n\r"):
			t.Fatalf("more than one line: %q", err)
		case format.Truncated != (rec != nil):
			t.Fatalf("truncated is %t, a record: %t", format.Truncated, rec != nil)
		}
		if rec == nil {
			return
		}
		back, err := results.Read(bytes.NewReader(encode(t, rec)))
		if err != nil {
			t.Fatalf("what was read is not readable once written: %v", err)
		}
		if !reflect.DeepEqual(rec, back) {
			t.Fatalf("changed by a round trip, -want +got:\n%s", cmp.Diff(rec, back))
		}
		results.Summarize(rec)
		if err := rec.WriteBench(io.Discard); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	rec := resultstest.Planted(resultstest.Options{Rounds: 360})
	text := encode(b, rec)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := results.Read(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(rec.Trials)), "trials")
}
