//go:build linux

package strategies

import "sendbench/uringzc"

// UnsupportedError says that this kernel, socket or user can't do what a
// strategy needs, and what would change that. errors.Is finds
// errors.ErrUnsupported in it.
type UnsupportedError = uringzc.UnsupportedError
