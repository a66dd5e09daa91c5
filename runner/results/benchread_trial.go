package results

import (
	"fmt"
	"math"
	"strconv"
)

// benchTrial reads what follows a benchmark's name: the number of messages, and values
// with their units. Units that BenchmarkSend doesn't report are passed over.
func benchTrial(c Cell, fields []string) (Trial, error) {
	t := Trial{Cell: c}
	n, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil || n < 1 || n > maxCount {
		return t, fmt.Errorf("%s iterations; it is a whole number from 1", excerpt([]byte(fields[0])))
	}
	values := make(map[string]float64, len(fields)/2)
	for i := 1; i < len(fields); i += 2 {
		if i+1 == len(fields) {
			return t, fmt.Errorf("%s has no unit behind it", excerpt([]byte(fields[i])))
		}
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil || !(v >= 0) || math.IsInf(v, 0) {
			return t, fmt.Errorf("%s %s; it is a number from 0", excerpt([]byte(fields[i])), excerpt([]byte(fields[i+1])))
		}
		values[fields[i+1]] = v
	}
	for _, unit := range []string{UnitTime, UnitRate, UnitCPU, UnitSyscalls} {
		if _, ok := values[unit]; !ok {
			return t, fmt.Errorf("the result has no %s; BenchmarkSend reports it, and an older one is to be run again", unit)
		}
	}
	t.Messages = n
	if n > maxCount/int64(c.Size) {
		return t, fmt.Errorf("%d messages of %d bytes; no run sends as many", n, c.Size)
	}
	t.Bytes = n * int64(c.Size)
	// Both tell the time that it took, and package testing rounds ns/op to four digits.
	elapsed := float64(t.Bytes) * 8 / values[UnitRate] * 1e9
	if whole := values[UnitTime] * float64(n); !(math.Abs(elapsed-whole) <= whole/100) {
		return t, fmt.Errorf("%v bit/s isn't %d bytes every %v ns; the line was changed, or isn't BenchmarkSend's", values[UnitRate], c.Size, values[UnitTime])
	}
	var ok [4]bool
	t.ElapsedNS, ok[0] = counted(elapsed)
	t.CPUThreadNS, ok[1] = counted(values[UnitCPU] * float64(t.Bytes))
	t.Syscalls, ok[2] = counted(values[UnitSyscalls] * float64(n))
	share, notified := values[UnitCopied]
	if notified {
		t.Notifications = n
	}
	t.Copied, ok[3] = counted(share * float64(n))
	if ok != [4]bool{true, true, true, true} || share > 1 {
		return t, fmt.Errorf("a figure is out of range; counts go to %d and %s to 1", int64(maxCount), UnitCopied)
	}
	return t, nil
}

// counted is a figure as the whole number that it was projected from.
func counted(v float64) (n int64, ok bool) {
	if !(v >= 0 && v <= maxCount) {
		return 0, false
	}
	return int64(math.Round(v)), true
}
