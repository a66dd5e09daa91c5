package report

import (
	"math"
	"testing"

	"gonum.org/v1/plot/vg"
)

func TestTenth(t *testing.T) {
	for n, want := range map[int]string{0: "0", 3: ".3", -3: "-.3", 10: "1", -10: "-1", 123: "12.3", -123: "-12.3"} {
		if got := tenth(n); got != want {
			t.Errorf("%d tenths: %s, want %s", n, got, want)
		}
	}
}

func TestPathData(t *testing.T) {
	square := func(x, y vg.Length) (p vg.Path) {
		p.Move(vg.Point{X: x, Y: y})
		p.Line(vg.Point{X: x + 1.2, Y: y})
		p.Line(vg.Point{X: x + 1.2, Y: y + 1.2})
		p.Line(vg.Point{X: x, Y: y + 1.2})
		p.Close()
		return p
	}
	var circle, nowhere vg.Path
	circle.Move(vg.Point{X: 52, Y: 50})
	circle.Arc(vg.Point{X: 50, Y: 50}, 2, 0, 2*math.Pi)
	circle.Close()
	nowhere.Move(vg.Point{X: vg.Length(math.NaN()), Y: vg.Length(math.Inf(1))})
	nowhere.Line(vg.Point{X: 10, Y: 99})
	tests := []struct {
		name string
		path vg.Path
		want string
	}{
		{"nothing", nil, ""},
		{"square", square(10, 20), "M10 80h1.2v-1.2h-1.2z"},
		{"two", append(square(10, 20), square(11.26, 20.04)...), "M10 80h1.2v-1.2h-1.2zm1.3 0h1.2v-1.2h-1.2z"},
		{"circle", circle, "M52 50a2 2 0 0 0 -4 0a2 2 0 0 0 4 0z"},
		{"what isn't a number", nowhere, "M0 0l10 1"},
	}
	for _, tt := range tests {
		if got := newSVGCanvas(100, 100).pathData(tt.path); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
