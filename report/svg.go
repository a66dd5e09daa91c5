package report

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strconv"
	"strings"

	xfont "golang.org/x/image/font"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// fontStack names sans-serif faces by their system, those first that are as wide
// as the face that charts are laid out in; none is embedded.
const fontStack = `Arial,"Liberation Sans",Helvetica,"Helvetica Neue",system-ui,sans-serif`

// svgCanvas is a vg.Canvas that writes SVG which gonum's own canvas can't: colours
// are classes (f-NAME to fill, s-NAME to stroke) for a style sheet to set, and
// each text but the shortest carries the width that it was laid out with, so that it
// keeps its place in whatever face the browser has.
type svgCanvas struct {
	w, h  vg.Length
	body  bytes.Buffer
	state svgState
	saved []svgState
}

type svgState struct {
	color color.Color
	width vg.Length
	dash  []vg.Length
	offs  vg.Length
	m     [6]float64 // x' = m0*x + m2*y + m4, y' = m1*x + m3*y + m5
}

func newSVGCanvas(w, h vg.Length) *svgCanvas {
	c := &svgCanvas{w: w, h: h}
	c.state.m = [6]float64{1, 0, 0, -1, 0, h.Points()} // vg's origin is at the bottom
	vg.Initialize(c)
	return c
}

func (c *svgCanvas) Size() (w, h vg.Length) { return c.w, c.h }

func (c *svgCanvas) SetLineWidth(w vg.Length) { c.state.width = w }
func (c *svgCanvas) SetColor(clr color.Color) { c.state.color = clr }
func (c *svgCanvas) Push()                    { c.saved = append(c.saved, c.state) }
func (c *svgCanvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.concat(cos, sin, -sin, cos, 0, 0)
}
func (c *svgCanvas) Translate(p vg.Point)        { c.concat(1, 0, 0, 1, p.X.Points(), p.Y.Points()) }
func (c *svgCanvas) Scale(x, y float64)          { c.concat(x, 0, 0, y, 0, 0) }
func (c *svgCanvas) at(p vg.Point) (x, y string) { i, j := c.tenths(p); return tenth(i), tenth(j) }

func (c *svgCanvas) SetLineDash(dash []vg.Length, offs vg.Length) {
	c.state.dash, c.state.offs = slices.Clone(dash), offs
}

func (c *svgCanvas) Pop() {
	c.state = c.saved[len(c.saved)-1]
	c.saved = c.saved[:len(c.saved)-1]
}

// concat puts a transform before those in force.
func (c *svgCanvas) concat(a, b, d, e, x, y float64) {
	m := c.state.m
	c.state.m = [6]float64{
		m[0]*a + m[2]*b, m[1]*a + m[3]*b,
		m[0]*d + m[2]*e, m[1]*d + m[3]*e,
		m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5],
	}
}

func (c *svgCanvas) point(p vg.Point) (x, y float64) {
	m, px, py := c.state.m, p.X.Points(), p.Y.Points()
	return m[0]*px + m[2]*py + m[4], m[1]*px + m[3]*py + m[5]
}

// tenths is a point in whole tenths; what isn't finite would make the file unreadable
// and becomes 0.
func (c *svgCanvas) tenths(p vg.Point) (x, y int) {
	whole := func(v float64) int {
		if v *= 10; math.Abs(v) < 1e9 {
			return int(math.Round(v))
		}
		return 0
	}
	fx, fy := c.point(p)
	return whole(fx), whole(fy)
}

func (c *svgCanvas) Stroke(path vg.Path) {
	if c.state.width <= 0 {
		return
	}
	fmt.Fprintf(&c.body, `<path %s stroke-width="%s"`, c.paint("stroke", "s"), num(c.state.width.Points()))
	if len(c.state.dash) > 0 {
		parts := make([]string, len(c.state.dash))
		for i, d := range c.state.dash {
			parts[i] = num(d.Points())
		}
		fmt.Fprintf(&c.body, ` stroke-dasharray="%s"`, strings.Join(parts, " "))
		if c.state.offs != 0 {
			fmt.Fprintf(&c.body, ` stroke-dashoffset="%s"`, num(c.state.offs.Points()))
		}
	}
	fmt.Fprintf(&c.body, " d=\"%s\"/>\n", c.pathData(path))
}

func (c *svgCanvas) Fill(path vg.Path) {
	fmt.Fprintf(&c.body, "<path %s d=\"%s\"/>\n", c.paint("fill", "f"), c.pathData(path))
}

// paint is the attribute that colours a shape: a class where the colour is a tone.
func (c *svgCanvas) paint(attribute, prefix string) string {
	switch clr := c.state.color.(type) {
	case nil:
		return fmt.Sprintf(`class="%s-%s"`, prefix, ink.name)
	case tone:
		return fmt.Sprintf(`class="%s-%s"`, prefix, clr.name)
	case faded:
		return fmt.Sprintf(`class="%s-%s" opacity="%s"`, prefix, clr.name, num(fadedOpacity))
	default:
		n := color.NRGBAModel.Convert(clr).(color.NRGBA)
		s := fmt.Sprintf(`%s="#%02x%02x%02x"`, attribute, n.R, n.G, n.B)
		if n.A != 0xff {
			s += fmt.Sprintf(` %s-opacity="%s"`, attribute, num(float64(n.A)/0xff))
		}
		if attribute == "stroke" {
			s += ` fill="none"`
		}
		return s
	}
}

// pathData writes a path in whole tenths of a point, each place from where the pen
// is: that takes half the bytes, and no error adds up, as places are rounded before
// they are subtracted.
func (c *svgCanvas) pathData(path vg.Path) string {
	pen := svgPen{canvas: c}
	for i, comp := range path {
		switch comp.Type {
		case vg.MoveComp:
			pen.move(comp.Pos)
		case vg.LineComp:
			pen.line(comp.Pos)
		case vg.CurveComp:
			letter := byte('q')
			if len(comp.Control) == 2 {
				letter = 'c'
			}
			pen.to(letter, append(slices.Clone(comp.Control), comp.Pos)...)
		case vg.ArcComp:
			if i == 0 {
				pen.move(onCircle(comp, 0))
			} else {
				pen.line(onCircle(comp, 0))
			}
			pen.arc(comp)
		case vg.CloseComp:
			pen.close()
		}
	}
	return pen.b.String()
}

func onCircle(comp vg.PathComp, part float64) vg.Point {
	sin, cos := math.Sincos(comp.Start + part*comp.Angle)
	return vg.Point{X: comp.Pos.X + comp.Radius*vg.Length(cos), Y: comp.Pos.Y + comp.Radius*vg.Length(sin)}
}

func (c *svgCanvas) FillString(face font.Face, p vg.Point, text string) {
	if text == "" || face.Font.Size <= 0 {
		return
	}
	m := c.state.m
	x, y := c.at(p)
	place := fmt.Sprintf(`x="%s" y="%s"`, x, y)
	if m[0] != 1 || m[1] != 0 || m[2] != 0 || m[3] != -1 {
		// Text stands upright in a space whose y axis points down.
		place = fmt.Sprintf(`transform="matrix(%s %s %s %s %s %s)"`, num(m[0]), num(m[1]), num(-m[2]), num(-m[3]), x, y)
	}
	weight := ""
	if face.Font.Weight >= xfont.WeightSemiBold {
		weight = ` font-weight="600"`
	}
	length := ""
	if w := face.Width(text); w > shortest {
		length = fmt.Sprintf(` textLength="%s" lengthAdjust="spacingAndGlyphs"`, num(w.Points()))
	}
	fmt.Fprintf(&c.body, `<text %s %s font-size="%s"%s%s>%s</text>`+"\n",
		c.paint("fill", "f"), place, num(face.Font.Size.Points()), weight, length, escapeXML(text))
}

// shortest is the width up to which a text is that of any face, but for a point or two.
const shortest = vg.Length(24)

// DrawImage completes vg.Canvas; no chart here draws one.
func (c *svgCanvas) DrawImage(rect vg.Rectangle, img image.Image) {
	var data bytes.Buffer
	if err := png.Encode(&data, img); err != nil {
		return // an image that PNG can't hold has no pixels
	}
	x, y := c.at(vg.Point{X: rect.Min.X, Y: rect.Max.Y})
	size := rect.Size()
	fmt.Fprintf(&c.body, `<image x="%s" y="%s" width="%s" height="%s" href="data:image/png;base64,%s"/>`+"\n",
		x, y, num(size.X.Points()), num(size.Y.Points()), base64.StdEncoding.EncodeToString(data.Bytes()))
}

// inline is the drawing as an element for a page whose style sheet has toneRules.
// id must be unique in the page.
func (c *svgCanvas) inline(id, title, alt string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 %[1]s %[2]s" width="%[1]s" height="%[2]s" role="img" aria-labelledby="%[3]s-t %[3]s-d">`+
		`<title id="%[3]s-t">%[4]s</title><desc id="%[3]s-d">%[5]s</desc>`+"\n%[6]s</svg>\n",
		num(c.w.Points()), num(c.h.Points()), escapeXML(id), escapeXML(title), escapeXML(alt), c.body.String())
}

// standalone is the drawing as a file, with its own background and style sheet.
func (c *svgCanvas) standalone(title, alt string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]s %[2]s" width="%[1]spt" height="%[2]spt" role="img" aria-labelledby="t d">`+
		"\n"+`<title id="t">%[3]s</title><desc id="d">%[4]s</desc>`+"\n"+
		"<style>text{font-family:%[5]s}%[6]s</style>\n"+
		`<path class="f-%[7]s" d="M0 0H%[1]sV%[2]sH0Z"/>`+"\n%[8]s</svg>\n",
		num(c.w.Points()), num(c.h.Points()), escapeXML(title), escapeXML(alt),
		fontStack, toneRules(), paper.name, c.body.String())
}

// toneRules is the style sheet that gives the classes of tones their colours, by
// the reader's preferred scheme; print is always light.
func toneRules() string {
	var b strings.Builder
	write := func(value func(tone) uint32) {
		for _, t := range tones() {
			fmt.Fprintf(&b, ".f-%s{fill:#%06x}.s-%[1]s{stroke:#%06[2]x;fill:none}", t.name, value(t))
		}
	}
	write(func(t tone) uint32 { return t.light })
	b.WriteString("@media screen and (prefers-color-scheme:dark){")
	write(func(t tone) uint32 { return t.dark })
	b.WriteString("}")
	return b.String()
}

func escapeXML(s string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return "" // a bytes.Buffer doesn't fail
	}
	return b.String()
}

// num prints a coordinate to a hundredth of a point; a value that isn't finite
// would make the file unreadable and becomes 0.
func num(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	v = math.Round(v*100) / 100
	if v == 0 {
		return "0" // not -0
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
