package vmtest

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ulikunitz/xz"
)

// object is an ELF file with one section of content, as a linker would make it.
func object(t *testing.T, section, content string) []byte {
	t.Helper()
	names := "\x00.shstrtab\x00" + section + "\x00"
	header := elf.Header64{
		Ident: [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(elf.ET_REL), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT),
		Ehsize: 64, Shentsize: 64, Shnum: 3, Shstrndx: 1, Shoff: uint64(64 + len(names) + len(content)),
	}
	var b bytes.Buffer
	for _, part := range []any{
		header, []byte(names), []byte(content), elf.Section64{},
		elf.Section64{Name: 1, Type: uint32(elf.SHT_STRTAB), Off: 64, Size: uint64(len(names))},
		elf.Section64{Name: 11, Type: uint32(elf.SHT_PROGBITS), Off: uint64(64 + len(names)), Size: uint64(len(content))},
	} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func compressed(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := xz.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestLoad: each module comes once, after those that it depends on, whatever the
// file is called and compressed by.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"net/net_failover.ko":    object(t, ".modinfo", "license=GPL\x00depends=failover\x00"),
		"net/failover.ko.xz":     compressed(t, object(t, ".modinfo", "depends=\x00name=failover\x00")),
		"drivers/virtio-net.ko":  object(t, ".modinfo", "depends=net_failover,virtio-ring\x00"),
		"drivers/virtio_ring.ko": object(t, ".modinfo", "name=virtio_ring\x00"),
		"drivers/orphan.ko":      object(t, ".modinfo", "depends=gone\x00"),
		"drivers/packed.ko.zst":  nil,
		"drivers/text.ko":        []byte("text"),
		"drivers/program.ko":     object(t, ".text", "x"),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kernel := tree{modules: dir}
	list, err := kernel.load([]string{"built_in", "virtio_net", "failover"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range list {
		names = append(names, m.name)
		if !bytes.HasPrefix(m.data, []byte(elf.ELFMAG)) {
			t.Errorf("%s is still compressed", m.name)
		}
	}
	if diff := cmp.Diff([]string{"failover", "net_failover", "virtio_ring", "virtio_net"}, names); diff != "" {
		t.Errorf("modules (-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{
		"orphan": "module orphan needs gone", "packed": "compressed in another way", "text": "module text: ", "program": "no section .modinfo",
	} {
		if _, err := kernel.load([]string{name}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want an error with %q", name, err, want)
		}
	}
}

func FuzzDependencies(f *testing.F) {
	f.Add([]byte("\x7fELF"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if list, err := dependencies(data); err != nil && list != nil {
			t.Errorf("%v besides %v", list, err)
		}
	})
}
