package report

import (
	"fmt"
	"strings"
	"time"

	"sendbench/runner/results"
)

// BudgetEnded reports whether a run ended because its budget was over, and nobody
// interrupted it.
func BudgetEnded(end *results.End) bool {
	return end != nil && strings.HasPrefix(end.Reason, results.ReasonBudget)
}

// How to get what an ended run lacks.
const (
	goesOn = "`sendbench run --resume --out FILE` goes on with it"
	fitsIn = "fewer sizes and profiles fit in: `sendbench run --size 16k,64000 --nic default`"
)

// measuredRounds are how many rounds there are of the cell with fewest, and of that with
// most, valid or not; 0 where nothing was measured.
func measuredRounds(s *results.Summary) (fewest, most int) {
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			n := r.Rounds + r.Invalid
			if n == 0 {
				continue
			}
			if fewest == 0 || n < fewest {
				fewest = n
			}
			most = max(most, n)
		}
	}
	return fewest, most
}

// roundsText says how many rounds were measured, and of how many that were planned if
// that is more: 12 rounds, 7 of 12 rounds, 12 to 33 rounds.
func roundsText(s *results.Summary) string {
	fewest, most := measuredRounds(s)
	text := fmt.Sprint(most)
	if fewest < most {
		text = fmt.Sprintf("%d to %d", fewest, most)
	}
	if planned := s.Run.Plan.Rounds; planned > most {
		return fmt.Sprintf("%s of %s", text, count(planned, "round", "rounds"))
	}
	return text + plural(most, " round", " rounds")
}

// sayEnd says how far a run came that didn't reach its end, why, and what to do.
func (v *voice) sayEnd() {
	end, status := v.summary.End, v.decision.Run.Status
	rounds := roundsText(v.summary) + " of each cell"
	_, most := measuredRounds(v.summary)
	switch {
	case BudgetEnded(end):
		whose := "its budget"
		if ns := v.summary.Run.Plan.BudgetNS; ns > 0 {
			whose += " of " + budgetText(ns)
		}
		switch {
		case status == results.StatusComplete: // all that was planned, and not what precision took
			v.say("The budget ended the run", nil, "%s was over after %s, before all ratios were as precise as asked for; %s, or %s.", whose, rounds, goesOn, fitsIn)
		case most == 0:
			v.say("The budget ended the run", nil, "%s was over before any round was whole; %s, or %s.", whose, goesOn, fitsIn)
		default:
			v.say("The budget ended the run", nil, "%s was over after %s, on which what follows rests; %s, or %s.", whose, rounds, goesOn, fitsIn)
		}
	case status == results.StatusComplete:
	case status == results.StatusInterrupted || status == statusKilled:
		text := "it had nothing measured"
		if most > 0 {
			text = "what follows rests on " + rounds
		}
		if end != nil && end.Reason != "" {
			text += " (" + printableText(end.Reason) + ")"
		}
		v.say("The run was "+printable(status), nil, "%s; %s.", text, goesOn)
	default: // of one under way
		v.say("The run is "+printable(status), nil, "what follows rests on %s.", rounds)
	}
}

// budgetText prints a budget as it is asked for: 2m0s as 2m, 90s as 1m30s.
func budgetText(ns int64) string {
	text := time.Duration(ns).String()
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		return short + "m"
	}
	return text
}
