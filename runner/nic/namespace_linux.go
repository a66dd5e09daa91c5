package nic

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// namespaceCookie names the network namespace of a socket by a number that no
// other one has until the machine is restarted (SO_NETNS_COOKIE). Linux has that
// from 5.14 on; before, it is namespaceInode, which takes CAP_NET_ADMIN in the
// namespace.
func namespaceCookie(socket int) (uint64, error) {
	cookie, err := unix.GetsockoptUint64(socket, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	if errors.Is(err, unix.ENOPROTOOPT) {
		return namespaceInode(socket)
	}
	return cookie, os.NewSyscallError("getsockopt", err)
}

// namespaceInode names the network namespace of a socket by the inode number that
// lsns(8) shows (SIOCGSKNS). No two have the same at one time, but one that is made
// after another is gone may get its number. What a journal says of a namespace that
// is gone can then be taken for one of the new namespace: a device there with the
// same index and permanent address or, of veths and the like, which have none, the same
// name and MAC, would be given the settings of the one that went.
func namespaceInode(socket int) (uint64, error) {
	namespace, err := unix.IoctlRetInt(socket, unix.SIOCGSKNS)
	if err != nil {
		return 0, fmt.Errorf("telling network namespaces apart takes CAP_NET_ADMIN before Linux 5.14: %w", os.NewSyscallError("ioctl", err))
	}
	defer unix.Close(namespace)
	var stat unix.Stat_t
	if err := unix.Fstat(namespace, &stat); err != nil {
		return 0, os.NewSyscallError("fstat", err)
	}
	return stat.Ino, nil
}

// hereCookie is namespaceCookie of the calling thread's network namespace, for which
// it takes no capability on any kernel.
func hereCookie() (uint64, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	if errors.Is(err, unix.ENOPROTOOPT) {
		return hereInode()
	}
	return cookie, os.NewSyscallError("getsockopt", err)
}

// hereInode is namespaceInode of the calling thread's network namespace.
func hereInode() (uint64, error) {
	var stat unix.Stat_t
	if err := unix.Stat("/proc/thread-self/ns/net", &stat); err != nil {
		return 0, fmt.Errorf("telling network namespaces apart takes /proc before Linux 5.14: %w", os.NewSyscallError("stat", err))
	}
	return stat.Ino, nil
}

// namespaceLabel is the calling thread's network namespace as lsns(8) and
// ip-netns(8) know it, "" where /proc is missing. Labels are used again.
func namespaceLabel() string {
	label, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		return ""
	}
	return label
}

// bootID names the time since the machine was started (random(4)).
func bootID() (string, error) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}
	id := string(text[:max(0, len(text)-1)]) // less its newline
	if !isBootID(id) {
		return "", fmt.Errorf("/proc/sys/kernel/random/boot_id has %q: want a UUID", id)
	}
	return id, nil
}

// isBootID holds a boot id to the form of a UUID, since file names have it.
func isBootID(s string) bool {
	if len(s) != len("00000000-0000-0000-0000-000000000000") {
		return false
	}
	for i, r := range s {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if r != '-' {
				return false
			}
		} else if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return true
}
