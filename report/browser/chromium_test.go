package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var pictures = flag.String("out", "", "keep pictures of what was looked at in this `DIRECTORY`")

// programs are the names that Chromium goes by, Debian's first.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// within bounds whatever one tab is asked for.
const within = 2 * time.Minute

// chromium starts one browser for all tests of a run and returns its context.
var chromium = sync.OnceValues(func() (context.Context, error) {
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return start(path)
		}
	}
	return nil, errMissing
})

var errMissing = fmt.Errorf("there is no Chromium (%s); Debian has it in the package chromium", strings.Join(programs, ", "))

// scratch is the directory of reports and of the browser's profile, removed by TestMain.
var scratch string

// running is whether there is a browser to be closed.
var running bool

func start(path string) (context.Context, error) {
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(filepath.Join(scratch, "profile")),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", false),
		chromedp.WSURLReadTimeout(within),
	}
	allocator, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("%s doesn't start: %w", path, err)
	}
	running = true
	return ctx, nil
}

func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	if scratch, err = os.MkdirTemp("", "browser-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if running {
		ctx, _ := chromium()
		chromedp.Cancel(ctx) // closes the browser and waits for it
	}
	os.RemoveAll(scratch)
	os.Exit(code)
}

// look is how a page is looked at, in a window of that width in pixels.
type look struct {
	width int64
	dark  bool
	plain bool // without a script
}

// height is that of all windows, in pixels.
const height = 900

func (l look) String() string {
	name := fmt.Sprint(l.width)
	for _, word := range []struct {
		on   bool
		name string
	}{{l.dark, "dark"}, {l.plain, "plain"}} {
		if word.on {
			name += "-" + word.name
		}
	}
	return name
}

// tab is a page in a tab of its own.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string // errors on the console, and requests for anything but the page and those after it
}

// open loads a file, with whatever follows the file in its URL. Once the test ends,
// troubles fail it.
func open(t *testing.T, file, fragment string, l look) *tab {
	t.Helper()
	return visit(t, "file://"+file, fragment, l)
}

// visit loads a page like open, from wherever it is.
func visit(t *testing.T, url, fragment string, l look) *tab {
	t.Helper()
	parent, err := chromium()
	if err == errMissing {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(parent)
	if err := chromedp.Do(ctx); err != nil { // opens the tab, for as long as ctx lasts
		t.Fatal(err)
	}
	bounded, stop := context.WithTimeout(ctx, within)
	b := &tab{t: t, ctx: bounded}
	if err := chromedp.Listen(ctx, func(event any) { b.hear(event, url) }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		cancel()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, trouble := range b.troubles {
			t.Error(trouble)
		}
	})
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: l.width, Height: height, DeviceScaleFactor: 1, Mobile: l.width < 600})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.plain})
	b.do(chromedp.Navigate(url + fragment))
	return b
}

// hear keeps what a page must not do.
func (b *tab) hear(event any, url string) {
	trouble := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		trouble = fmt.Sprintf("exception: %s %s", e.ExceptionDetails.Text, e.ExceptionDetails.Exception.Description)
	case *runtime.EventConsoleAPICalled:
		var said []string
		for _, a := range e.Args {
			said = append(said, string(a.Value))
		}
		trouble = fmt.Sprintf("console.%s: %s", e.Type, strings.Join(said, " "))
	case *log.EventEntryAdded:
		trouble = fmt.Sprintf("%s of %s: %s %s", e.Entry.Level, e.Entry.Source, e.Entry.Text, e.Entry.URL)
	case *network.EventRequestWillBeSent:
		if to := e.Request.URL; to != url && !strings.HasPrefix(to, url+"?after=") && !strings.HasPrefix(to, "data:") {
			trouble = "request for " + to
		}
	}
	if trouble != "" {
		b.mu.Lock()
		b.troubles = append(b.troubles, trouble)
		b.mu.Unlock()
	}
}

// forget returns the troubles so far, which then don't fail the test.
func (b *tab) forget() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	said := b.troubles
	b.troubles = nil
	return said
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// call sends one command of the protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// eval returns what a JavaScript expression, or the promise that it is, comes to.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return out
}

// picture keeps the whole page, up to a height that a picture can have.
func (b *tab) picture(name string, l look) {
	b.t.Helper()
	if *pictures == "" {
		return
	}
	whole := min(eval[float64](b, "document.documentElement.scrollHeight"), 16000)
	yes := true
	png := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &yes,
		Clip: &page.Viewport{Width: float64(l.width), Height: whole, Scale: 1}}).Data
	b.keep(name+"-"+l.String()+".png", png)
}

func (b *tab) keep(name string, data []byte) {
	b.t.Helper()
	if *pictures == "" {
		return
	}
	if err := os.MkdirAll(*pictures, 0o777); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*pictures, name), data, 0o666); err != nil {
		b.t.Fatal(err)
	}
}

// clipboard sets whether a page may use it.
func (b *tab) clipboard(setting browser.PermissionSetting) {
	b.t.Helper()
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		call(b, browser.SetPermission, browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: name}, Setting: setting})
	}
}
