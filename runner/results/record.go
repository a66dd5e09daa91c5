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
	type visit struct {
		cell  Cell
		round int
	}
	last := make(map[visit]int, len(rec.Trials))
	for i := range rec.Trials {
		last[visit{rec.Trials[i].Cell, rec.Trials[i].Round}] = i
	}
	out := make([]*Trial, 0, len(last))
	for i := range rec.Trials {
		if t := &rec.Trials[i]; last[visit{t.Cell, t.Round}] == i {
			out = append(out, t)
		}
	}
	return out
}
