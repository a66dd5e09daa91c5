package report

import (
	"fmt"
	"io"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// pngDPI makes a chart 1600 pixels wide: sharp on a screen of twice the usual
// density.
const pngDPI = 192

// writePNG draws a chart on white.
func (c chart) writePNG(w io.Writer) error {
	canvas := vgimg.NewWith(vgimg.UseWH(chartWidth, c.height()), vgimg.UseDPI(pngDPI), vgimg.UseBackgroundColor(paper))
	c.draw(draw.New(canvas))
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(w); err != nil {
		return fmt.Errorf("encoding chart %s as PNG: %w", c.name, err)
	}
	return nil
}

// writeSVG draws a chart as a file of its own.
func (c chart) writeSVG(w io.Writer) error {
	_, err := io.WriteString(w, c.svg().standalone(c.title, c.alt))
	return err
}

// svg draws a chart for both themes.
func (c chart) svg() *svgCanvas {
	canvas := newSVGCanvas(chartWidth, c.height())
	c.draw(draw.New(canvas))
	return canvas
}
