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

// failures are the verdicts that each value of --fail-on is about.
var failures = []struct {
	name     string
	verdicts []results.Verdict
}{
	{"slower", []results.Verdict{results.Slower}},
	{"faster", []results.Verdict{results.Faster}},
	{"any", []results.Verdict{results.Slower, results.Faster}},
}

func compareCommand() *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Tell what changed between two records, and with what confidence",
		Long: `Tell what changed between two records of the same sweep, as run writes them.

Cells are matched one by one and compared by three figures: the ratio to the
baseline in the same round, in which the machine's drift cancels; bit/s; and
cpu-ns/B, of which less is more: faster is cheaper there, slower is dearer. The
change is new over old, with a 95 % interval.

A verdict needs a rank-sum test that is corrected for the number of figures, an
interval without 1, and a change that exceeds what both runs' noise, and for
bit/s and cpu-ns/B their drift, could make of nothing. Where too few rounds were
measured for that, the verdict says so.

The text names what differs in the environments first, then the changes that are
shown, then every figure. json and csv have a row for every figure.

Exit code 1 with --fail-on if there is a verdict of that kind.`,
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
			return f.compare(os.Stdout, args[0], args[1])
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.format, "format", compareText, "`FORMAT`: "+strings.Join(compareFormats, ", "))
	flags.StringVar(&f.failOn, "fail-on", "", "`VERDICT` that gives exit code 1: "+strings.Join(failureNames(), ", "))
	return cmd
}

func failureNames() []string {
	var names []string
	for _, f := range failures {
		names = append(names, f.name)
	}
	return names
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

func (f *compareFlags) compare(w io.Writer, oldName, newName string) error {
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
	switch f.format {
	case compareJSON:
		err = c.WriteJSON(w)
	case compareCSV:
		err = c.WriteCSV(w)
	default:
		err = writeComparison(w, c, oldName, newName)
	}
	if err != nil {
		return err
	}
	if f.fails(c) {
		return exitCode(exitFailed)
	}
	return nil
}

// fails reports whether there is a verdict of the kind that --fail-on names.
func (f *compareFlags) fails(c *results.Comparison) bool {
	for _, failure := range failures {
		if failure.name == f.failOn {
			return slices.ContainsFunc(c.Changes, func(ch results.Change) bool { return slices.Contains(failure.verdicts, ch.Verdict) })
		}
	}
	return false
}
