package browser

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sendbench/report/live"
	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// underWay is a run of three strategies at two sizes, whose record grows as the test has
// it while its page is served.
type underWay struct {
	t      *testing.T
	url    string
	file   string
	rec    *results.Record
	out    *results.Writer
	over   chan struct{}
	served chan error
}

func newUnderWay(t *testing.T) *underWay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &underWay{t: t, url: "http://" + l.Addr().String() + "/", file: filepath.Join(t.TempDir(), "r.jsonl"),
		rec: resultstest.Planted(resultstest.Options{
			Profiles: []string{results.ProfileDefault}, Strategies: []string{"write", "sendmmsg", "uring-sendzc"}, Sizes: []int{1400, 64000}, HotOnly: true,
		}),
		over: make(chan struct{}), served: make(chan error, 1)}
	go func() { u.served <- live.Serve(l, u.file, u.over) }()
	return u
}

// begin puts the record in its place.
func (u *underWay) begin() {
	u.t.Helper()
	f, err := os.Create(u.file)
	if err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() { f.Close() })
	u.out = results.NewWriter(f)
	if err := u.out.WriteRun(u.rec.Run); err != nil {
		u.t.Fatal(err)
	}
}

// rounds adds the trials of rounds from..to-1, and waits until the page has them all.
func (u *underWay) rounds(b *tab, from, to int) {
	u.t.Helper()
	n := 0
	for _, trial := range u.rec.Trials {
		if trial.Round < to {
			n++
		}
		if trial.Round < from || trial.Round >= to {
			continue
		}
		if err := u.out.WriteTrial(trial); err != nil {
			u.t.Fatal(err)
		}
	}
	b.do(chromedp.WaitVisible(chromedp.CSS("#view-chart"))) // the first page with trials the browser loads anew
	b.until(fmt.Sprintf("The run goes on: %d of %d trials", n, len(u.rec.Trials)))
}

// until waits for a page that begins with a text, in the place of the one that is shown.
func (b *tab) until(notice string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`new Promise((done) => {
		const look = () => document.getElementById("live").textContent.startsWith(%q) ? done(true) : document.addEventListener("page", look, { once: true });
		look();
	})`, notice))
}

// TestFollow watches a run from before its first trial to its end. What the reader has
// chosen, pointed at, opened and sorted stays so in every page that comes.
func TestFollow(t *testing.T) {
	u := newUnderWay(t)
	b := visit(t, u.url, "", desk)
	if text := eval[string](b, "document.body.textContent"); !strings.Contains(text, "Its page comes with the first trial.") {
		t.Errorf("before the run the page says %q", text)
	}
	u.begin()
	u.rounds(b, 0, 2)

	b.choose("view-metric", "Throughput, Gbit/s")
	b.press(`#view-strategies input[value="write"]`, " ")
	b.do(chromedp.ScrollIntoView(chromedp.CSS("#view-chart .mark")))
	place := eval[[]float64](b, `(() => { const r = document.querySelector('#view-chart [data-cell="uring-sendzc 64000"] .target').getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`)
	b.do(chromedp.MouseEvent("mouseMoved", place[0], place[1]), chromedp.MouseEvent("mouseMoved", 1, 1))
	eval[any](b, `document.querySelector("#tables details").open = true`)
	b.press("#table-1-1 thead th:nth-child(3) button", kb.Enter)
	b.do(chromedp.Focus(chromedp.CSS("#view-link")))

	type state struct {
		Detail, Rounds, Chosen, Metric, Focus, Sorted string
		Marks                                         int
		Open                                          bool
	}
	look := func() state {
		t.Helper()
		return eval[state](b, `(() => {
			const text = (selector) => document.querySelector(selector)?.textContent ?? "none";
			const metric = document.getElementById("view-metric");
			return {
				Detail: text("#view-detail h3"), Rounds: text("#view-detail dt:nth-of-type(3) + dd"),
				Chosen: [...document.querySelectorAll(".mark.chosen")].map((m) => m.dataset.cell).join(),
				Metric: metric.options[metric.selectedIndex].textContent,
				Focus: document.activeElement.id, Sorted: text("#table-1-1 th[aria-sort=ascending]"),
				Marks: document.querySelectorAll("#view-chart .mark").length, Open: document.querySelector("#tables details").open,
			};
		})()`)
	}
	want := state{Detail: "uring-sendzc at 64000 B", Rounds: "2", Chosen: "uring-sendzc 64000", Metric: "Throughput, Gbit/s",
		Focus: "view-link", Sorted: "Rounds", Marks: 4, Open: true}
	b.expect("pointed at", look(), want)
	u.rounds(b, 2, 7)
	want.Rounds = "7"
	b.expect("five rounds later", look(), want)
	b.expect("raw points on the line", eval[int](b, `document.querySelectorAll("#view-detail .strip circle").length`), 7)

	// By keyboard: the value keeps the focus, and the next key goes on from there.
	b.do(chromedp.Focus(chromedp.CSS(`#view-chart [data-cell="sendmmsg 1400"]`)))
	u.rounds(b, 7, 12)
	focused := func() string { return eval[string](b, `document.activeElement.dataset.cell ?? ""`) }
	b.expect("has the focus", focused(), "sendmmsg 1400")
	b.expect("is chosen", look().Chosen, "sendmmsg 1400")
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	b.expect("has the focus next", focused(), "sendmmsg 64000")

	if err := u.out.WriteEnd(*u.rec.End); err != nil {
		t.Fatal(err)
	}
	close(u.over)
	b.until("The run is complete")
	want.Detail, want.Rounds, want.Chosen, want.Focus = "sendmmsg at 64000 B", "12", "sendmmsg 64000", ""
	b.expect("after the end", look(), want)
	if err := <-u.served; err != nil {
		t.Error(err)
	}
	b.picture("followed", desk)
}
