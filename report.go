package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"sendbench/report"
	"sendbench/runner/results"
)

// reportFlags are report's flags as they stand on the command line.
type reportFlags struct {
	out    string
	format string
}

// Values of --format.
const (
	formatHTML  = "html"  // the page and its charts, in a directory
	formatText  = "text"  // the table that run prints
	formatBench = "bench" // Go benchmark lines, for benchstat
)

var formats = []string{formatHTML, formatText, formatBench}

func reportCommand() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "Draw a record: index.html and the charts as PNG and SVG",
		Long: `Draw a record, as run writes it.

The html format makes a directory of index.html and the charts as PNG and SVG;
text is the summary that run prints, bench are lines for benchstat -ignore round,
and both go to standard output.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("report takes one record, as run writes it: sendbench report out/results.jsonl")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd); err != nil {
				return usageError{err}
			}
			return f.report(args[0])
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.format, "format", formatHTML, "`FORMAT`: "+strings.Join(formats, ", "))
	flags.StringVar(&f.out, "out", "out/report", "`DIRECTORY` of the page and the charts; replaced as a whole")
	return cmd
}

func (f *reportFlags) check(cmd *cobra.Command) error {
	switch {
	case !slices.Contains(formats, f.format):
		return fmt.Errorf("--format %s: there are %s", f.format, strings.Join(formats, ", "))
	case f.format != formatHTML && cmd.Flags().Changed("out"):
		return fmt.Errorf("--out with --format %s: that goes to standard output; leave out --out, and use > to keep it", f.format)
	case f.out == "":
		return fmt.Errorf("--out: it takes the name of a directory")
	}
	return nil
}

func (f *reportFlags) report(name string) error {
	rec, err := readRecord(name)
	if err != nil {
		return err
	}
	switch f.format {
	case formatText:
		return printSummary(rec)
	case formatBench:
		return rec.WriteBench(os.Stdout)
	}
	if err := report.Write(f.out, results.Summarize(rec)); err != nil {
		return err
	}
	fmt.Println(filepath.Join(f.out, "index.html"))
	return nil
}

// readRecord reads a record whose name stands on the command line.
func readRecord(name string) (*results.Record, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, usageError{fmt.Errorf("%s is a directory; give the record in it, as run writes it", name)}
	}
	rec, err := results.ReadFile(name)
	if err != nil {
		return nil, recordError(name, err)
	}
	return rec, nil
}

// recordError explains why a record can't be read. It is a mistake on the command
// line where there is no such file, or it is no record.
func recordError(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usageError{fmt.Errorf("%w; sendbench run --out %s makes it", err, name)}
	case errors.As(err, new(*results.FormatError)):
		return usageError{err}
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w; give a record that you may read", err)
	}
	return err
}

// printSummary prints the table of a record.
func printSummary(rec *results.Record) error {
	return report.Text(os.Stdout, results.Summarize(rec), report.TextOptions{Color: term.IsTerminal(int(os.Stdout.Fd()))})
}
