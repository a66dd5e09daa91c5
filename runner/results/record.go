package results

// Record is one run as read from, or about to be written to, a file.
type Record struct {
	Run         Run
	Trials      []Trial // in the order of the file
	Unsupported []Unsupported
	End         *End // nil if the run was killed
}

// current is the trials that count, in the order of the record. Of several
// trials of one cell in one round, as a resumed run may leave them, that is the
// last.
func (rec *Record) current() []*Trial {
	last := make(map[Cell]map[int]int) // by cell and round
	for i := range rec.Trials {
		t := &rec.Trials[i]
		rounds := last[t.Cell]
		if rounds == nil {
			rounds = make(map[int]int)
			last[t.Cell] = rounds
		}
		rounds[t.Round] = i
	}
	out := make([]*Trial, 0, len(rec.Trials))
	for i := range rec.Trials {
		if t := &rec.Trials[i]; last[t.Cell][t.Round] == i {
			out = append(out, t)
		}
	}
	return out
}
