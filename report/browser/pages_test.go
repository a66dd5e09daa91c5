package browser

import (
	"fmt"
	"slices"
	"testing"
)

// inFull are the pages that are looked at in every way; the others are in as many ways
// as it takes for each width, theme and script to have had its turn.
var inFull = []string{"default", "three"}

// looks are the ways of looking at a page.
func looks(name string) []look {
	if !slices.Contains(inFull, name) {
		return []look{{width: 375}, {width: 768, dark: true}, {width: 1280}, {width: 1920, dark: true, plain: true}}
	}
	list := []look{{width: 1280}}
	for _, width := range []int64{375, 768, 1920} {
		for _, dark := range []bool{false, true} {
			for _, plain := range []bool{false, true} {
				list = append(list, look{width: width, dark: dark, plain: plain})
			}
		}
	}
	return list
}

// TestPages looks at every planted page: nothing on the console, no request, nothing
// wider than the window, no rule of accessibility violated.
func TestPages(t *testing.T) {
	for _, name := range names() {
		for _, l := range looks(name) {
			t.Run(fmt.Sprintf("%s/%v", name, l), func(t *testing.T) {
				b := open(t, pageOf(t, name), "", l)
				for _, wide := range eval[[]string](b, overflowing) {
					t.Errorf("wider than the window: %s", wide)
				}
				for _, violation := range eval[[]string](b, rules) {
					t.Errorf("%s", violation)
				}
				explored := eval[bool](b, "document.querySelector('#explore')?.checkVisibility() ?? false")
				b.expect("the section that takes a script is shown", explored, !l.plain && name != "unsupported")
				b.picture(name, l)
			})
		}
	}
}

// overflowing lists what makes the page scroll sideways, nothing where it doesn't.
const overflowing = `(() => {
	const width = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= width) return [];
	return [...document.querySelectorAll("body *")]
		.filter((e) => e.getBoundingClientRect().right > width + 0.5 && !e.parentElement.closest(".scroll"))
		.slice(0, 5).map((e) => e.outerHTML.slice(0, 100));
})()`
