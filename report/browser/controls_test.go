package browser

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var desk = look{width: 1280}

// choose sets a control to the option of that text, as somebody who uses it does.
func (b *tab) choose(id, text string) {
	b.t.Helper()
	ok := eval[bool](b, fmt.Sprintf(`(() => {
		const select = document.getElementById(%q);
		const option = [...select.options].find((o) => o.textContent === %q);
		if (!option || !select.checkVisibility()) return false;
		select.value = option.value;
		select.dispatchEvent(new Event("change", { bubbles: true }));
		return true;
	})()`, id, text))
	if !ok {
		b.t.Fatalf("#%s has no option %q that is shown", id, text)
	}
}

// press focuses an element and presses keys.
func (b *tab) press(selector, keys string) {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS(selector)), chromedp.KeyEvent(keys))
}

// rows are the cells of a table's body, as text.
func (b *tab) rows(id string) [][]string {
	b.t.Helper()
	return eval[[][]string](b, fmt.Sprintf(`[...document.getElementById(%q).tBodies].flatMap((body) => [...body.rows].map((r) => [...r.cells].map((c) => c.textContent.trim())))`, id))
}

// address is the view that the URL names.
func (b *tab) address() url.Values {
	b.t.Helper()
	_, query, _ := strings.Cut(eval[string](b, "location.hash"), "#view?")
	values, err := url.ParseQuery(query)
	if err != nil {
		b.t.Fatal(err)
	}
	return values
}

func (b *tab) expect(what string, got, want any) {
	b.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		b.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestChoose uses each control of a view and checks the chart, the table behind it
// and the URL.
func TestChoose(t *testing.T) {
	b := open(t, pageOf(t, "default"), "", desk)
	marks := func() int { return eval[int](b, `document.querySelectorAll("#view-chart .mark").length`) }
	b.expect("marks of six ratios at eight sizes", marks(), 48)
	b.expect("rows of the table behind", len(b.rows("view-table")), 48)
	b.expect("floors", eval[int](b, `document.querySelectorAll("#view-chart .floor").length`), 8)

	b.choose("view-profile", "mtu=9000")
	b.expect("marks at four sizes", marks(), 24)
	b.expect("profile in the URL", b.address().Get("profile"), "mtu=9000")
	b.choose("view-metric", "Throughput, Gbit/s")
	b.expect("marks with the baseline", marks(), 28)
	b.expect("figure in the URL", b.address().Get("figure"), "rate")
	b.expect("floors of what isn't a ratio", eval[int](b, `document.querySelectorAll("#view-chart .floor").length`), 0)
	b.choose("view-profile", "default")
	b.choose("view-buffers", "cold filled")
	b.expect("buffers in the URL", b.address().Get("buffers"), "cold filled")
	b.expect("the figure stays", b.address().Get("figure"), "rate")
	b.expect("marks of seven strategies at five sizes", marks(), 35)
	if caption := eval[string](b, `document.getElementById("view-caption").textContent`); !strings.Contains(caption, "Cold filled") {
		t.Errorf("the table is captioned %q", caption)
	}

	b.press(`#view-strategies input[value="sendmmsg"]`, " ")
	b.expect("marks without a strategy", marks(), 30)
	b.expect("strategies left out in the URL", b.address()["without"], []string{"sendmmsg"})
	for _, row := range b.rows("view-table") {
		if row[1] == "sendmmsg" {
			t.Error("the table still has sendmmsg")
		}
	}
	b.press("#view-none", kb.Enter)
	b.expect("marks of none", marks(), 0)
	b.press("#view-all", kb.Enter)
	b.expect("marks of all", marks(), 35)
	b.expect("strategies left out in the URL", len(b.address()["without"]), 0)
	b.picture("chosen", desk)
}

// TestSameFigures: a view's table has the figures that the page's own has.
func TestSameFigures(t *testing.T) {
	b := open(t, pageOf(t, "default"), "", desk)
	for metric, column := range map[string]int{"Throughput, Gbit/s": 1, "Throughput as a ratio to the baseline": 3, "CPU time a byte, ns": 7} {
		b.choose("view-metric", metric)
		want := make(map[string]string)
		size := ""
		table := b.rows("table-1-1")
		for _, row := range table {
			if len(row) == len(table[0]) { // the first of its size
				size, row = row[0], row[1:]
			}
			want[size+" "+row[0]] = row[1+column] + ", " + row[2+column]
		}
		seen := 0
		for _, row := range b.rows("view-table") {
			if got := row[2] + ", " + row[3]; got != want[row[0]+" "+row[1]] {
				t.Errorf("%s of %s at %s: %s, the page's table has %s", metric, row[1], row[0], got, want[row[0]+" "+row[1]])
			}
			seen++
		}
		if seen < 48 {
			t.Errorf("%s: %d rows", metric, seen)
		}
	}
}

// TestFigures: the script prints figures as the page's tables have them.
func TestFigures(t *testing.T) {
	b := open(t, pageOf(t, "one-cell"), "", desk)
	b.expect("ratios", eval[[]string](b, "[12.34, 1.005, 0.1, 0.0712, 0.00096, 1e-7, 1e9, 0].map(ratioFigure)"),
		[]string{"12.3", "1.00", "0.10", "0.0712", "0.000960", "1e-07", "1e+09", "0"})
	b.expect("figures", eval[[]string](b, "[0.18976, 98.14, 12345, 9.996, 0.09996, 999.7, -0.05, NaN].map(figure)"),
		[]string{"0.190", "98.1", "12345", "10.0", "0.100", "1000", "-0.0500", "–"})
}

// TestRawReach: raw points far out widen an axis no more than they do in the charts.
func TestRawReach(t *testing.T) {
	b := open(t, pageOf(t, "one-cell"), "", desk)
	of := func(raw string) []float64 {
		return eval[[]float64](b, `extent([{ value: [2, 1, 4], row: { raw: [`+raw+`] } }], { index: 0 })`)
	}
	near, far := of("[0.9, 4.5]"), of("[0.0001, 3, 1e6]")
	if near[0] > 0.9 || near[0] < 0.8 || near[1] < 4.5 || near[1] > 5 {
		t.Errorf("points that are near make an axis of %v", near)
	}
	if far[0] > 0.8 || far[0] < 0.7 || far[1] < 5 || far[1] > 5.7 {
		t.Errorf("points that are far out make an axis of %v", far)
	}
}

// TestPoint points at a value, by mouse and by keyboard.
func TestPoint(t *testing.T) {
	for _, name := range []string{"default", "one-cell"} {
		t.Run(name, func(t *testing.T) {
			b := open(t, pageOf(t, name), "", desk)
			said := func() string { return eval[string](b, `document.getElementById("view-detail").textContent`) }
			if text := said(); !strings.Contains(text, "Point at a value") {
				t.Errorf("before: %q", text)
			}
			b.do(chromedp.ScrollIntoView(chromedp.CSS("#view-chart .mark")))
			place := eval[[]float64](b, `(() => { const r = document.querySelectorAll("#view-chart .mark")[1].querySelector(".target").getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`)
			b.do(chromedp.MouseEvent("mouseMoved", place[0], place[1]))
			for _, want := range []string{"95 % interval", "Rounds12", "Verdict", "Round by round"} {
				if !strings.Contains(said(), want) {
					t.Errorf("pointed at, %q isn't in %q", want, said())
				}
			}
			b.expect("raw points on a line", eval[int](b, `document.querySelectorAll("#view-detail .strip circle").length`), 12)

			focused := func() string { return eval[string](b, `document.activeElement.getAttribute("aria-label") ?? ""`) }
			b.do(chromedp.Focus(chromedp.CSS("#view-link")), chromedp.KeyEvent(kb.Tab))
			first := focused()
			b.do(chromedp.KeyEvent(kb.ArrowRight))
			second := focused()
			if first == second || !strings.Contains(second, "12 rounds") {
				t.Errorf("the arrow key goes from %q to %q", first, second)
			}
			if head, _, _ := strings.Cut(second, ":"); !strings.HasPrefix(said(), head) {
				t.Errorf("%q has the focus, and %q is said", second, said())
			}
			b.do(chromedp.KeyEvent(kb.End), chromedp.KeyEvent(kb.ArrowRight))
			last := focused()
			b.do(chromedp.KeyEvent(kb.Home))
			b.expect("Home", focused(), first)
			if last == first || last == "" {
				t.Errorf("End goes to %q", last)
			}
			b.expect("stops of the Tab key in the chart", eval[int](b, `document.querySelectorAll('#view-chart [tabindex="0"]').length`), 1)
			b.picture("pointed-"+name, desk)
		})
	}
}

// TestAddress opens a page at a view, and follows a change of the URL.
func TestAddress(t *testing.T) {
	b := open(t, pageOf(t, "default"), "#view?profile=mtu%3D9000&buffers=hot+stamped&figure=cpu&without=write&without=sendmmsg", desk)
	chosen := func() []string {
		return eval[[]string](b, `["profile", "buffers", "metric"].map((id) => { const s = document.getElementById("view-" + id); return s.options[s.selectedIndex].textContent; })`)
	}
	b.expect("chosen", chosen(), []string{"mtu=9000", "hot stamped", "CPU time a byte, ns"})
	b.expect("left out", eval[[]string](b, `[...document.querySelectorAll("#view-strategies input:not(:checked)")].map((i) => i.value)`), []string{"write", "sendmmsg"})
	if top := eval[float64](b, `document.getElementById("explore").getBoundingClientRect().top`); top < -5 || top > 100 {
		t.Errorf("the view is at %.0f px of the window", top)
	}
	eval[any](b, `new Promise((done) => { addEventListener("hashchange", () => done(1)); location.hash = "#view?profile=nonsense&figure=release-p50"; })`)
	b.expect("chosen by another URL", chosen(), []string{"default", "hot stamped", "Time to release, median, µs"})
	// An anchor of the page isn't a view, and changes none.
	eval[any](b, `new Promise((done) => { addEventListener("hashchange", () => done(1)); location.hash = "#tables"; })`)
	b.expect("chosen by an anchor", chosen(), []string{"default", "hot stamped", "Time to release, median, µs"})
}

// TestRecords chooses among records.
func TestRecords(t *testing.T) {
	b := open(t, pageOf(t, "three"), "", desk)
	labels := eval[[]string](b, `[...document.getElementById("view-record").options].map((o) => o.textContent)`)
	b.expect("records", len(labels), 3)
	b.choose("view-record", labels[1])
	b.expect("record in the URL", b.address().Get("record"), labels[1])
	b.choose("view-buffers", "cold stamped")
	b.choose("view-record", labels[2])
	b.expect("buffers that stay", b.address().Get("buffers"), "cold stamped")
}

// TestUpdate: whoever replaces a part of the page sends it an event, and the controls
// work on.
func TestUpdate(t *testing.T) {
	b := open(t, pageOf(t, "default"), "#view?profile=mtu%3D9000&figure=rate", desk)
	eval[any](b, `(() => {
		const again = new DOMParser().parseFromString(document.documentElement.outerHTML, "text/html");
		for (const e of again.querySelectorAll(".tools:not(.controls .tools), button.sort")) e.replaceWith(...(e.matches(".sort") ? e.childNodes : []));
		for (const e of again.querySelectorAll(".enhanced")) e.classList.remove("enhanced");
		document.querySelector("main").replaceWith(document.adoptNode(again.querySelector("main")));
		document.dispatchEvent(new Event("page"));
		return 0;
	})()`)
	b.expect("view", eval[string](b, `(() => { const s = document.getElementById("view-profile"); return s.options[s.selectedIndex].textContent; })()`), "mtu=9000")
	b.choose("view-metric", "CPU time a byte, ns")
	b.expect("figure in the URL", b.address().Get("figure"), "cpu")
	b.press(`#table-1-1 thead th:nth-child(4) button`, kb.Enter)
	b.expect("sorted", eval[string](b, `document.querySelector("#table-1-1 thead th:nth-child(4)").ariaSort`), "ascending")
	b.expect("buttons to copy one table", eval[int](b, `document.querySelectorAll("#table-1-1 ~ .tools").length`), 1)
}
