// Package control is the conversation by which a receiver on another host agrees
// to take a run's packets, before the first of them is sent.
//
// It goes over one TLS 1.3 connection from each of the sender's processes. Both
// sides hold the same secret, derive the same key pair from it, and prove to each
// other that they hold it, see [Dial]. A run's controlling process agrees on a
// session with [Conn.Agree]; its worker processes join that with [Conn.Join] and
// the session's token. The session lasts as long as the controlling process's
// connection. A receiver has one session at a time.
//
// Both sides send a beat every [Beat]. A side from which nothing whole arrives
// for [Silence] counts as gone, and so does one to which nothing can be written
// for that long: [Conn.Gone] tells, and nothing may be sent from then on. A
// receiver that closes a connection for silence says so, if it can.
//
// Data goes to the address that was dialled. That it is the receiver's own, and not that
// of a host between the two, the receiver says inside TLS: see [Agreement].
//
// # Messages
//
// A message is four bytes of length, the most significant first, and so many of
// JSON, at most [MaxMessage]. The first in each direction is a hello with the
// version of the protocol; other versions are refused by name. A request has a
// number that its answer repeats; requests of one connection are answered in
// their order.
//
// # What a stranger can do
//
// Someone without the secret gets no further than the handshake, whether with
// another secret, with none, in plain text, or with recorded bytes of someone
// else's handshake, since both sides sign nonces of the other. Who listens on the
// path learns addresses, times and lengths. Who connects is shown the receiver's
// certificate, and so can try secrets at home until one gives that public key: that
// is why a secret is at least [MinSecret] bytes, and a made one has 130 random bits.
// Whoever has the secret may do all that the receiver does for anyone.
//
// A receiver holds at most 64 connections that are in no session, 8 of each host, and 64
// that are in one; what comes above is closed at once. While a session is on, its
// sender's host has 8 of its own, which no other can take. A connection in its handshake
// takes at most some 300 KiB, as crypto/tls bounds its messages, and 3 s: 21 MiB for all,
// before anyone has proved to have the secret. One that is through has a buffer of
// [MaxMessage] bytes and at most 5 requests, each of 128 KiB at most: 100 MiB for all
// of them.
package control
