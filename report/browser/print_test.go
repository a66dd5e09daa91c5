package browser

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestPrint prints a page: in light colours even where the screen's are dark, without
// what paper can't do, and with what is folded away.
func TestPrint(t *testing.T) {
	b := open(t, pageOf(t, "default"), "", look{width: 1280, dark: true})
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF())
	if err != nil {
		t.Fatal(err)
	}
	b.keep("print.pdf", pdf)
	if pages := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf, -1)); !bytes.HasPrefix(pdf, []byte("%PDF")) || pages < 5 || pages > 60 {
		t.Errorf("%d bytes on %d pages", len(pdf), pages)
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print",
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	for selector, shown := range map[string]bool{
		".controls": false, ".tools": false, "nav": false, "#view-detail": false, "figcaption": false,
		"#view-chart": true, "#costs-1-1": true, "svg.chart": true,
	} {
		if got := eval[bool](b, fmt.Sprintf(`document.querySelector(%q).checkVisibility({ contentVisibilityAuto: true })`, selector)); got != shown {
			t.Errorf("on paper %s is shown: %v, want %v", selector, got, shown)
		}
	}
	b.expect("ink", eval[string](b, `getComputedStyle(document.body).color`), "rgb(27, 31, 36)")
}
