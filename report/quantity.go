package report

import (
	"math"
	"strconv"
	"strings"

	"sendbench/runner/results"
)

// none stands where there is no figure.
const none = "–"

// sizeLabel is a message size in bytes where the unit stands elsewhere, as on an
// axis: 64, 1400, 4Ki, 64000.
func sizeLabel(bytes int) string {
	number, unit, _ := strings.Cut(sizeText(bytes), " ")
	return number + strings.TrimSuffix(unit, "B")
}

// sizeText is a message size with its unit: 1400 B, 4 KiB.
func sizeText(bytes int) string { return bytesLabel(int64(bytes)) }

// sizeRun is a range of message sizes: 64 to 1400 B, 256 B to 4 KiB.
func sizeRun(from, to int) string {
	if from == to {
		return sizeText(to)
	}
	return sizeSpan(sizeText(from), sizeText(to), "to")
}

// sizeSpan joins two sizes, or two of any quantity, with their unit once where both have
// the same: 9.8 to 15 KiB.
func sizeSpan(low, high, word string) string {
	if number, unit, _ := strings.Cut(low, " "); strings.HasSuffix(high, " "+unit) {
		low = number
	}
	return low + " " + word + " " + high
}

// sizeList lists sizes, with their unit once where all have the same: 8 and 16 KiB.
func sizeList(sizes []int) string {
	texts, numbers := make([]string, len(sizes)), make([]string, len(sizes))
	unit, one := "", true
	for i, size := range sizes {
		texts[i] = sizeText(size)
		number, of, _ := strings.Cut(texts[i], " ")
		one = one && (i == 0 || of == unit)
		numbers[i], unit = number, of
	}
	if one && len(sizes) > 0 {
		return join(numbers, "and") + " " + unit
	}
	return join(texts, "and")
}

// sizeAbout is a size that was interpolated, to a few digits: 12 KiB, 1.4 KiB, 640 B.
func sizeAbout(bytes float64, digits int) string {
	unit := " B"
	if bytes >= 1024 {
		bytes, unit = bytes/1024, " KiB"
	}
	decimals := digits - 1 - int(math.Floor(math.Log10(math.Max(1, bytes))))
	scale := math.Pow10(decimals)
	return strconv.FormatFloat(math.Round(bytes*scale)/scale, 'f', max(0, decimals), 64) + unit
}

// bounds is an interval as between prints it, with their unit once.
func bounds(iv results.Interval, format func(float64) string) string {
	if !iv.Finite() {
		return none
	}
	return sizeSpan(format(iv.Low), format(iv.High), "to")
}

// bytesLabel is an amount of memory: 1 MiB, 256 MiB, 1500 B.
func bytesLabel(n int64) string { return results.BytesText(n) }

// memory is an amount of memory to three digits: 1.50 MiB, 125 KiB.
func memory(bytes float64) string {
	switch {
	case !finite(bytes):
		return none
	case bytes < 1<<10:
		return figure(bytes) + " B"
	case bytes < 1<<20:
		return figure(bytes/(1<<10)) + " KiB"
	case bytes < 1<<30:
		return figure(bytes/(1<<20)) + " MiB"
	}
	return figure(bytes/(1<<30)) + " GiB"
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// probability prints the p-value of a test; nothing where there was no test.
func probability(p float64) string {
	switch text := probabilityFigure(p); {
	case text == "":
		return ""
	case strings.HasPrefix(text, "<"):
		return "p < " + text[1:]
	default:
		return "p = " + text
	}
}

// probabilityFigure prints it under a heading that says so.
func probabilityFigure(p float64) string {
	switch {
	case !finite(p):
		return ""
	case p < 0.001:
		return "<0.001"
	case p < 0.1:
		return strconv.FormatFloat(p, 'f', 3, 64)
	}
	return strconv.FormatFloat(p, 'f', 2, 64)
}

// figure prints a value to three significant digits.
func figure(v float64) string {
	a := math.Abs(v)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return none
	case v == 0:
		return "0"
	case a >= 1e6 || a < 1e-4:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(a, 'g', 3, 64), 64) // 9.996 is 10.0
	digits := 2 - int(math.Floor(math.Log10(rounded)))
	return strconv.FormatFloat(v, 'f', max(0, digits), 64)
}

// ratioFigure prints a ratio: to hundredths, as that is what reads well about 1, and a
// small one to three significant digits.
func ratioFigure(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return none
	case v < 0.1:
		return figure(v)
	case v >= 1e6:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func gigabits(bitsPerSecond float64) float64 { return bitsPerSecond / 1e9 }

// between prints an interval's bounds, both or none of them.
func between(iv results.Interval, format func(float64) string) string {
	if !iv.Finite() {
		return none
	}
	return format(iv.Low) + " to " + format(iv.High)
}

// percent prints a share to whole percent, but never rounds a share that is
// neither none nor all to one of these.
func percent(share float64) string {
	switch p := share * 100; {
	case math.IsNaN(p) || math.IsInf(p, 0):
		return none
	case p > 0 && p < 1:
		return "<1 %"
	case p > 99 && p < 100:
		return ">99 %"
	default:
		return strconv.FormatFloat(p, 'f', 0, 64) + " %"
	}
}

// noise prints a noise floor as the share by which a ratio may stray from 1.
func noise(floor float64) string {
	if math.IsNaN(floor) || math.IsInf(floor, 0) {
		return "unknown"
	}
	return "±" + figure(floor*100) + " %"
}

// duration prints nanoseconds in the unit that reads best.
func duration(ns float64) string {
	switch {
	case math.IsNaN(ns) || math.IsInf(ns, 0):
		return none
	case ns < 1e3:
		return figure(ns) + " ns"
	case ns < 1e6:
		return figure(ns/1e3) + " µs"
	case ns < 1e9:
		return figure(ns/1e6) + " ms"
	}
	return figure(ns/1e9) + " s"
}

// printable is a name from a record, fit to be shown.
func printable(name string) string { return results.Printable(name, results.LongestName) }

// printableText is a sentence or more from a record, fit to be shown.
func printableText(text string) string {
	return results.Printable(strings.TrimSpace(text), results.LongestText)
}

// join lists names in a sentence: a, b and c.
func join(names []string, last string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
}

// shortPercent prints a share in percent where there is little room: to a tenth.
func shortPercent(share float64) string {
	if share >= 10 {
		return ">999%"
	}
	digits := 1
	if share >= 0.0995 {
		digits = 0
	}
	return strconv.FormatFloat(share*100, 'f', digits, 64) + "%"
}
