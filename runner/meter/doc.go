// Package meter reads what a trial cost (CPU time of a thread, of a helper
// thread, of the process, of the kernel's threads for soft interrupts, of the
// machine; the CPU's own counters), what the machine is that it ran on, and what
// else went on there. It measures on Linux alone.
package meter
