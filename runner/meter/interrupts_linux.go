package meter

import (
	"strconv"
	"strings"
)

// interrupts returns how many interrupts of devices each CPU has taken since boot,
// as "cpu0": n; nil if unknown.
func (r root) interrupts() map[string]int64 { return parseInterrupts(r.text("proc/interrupts")) }

// parseInterrupts adds up the numbered lines of /proc/interrupts, whose first
// line names the CPUs that are online (show_interrupts, kernel/irq/proc.c). The
// lines with names are the CPUs' own, among themselves; a timer is a CPU's own
// as well, though on some architectures it has a number.
func parseInterrupts(text string) map[string]int64 {
	header, rest, _ := strings.Cut(text, "\n")
	var names []string
	for _, word := range strings.Fields(header) {
		number, ok := strings.CutPrefix(word, "CPU")
		if _, err := strconv.ParseUint(number, 10, 16); !ok || err != nil {
			return nil
		}
		names = append(names, "cpu"+number)
	}
	if len(names) == 0 {
		return nil
	}
	sums := map[string]int64{}
	for _, name := range names {
		sums[name] = 0
	}
	for line := range strings.Lines(rest) {
		fields := strings.Fields(line)
		if len(fields) <= len(names) || strings.HasSuffix(fields[len(fields)-1], "timer") {
			continue
		}
		if _, err := strconv.ParseUint(strings.TrimSuffix(fields[0], ":"), 10, 32); err != nil {
			continue
		}
		for i, name := range names {
			n, err := strconv.ParseUint(fields[1+i], 10, 32) // an unsigned int of the kernel
			if err != nil {
				break
			}
			sums[name] += int64(n)
		}
	}
	return sums
}
