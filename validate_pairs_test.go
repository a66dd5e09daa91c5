//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"strings"
	"time"

	"sendbench/runner"
	"sendbench/runner/meter"
	"sendbench/runner/results"
)

// section is one table of the validation.
type section struct {
	Title, Intro string
	Left, Right  string // what is compared: the ratio is Left over Right
	Unit         unit
	Rows         []*comparison
	Missing      string // why there are no rows
}

// unit is how a section's rates are shown.
type unit struct {
	name string
	rate func(*results.Trial) float64
	cpu  bool // CPU time a byte is known of both sides
}

var (
	gbits    = unit{"Gbit/s", func(t *results.Trial) float64 { return t.Rate() / 1e9 }, true}
	millions = unit{"M/s", func(t *results.Trial) float64 { return t.MsgRate() / 1e6 }, false}
)

// comparison is one row: pairs of trials, of which both went well.
type comparison struct {
	Name        string
	Size        int     // bytes, 0 where it isn't about messages
	Batch       int     // where the section's isn't the same for all
	Target      float64 // least ratio
	Left, Right []results.Trial
	Errors      []error
	Unsupported error // why this machine can't
}

// pair measures the two sides one after the other, in an order that is drawn.
func (c *comparison) pair(order *rand.Rand, left, right func() (results.Trial, error)) {
	if c.Unsupported != nil {
		return
	}
	sides := []func() (results.Trial, error){left, right}
	var trials [2]results.Trial
	for _, i := range order.Perm(2) {
		t, err := sides[i]()
		if err == nil && !t.Valid() {
			err = errors.New(t.Error)
		}
		if errors.Is(err, errors.ErrUnsupported) {
			c.Unsupported = err
			return
		}
		if err != nil {
			c.Errors = append(c.Errors, err)
			return
		}
		trials[i] = t
	}
	c.Left, c.Right = append(c.Left, trials[0]), append(c.Right, trials[1])
}

// each is a figure of a side's trials.
func each(trials []results.Trial, figure func(*results.Trial) float64) (samples []float64) {
	for i := range trials {
		samples = append(samples, figure(&trials[i]))
	}
	return samples
}

// ratio is the median of the ratios inside pairs, with its interval.
func (c *comparison) ratio(figure func(*results.Trial) float64) results.Interval {
	left, right := each(c.Left, figure), each(c.Right, figure)
	logs := make([]float64, len(left))
	for i := range left {
		logs[i] = math.Log(left[i] / right[i])
	}
	r := results.MedianInterval(logs)
	r.Center, r.Low, r.High = math.Exp(r.Center), math.Exp(r.Low), math.Exp(r.High)
	return r
}

// disturbed counts the pairs in which a side that knows its CPU time lost its CPU to
// others for more than 5 % of a trial.
func (c *comparison) disturbed() (n int) {
	for i := range c.Left {
		for _, t := range []results.Trial{c.Left[i], c.Right[i]} {
			if t.CPUThreadNS > 0 && float64(t.CPUThreadNS) < 0.95*float64(t.ElapsedNS) {
				n++
				break
			}
		}
	}
	return n
}

// verdict weighs a ratio's interval against the least that it should be.
func verdict(ratio results.Interval, target float64) string {
	switch {
	case ratio.N == 0 || ratio.Low == 0 || math.IsInf(ratio.High, 1):
		return "too few rounds"
	case ratio.Low >= target:
		return "reached"
	case ratio.High < target:
		return "short"
	}
	return "not shown"
}

// report is the validation as Markdown.
func (v *validation) report(sections []section) []byte {
	var b bytes.Buffer
	b.WriteString("# Go beside C\n\n")
	fmt.Fprintf(&b, "What `make validate` measured on %s. ", time.Now().UTC().Format(time.DateOnly))
	b.WriteString(`Pairs of trials, one right after the other in an order that is drawn, on the same CPU;
the ratio is the median of those inside pairs, with its 95 % interval from order statistics. *Reached* means that the
whole interval is at or above the target, *short* that the whole of it is below, *not shown* that the target lies in it.

Both sides do the same work by the same clock: the same socket options, ring flags, batches, window and walk through the
buffers; a stamp written into each message when it is passed on; of each message the time it was lent and released, and a
histogram of those; the clock stops when every buffer is back. What is left between them is language and runtime.

`)
	v.environment(&b)
	for _, s := range sections {
		s.write(&b)
	}
	return b.Bytes()
}

// environment says what was measured on.
func (v *validation) environment(b *bytes.Buffer) {
	e := meter.Environment(v.cpu)
	rows := [][2]string{
		{"kernel", e.Kernel},
		{"CPU", fmt.Sprintf("%s, CPU %d of %d", e.CPUModel, v.cpu, e.CPUsOnline)},
		{"hypervisor", e.Hypervisor},
		{"user", fmt.Sprintf("%s, %d bytes of locked memory (exempt: %v)", e.Privileges, e.MemlockBytes, e.MemlockExempt)},
		{"Go", e.GoVersion},
		{"compiler", firstLine("gcc", "--version")},
		{"liburing", firstLine("pkg-config", "--modversion", "liburing")},
		{"ring flags, both", strings.ReplaceAll(v.ringFlags.String(), "|", ", ")},
		{"rounds", fmt.Sprintf("%d, trials of %v after %v of warm-up", v.rounds, runner.DefaultTrial, runner.DefaultWarmup)},
	}
	b.WriteString("| | |\n|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(b, "| %s | %s |\n", r[0], r[1])
	}
}

// firstLine is the first line that a command prints, or that it isn't known.
func firstLine(name string, arguments ...string) string {
	out, err := exec.Command(name, arguments...).Output()
	if err != nil {
		return "not known"
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}

func (s section) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n", s.Title, s.Intro)
	if s.Missing != "" {
		fmt.Fprintf(b, "Not measured: %s.\n", s.Missing)
		return
	}
	fmt.Fprintf(b, "| | size | %s, %s | %s, %s | ratio | interval | target | |", s.Left, s.Unit.name, s.Right, s.Unit.name)
	rule := "\n|---|--:|--:|--:|--:|--:|--:|---|"
	if s.cpu() {
		fmt.Fprintf(b, " %s, CPU ns/B | %s, CPU ns/B | ratio | interval |", s.Left, s.Right)
		rule += "--:|--:|--:|--:|"
	}
	b.WriteString(rule + "\n")
	pairs, disturbed := 0, 0
	for _, c := range s.Rows {
		s.row(b, c)
		pairs += len(c.Left)
		disturbed += c.disturbed()
	}
	if disturbed > 0 {
		fmt.Fprintf(b, "\nIn %d of %d pairs a side had its CPU for less than 95 %% of the trial: other programs were running. They count all the same; CPU time bears them better.\n", disturbed, pairs)
	}
}

// cpu tells whether both sides know their CPU time.
func (s section) cpu() bool {
	if !s.Unit.cpu {
		return false
	}
	for _, c := range s.Rows {
		for i := range c.Left {
			if c.Left[i].CPUThreadNS == 0 || c.Right[i].CPUThreadNS == 0 {
				return false
			}
		}
	}
	return true
}

func (s section) row(b *bytes.Buffer, c *comparison) {
	size := ""
	if c.Size > 0 {
		size = fmt.Sprint(c.Size)
	}
	if c.Unsupported != nil {
		fmt.Fprintf(b, "| %s | %s | not measured: %v |\n", c.Name, size, c.Unsupported)
		return
	}
	center := func(trials []results.Trial, figure func(*results.Trial) float64) float64 {
		return results.MedianInterval(each(trials, figure)).Center
	}
	ratio := c.ratio(s.Unit.rate)
	fmt.Fprintf(b, "| %s | %s | %.4g | %.4g | %.3f | %.3f to %.3f | %.2f | %s |", c.Name, size,
		center(c.Left, s.Unit.rate), center(c.Right, s.Unit.rate), ratio.Center, ratio.Low, ratio.High, c.Target, verdict(ratio, c.Target))
	if s.cpu() {
		cpu := c.ratio((*results.Trial).CPUPerByte)
		fmt.Fprintf(b, " %.4g | %.4g | %.3f | %.3f to %.3f |", center(c.Left, (*results.Trial).CPUPerByte),
			center(c.Right, (*results.Trial).CPUPerByte), cpu.Center, cpu.Low, cpu.High)
	}
	b.WriteString("\n")
}
