package link

// Remote is the way to a receiver on another host, see OpenNIC.
type Remote struct {
	Device string // that packets leave by
	To     string // host and port of the receiver's control connection
	Secret []byte // that both share
	// MaxBitsPerSecond bounds the payload that is sent, 0 for no bound of our own.
	// The receiver may ask for less.
	MaxBitsPerSecond int64
	// Force changes settings of a device that carries the default route or the
	// session's own SSH connection.
	Force bool
}
