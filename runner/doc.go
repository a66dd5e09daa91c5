// Package runner goes from a sweep to a record: it plans the cells and rounds,
// builds the link, runs each round in a fresh worker process and writes a line
// a trial. It knows no strategy by name.
//
// The data's way: [Sweep] (axes) to [Plan] (cells, rounds, seed) to [Run]
// (super-rounds) to [Rig.Trial] (one timed stretch of sending). go test -bench
// enters at the last, so that the two drivers can't disagree.
package runner
