//go:build linux

package runner

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRefusedSegments: two answers tell that a kernel can't send such messages here,
// and what would be right.
func TestRefusedSegments(t *testing.T) {
	for _, test := range []struct {
		answer   error
		segments int
		says     string // "" for nothing
	}{
		{nil, 128, ""},
		{unix.EINVAL, 64, ""}, // for another reason
		{unix.EINVAL, 65, "65 segments is more than this kernel takes"},
		{unix.EIO, 1, "--segment off"},
		{unix.ENOBUFS, 128, ""},
	} {
		err := refusedSegments(test.answer, test.segments)
		if (err == nil) != (test.says == "") {
			t.Errorf("%v to %d segments: %v", test.answer, test.segments, err)
			continue
		}
		if err != nil && (!errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%v to %d segments: %v; want one line with %q, unsupported", test.answer, test.segments, err, test.says)
		}
	}
}
