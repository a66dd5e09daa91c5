package link

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

func TestNamespaceError(t *testing.T) {
	proc := func(files map[string]string) fs.FS {
		all := map[string]string{
			"self/ns/net":                  "",
			"self/ns/user":                 "",
			"self/status":                  "Name:\tx\nSeccomp:\t0\nSeccomp_filters:\t0\n",
			"sys/user/max_user_namespaces": "96365\n",
			"sys/user/max_net_namespaces":  "96365\n",
		}
		for name, content := range files {
			all[name] = content
		}
		fsys := fstest.MapFS{}
		for name, content := range all {
			if content != "absent" {
				fsys[name] = &fstest.MapFile{Data: []byte(content)}
			}
		}
		return fsys
	}
	for _, test := range []struct {
		name  string
		files map[string]string
		how   privilege
		err   syscall.Errno
		want  string // in Setting; "" for none
	}{
		{"Debian's sysctl", map[string]string{"sys/kernel/unprivileged_userns_clone": "0\n"}, byUserNamespace, syscall.EPERM, "kernel.unprivileged_userns_clone is 0"},
		{"the same, but root", map[string]string{"sys/kernel/unprivileged_userns_clone": "0\n"}, byCapability, syscall.EPERM, ""},
		{"AppArmor", map[string]string{"sys/kernel/apparmor_restrict_unprivileged_userns": "1\n"}, byUserNamespace, syscall.EACCES, "kernel.apparmor_restrict_unprivileged_userns is 1"},
		{"AppArmor, allowed", map[string]string{"sys/kernel/apparmor_restrict_unprivileged_userns": "0\n"}, byUserNamespace, syscall.EPERM, ""},
		{"no user namespaces", map[string]string{"sys/user/max_user_namespaces": "0\n"}, byUserNamespace, syscall.ENOSPC, "user.max_user_namespaces is 0"},
		{"no network namespaces", map[string]string{"sys/user/max_net_namespaces": "0\n"}, byCapability, syscall.ENOSPC, "user.max_net_namespaces is 0"},
		{"used up", nil, byUserNamespace, syscall.ENOSPC, "user.max_user_namespaces (96365) or user.max_net_namespaces (96365)"},
		{"used up, root", nil, byCapability, syscall.ENOSPC, "user.max_net_namespaces (96365)"},
		{"nested too deep", nil, byUserNamespace, syscall.EUSERS, "nested 32 deep"},
		{"seccomp", map[string]string{"self/status": "Seccomp:\t2\n"}, byUserNamespace, syscall.EPERM, "seccomp"},
		{"seccomp with ENOSYS", map[string]string{"self/status": "Seccomp:\t2\n"}, byUserNamespace, syscall.ENOSYS, "seccomp"},
		{"kernel without network namespaces", map[string]string{"self/ns/net": "absent"}, byCapability, syscall.EINVAL, "CONFIG_NET_NS"},
		{"kernel without user namespaces", map[string]string{"self/ns/user": "absent"}, byUserNamespace, syscall.EINVAL, "CONFIG_USER_NS"},
		{"unknown", nil, byUserNamespace, syscall.EPERM, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newNamespaceError(proc(test.files), test.how, "make one", test.err)
			if test.want == "" && e.Setting != "" || !strings.Contains(e.Setting, test.want) {
				t.Errorf("setting %q, want one with %q", e.Setting, test.want)
			}
			if !errors.Is(e, test.err) {
				t.Errorf("%v doesn't wrap %v", e, test.err)
			}
			if e.Cure == "" || strings.Contains(e.Error(), "\n") {
				t.Errorf("%q: want one line with a cure", e.Error())
			}
		})
	}
}
