package link

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestReadReport(t *testing.T) {
	for _, test := range []struct {
		report string
		want   string // in the error, "" for none
		errno  error
	}{
		{reportReady, "", nil},
		{"1 bring up lo in the new namespace", "can't bring up lo in the new namespace", unix.EPERM},
		{"", "before it called Inside", nil},
		{"rea", "before it called Inside", nil},
		{"0 nothing", "before it called Inside", nil},
		{"99999999999999999999 overflow", "before it called Inside", nil},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.WriteString(test.report); err != nil {
			t.Fatal(err)
		}
		w.Close()
		err = readReport(r, byUserNamespace)
		r.Close()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%q: got %v, want %q", test.report, err, test.want)
		}
		if test.errno != nil && (!errors.Is(err, test.errno) || !errors.As(err, new(*NamespaceError))) {
			t.Errorf("%q: got %v, want a NamespaceError of %v", test.report, err, test.errno)
		}
	}
}
