package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sendbench/runner/results"
)

// compareFlags are compare's flags as they stand on the command line.
type compareFlags struct {
	format string
	failOn string
}

// Values of compare's --format.
const (
	compareText = "text"
	compareJSON = "json"
	compareCSV  = "csv"
)

var compareFormats = []string{compareText, compareJSON, compareCSV}

func compareCommand() *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Tell what changed between two records, and with what confidence",
		Long: `Tell what changed between two records of the same sweep, as run writes them.

Cells are matched one by one and compared by three figures: the ratio to the
baseline in the same round, in which the machine's drift cancels; bit/s; and
cpu-ns/B, of which less is more: faster is cheaper there, slower is dearer. At a
set rate all these are given, and cells are compared by two figures of latency
instead, p50-ns and p99-ns, of which less is more, too. The change is new over
old, with a 95 % interval: the median of all ratios of a round of the one to a
round of the other (Hodges and Lehmann's), which can differ from the quotient of
the two medians where rounds scatter widely.

A verdict needs a rank-sum test that is corrected for the number of figures, an
interval without 1, and a change that exceeds what both runs' noise, and for
all but the ratio their drift, could make of nothing. Where too few rounds were
measured for that, the verdict says so; where neither run knows its noise, for
want of A/A (the baseline's second visit), none is given.

Of two records of one run the text says that they are, and no more. Else it names
what differs in the environments first, then the changes that are
shown, then every figure. json and csv have a row for every figure.

With --fail-on all figures are corrected together, as one family, so that the gate
fires for nothing in at most 5 % of comparisons; without, each panel and metric is
a family of its own. The exit code is 1 if a verdict of that kind is left then,
if NEW has no valid round of a cell that OLD has some of, if NEW has too few rounds
for a verdict where OLD has enough, and if no figure could have had a verdict. One
line on standard error says which, and on how many figures there could be none.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{errors.New("compare takes two records, as run writes them: sendbench compare old.jsonl new.jsonl")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd); err != nil {
				return usageError{err}
			}
			return f.compare(os.Stdout, os.Stderr, args[0], args[1])
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.format, "format", compareText, "`FORMAT`: "+strings.Join(compareFormats, ", "))
	flags.StringVar(&f.failOn, "fail-on", "", "`VERDICT` that gives exit code 1: "+strings.Join(failureNames(), ", "))
	return cmd
}

func (f *compareFlags) check(cmd *cobra.Command) error {
	switch {
	case !slices.Contains(compareFormats, f.format):
		return fmt.Errorf("--format %s: there are %s", f.format, strings.Join(compareFormats, ", "))
	case cmd.Flags().Changed("fail-on") && !slices.Contains(failureNames(), f.failOn):
		return fmt.Errorf("--fail-on %s: there are %s", f.failOn, strings.Join(failureNames(), ", "))
	}
	return nil
}

// compare writes the comparison, and to notes what a gate that passes leaves open.
func (f *compareFlags) compare(w, notes io.Writer, oldName, newName string) error {
	old, err := readRecord(oldName)
	if err != nil {
		return err
	}
	new, err := readRecord(newName)
	if err != nil {
		return err
	}
	c, err := results.Compare(old, new)
	if err != nil {
		return usageError{fmt.Errorf("comparing %s and %s: %w", oldName, newName, err)}
	}
	gate := newCompareGate(c, f.failOn)
	switch f.format {
	case compareJSON:
		err = c.WriteJSON(w)
	case compareCSV:
		err = c.WriteCSV(w)
	default:
		err = writeComparison(w, c, gate, oldName, newName)
	}
	if err != nil {
		return err
	}
	if gate == nil {
		return nil
	}
	if undecided := gate.undecided(); undecided != "" && gate.Passes() {
		fmt.Fprintf(notes, "sendbench: --fail-on %s passes, but %s\n", f.failOn, undecided)
	}
	return gate.err()
}
