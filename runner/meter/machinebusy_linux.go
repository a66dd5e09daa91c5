package meter

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// MachineBusy returns the ticks that all CPUs together have been busy since
// boot, stolen time included: other guests' work is taken from this machine's
// figures too. A second has TicksPerSecond of them for each CPU.
func MachineBusy() (ticks int64, err error) {
	const path = "/proc/stat"
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	var buf [512]byte // the first line: "cpu" and ten numbers of at most 20 digits
	n, err := unix.Read(fd, buf[:])
	if err != nil {
		return 0, &os.PathError{Op: "read", Path: path, Err: err}
	}
	ticks, _, err = parseBusy(buf[:n])
	if err != nil {
		return 0, fmt.Errorf("meter: %s: %w", path, err)
	}
	return ticks, nil
}

var errNoCPULine = errors.New(`the first line isn't "cpu" and at least four numbers of ticks`)

// parseBusy adds up the busy columns of /proc/stat's first line, and tells the
// stolen ones among them apart. The columns are user, nice, system, idle, iowait,
// irq, softirq, steal, guest, guest_nice (show_stat, fs/proc/stat.c); the guests'
// time is in user and nice already, and idle and iowait are not busy.
func parseBusy(stat []byte) (ticks, stolen int64, err error) {
	line, _, _ := bytes.Cut(stat, []byte{'\n'})
	rest, ok := bytes.CutPrefix(line, []byte("cpu "))
	if !ok {
		return 0, 0, errNoCPULine
	}
	const idle, iowait, steal, guest = 3, 4, 7, 8
	column := 0
	for len(rest) > 0 && column < guest {
		if rest[0] == ' ' {
			rest = rest[1:]
			continue
		}
		var n int64
		for len(rest) > 0 && rest[0] != ' ' {
			digit := int64(rest[0]) - '0'
			if digit < 0 || digit > 9 || n > (math.MaxInt64-digit)/10 {
				return 0, 0, errNoCPULine
			}
			n = n*10 + digit
			rest = rest[1:]
		}
		if column != idle && column != iowait {
			if ticks > math.MaxInt64-n {
				return 0, 0, errNoCPULine
			}
			ticks += n
		}
		if column == steal {
			stolen = n
		}
		column++
	}
	if column <= idle {
		return 0, 0, errNoCPULine
	}
	return ticks, stolen, nil
}
