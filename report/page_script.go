package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
)

//go:embed script/*.js
var scriptFiles embed.FS

// scriptOrder lists the script's files. They become one script, as a page that works
// from a file can't import another.
var scriptOrder = []string{"data", "address", "scale", "plot", "detail", "tables", "explore", "start"}

// pageScript is the page's script: what chooses, points at, sorts and copies. Without
// it the page shows the same figures.
var pageScript = readScript()

func readScript() string {
	var b strings.Builder
	b.WriteString("\"use strict\";\n")
	for _, name := range scriptOrder {
		text, err := scriptFiles.ReadFile("script/" + name + ".js")
		if err != nil {
			panic(err) // a file that isn't embedded is a mistake in the list above
		}
		b.WriteByte('\n')
		b.Write(text)
	}
	return b.String()
}

// contentPolicy is the Content-Security-Policy of a page with exactly these scripts
// and this style: nothing else is executed and nothing is loaded, whatever a record
// has in it (https://www.w3.org/TR/CSP3/#hash-source). connect are the sources that
// a script may read, nil for none.
func contentPolicy(style template.CSS, scripts []template.JS, connect []string) string {
	hashes := make([]string, len(scripts))
	for i, s := range scripts {
		hashes[i] = hashSource(string(s))
	}
	policy := fmt.Sprintf("default-src 'none'; script-src %s; style-src %s; img-src data:; base-uri 'none'; form-action 'none'",
		strings.Join(hashes, " "), hashSource(string(style)))
	if connect != nil {
		policy += "; connect-src " + strings.Join(connect, " ")
	}
	return policy
}

func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
