package report

import "io"

// Live is what the page of a run that goes on has besides its record.
type Live struct {
	Script string // run after the page's own, which it may send the event "page" on the document
	Notice string // said at the top, with whatever the run's state is
	// Refresh is after how many seconds a browser without JavaScript loads the page
	// again; 0 for never.
	Refresh int
}

// WriteLive writes the page of a run as it stands. It is Write's index.html but for
// what live adds: its script may read what the page's own server has to say
// (connect-src 'self'), and charts have no links to files, as there are none.
// The error is the writer's.
func WriteLive(w io.Writer, source Source, live Live) error {
	d := newDocument([]Source{source})
	return writePage(w, d, d.charts(), &live)
}
