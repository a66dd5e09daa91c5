package results

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// WriteCSV writes the changes as a table with a header (RFC 4180), a line each.
// Figures that there are none of are empty. What only one record has, and how the
// environments differ, is not in it. Names are fit to be shown, and no spreadsheet takes
// one for a formula.
func (c *Comparison) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{
		"link", "proto", "family", "connected", "nic", "flows", "footprint", "pages", "fill", "segment", "size", "batch", "rate", "strategy",
		"metric", "old", "new", "ratio", "low", "high", "p", "floor", "old_rounds", "new_rounds", "verdict",
	})
	for _, ch := range c.Changes {
		cell := ch.Cell
		out.Write([]string{
			plainField(cell.Link), plainField(cell.Proto), strconv.Itoa(cell.Family), strconv.FormatBool(cell.Connected), plainField(cell.NIC), strconv.Itoa(cell.Flows),
			strconv.FormatInt(cell.Footprint, 10), plainField(cell.Pages), plainField(cell.Fill), strconv.Itoa(cell.Segment), strconv.Itoa(cell.Size),
			strconv.Itoa(cell.Batch), strconv.FormatInt(cell.Rate, 10), plainField(cell.Strategy),
			ch.Metric, number(ch.Old), number(ch.New), number(ch.Ratio.Center), number(ch.Ratio.Low), number(ch.Ratio.High),
			number(ch.P), number(ch.Floor), strconv.Itoa(ch.OldRounds), strconv.Itoa(ch.NewRounds), string(ch.Verdict),
		})
	}
	out.Flush()
	if err := out.Error(); err != nil { // the first of any Write
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}

func number(v float64) string {
	if finite(v) == nil {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
