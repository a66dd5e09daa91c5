// Package meter reads what a trial cost (CPU time of a thread, of a helper
// thread, of the machine) and what the machine is that it ran on. It measures
// on Linux alone.
package meter
