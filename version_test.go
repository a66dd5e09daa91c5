package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestVersion(t *testing.T) {
	const modified, clean = "true", "false"
	info := func(module, revision, state string) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: module}, Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: revision}, {Key: "vcs.modified", Value: state},
		}}
	}
	built := ", " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	for _, tt := range []struct {
		info         *debug.BuildInfo
		commit, want string
	}{
		{new(debug.BuildInfo), "", "(devel), commit unknown"},
		{info("v1.2.3", "0123abcd", clean), "", "v1.2.3, commit 0123abcd"},
		{info("", "0123abcd", modified), "", "(devel), commit 0123abcd-dirty"},
		{info("v1.2.3", "0123abcd", clean), "029", "v1.2.3, commit 029"},
	} {
		if got := versionOf(tt.info, tt.commit); got != tt.want+built {
			t.Errorf("got %q, want %q", got, tt.want+built)
		}
	}
}
