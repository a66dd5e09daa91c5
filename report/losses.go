package report

import (
	"fmt"
	"slices"

	"sendbench/runner/results"
)

// lossColumns say where messages were lost, on their way from the sender on.
var lossColumns = []tableColumn{
	lossColumn("Messages not delivered", func(l results.Losses) *int64 { return l.Undelivered }),
	lossColumn("Dropped by the sending device", func(l results.Losses) *int64 { return l.DroppedDevice }),
	lossColumn("On the path", func(l results.Losses) *int64 { return l.DroppedPath }),
	lossColumn("By the receiving device or kernel", func(l results.Losses) *int64 { return l.DroppedReceiver }),
	lossColumn("By the receiver's socket", func(l results.Losses) *int64 { return l.DroppedSocket }),
	lossColumn("Missing by number", func(l results.Losses) *int64 { return l.Missing }),
	lossColumn("Reordered", func(l results.Losses) *int64 { return l.Reordered }),
	lossColumn("Duplicated", func(l results.Losses) *int64 { return l.Duplicated }),
	{"Retransmitted", false, func(g results.Group, r results.Row) []tableCell {
		n := r.Losses.RetransmittedBytes
		if n == nil {
			return []tableCell{plain(none), beside("")}
		}
		return []tableCell{plain(memory(float64(*n))), beside(percent(float64(*n) / (float64(r.Messages) * float64(g.Cell.Size))))}
	}},
}

// lossColumn shows a count and its share of the messages.
func lossColumn(head string, of func(results.Losses) *int64) tableColumn {
	return tableColumn{head, false, func(_ results.Group, r results.Row) []tableCell {
		n := of(r.Losses)
		if n == nil {
			return []tableCell{plain(none), beside("")}
		}
		return []tableCell{plain(fmt.Sprint(*n)), beside(percent(float64(*n) / float64(r.Messages)))}
	}}
}

func lossy(r results.Row) bool { return r.Losses.Any() }

// lossNote is how the table is read.
var lossNote = []string{"Added up over the rounds; shares are of the messages that were sent. Devices count frames, of which a message may take many, and sockets datagrams. " +
	"Rows in which nothing was lost are left out."}

// lossPlaces are the places of loss in words.
var lossPlaces = []struct {
	words string
	of    func(results.Losses) *int64
}{
	{"by the sending device", func(l results.Losses) *int64 { return l.DroppedDevice }},
	{"on the path between the hosts", func(l results.Losses) *int64 { return l.DroppedPath }},
	{"by the receiver's device or kernel", func(l results.Losses) *int64 { return l.DroppedReceiver }},
	{"by the receiver's socket, whose buffer was full", func(l results.Losses) *int64 { return l.DroppedSocket }},
}

// lossNotices say that messages were lost, and where most of them: rates are those of
// sending, whatever arrived.
func lossNotices(s *results.Summary) []string {
	var sent, lost int64
	dropped := make([]int64, len(lossPlaces))
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			if r.Losses.Undelivered == nil {
				continue
			}
			sent += r.Messages
			lost += *r.Losses.Undelivered
			for i, p := range lossPlaces {
				if n := p.of(r.Losses); n != nil {
					dropped[i] += *n
				}
			}
		}
	}
	if lost <= 0 {
		return nil
	}
	text := fmt.Sprintf("%s of the messages sent never arrived whole", percent(float64(lost)/float64(sent)))
	if most := slices.Max(dropped); most > 0 {
		text += "; most were dropped " + lossPlaces[slices.Index(dropped, most)].words
	}
	return []string{text + ". Rates are those of sending; the tables of losses have the places."}
}
