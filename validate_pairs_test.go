//go:build linux

package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sendbench/runner/results"
)

// section is a chapter that compares two sides, pair by pair of trials.
type section struct {
	Title, Intro string
	Left, Right  string // what is compared: the ratio is Left over Right
	Unit         unit
	CPU          bool // CPU time a byte is compared, too
	Rows         []*comparison
	Missing      string // why there are no rows
}

// unit is how a section's rates are shown.
type unit struct {
	name string
	rate func(*results.Trial) float64
}

var (
	gbits    = unit{"Gbit/s", func(t *results.Trial) float64 { return t.Rate() / 1e9 }}
	millions = unit{"M/s", func(t *results.Trial) float64 { return t.MsgRate() / 1e6 }}
)

// cpuGoal is of CPU time a byte.
var cpuGoal = within(0.05)

// comparison is one row: pairs of trials, of which both went well.
type comparison struct {
	Name        string
	Size        int // bytes, 0 where it isn't about messages
	Batch       int // where the section's isn't the same for all
	Goal        goal
	Left, Right []results.Trial
	Errors      []error
	Unsupported error // why this machine can't
}

func (c *comparison) String() string {
	if c.Size == 0 {
		return c.Name
	}
	return fmt.Sprintf("%s of %d bytes", c.Name, c.Size)
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

func medianOf(trials []results.Trial, figure func(*results.Trial) float64) float64 {
	return results.MedianInterval(each(trials, figure)).Center
}

// ratio is the median of the ratios inside pairs, with its interval.
func (c *comparison) ratio(left, right func(*results.Trial) float64) results.Interval {
	over, under := each(c.Left, left), each(c.Right, right)
	logs := make([]float64, len(over))
	for i := range over {
		logs[i] = math.Log(over[i] / under[i])
	}
	return results.RatioInterval(logs)
}

// rusagePerByte is the twin's CPU time as getrusage(2) has it.
func rusagePerByte(t *results.Trial) float64 { return float64(t.CPUProcessNS) / float64(t.Bytes) }

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

// chapter is the section as a part of the report.
func (s section) chapter() chapter {
	c := chapter{Title: s.Title, Intro: s.Intro, Missing: s.Missing}
	if s.Missing != "" {
		return c
	}
	head := []string{"", "size", s.Left + ", " + s.Unit.name, s.Right + ", " + s.Unit.name, "ratio", "interval", "asked", "reached"}
	if s.CPU {
		head = append(head, s.Left+", CPU ns/B", s.Right+", CPU ns/B", "ratio", "interval", "asked", "reached")
	}
	t := figures{Head: head}
	var rates, cpus tiers
	pairs, disturbed := 0, 0
	for _, row := range s.Rows {
		pairs += len(row.Left)
		disturbed += row.disturbed()
		size := ""
		if row.Size > 0 {
			size = fmt.Sprint(row.Size)
		}
		if row.Unsupported != nil {
			t.add(row.Name, size, "not measured")
			c.Claims = append(c.Claims, claim{Asked: row.String(), Measured: fmt.Sprintf("not measured: %v", row.Unsupported)})
			continue
		}
		ratio := row.ratio(s.Unit.rate, s.Unit.rate)
		cells := append([]any{row.Name, size}, ratioCells(medianOf(row.Left, s.Unit.rate), medianOf(row.Right, s.Unit.rate), ratio, row.Goal)...)
		rates.add(row.String(), ratio, row.Goal)
		if s.CPU {
			ratio := row.ratio((*results.Trial).CPUPerByte, rusagePerByte)
			cells = append(cells, ratioCells(medianOf(row.Left, (*results.Trial).CPUPerByte), medianOf(row.Right, rusagePerByte), ratio, cpuGoal)...)
			cpus.add(row.String(), ratio, cpuGoal)
		}
		t.add(cells...)
	}
	c.Tables = []figures{t}
	c.Claims = append(c.Claims, rates.claims(fmt.Sprintf("rate, %s over %s", s.Left, s.Right))...)
	if s.CPU {
		c.Claims = append(c.Claims, cpus.claims(fmt.Sprintf("CPU time a byte, %s over %s", s.Left, s.Right))...)
	}
	if disturbed > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("In %d of %d pairs a side had its CPU for less than 95 %% of the trial: other programs were running. They count all the same; CPU time bears them better.", disturbed, pairs))
	}
	return c
}

// ratioCells are the figures of a row.
func ratioCells(left, right float64, ratio results.Interval, g goal) []any {
	return []any{
		fmt.Sprintf("%.4g", left), fmt.Sprintf("%.4g", right), fmt.Sprintf("%.3f", ratio.Center), span(ratio), g, g.met(ratio),
	}
}

// TestSectionChapter: a section is as good as its worst row, and what couldn't be
// measured isn't left out.
func TestSectionChapter(t *testing.T) {
	row := func(name string, ratio float64) *comparison {
		c := &comparison{Name: name, Size: 1000, Goal: sidesAgree}
		for range 10 {
			trial := results.Trial{Messages: 10, Bytes: 10000, ElapsedNS: 1000, CPUThreadNS: 1000, CPUProcessNS: 1000}
			c.Right = append(c.Right, trial)
			trial.ElapsedNS = int64(1000 / ratio)
			c.Left = append(c.Left, trial)
		}
		return c
	}
	s := section{
		Title: "planted", Left: "Go", Right: "C", Unit: gbits, CPU: true,
		Rows: []*comparison{row("good", 1), row("slow", 0.9), {Name: "absent", Unsupported: errors.New("planted")}},
	}
	c := s.chapter()
	want := []claim{
		{Asked: "absent", Measured: "not measured: planted"},
		{Asked: "rate, Go over C: 0.97 to 1.03, or a part of its interval", Measured: "1 of 2; **no**: slow of 1000 bytes: 0.900 to 0.900", Reached: no},
		{Asked: "CPU time a byte, Go over C: 0.95 to 1.05", Measured: "2 of 2", Reached: yes},
	}
	if diff := cmp.Diff(want, c.Claims); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	if rows := len(c.Tables[0].Rows); rows != 3 {
		t.Errorf("%d rows, want 3", rows)
	}
}
