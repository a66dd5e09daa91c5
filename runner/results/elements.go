package results

import (
	"bytes"
	"fmt"
)

// Bounds of what a line holds. encoding/json makes room for every element of a list,
// however little is said of it: {}, is three bytes of a line and 168 of memory.
const (
	maxCells    = 1 << 16 // of a record: 56 times those of `run --full`
	maxElements = 1 << 13 // of any other list, or of an object: a CPU each, of which Linux has 8192 (NR_CPUS_RANGE_END, arch/x86/Kconfig)
	maxValues   = 1 << 14 // in all, but for those of the plan's cells
	maxDepth    = 64      // of lists and objects in each other

	// briefLine is so short a line in bytes that whatever a trial's holds takes a few
	// megabytes; nearly every line is.
	briefLine = 1 << 16
)

// open is a list or an object that a line is in the midst of.
type open struct {
	name   []byte // as it is written; nil if it has none
	commas int
	most   int // elements
}

// checkElements counts the elements of what is, or isn't, JSON before anything is made
// of it. Whether it is JSON the decoder says.
func checkElements(line []byte) error {
	var (
		stack  []open
		cells  int // the depth of the plan's cells; 0 outside
		commas int // outside
		text   []byte
		name   []byte // of what comes
	)
	for at := 0; at < len(line); at++ {
		switch line[at] {
		case '"':
			end := stringEnd(line, at)
			text, at = line[at+1:end], end
		case ':':
			name = text
			if len(name) > maxName { // of a setting, say, which names differences, too
				return fmt.Errorf("the line has a name of %d bytes, %.20q…; the longest has %d", len(name), name, maxName)
			}
		case '{', '[':
			o := open{name: name, most: maxElements}
			if line[at] == '[' && string(name) == "cells" {
				o.most = maxCells
			}
			stack, name = append(stack, o), nil
			if len(stack) > maxDepth {
				return fmt.Errorf("the line has lists and objects %d deep; %d is the most", len(stack), maxDepth)
			}
			if o.most == maxCells && cells == 0 {
				cells = len(stack)
			}
		case '}', ']':
			if cells == len(stack) {
				cells = 0
			}
			stack = stack[:max(0, len(stack)-1)]
		case ',':
			name = nil
			if len(stack) > 0 {
				o := &stack[len(stack)-1]
				if o.commas++; o.commas >= o.most {
					return fmt.Errorf("%.40q has more than %d elements; no run has as many", o.name, o.most)
				}
			}
			if cells > 0 {
				continue
			}
			if commas++; commas >= maxValues {
				return fmt.Errorf("the line has more than %d values, the plan's cells left aside; no run has as many", maxValues)
			}
		}
	}
	return nil
}

// stringEnd is where the quotation mark is that ends the string begun at start, or the
// end of the line.
func stringEnd(line []byte, start int) int {
	for at := start + 1; at < len(line); at++ {
		next := bytes.IndexAny(line[at:], `"\`)
		if next < 0 {
			break
		}
		at += next
		if line[at] == '"' {
			return at
		}
		at++ // passes over what is escaped
	}
	return len(line)
}
