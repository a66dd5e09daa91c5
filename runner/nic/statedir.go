package nic

import (
	"errors"
	"os"
	"path/filepath"
)

// StateDir is the directory of what must outlive a run: $XDG_STATE_HOME/sendbench,
// or ~/.local/state/sendbench (XDG Base Directory Specification, by which a
// relative XDG_STATE_HOME doesn't count). It need not exist.
func StateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "sendbench"), nil
	}
	home := os.Getenv("HOME")
	if !filepath.IsAbs(home) {
		return "", errors.New("nic: no place for state: set HOME or XDG_STATE_HOME to a directory")
	}
	return filepath.Join(home, ".local", "state", "sendbench"), nil
}
