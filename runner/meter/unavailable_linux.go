package meter

// UnavailableError says why this machine doesn't give a figure, to be kept in
// the record in place of the figure.
type UnavailableError struct {
	Reason string // what is missing, and what would bring it where something would
	Err    error  // what the system said, nil if nothing
}

func (e *UnavailableError) Error() string {
	if e.Err == nil {
		return "not available: " + e.Reason
	}
	return "not available: " + e.Reason + " (" + e.Err.Error() + ")"
}

func (e *UnavailableError) Unwrap() error { return e.Err }
