package nic

import "fmt"

// SettingError says why a device can't have a setting: it lacks it, it is
// fixed, or the driver or the kernel refused it. errors.As finds it in what
// Apply and Feature return.
type SettingError struct {
	Device  string
	Setting string // as in a profile, or a name alone where that was asked for; several joined by commas where one call sets them
	Reason  string // what is wrong and what would be right
	Err     error  // from the kernel; nil where no call was made or none failed
}

func (e *SettingError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("nic: %s: %s: %s", e.Device, e.Setting, e.Reason)
	}
	return fmt.Sprintf("nic: %s: %s: %s: %v", e.Device, e.Setting, e.Reason, e.Err)
}

func (e *SettingError) Unwrap() error { return e.Err }
