package nic

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// owned returns an error where a file or directory could be another user's word: by
// a journal a device is changed, often by root. Whoever has a directory has the files
// in it, too.
func owned(path string, info fs.FileInfo) error {
	stat, me := info.Sys().(*syscall.Stat_t), os.Geteuid()
	switch {
	case stat.Uid != 0 && int64(stat.Uid) != int64(me):
		return fmt.Errorf("nic: %q belongs to user %d, whose word user %d doesn't take on a device: chown it, or set XDG_STATE_HOME to a directory of your own", path, stat.Uid, me)
	case info.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("nic: %q can be written by others (mode %04o), whose word isn't taken on a device: look at what is in it, then chmod go-w", path, info.Mode().Perm())
	}
	return nil
}

// ownedDir is owned for the directory of journals. What links to it isn't looked at.
func ownedDir(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return owned(path, info)
}
