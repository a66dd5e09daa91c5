package live

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
)

//go:embed waiting.html.tmpl
var waitingTemplate string

// waiting is what the template shows before there is a trial.
type waiting struct {
	Text    string
	Policy  string // Content-Security-Policy
	Script  template.JS
	Refresh int // seconds, 0 for never
}

// writeWaiting writes the page that is shown before there is a trial.
func writeWaiting(w io.Writer, text, script string, over bool) error {
	t, err := template.New("waiting").Parse(waitingTemplate)
	if err != nil {
		return fmt.Errorf("parsing the waiting page's template: %w", err)
	}
	sum := sha256.Sum256([]byte(script))
	p := waiting{
		Text: text,
		Policy: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; script-src 'sha256-" +
			base64.StdEncoding.EncodeToString(sum[:]) + "'",
		Script: template.JS(script),
	}
	if !over {
		p.Refresh = refresh
	}
	if err := t.Execute(w, p); err != nil {
		return fmt.Errorf("writing the waiting page: %w", err)
	}
	return nil
}

func waitingText(over bool) string {
	if over {
		return "The run ended before its first trial. What it said is where it was started."
	}
	return "The run looks at what can be measured here. Its page comes with the first trial."
}
