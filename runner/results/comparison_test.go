package results_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// twoRuns are a run, and one after which sendmmsg-zc got slower by a tenth. The
// second was made elsewhere, has a cell without a valid trial, and lacks another.
func twoRuns() (old, new *results.Record) {
	o := resultstest.OneCell()
	o.Strategies = []string{"write", "sendmmsg-zc", "uring-sendzc", "uring-sendzc-sqpoll", "uring-send"}
	o.Rounds = 8
	old = resultstest.Planted(o)
	o.Seed = 2
	new = resultstest.Planted(o)
	new.Run.Environment.Kernel = "6.19.0"
	var kept []results.Trial
	for _, t := range new.Trials {
		switch t.Cell.Strategy {
		case "uring-send":
			continue
		case "uring-sendzc":
			t.Error = "planted"
		case "sendmmsg-zc":
			t.ElapsedNS += t.ElapsedNS / 9
			t.CPUThreadNS += t.CPUThreadNS / 9
		}
		kept = append(kept, t)
	}
	new.Trials = kept
	return old, new
}

func comparison(t *testing.T) *results.Comparison {
	t.Helper()
	c, err := results.Compare(twoRuns())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestComparisonJSON checks what is promised of a row: its keys, and null for what
// there is no number of.
func TestComparisonJSON(t *testing.T) {
	var b bytes.Buffer
	c := comparison(t)
	if err := c.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Rows []map[string]any `json:"rows"`
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != len(c.Changes) {
		t.Fatalf("%d rows of %d changes", len(got.Rows), len(c.Changes))
	}
	nulls := 0
	for i, row := range got.Rows {
		for _, key := range []string{"cell", "metric", "old", "new", "ratio", "low", "high", "p", "floor", "verdict"} {
			if _, ok := row[key]; !ok {
				t.Errorf("row %d has no %s", i, key)
			}
		}
		if len(row) != 10 {
			t.Errorf("row %d has %d keys, want 10: %v", i, len(row), row)
		}
		if row["new"] == nil {
			nulls++
			if row["ratio"] != nil || row["low"] != nil || row["verdict"] != string(results.TooFew) {
				t.Errorf("row %d has nothing new: %v", i, row)
			}
		}
	}
	if nulls != 3 {
		t.Errorf("%d rows without a new figure, want the three of uring-sendzc", nulls)
	}
}

func TestComparisonVerdicts(t *testing.T) {
	want := map[string]results.Verdict{
		"ratio sendmmsg-zc": results.Slower, "bit/s sendmmsg-zc": results.Slower, "cpu-ns/B sendmmsg-zc": results.Slower,
		"ratio uring-sendzc": results.TooFew, "bit/s uring-sendzc": results.TooFew, "cpu-ns/B uring-sendzc": results.TooFew,
		"bit/s write": results.NoDifference, "cpu-ns/B write": results.NoDifference,
	}
	c := comparison(t)
	for _, ch := range c.Changes {
		key := ch.Metric + " " + ch.Cell.Strategy
		if ch.Verdict != want[key] {
			t.Errorf("%s: %q (%+v), want %q", key, ch.Verdict, ch, want[key])
		}
		delete(want, key)
		if ch.Cell.Strategy == "sendmmsg-zc" {
			factor := 0.9
			if ch.Metric == results.UnitCPU {
				factor = 1 / 0.9
			}
			// The planted machine drifts, which cancels in the ratio only.
			covered := ch.Ratio.Low <= factor && factor <= ch.Ratio.High
			if math.Abs(ch.Ratio.Center/factor-1) > 0.05 || ch.Metric == results.MetricRatio && !covered {
				t.Errorf("%s: %+v, want %v", key, ch.Ratio, factor)
			}
		}
	}
	if len(want) != 0 {
		t.Errorf("not compared: %v", want)
	}
}

func TestComparisonCSV(t *testing.T) {
	var b bytes.Buffer
	c := comparison(t)
	c.Changes[0].Cell.NIC = "mtu=9000,\"odd\" name"
	if err := c.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(lines) != 1+len(c.Changes) {
		t.Fatalf("%d lines of %d changes, %v", len(lines), len(c.Changes), err)
	}
	const head = "link,proto,family,connected,nic,flows,footprint,pages,fill,segment,size,batch,rate,strategy," +
		"metric,old,new,ratio,low,high,p,floor,old_rounds,new_rounds,verdict"
	if got := strings.Join(lines[0], ","); got != head {
		t.Errorf("header %s\nwant   %s", got, head)
	}
	for i, ch := range c.Changes {
		field := func(name string) string {
			for j, head := range lines[0] {
				if head == name {
					return lines[i+1][j]
				}
			}
			t.Fatalf("no column %s in %v", name, lines[0])
			return ""
		}
		ratio, err := strconv.ParseFloat(field("ratio"), 64)
		if math.IsNaN(ch.Ratio.Center) {
			if field("ratio") != "" || field("new") != "" {
				t.Errorf("line %d: %v, want no figures", i+1, lines[i+1])
			}
		} else if err != nil || ratio != ch.Ratio.Center {
			t.Errorf("line %d: ratio %v, %v; want %v", i+1, ratio, err, ch.Ratio.Center)
		}
		if field("nic") != ch.Cell.NIC || field("verdict") != string(ch.Verdict) || field("metric") != ch.Metric {
			t.Errorf("line %d: %v of %+v", i+1, lines[i+1], ch)
		}
	}
}

// TestComparisonCSVOfForeignNames: no field is a formula or brings escape sequences, and
// none is cut.
func TestComparisonCSVOfForeignNames(t *testing.T) {
	long := strings.Repeat("x", 4096)
	for name, want := range map[string]string{
		`=HYPERLINK("http://x","y")`: `'=HYPERLINK("http://x","y")`,
		"+1":                         "'+1",
		"-2+3":                       "'-2+3",
		"@SUM(A1)":                   "'@SUM(A1)",
		"\t=1":                       "\uFFFD=1",
		"a=1, b":                     "a=1, b",
		"\x1b[31m\u202ered\r\n":      "\uFFFD[31m\uFFFDred\uFFFD\uFFFD",
		"zéro-copie":                 "zéro-copie",
		long:                         long,
	} {
		c := &results.Comparison{Changes: []results.Change{{Cell: results.Cell{Link: name, Proto: name, NIC: name, Pages: name, Fill: name, Strategy: name}}}}
		var b bytes.Buffer
		if err := c.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(lines) != 2 {
			t.Fatalf("%.40q: %d lines, %v", name, len(lines), err)
		}
		for i, head := range lines[0] {
			switch head {
			case "link", "proto", "nic", "pages", "fill", "strategy":
				if got := lines[1][i]; got != want {
					t.Errorf("%s of %.40q: %.40q, want %.40q", head, name, got, want)
				}
			}
		}
	}
}

// noSpace is a file on a disk that is full.
type noSpace struct{}

func (noSpace) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestComparisonWriteErrors checks that a full disk is told.
func TestComparisonWriteErrors(t *testing.T) {
	c := comparison(t)
	for name, err := range map[string]error{"JSON": c.WriteJSON(noSpace{}), "CSV": c.WriteCSV(noSpace{})} {
		if err == nil || !strings.HasPrefix(err.Error(), "writing the comparison: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzCompare holds whatever record can be read against a good one: nothing panics,
// and what comes out is JSON.
func FuzzCompare(f *testing.F) {
	whole := encode(f, small())
	f.Add(whole)
	f.Add(bytes.ReplaceAll(whole, []byte(`"elapsed_ns":2`), []byte(`"elapsed_ns":1`)))
	f.Add(bytes.ReplaceAll(whole, []byte(`"super_round":1`), []byte(`"super_round":32767`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := results.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		results.Summarize(rec)
		for _, pair := range [][2]*results.Record{{rec, small()}, {small(), rec}, {rec, rec}} {
			c, err := results.Compare(pair[0], pair[1])
			if err != nil {
				continue
			}
			var out bytes.Buffer
			if err := c.WriteJSON(&out); err != nil || !json.Valid(out.Bytes()) {
				t.Errorf("%v: %s", err, &out)
			}
			if err := c.WriteCSV(&out); err != nil {
				t.Error(err)
			}
		}
	})
}
