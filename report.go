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
	formatJSON  = "json"  // the decision, with its evidence
	formatBench = "bench" // Go benchmark lines, for benchstat
)

var formats = []string{formatHTML, formatText, formatJSON, formatBench}

func reportCommand() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "report FILE…",
		Short: "Draw a record, or several side by side: index.html and the charts as PNG and SVG",
		Long: `Draw a record, as run writes it, or several side by side: hosts, kernels, NICs,
or one machine before and after a change. Bench output of this project, as go test
-bench Send, make bench and --format bench print it, is drawn as well, as far as it
goes: without rounds it is unpaired, and nothing in it is compared. The FILE - is standard
input.

The html format makes a directory of index.html and the charts as PNG and SVG;
text is the summary that run prints, json the decision with the evidence behind
each sentence of it, and bench are lines for benchstat -ignore round; these go to
standard output. Several records each have a part of their own, and
ahead of these (in text, after them) is what sets them side by side: the decision of
each, throughput across them, and what differs between the first and every other
one, as compare tells it. Records of one run are shown once. bench takes one record,
since benchstat compares files.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("report takes one record or more, as run writes them: sendbench report out/results.jsonl")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd, args); err != nil {
				return usageError{err}
			}
			return f.report(args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.format, "format", formatHTML, "`FORMAT`: "+strings.Join(formats, ", "))
	flags.StringVar(&f.out, "out", "out/report", "`DIRECTORY` of the page and the charts; replaced as a whole")
	return cmd
}

func (f *reportFlags) check(cmd *cobra.Command, names []string) error {
	switch {
	case !slices.Contains(formats, f.format):
		return fmt.Errorf("--format %s: there are %s", f.format, strings.Join(formats, ", "))
	case f.format != formatHTML && cmd.Flags().Changed("out"):
		return fmt.Errorf("--out with --format %s: that goes to standard output; leave out --out, and use > to keep it", f.format)
	case f.format == formatBench && len(names) > 1:
		return fmt.Errorf("--format %s: it takes one record, not %d; give benchstat a file for each", f.format, len(names))
	case f.out == "":
		return fmt.Errorf("--out: it takes the name of a directory")
	}
	return nil
}

func (f *reportFlags) report(names []string) error {
	var sources []report.Source
	for _, name := range names {
		rec, err := readReportable(name)
		if err != nil {
			return err
		}
		sources = append(sources, report.Source{File: name, Record: rec})
	}
	switch f.format {
	case formatText:
		return printSummaries(sources)
	case formatJSON:
		return report.JSON(os.Stdout, sources)
	case formatBench:
		return sources[0].Record.WriteBench(os.Stdout)
	}
	if err := report.Write(f.out, sources); err != nil {
		return err
	}
	fmt.Println(filepath.Join(f.out, "index.html"))
	return nil
}

// readRecord reads a record whose name stands on the command line.
func readRecord(name string) (*results.Record, error) { return readNamed(name, results.ReadFile) }

// readReportable reads a record or bench output, of which "-" is standard input.
func readReportable(name string) (*results.Record, error) {
	if name == "-" {
		rec, err := results.ReadReportable(os.Stdin, "standard input")
		if err != nil {
			return nil, recordError(name, err)
		}
		return rec, nil
	}
	return readNamed(name, func(name string) (*results.Record, error) {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return results.ReadReportable(f, name)
	})
}

func readNamed(name string, read func(string) (*results.Record, error)) (*results.Record, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, usageError{fmt.Errorf("%s is a directory; give the record in it, as run writes it", name)}
	}
	rec, err := read(name)
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
		return usageError{fmt.Errorf("%w; sendbench run --out FILE makes a record", err)}
	case errors.As(err, new(*results.FormatError)):
		return usageError{err}
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w; give a record that you may read", err)
	}
	return err
}

// printSummary prints the tables of a record.
func printSummary(rec *results.Record) error {
	return printSummaries([]report.Source{{Record: rec}})
}

// printSummaries prints those of several, and what sets them side by side.
func printSummaries(sources []report.Source) error {
	return report.Text(os.Stdout, sources, report.TextOptions{Color: term.IsTerminal(int(os.Stdout.Fd()))})
}
