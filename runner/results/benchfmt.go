package results

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// WriteBench writes the valid trials in the Go benchmark format
// (https://go.dev/design/14313-benchmark-format): what the run was made with as
// file keys, then a line a trial in the order of the record, with its round as
// a file key before it where that changes. benchstat takes file keys for
// different tables, so it wants -ignore round.
func (rec *Record) WriteBench(w io.Writer) error {
	b := bufio.NewWriter(w)
	env := rec.Run.Environment
	for _, key := range []struct{ name, value string }{
		{"goos", env.OS},
		{"goarch", env.Arch},
		{"cpu", env.CPUModel},
		{"cpus", strconv.Itoa(env.CPUs)},
		{"kernel", env.Kernel},
		{"driver", env.Link.Device.Driver},
		{"privileges", env.Privileges},
		{"go", env.GoVersion},
		{"commit", env.Commit},
		{"run", rec.Run.ID},
	} {
		if value := oneLine(key.value); value != "" {
			fmt.Fprintf(b, "%s: %s\n", key.name, value)
		}
	}
	// Unit lines tell benchstat which way is up; see benchfmt.UnitMetadata.
	fmt.Fprintf(b, "\nUnit %s better=higher\nUnit %s better=higher\nUnit %s better=lower\nUnit %s better=lower\nUnit %s better=lower\n",
		UnitRate, UnitMsgRate, UnitCPU, UnitSyscalls, UnitCopied)

	varying := VaryingAxes(rec.Run.Plan.Cells)
	round := -1
	for _, t := range rec.current() {
		metrics := Metrics(*t)
		if metrics == nil {
			continue
		}
		if t.Round != round {
			round = t.Round
			fmt.Fprintf(b, "\nround: %d\n\n", round)
		}
		fmt.Fprintf(b, "%s/%s\t%d", BenchRoot, BenchName(t.Cell, varying), t.Messages)
		for _, m := range metrics {
			fmt.Fprintf(b, "\t%s %s", formatMetric(m.Value), m.Unit)
		}
		b.WriteByte('\n')
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing benchmark lines: %w", err)
	}
	return nil
}

// formatMetric keeps seven significant digits or every digit before the point,
// and writes no exponent, which is hard on the eye.
func formatMetric(v float64) string {
	decimals := 0
	if v != 0 {
		decimals = max(0, 6-int(math.Floor(math.Log10(math.Abs(v)))))
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if decimals == 0 {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// oneLine makes a value safe for a key's line.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}
