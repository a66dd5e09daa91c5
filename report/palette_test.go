package report

import (
	"math"
	"slices"
	"testing"
)

func TestLooksDiffer(t *testing.T) {
	names := strategyNames(wide())
	styles := looks(names)
	seen := make(map[string]string)
	for _, n := range names {
		key := styles[n].hue.name + styles[n].glyph.name
		if other, ok := seen[key]; ok {
			t.Errorf("%s and %s look alike", n, other)
		}
		seen[key] = n
		if n != "write" && styles[n].hue.name == hues[0].name {
			t.Errorf("%s has the baseline's colour", n)
		}
	}
	// A strategy looks the same whatever else was measured.
	if alone := looks([]string{"uring-sendzc"})["uring-sendzc"]; alone.hue != styles["uring-sendzc"].hue || alone.glyph.name != styles["uring-sendzc"].glyph.name {
		t.Error("uring-sendzc changes its look with the company")
	}
}

// TestContrast holds text to WCAG 2.2 level AA, 4.5 to 1, in both themes.
func TestContrast(t *testing.T) {
	check := func(text, ground tone) {
		for _, theme := range []struct {
			name string
			of   func(tone) uint32
		}{{"light", func(t tone) uint32 { return t.light }}, {"dark", func(t tone) uint32 { return t.dark }}} {
			a, b := luminance(theme.of(text)), luminance(theme.of(ground))
			if c := (max(a, b) + 0.05) / (min(a, b) + 0.05); c < 4.5 {
				t.Errorf("%s on %s, %s: contrast %.2f", text.name, ground.name, theme.name, c)
			}
		}
	}
	check(ink, paper)
	check(soft, paper)
	check(ink, band)
	for _, ground := range slices.Concat(above, below) {
		check(ink, ground)
	}
}

// luminance is WCAG's relative luminance.
func luminance(rgb uint32) float64 {
	part := func(shift int) float64 {
		v := float64(rgb>>shift&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}
