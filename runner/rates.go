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

// leastCapped is how many messages a second a cap has to leave room for: a receiver
// looks at what comes in a second, of which fewer are a rough measure.
const leastCapped = 8

// checkCap finds what doesn't fit under the most payload that a receiver takes, in bits
// a second; 0 is no cap.
func checkCap(p results.Plan, most int64) error {
	if most == 0 {
		return nil
	}
	for _, c := range p.Cells {
		switch message := 8 * int64(c.Size); {
		case leastCapped*int64(c.Flows)*message > most:
			return fmt.Errorf("--size %d: the receiver and --max-rate leave %d bits a second, which is less than %d such messages for each of %d flows; use a smaller size, or more on both sides",
				c.Size, most, leastCapped, c.Flows)
		case c.Rate > most/message:
			return fmt.Errorf("--rate %d: messages of %d bytes at that rate are more than the %d bits a second that the receiver and --max-rate leave; use %d at most, or more on both sides",
				c.Rate, c.Size, most, most/message)
		}
	}
	return nil
}
