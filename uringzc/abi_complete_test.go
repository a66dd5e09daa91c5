//go:build linux && (amd64 || arm64)

package uringzc

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

// unheld are constants that the user headers don't have.
var unheld = []string{
	"featuresNeeded",      // of features that are held
	"registerAnyOffset",   // io_uring_register(2): an offset of -1U
	"registerMaxBuffers",  // io_uring/rsrc.c
	"registerMaxBufBytes", // io_uring/rsrc.c
}

// TestABIComplete finds structs and constants that were declared and not added to the
// tables in abi_test.go.
func TestABIComplete(t *testing.T) {
	named := map[string]bool{}
	ast.Inspect(parseSource(t, "abi_test.go"), func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			named[id.Name] = true
		}
		return true
	})
	for _, file := range []string{"abi.go", "flags.go", "op.go"} {
		for _, d := range parseSource(t, file).Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				for _, name := range declares(s) {
					if !named[name] && !slices.Contains(unheld, name) {
						t.Errorf("%s: %s is held to no fact: add it to mirrors, constants or unheld", file, name)
					}
				}
			}
		}
	}
}

// declares are the names of a declaration if it is of constants or a struct.
func declares(s ast.Spec) []string {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if _, ok := s.Type.(*ast.StructType); ok {
			return []string{s.Name.Name}
		}
	case *ast.ValueSpec:
		var names []string
		for _, id := range s.Names {
			names = append(names, id.Name)
		}
		return names
	}
	return nil
}

func parseSource(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
