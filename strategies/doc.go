// Package strategies holds the ways of sending that are compared. Each is one
// file behind one small interface, [Sender]; [All] lists them, and nothing
// outside this package knows any by name.
//
// A [Pump] drives a sender over a ring of [Buffers]: it fills the next batch,
// hands it over, takes in what the kernel has released, and drains at the end.
// The ring is where the law of zero copy is kept: a buffer that the kernel has
// been lent is not given out again until it has been released.
package strategies
