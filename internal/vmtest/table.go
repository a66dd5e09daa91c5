package vmtest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// Row is what came of the strategies on one kernel over one driver.
type Row struct {
	Kernel   string // its release, and what is set
	Driver   string
	Outcomes map[string]Outcome // by strategy
	Fault    string             // why there are none: "" where there are
}

// legend says what a table's words mean, and on what.
const legend = "*sent*: by a way that always copies. *zero copy*, *copied*: as the kernel said of each message, of 1400 and of " +
	"64000 bytes (without UDP\\_SEGMENT of 1400 alone). *veth* is the link sink; the others are cards of QEMU's, one sending to another. " +
	"*virtio\\_net* can offload nothing by itself, and on taps it can."

// Table is the rows as Markdown: a table with a column a strategy and a line for all
// drivers of which the same came on a kernel, what its words mean, and below that the
// reasons of what is copied or unsupported, each once.
func Table(strategies []string, rows []Row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| kernel | driver | %s |\n|---|---|%s\n", code(strategies), strings.Repeat("---|", len(strategies)))
	var reasons []string
	for _, r := range merged(rows) {
		fmt.Fprintf(&b, "| %s | %s |", cell(r.Kernel), cell(r.Driver))
		for i, s := range strategies {
			o, found := r.Outcomes[s]
			switch {
			case found && o.Reason != "":
				n := slices.Index(reasons, o.Reason)
				if n < 0 {
					n, reasons = len(reasons), append(reasons, o.Reason)
				}
				fmt.Fprintf(&b, " %s (%d) |", o.Word, n+1)
			case found:
				fmt.Fprintf(&b, " %s |", o.Word)
			case i == 0 && r.Fault != "":
				fmt.Fprintf(&b, " %s |", cell(r.Fault))
			default:
				b.WriteString(" |")
			}
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "\n%s\n", legend)
	if reasons != nil {
		b.WriteByte('\n')
	}
	for i, reason := range reasons {
		fmt.Fprintf(&b, "%d. %s\n", i+1, cell(reason))
	}
	return b.String()
}

// packaged is the version of a kernel's package, as Debian's kernels have it in what
// uname(2) says of their making.
var packaged = regexp.MustCompile(`\bDebian (\S+)`)

// release is a kernel's version: that of its package, where the name it goes by is that
// of several.
func release(e results.Environment) string {
	if m := packaged.FindStringSubmatch(e.KernelFull); m != nil {
		return m[1]
	}
	return e.Kernel
}

// merged are the rows with one for all drivers of which the same came on a kernel, in
// the place of the first.
func merged(rows []Row) []Row {
	var list []Row
	for _, r := range rows {
		same := slices.IndexFunc(list, func(m Row) bool {
			return m.Kernel == r.Kernel && m.Fault == r.Fault && maps.Equal(m.Outcomes, r.Outcomes)
		})
		if same < 0 {
			list = append(list, r)
		} else {
			list[same].Driver += ", " + r.Driver
		}
	}
	return list
}

func code(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "`" + n + "`"
	}
	return strings.Join(quoted, " | ")
}

// cell is a text that ends no cell and begins no markup.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "*", `\*`, "_", `\_`, "~", `\~`).Replace(text)
}

// Marks of where the table is in a page.
const (
	tableBegins = "<!-- made by make vmtest -->\n"
	tableEnds   = "<!-- end of what make vmtest makes -->\n"
)

// Redraw returns a page with its table replaced. Without its two marks, each a line
// of its own, that is an error.
func Redraw(page, table string) (string, error) {
	before, rest, begins := strings.Cut(page, tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		return "", fmt.Errorf("no place for the table: want the lines %q and %q", strings.TrimSpace(tableBegins), strings.TrimSpace(tableEnds))
	}
	return before + tableBegins + "\n" + table + "\n" + tableEnds + after, nil
}
