package strategies

// Tally is what a sender counts over a trial.
type Tally struct {
	Messages int64 // accepted by the kernel
	Bytes    int64 // of payload accepted
	Syscalls int64
	// Retries counts sends that the kernel refused for want of memory or queue
	// space and that were made again.
	Retries int64
	// Notifications counts messages of which the kernel said that it needs
	// their buffer no more; Copied those that it sent from a copy of its own.
	Notifications int64
	Copied        int64
	// Notices counts the completions or error-queue messages that brought the
	// notifications.
	Notices int64
	// Unreported counts notifications that don't say whether it did.
	Unreported int64
}

// Add adds another sender's counts.
func (t *Tally) Add(other *Tally) {
	t.Messages += other.Messages
	t.Bytes += other.Bytes
	t.Syscalls += other.Syscalls
	t.Retries += other.Retries
	t.Notifications += other.Notifications
	t.Copied += other.Copied
	t.Notices += other.Notices
	t.Unreported += other.Unreported
}
