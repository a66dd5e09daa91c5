package link

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// SocketMemory is what the kernel says of a socket's memory: SO_MEMINFO, whose values
// are by SK_MEMINFO_… (include/uapi/linux/sock_diag.h).
func SocketMemory(fd int) (info [unix.SK_MEMINFO_VARS]uint32, err error) {
	length := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&length)), 0)
	if errno != 0 {
		return info, os.NewSyscallError("getsockopt", errno)
	}
	return info, nil
}

// socketDrops returns how many datagrams the kernel has dropped on a socket's
// receive queue, modulo 2^32.
func socketDrops(fd int) (uint32, error) {
	info, err := SocketMemory(fd)
	return info[unix.SK_MEMINFO_DROPS], err
}
