//go:build linux

package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"sendbench/runner/results"
)

// goal is what a ratio is to be.
type goal struct {
	Least, Most float64
	// Touched is enough: the interval needn't lie within, as long as a part of it
	// does.
	Touched bool
}

func atLeast(ratio float64) goal { return goal{Least: ratio, Most: math.Inf(1)} }

// within is a ratio of 1 give or take a part.
func within(part float64) goal { return goal{Least: 1 - part, Most: 1 + part} }

// met weighs a ratio's interval.
func (g goal) met(ratio results.Interval) reached {
	switch {
	case !ratio.Finite():
		return briefly
	case ratio.High < g.Least || ratio.Low > g.Most:
		return no
	case g.Touched || ratio.Low >= g.Least && ratio.High <= g.Most:
		return yes
	}
	return notShown
}

func (g goal) String() string {
	if math.IsInf(g.Most, 1) {
		return fmt.Sprintf("%.2f or more", g.Least)
	}
	return fmt.Sprintf("%.2f to %.2f", g.Least, g.Most)
}

// span is an interval of a ratio in words.
func span(iv results.Interval) string {
	if !iv.Finite() {
		return "none"
	}
	return fmt.Sprintf("%.3f to %.3f", iv.Low, iv.High)
}

// tier is the rows of a table that have the same goal.
type tier struct {
	goal goal
	rows int
	by   map[reached][]string
}

type tiers []*tier

func (t *tiers) add(row string, ratio results.Interval, g goal) {
	at := slices.IndexFunc(*t, func(of *tier) bool { return of.goal == g })
	if at < 0 {
		at = len(*t)
		*t = append(*t, &tier{goal: g, by: map[reached][]string{}})
	}
	of := (*t)[at]
	of.rows++
	of.by[g.met(ratio)] = append(of.by[g.met(ratio)], fmt.Sprintf("%s: %s", row, span(ratio)))
}

// claims has one for each goal, which is reached if every row reaches it.
func (t tiers) claims(what string) (claims []claim) {
	for _, of := range t {
		c := claim{Asked: fmt.Sprintf("%s: %v", what, of.goal), Reached: yes}
		if of.goal.Touched {
			c.Asked += ", or a part of its interval"
		}
		c.Measured = fmt.Sprintf("%d of %d", len(of.by[yes]), of.rows)
		for _, r := range []reached{briefly, notShown, no} {
			if rows := of.by[r]; len(rows) > 0 {
				c.Reached = r
				if r != briefly {
					c.Measured += fmt.Sprintf("; %s: %s", r, strings.Join(rows, ", "))
				}
			}
		}
		claims = append(claims, c)
	}
	return claims
}

func TestGoal(t *testing.T) {
	iv := func(low, high float64) results.Interval {
		return results.Interval{Center: (low + high) / 2, Low: low, High: high, Confidence: 0.95, N: 10}
	}
	touched := goal{Least: 0.97, Most: 1.03, Touched: true}
	for _, tt := range []struct {
		goal  goal
		ratio results.Interval
		want  reached
	}{
		{atLeast(0.9), iv(0.9, 0.95), yes},
		{atLeast(0.9), iv(0.85, 0.95), notShown},
		{atLeast(0.9), iv(0.8, 0.89), no},
		{atLeast(0.9), iv(5, 6), yes},
		{within(0.05), iv(0.96, 1.04), yes},
		{within(0.05), iv(0.96, 1.06), notShown},
		{within(0.05), iv(1.06, 1.08), no},
		{touched, iv(0.9, 0.971), yes},
		{touched, iv(0.9, 0.969), no},
		{touched, iv(1.029, 1.1), yes},
		{touched, iv(1.031, 1.1), no},
		{touched, results.MedianInterval([]float64{1, 1, 1}), briefly},
		{atLeast(0.9), results.MedianInterval(nil), briefly},
	} {
		if got := tt.goal.met(tt.ratio); got != tt.want {
			t.Errorf("%v for %s: %q, want %q", tt.goal, span(tt.ratio), got, tt.want)
		}
	}
}
