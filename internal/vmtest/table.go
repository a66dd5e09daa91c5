package vmtest

import (
	"fmt"
	"slices"
	"strings"
)

// Row is what came of the strategies on one kernel over one driver.
type Row struct {
	Kernel   string // as the kernel calls itself
	Driver   string
	Outcomes map[string]Outcome // by strategy
	Fault    string             // why there are none: "" where there are
}

// Table is the rows as a Markdown table with a column a strategy. The reasons of what
// is unsupported are below it, each once.
func Table(strategies []string, rows []Row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| kernel | driver | %s |\n|---|---|%s\n", code(strategies), strings.Repeat("---|", len(strategies)))
	var reasons []string
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s |", r.Kernel, r.Driver)
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
	if reasons != nil {
		b.WriteByte('\n')
	}
	for i, reason := range reasons {
		fmt.Fprintf(&b, "%d. %s\n", i+1, cell(reason))
	}
	return b.String()
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
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "*", `\*`, "_", `\_`).Replace(text)
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
