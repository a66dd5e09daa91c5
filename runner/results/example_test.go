package results_test

import (
	"bytes"
	"fmt"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// A record is read, boiled down and asked for a ratio with its interval.
func Example() {
	var file bytes.Buffer
	if err := results.Write(&file, resultstest.Planted(resultstest.OneCell())); err != nil {
		fmt.Println(err)
		return
	}
	rec, err := results.Read(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range results.Summarize(rec).Groups {
		for _, row := range g.Rows {
			fmt.Printf("%-18s %5.1f Gbit/s  %.2f (%.2f to %.2f) %s\n", row.Strategy,
				row.Rate.Center/1e9, row.Ratio.Center, row.Ratio.Low, row.Ratio.High, row.Verdict)
		}
	}
	// Output:
	// write               98.7 Gbit/s  1.00 (1.00 to 1.00) baseline
	// sendmmsg           101.7 Gbit/s  1.02 (1.00 to 1.06) no difference shown
	// sendmmsg-zc        153.8 Gbit/s  1.55 (1.51 to 1.58) faster
	// uring-send         113.7 Gbit/s  1.15 (1.13 to 1.18) faster
	// uring-sendzc       158.8 Gbit/s  1.60 (1.55 to 1.64) faster
	// uring-sendzc-fixed 187.8 Gbit/s  1.90 (1.85 to 1.93) faster
	// uring-sendmsgzc    154.1 Gbit/s  1.56 (1.54 to 1.61) faster
}
