package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// svgPen writes the data of a path (https://www.w3.org/TR/SVG2/paths.html). Places are
// in whole tenths of a point.
type svgPen struct {
	canvas *svgCanvas
	b      strings.Builder
	x, y   int // where it is
	x0, y0 int // where its line began, and where closing takes it
}

func (p *svgPen) move(to vg.Point) {
	x, y := p.canvas.tenths(to)
	if p.b.Len() == 0 {
		p.write('M', x, y) // there is no place yet to go from
	} else {
		p.write('m', x-p.x, y-p.y)
	}
	p.x, p.y, p.x0, p.y0 = x, y, x, y
}

func (p *svgPen) line(to vg.Point) {
	x, y := p.canvas.tenths(to)
	switch {
	case x == p.x && y == p.y: // an arc begins where its line ends
	case y == p.y:
		p.write('h', x-p.x)
	case x == p.x:
		p.write('v', y-p.y)
	default:
		p.write('l', x-p.x, y-p.y)
	}
	p.x, p.y = x, y
}

// to draws what goes through control points to the last one.
func (p *svgPen) to(letter byte, points ...vg.Point) {
	var steps []int
	var x, y int
	for _, q := range points {
		x, y = p.canvas.tenths(q)
		steps = append(steps, x-p.x, y-p.y)
	}
	p.write(letter, steps...)
	p.x, p.y = x, y
}

// arc draws an arc in parts of at most half a turn, as SVG can't draw a whole circle
// at once. The transform must keep circles round.
func (p *svgPen) arc(comp vg.PathComp) {
	m := p.canvas.state.m
	det := m[0]*m[3] - m[1]*m[2]
	r := num(comp.Radius.Points() * math.Sqrt(math.Abs(det)))
	sweep := 1
	if (comp.Angle > 0) != (det > 0) {
		sweep = 0
	}
	parts := max(1, int(math.Ceil(math.Abs(comp.Angle)/math.Pi)))
	for i := 1; i <= parts; i++ {
		x, y := p.canvas.tenths(onCircle(comp, float64(i)/float64(parts)))
		fmt.Fprintf(&p.b, "a%s %s 0 0 %d %s %s", r, r, sweep, tenth(x-p.x), tenth(y-p.y))
		p.x, p.y = x, y
	}
}

func (p *svgPen) close() {
	p.b.WriteByte('z')
	p.x, p.y = p.x0, p.y0
}

// write puts no space where a sign parts two numbers.
func (p *svgPen) write(letter byte, steps ...int) {
	p.b.WriteByte(letter)
	for i, s := range steps {
		if i > 0 && s >= 0 {
			p.b.WriteByte(' ')
		}
		p.b.WriteString(tenth(s))
	}
}

// tenth prints a number of tenths: 12.3, -.5.
func tenth(n int) string {
	whole, part := n/10, n%10
	switch {
	case part == 0:
		return strconv.Itoa(whole)
	case whole == 0 && part < 0:
		return "-." + strconv.Itoa(-part)
	case whole == 0:
		return "." + strconv.Itoa(part)
	}
	return strconv.Itoa(whole) + "." + strconv.Itoa(max(part, -part))
}
