package browser

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
)

// TestSort sorts tables by their heads.
func TestSort(t *testing.T) {
	b := open(t, pageOf(t, "default"), "", desk)
	column := func(i int) []string {
		var out []string
		for _, row := range b.rows("table-1-1") {
			out = append(out, row[i])
		}
		return out
	}
	before := b.rows("table-1-1")
	head := `#table-1-1 thead th:nth-child(4) button` // throughput
	b.press(head, kb.Enter)
	b.expect("sorted", eval[string](b, `document.querySelector("#table-1-1 thead th:nth-child(4)").ariaSort`), "ascending")
	up := eval[[]float64](b, `[...document.querySelectorAll("#table-1-1 tbody tr")].map((r) => Number(r.cells[3].textContent))`)
	if len(up) != len(before) || !slices.IsSorted(up) {
		t.Errorf("throughput upwards: %v", up)
	}
	b.press(head, " ")
	down := eval[[]float64](b, `[...document.querySelectorAll("#table-1-1 tbody tr")].map((r) => Number(r.cells[3].textContent))`)
	slices.Reverse(down)
	if !slices.IsSorted(down) {
		t.Errorf("throughput downwards: %v", down)
	}
	for _, violation := range eval[[]string](b, rules) {
		t.Errorf("sorted: %s", violation)
	}
	b.press(head, kb.Enter)
	b.expect("as it was", fmt.Sprint(b.rows("table-1-1")) == fmt.Sprint(before), true)
	// Sizes go by bytes, not by letters.
	b.press(`#table-1-1 thead th:nth-child(1) button`, kb.Enter)
	sizes := slices.Compact(column(0))
	b.expect("sizes", sizes, []string{"64 B", "256 B", "1400 B", "4 KiB", "8 KiB", "16 KiB", "32 KiB", "64000 B"})
}

// TestCopy copies tables and a link, where the browser lets it and where not.
func TestCopy(t *testing.T) {
	b := open(t, pageOf(t, "hostile"), "", desk)
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.clipboard(browser.PermissionSettingGranted)
	copied := func() string { return eval[string](b, "navigator.clipboard.readText()") }
	said := func(selector string) string {
		return eval[string](b, fmt.Sprintf(`new Promise((done) => { const look = () => { const text = document.querySelector(%q).textContent; text ? done(text) : setTimeout(look, 10); }; look(); })`, selector))
	}
	b.press(`#table-1-1 + .tools button`, kb.Enter)
	b.expect("status", said(`#table-1-1 + .tools .status`), fmt.Sprintf("Copied %d rows.", len(b.rows("table-1-1"))))
	lines := strings.Split(strings.TrimSuffix(copied(), "\r\n"), "\r\n")
	b.expect("lines", len(lines), len(b.rows("table-1-1"))+1)
	b.expect("head", strings.HasPrefix(lines[0], `Size,Strategy,Rounds,"Throughput, Gbit/s","Throughput, Gbit/s, interval or note"`), true)
	if fields := strings.Split(lines[len(lines)-1], ","); fields[0] != "64000 B" {
		t.Errorf("the last row begins %q, not with its size", fields[0])
	}
	b.press("#view-link", kb.Enter)
	said("#view-status")
	b.expect("link", copied(), eval[string](b, "location.href"))

	b.clipboard(browser.PermissionSettingDenied)
	b.press(`#table-1-2 + .tools button, #table-2-1 + .tools button`, kb.Enter)
	if text := said(`#table-2-1 + .tools .status`); !strings.Contains(text, "doesn't let a page copy") {
		t.Errorf("where it may not copy, the page says %q", text)
	}
	b.forget() // the browser's own word on that
}

// TestFormulas: text that a spreadsheet would take for a formula is quoted.
func TestFormulas(t *testing.T) {
	b := open(t, pageOf(t, "one-cell"), "", desk)
	got := eval[string](b, `(() => {
		const table = document.createElement("table");
		table.createTHead().insertRow().append(document.createElement("th"));
		for (const text of ["=1+1", "@x", "-5", "+1", "-x", 'a "b", c', "plain"]) table.createTBody().insertRow().insertCell().textContent = text;
		return csv(table);
	})()`)
	b.expect("CSV", got, "\r\n'=1+1\r\n'@x\r\n-5\r\n+1\r\n'-x\r\n\"a \"\"b\"\", c\"\r\nplain\r\n")
}

// TestSmallFigures: the script prints figures as the page's tables do at the ends of what
// has no exponent.
func TestSmallFigures(t *testing.T) {
	b := open(t, pageOf(t, "one-cell"), "", desk)
	b.expect("figures", eval[[]string](b, "[0.00009999, -0.00009999, 0.0001, 0.0000994, 999999.9, 1e6].map(figure)"),
		[]string{"0.0001", "-0.0001", "0.000100", "9.94e-05", "1000000", "1e+06"})
}
