package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	imagedraw "image/draw"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"sendbench/runner/results"
)

// values lists every plotted value of every chart, and what is missing.
func values(s *results.Summary) string {
	drawn, missing := charts(s)
	var b strings.Builder
	for _, c := range drawn {
		fmt.Fprintf(&b, "chart %s\n%s\n%s", c.name, c.title, c.body.values())
	}
	for _, m := range missing {
		fmt.Fprintf(&b, "missing: %s\n", m)
	}
	return b.String()
}

func TestChartValues(t *testing.T) {
	for name, s := range planted() {
		t.Run(name, func(t *testing.T) { golden(t, "charts/"+name+".golden", values(s)) })
	}
}

func TestChartValuesWide(t *testing.T) {
	drawn, _ := charts(wide())
	i := slices.IndexFunc(drawn, func(c chart) bool { return c.name == "ratio" })
	if i < 0 {
		t.Fatal("no chart named ratio")
	}
	golden(t, "charts/wide-ratio.golden", drawn[i].body.values())
}

// box is a text as it was laid out.
type box struct {
	text string
	vg.Rectangle
}

// textRecorder is a canvas that keeps where text goes. Charts transform nothing,
// so a position is what FillString gets.
type textRecorder struct {
	*svgCanvas
	boxes []box
}

func (r *textRecorder) FillString(face font.Face, p vg.Point, text string) {
	r.svgCanvas.FillString(face, p, text)
	size := face.Font.Size
	r.boxes = append(r.boxes, box{text, vg.Rectangle{
		Min: vg.Point{X: p.X, Y: p.Y - 0.1*size},                     // descenders may touch
		Max: vg.Point{X: p.X + face.Width(text), Y: p.Y + 0.7*size}}, // cap height
	})
}

// TestChartLayout checks that in no chart text overlaps text or leaves the chart.
func TestChartLayout(t *testing.T) {
	for name, s := range all() {
		drawn, _ := charts(s)
		for _, c := range drawn {
			t.Run(name+"/"+c.name, func(t *testing.T) { checkLayout(t, c) })
		}
	}
}

// TestSmallRatios: the longest figures of ratios that a machine has find room.
func TestSmallRatios(t *testing.T) {
	s := brief()
	for i := range s.Effects {
		s.Effects[i].Ratio, s.Effects[i].Verdict = ratioAbout(0.0747/float64(1+i%3), 1.01), results.NoDifference
	}
	for i := range s.Groups {
		for j := range s.Groups[i].Rows {
			s.Groups[i].Rows[j].Ratio = ratioAbout(0.0747, 1.02)
		}
	}
	drawn, _ := charts(s)
	for _, c := range drawn {
		checkLayout(t, c)
	}
}

// TestChartWords: what a chart says of itself has room.
func TestChartWords(t *testing.T) {
	for name, s := range all() {
		drawn, _ := charts(s)
		for _, c := range drawn {
			_, notes, footers, _ := c.parts()
			for _, line := range append(notes, footers...) {
				if strings.HasSuffix(line, "…") {
					t.Errorf("%s/%s: cut off: %s", name, c.name, line)
				}
			}
		}
	}
}

var svgClass = regexp.MustCompile(`class="([^"]*)"`)

// checkSVG parses a drawing and checks that its coordinates are numbers and that
// it refers to nothing that isn't there.
func checkSVG(t *testing.T, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains([]string{"svg", "title", "desc", "style", "path", "text"}, e.Name.Local) {
			t.Errorf("unexpected <%s>", e.Name.Local)
		}
		for _, a := range e.Attr {
			if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
				t.Errorf("<%s %s=%q>", e.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
	known := map[string]bool{"chart": true}
	for _, tone := range tones() {
		known["f-"+tone.name], known["s-"+tone.name] = true, true
	}
	for _, m := range svgClass.FindAllStringSubmatch(svg, -1) {
		if !known[m[1]] {
			t.Errorf("class %q has no rule", m[1])
		}
	}
}

func TestChartSVG(t *testing.T) {
	for name, s := range planted() {
		drawn, _ := charts(s)
		for _, c := range drawn {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				checkSVG(t, c.svg().standalone(c.title, c.alt))
				checkSVG(t, c.svg().inline("chart-"+c.name, c.title, c.alt))
			})
		}
	}
}

func TestSVGGolden(t *testing.T) {
	drawn, _ := charts(planted()["one-cell"])
	for _, c := range drawn {
		if c.name == "copied" {
			golden(t, "copied.svg.golden", c.svg().standalone(c.title, c.alt))
			return
		}
	}
	t.Fatal("no chart named copied")
}

// TestChartPNG checks size and, coarsely, looks: the mean brightness of each of
// 32 by 20 fields, with a tolerance for the rounding of other machines.
func TestChartPNG(t *testing.T) {
	const columns, rows, tolerance = 32, 20, 6
	all := planted()
	var drawn []chart
	for _, of := range []struct{ record, name string }{ // these have everything that charts are drawn from
		{"winner", "throughput-default"}, {"winner", "ratio"}, {"winner", "footprint"}, {"winner", "settings"},
		{"flows", "scaling"}, {"rate", "latency-default"},
	} {
		cs, _ := charts(all[of.record])
		i := slices.IndexFunc(cs, func(c chart) bool { return c.name == of.name })
		if i < 0 {
			t.Fatalf("%s has no chart named %s", of.record, of.name)
		}
		drawn = append(drawn, cs[i])
	}
	for _, c := range drawn {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := c.writePNG(&b); err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(&b)
			if err != nil {
				t.Fatal(err)
			}
			height := int(math.Round(c.height().Points() * pngDPI / 72))
			if got := img.Bounds().Size(); got.X != 1600 || got.Y < height-1 || got.Y > height+1 {
				t.Errorf("size %v, want 1600 by %d", got, height)
			}
			got := thumbnail(img, columns, rows)
			file := filepath.Join("testdata", "png", c.name+".golden")
			if *update {
				golden(t, "png/"+c.name+".golden", got)
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if off := furthest(t, got, string(want)); off > tolerance {
				t.Errorf("brightness differs from %s by up to %d of 255, more than %d:\n%s", file, off, tolerance, got)
			}
		})
	}
}

// thumbnail prints mean brightness, 0 to 255, row by row.
func thumbnail(img image.Image, columns, rows int) string {
	var out strings.Builder
	size := img.Bounds().Size()
	gray := image.NewGray(image.Rectangle{Max: size})
	imagedraw.Draw(gray, gray.Bounds(), img, img.Bounds().Min, imagedraw.Src)
	for j := range rows {
		for i := range columns {
			sum, n := 0, 0
			for y := size.Y * j / rows; y < size.Y*(j+1)/rows; y++ {
				line := gray.Pix[y*gray.Stride:]
				for _, v := range line[size.X*i/columns : size.X*(i+1)/columns] {
					sum += int(v)
					n++
				}
			}
			fmt.Fprintf(&out, "%4d", sum/n)
		}
		out.WriteString("\n")
	}
	return out.String()
}

func furthest(t *testing.T, got, want string) int {
	t.Helper()
	a, b := strings.Fields(got), strings.Fields(want)
	if len(a) != len(b) {
		t.Fatalf("%d fields, want %d", len(a), len(b))
	}
	most := 0
	for i := range a {
		var x, y int
		if _, err := fmt.Sscan(a[i]+" "+b[i], &x, &y); err != nil {
			t.Fatal(err)
		}
		most = max(most, x-y, y-x)
	}
	return most
}
