//go:build linux

package runner

import (
	"fmt"
	"time"

	"sendbench/runner/results"
)

// minPaced is how many messages a flow of a trial at a set rate has at least: of fewer
// a high percentile is one message.
const minPaced = 100

// checkRates finds rates at which a trial has too few messages.
func checkRates(p results.Plan) error {
	trial := time.Duration(p.TrialNS)
	for _, c := range p.Cells {
		if c.Rate == 0 {
			continue
		}
		if messages := float64(c.Rate) / float64(c.Flows) * trial.Seconds(); messages < minPaced {
			longer := time.Duration(float64(minPaced) * float64(c.Flows) / float64(c.Rate) * float64(time.Second))
			return fmt.Errorf("--rate %d: a trial of %v has %.0f messages a flow, and fewer than %d tell little of latency; use a higher rate or --trial %v",
				c.Rate, trial, messages, minPaced, longer.Round(time.Millisecond)+time.Millisecond)
		}
	}
	return nil
}
