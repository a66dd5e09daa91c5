package vmtest

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ulikunitz/xz"
)

// module is a kernel module, unpacked.
type module struct {
	name string // with _ for -, as the kernel has it
	data []byte
}

// load returns the modules of the given names and all that these depend on, each
// after its dependencies. A name that no file has is taken for built in; that a
// dependency has none is an error. Debian makes modules.dep when a kernel is
// installed, so what a module needs is read from the module itself.
func (t tree) load(names []string) ([]module, error) {
	files, err := moduleFiles(t.modules)
	if err != nil {
		return nil, err
	}
	var list []module
	seen := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		if seen[name] {
			return nil
		}
		seen[name] = true
		data, err := readModule(files[name])
		if err != nil {
			return fmt.Errorf("module %s: %w", name, err)
		}
		needed, err := dependencies(data)
		if err != nil {
			return fmt.Errorf("module %s: %w", name, err)
		}
		for _, d := range needed {
			if files[d] == "" {
				return fmt.Errorf("module %s needs %s, which isn't in %s", name, d, t.modules)
			}
			if err := add(d); err != nil {
				return err
			}
		}
		list = append(list, module{name, data})
		return nil
	}
	for _, name := range present(names, files) {
		if err := add(name); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// present returns those of the names that have a file.
func present(names []string, files map[string]string) (list []string) {
	for _, name := range names {
		if files[name] != "" {
			list = append(list, name)
		}
	}
	return list
}

// moduleFiles are the files of all modules, by module name.
func moduleFiles(dir string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if base, _, found := strings.Cut(filepath.Base(path), ".ko"); found && err == nil {
			files[canonical(base)] = path
		}
		return err
	})
	return files, err
}

func canonical(name string) string { return strings.ReplaceAll(name, "-", "_") }

func readModule(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	switch filepath.Ext(path) {
	case ".ko":
	case ".xz":
		if r, err = xz.NewReader(f); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	default:
		return nil, fmt.Errorf("%s: it is compressed in another way than by xz", path)
	}
	return io.ReadAll(r)
}

// dependencies are the modules that have to be loaded before one. They are in its
// section .modinfo: strings of name and value, each with a NUL after it (MODULE_INFO
// in include/linux/module.h).
func dependencies(data []byte) ([]string, error) {
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	info := f.Section(".modinfo")
	if info == nil {
		return nil, fmt.Errorf("no section .modinfo: it is no kernel module")
	}
	text, err := info.Data()
	if err != nil {
		return nil, err
	}
	for entry := range strings.SplitSeq(string(text), "\x00") {
		if list, found := strings.CutPrefix(entry, "depends="); found {
			return strings.FieldsFunc(canonical(list), func(r rune) bool { return r == ',' }), nil
		}
	}
	return nil, nil
}
