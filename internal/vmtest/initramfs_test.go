package vmtest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/cavaliergopher/cpio"
	"github.com/google/go-cmp/cmp"
)

func TestInitramfs(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("run"), 0o600); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	f := newInitramfs(&b)
	for _, err := range []error{
		f.addFile("/init", program),
		f.add("/lib/modules/a.ko", 0o644, []byte("module")),
		f.add("/lib/modules/empty", 0o644, nil),
		f.close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.addFile("/none", program+"s"); err == nil {
		t.Error("a file that isn't there is added")
	}
	var got []string
	for r := cpio.NewReader(&b); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%v %s %s", h.Mode, h.Name, data))
	}
	want := []string{
		"0100755 init run", "040755 lib ", "040755 lib/modules ", "0100644 lib/modules/a.ko module", "0100644 lib/modules/empty ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}
