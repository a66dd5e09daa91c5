package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"sendbench/report"
	"sendbench/runner/results"
)

func reportCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "Draw a record: index.html and the charts as PNG and SVG",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("report takes one record, as run writes it: sendbench report out/results.jsonl")}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			rec, err := results.ReadFile(args[0])
			if err != nil {
				var format *results.FormatError
				if errors.As(err, &format) || errors.Is(err, os.ErrNotExist) {
					return usageError{err}
				}
				return err
			}
			if err := report.Write(out, results.Summarize(rec)); err != nil {
				return err
			}
			fmt.Println(out + "/index.html")
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "out/report", "directory of the page and the charts; replaced as a whole")
	return cmd
}
