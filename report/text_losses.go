package report

import (
	"fmt"

	"sendbench/runner/results"
)

// textLossColumns are where messages were lost, in short: the places in their order on
// the way.
var textLossColumns = []tableColumn{
	lossColumn("not delivered", func(l results.Losses) *int64 { return l.Undelivered }),
	textLossColumn("sender's device", func(l results.Losses) *int64 { return l.DroppedDevice }),
	textLossColumn("path", func(l results.Losses) *int64 { return l.DroppedPath }),
	textLossColumn("receiver, kernel", func(l results.Losses) *int64 { return l.DroppedReceiver }),
	textLossColumn("its socket", func(l results.Losses) *int64 { return l.DroppedSocket }),
	textLossColumn("missing", func(l results.Losses) *int64 { return l.Missing }),
	textLossColumn("out of order", func(l results.Losses) *int64 { return l.Reordered }),
	textLossColumn("twice", func(l results.Losses) *int64 { return l.Duplicated }),
	{"sent again", false, func(_ results.Group, r results.Row) []tableCell {
		if n := r.Losses.RetransmittedBytes; n != nil {
			return []tableCell{plain(memory(float64(*n)))}
		}
		return []tableCell{plain(none)}
	}},
}

func textLossColumn(head string, of func(results.Losses) *int64) tableColumn {
	return tableColumn{head, false, func(_ results.Group, r results.Row) []tableCell {
		if n := of(r.Losses); n != nil {
			return []tableCell{plain(fmt.Sprint(*n))}
		}
		return []tableCell{plain(none)}
	}}
}

// losses writes where messages were lost, if any were.
func (t *textWriter) losses(list []setting) {
	for _, st := range list {
		for _, w := range st.walks {
			table, ok := newTable(entries(w, lossy), textLossColumns)
			if !ok {
				continue
			}
			t.section(fmt.Sprintf("Lost on the way · NIC profile %s, %s", st.name, w.title()))
			t.heading()
			t.figures(table, "size")
		}
	}
}
