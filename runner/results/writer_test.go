package results_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A checkout on Windows may have changed the line ends.
	want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("differs from %s (-update writes it anew), -want +got:\n%s", path, diff)
	}
}

// small is a record with every kind of line in few of them.
func small() *results.Record {
	o := resultstest.OneCell()
	o.Strategies = []string{"write", "uring-sendzc", "uring-sendzc-sqpoll"}
	o.Rounds, o.InvalidEvery = 2, 5
	return resultstest.Planted(o)
}

func encode(t testing.TB, rec *results.Record) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := results.Write(&b, rec); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWriteGolden(t *testing.T) {
	golden(t, "small.jsonl", encode(t, small()))
}

// lineCounter notes what each Write call was given.
type lineCounter struct{ calls [][]byte }

func (c *lineCounter) Write(p []byte) (int, error) {
	c.calls = append(c.calls, bytes.Clone(p))
	return len(p), nil
}

func TestOneWriteALine(t *testing.T) {
	rec := resultstest.Planted(resultstest.Hostile())
	rec.Trials[0].Warnings = []string{"two\nlines", "\u2028"}
	var c lineCounter
	if err := results.Write(&c, rec); err != nil {
		t.Fatal(err)
	}
	if want := 2 + len(rec.Trials) + len(rec.Unsupported); len(c.calls) != want {
		t.Errorf("%d Write calls, want %d", len(c.calls), want)
	}
	for _, line := range c.calls {
		if bytes.IndexByte(line, '\n') != len(line)-1 || !json.Valid(line) {
			t.Errorf("not one line of JSON: %q", line)
		}
	}
}

func TestWriterFillsIn(t *testing.T) {
	var b strings.Builder
	w := results.NewWriter(&b)
	for _, err := range []error{
		w.WriteRun(results.Run{Plan: results.Plan{Baseline: "write"}}), w.WriteTrial(results.Trial{}),
		w.WriteUnsupported(results.Unsupported{}), w.WriteEnd(results.End{}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i, want := range []string{
		`{"record":"run","schema":1,`, `{"record":"trial",`, `{"record":"unsupported",`, `{"record":"end",`,
	} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d is %s, want it to begin with %s", i+1, lines[i], want)
		}
	}
	for _, want := range []string{`"strategies":[]`, `"profiles":[]`, `"cells":[]`, `"caches":[]`, `"clocks":[]`} {
		if !strings.Contains(lines[0], want) {
			t.Errorf("the run line lacks %s: %s", want, lines[0])
		}
	}
	for _, want := range []string{`"warnings":[]`, `"delivered_bytes":null`, `"cpu_machine_ns":null`} {
		if !strings.Contains(lines[1], want) {
			t.Errorf("the trial line lacks %s: %s", want, lines[1])
		}
	}
}

// fullDisk takes half of the second line.
type fullDisk struct {
	bytes.Buffer
	calls int
}

var errFull = errors.New("no space left")

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.calls++; d.calls == 2 {
		n, _ := d.Buffer.Write(p[:len(p)/2])
		return n, errFull
	}
	return d.Buffer.Write(p)
}

func TestNothingFollowsAFailedWrite(t *testing.T) {
	rec := small()
	var d fullDisk
	w := results.NewWriter(&d)
	if err := w.WriteRun(rec.Run); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if err := w.WriteTrial(rec.Trials[i]); !errors.Is(err, errFull) {
			t.Errorf("trial %d: %v, want %v", i, err, errFull)
		}
	}
	back, err := results.Read(&d)
	var format *results.FormatError
	if !errors.As(err, &format) || !format.Truncated || back == nil || len(back.Trials) != 0 {
		t.Errorf("reading what was left: %v, %v; want the run and a truncated line", back, err)
	}
}
