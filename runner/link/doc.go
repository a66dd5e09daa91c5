// Package link builds the paths that measured packets take: a sink that drops
// them, a pair that delivers them into a second network namespace, loopback, and
// the way by a device of this machine to a receiver on another host, which agrees
// to it first (package control). It counts what arrived, in frames and in messages,
// and says what each path can't show.
//
// Sink and pair are made of veth devices in a network namespace that the
// program makes for itself: Isolate re-executes the program in one, with a user
// namespace around it where the process isn't privileged. Nothing of a link
// outlives the processes in that namespace, see network_namespaces(7).
//
// The arithmetic of Expected, the Spec and the putting together of messages
// build everywhere; a Link exists on Linux alone.
package link
