//go:build linux

package main

import (
	"fmt"
	"testing"

	"sendbench/runner"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// headers are what a frame on the sink has beside payload: Ethernet, IPv4 and UDP. No
// message of ours is fragmented there.
const headers = 14 + 20 + 8

// account is what trials of a record come to.
type account struct {
	trials                    int
	accepted, arrived, lent   int64 // bytes; lent are those of them that were to be released
	released                  int64
	disagreements, unfinished []string // trials of which the counts differ; those with another error
}

// count adds up the trials of a record and holds the counts of each against each other.
func (c *account) count(rec *results.Record) error {
	for i := range rec.Trials {
		t := &rec.Trials[i]
		strategy, err := strategies.Lookup(t.Cell.Strategy)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s of %d bytes, %s, round %d", t.Cell.Strategy, t.Cell.Size, t.Cell.NIC, t.Round)
		if t.Bytes == 0 {
			c.unfinished = append(c.unfinished, fmt.Sprintf("%s: %s", name, t.Error))
			continue
		}
		c.trials++
		arrived := t.WireBytes - headers*t.WireFrames
		c.accepted, c.arrived = c.accepted+t.Bytes, c.arrived+arrived
		agrees := arrived == t.Bytes && t.Bytes == t.Messages*int64(t.Cell.Size)
		if strategy.ZeroCopy {
			released := t.Notifications * int64(t.Cell.Size)
			c.lent, c.released = c.lent+t.Bytes, c.released+released
			agrees = agrees && released == t.Bytes
		}
		if !agrees || t.Error != "" {
			c.disagreements = append(c.disagreements, fmt.Sprintf("%s: accepted %d bytes, %d arrived, %d messages were released: %s",
				name, t.Bytes, arrived, t.Notifications, t.Error))
		}
	}
	return nil
}

// counts holds every trial on the sink to account.
func (v *validation) counts() chapter {
	c := chapter{
		Title: "Accounting on the sink",
		Intro: "Every trial of the runs above, and of one with every way of sending on every profile: payload that the kernel accepted, that the\n" +
			"far end's device counted (frames less 42 bytes of headers each), and, of what was sent without a copy, that the kernel released.",
	}
	v.run("counts", runner.Sweep{
		Strategies: v.shipped(), Sizes: []int{64, 1400, 8192, 64000}, Footprints: []int64{runner.Hot},
	}, runner.Options{Rounds: 2, Trial: v.effort.trial, Warmup: v.effort.warmup})
	var all account
	for _, rec := range v.records {
		if err := all.count(rec); err != nil {
			v.t.Fatal(err)
		}
	}
	for _, d := range append(all.disagreements, all.unfinished...) {
		v.t.Errorf("%s: %s", c.Title, d)
	}
	t := figures{Head: []string{"records", "trials", "accepted, B", "at the far end, B", "to be released, B", "released, B", "trials that disagree", "trials that failed"}}
	t.add(len(v.records), all.trials, all.accepted, all.arrived, all.lent, all.released, len(all.disagreements), len(all.unfinished))
	c.Tables = []figures{t}
	c.Claims = []claim{{
		Asked:    "bytes accepted, at the far end and released agree exactly in every trial",
		Measured: fmt.Sprintf("%d of %d trials", all.trials-len(all.disagreements), all.trials+len(all.unfinished)),
		Reached:  reachedIf(len(all.disagreements)+len(all.unfinished) == 0),
	}}
	return c
}

// TestAccount: a byte too few anywhere is seen.
func TestAccount(t *testing.T) {
	good := results.Trial{
		Cell: results.Cell{Strategy: "uring-sendzc", Size: 1000}, Messages: 10, Bytes: 10000, ElapsedNS: 1,
		WireFrames: 10, WireBytes: 10 * (1000 + headers), Notifications: 10,
	}
	for _, tt := range []struct {
		name                      string
		spoil                     func(*results.Trial)
		disagreements, unfinished int
	}{
		{"as it is", func(*results.Trial) {}, 0, 0},
		{"accepted", func(t *results.Trial) { t.Bytes-- }, 1, 0},
		{"at the far end", func(t *results.Trial) { t.WireBytes-- }, 1, 0},
		{"frames", func(t *results.Trial) { t.WireFrames++ }, 1, 0},
		{"released", func(t *results.Trial) { t.Notifications-- }, 1, 0},
		{"a way that copies releases nothing", func(t *results.Trial) { t.Cell.Strategy, t.Notifications = "write", 0 }, 0, 0},
		{"an error", func(t *results.Trial) { t.Error = "planted" }, 1, 0},
		{"nothing sent", func(t *results.Trial) { *t = results.Trial{Cell: t.Cell, Error: "planted"} }, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			trial := good
			tt.spoil(&trial)
			var c account
			if err := c.count(&results.Record{Trials: []results.Trial{trial}}); err != nil {
				t.Fatal(err)
			}
			if len(c.disagreements) != tt.disagreements || len(c.unfinished) != tt.unfinished {
				t.Errorf("%d disagreements and %d unfinished, want %d and %d", len(c.disagreements), len(c.unfinished), tt.disagreements, tt.unfinished)
			}
		})
	}
}
