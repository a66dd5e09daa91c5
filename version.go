package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// commit is the version control revision of the build, set by the Makefile's
// -ldflags where the Go command doesn't record it.
var commit string

// version is what --version prints: of the module, the commit, and what it was built
// with and for.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok { // only of a program that was built without modules
		info = new(debug.BuildInfo)
	}
	return versionOf(info, commit)
}

func versionOf(info *debug.BuildInfo, commit string) string {
	module := info.Main.Version
	if module == "" {
		module = "(devel)"
	}
	if commit == "" {
		commit = revision(info)
	}
	return fmt.Sprintf("%s, commit %s, %s %s/%s", module, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// revision is the commit that the Go command recorded.
func revision(info *debug.BuildInfo) string {
	settings := make(map[string]string)
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	switch {
	case settings["vcs.revision"] == "":
		return "unknown"
	case settings["vcs.modified"] == "true":
		return settings["vcs.revision"] + "-dirty"
	}
	return settings["vcs.revision"]
}
