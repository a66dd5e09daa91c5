// Package browser holds the report's page to what people see of it: in a real
// Chromium without a window, driven over its DevTools protocol
// (https://chromedevtools.github.io/devtools-protocol/). It has tests only, and is a
// module of its own so that the harness doesn't depend on the driver.
//
//	go test -v . -out ../../out/browser
//
// Each page is loaded from a file, as a reader loads it. What a test looked at is
// kept as a picture where -out says. Without Chromium the tests skip, and say what to
// install.
package browser
