package control

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestSecretFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	made := NewSecret()
	if bytes.Equal(made, NewSecret()) || len(made) < 26 {
		t.Errorf("made %q", made)
	}
	if err := WriteSecret(path, made); err != nil {
		t.Fatal(err)
	}
	if err := WriteSecret(path, made); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second secret in the same file: %v", err)
	}
	got, warning, err := ReadSecret(path)
	if err != nil || !bytes.Equal(got, made) || warning != "" {
		t.Errorf("read %q, %q, %v, want %q", got, warning, err, made)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, warning, err := ReadSecret(path); err != nil || !strings.Contains(warning, "mode 0640") {
		t.Errorf("of mode 640: %q, %v", warning, err)
	}
}

func TestReadSecretRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct{ name, content, why string }{
		{"short", "0123456789abcde\n", "a secret of 15 bytes can be guessed: it takes at least 16"},
		{"blank", strings.Repeat(" ", 100), "a secret of 0 bytes"},
		{"long", strings.Repeat("x", 5000), "longer than 4096 bytes"},
	} {
		path := filepath.Join(dir, test.name)
		if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := ReadSecret(path); err == nil || !strings.Contains(err.Error(), test.why) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want %q and the file", test.name, err, test.why)
		}
	}
	if _, _, err := ReadSecret(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, _, err := ReadSecret(dir); err == nil {
		t.Error("a directory passes for a secret")
	}
}
