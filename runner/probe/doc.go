// Package probe is the copy doctor: it finds out what this kernel, this process, a
// link and a device can do for sends, whether a zero-copy send would be copied after
// all, and why, and says what to change.
//
// What can be tried is tried, on loopback and on links that are made for it; nothing
// is told from a version number. Of a real device its settings are read, nothing is
// changed, and no packet goes to it: what is said of it is presumed.
//
// The report and its text build everywhere; a probe is made on Linux alone.
package probe
