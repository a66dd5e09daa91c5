// Package recv receives the data of a run between two hosts: it opens the sockets of
// a session that package control has agreed on, counts with the receivers of package
// link, and says what else its kernel and its device counted meanwhile.
//
// It works on Linux alone.
package recv
