//go:build linux

package runner

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/results"
)

// plan fills the record's head: environment, rounds and the length of a trial.
func (r *run) plan() error {
	o, run := r.options, &r.record.Run
	p, without := &run.Plan, r.unsupported()
	p.Rounds = o.Rounds
	if p.Rounds == 0 {
		p.Rounds = leastRounds(p.Cells, without)
	}
	p.SuperRounds = p.Rounds
	if r.link.Name() == link.NIC { // a device of our own costs a few milliseconds to change
		p.SuperRounds, p.WhyVisits = visits(p.Rounds, r.change, o.Budget, len(p.Profiles)-len(r.refused) > 1)
	}
	if p.WhyVisits != "" {
		r.remark(p.WhyVisits)
	}
	if o.Precision > 0 {
		p.Precision, p.Looks = o.Precision, looks(p.Rounds)
		r.precision = newPrecision(*p, o.Seed, without)
	}
	trial := o.Trial
	if trial == 0 {
		trials, rounds := 0, 0
		for l := range legs(*p, o.Seed, without) {
			trials, rounds = trials+l.trials(), rounds+l.end-l.first
		}
		var err error
		left := o.Budget - time.Since(r.begun) - time.Duration(p.SuperRounds)*r.change
		trial, err = trialLength(left, DefaultTrial, o.Warmup, trials, rounds, r.found.overhead, r.found.start)
		if err != nil {
			if o.Precision > 0 {
				return fmt.Errorf("%w or fewer cells", err)
			}
			return fmt.Errorf("%w, fewer cells or fewer --rounds", err)
		}
	}
	p.TrialNS, p.WarmupNS, p.BudgetNS = int64(trial), int64(o.Warmup), int64(o.Budget)

	environment, err := r.environment()
	if err != nil {
		return err
	}
	id := make([]byte, 8)
	if _, err := rand.Read(id); err != nil {
		return err
	}
	run.ID, run.Started, run.Seed = hex.EncodeToString(id), time.Now().UTC().Format(time.RFC3339), o.Seed
	run.Schema, run.Environment = results.Schema, environment
	return nil
}

func (r *run) environment() (results.Environment, error) {
	cpus, err := meter.AllowedCPUs()
	if err != nil {
		return results.Environment{}, err
	}
	e := meter.Environment(meter.PickSenderCPU(cpus))
	if r.options.Commit != "" {
		e.Commit = r.options.Commit
	}
	e.Warnings = append(e.Warnings, r.options.Warnings...)
	r.watch = newWatch(e.SenderCPU)
	e.Before = &r.watch.before
	e.SendBufferBytes = int64(r.found.sendBuffer)
	if e.Link, err = r.link.Describe(); err != nil {
		return e, err
	}
	e.Link.CongestionControl = r.found.congestion
	s := r.seen[results.ProfileDefault]
	e.Link.ZeroCopy, e.Link.WhyCopied, e.Link.FellBack = s.zeroCopy, s.why, r.options.FellBack
	if len(r.applied) > 0 {
		e.Link.Applied = r.applied
	}
	return e, nil
}
