# sendbench: make report measures and draws, make test checks.

GO      ?= go
OUT     ?= out
COMMIT  := $(shell git describe --always --dirty --abbrev=12 2>/dev/null)
LDFLAGS := -X main.commit=$(COMMIT)

# Flags of the measured run, such as RUN='--size 1400,64000 --rounds 6'.
RUN     ?=
# make bench: which benchmarks, how long each, and how many rounds.
BENCH     ?= .
BENCHTIME ?= 20ms
ROUNDS    ?= 10
# Flags of make validate, such as VALIDATE='-validate-short -validate-sections twin,cold'.
VALIDATE  ?=
# make abi: the user headers of Linux 6.12 or later, where that kernel's make
# headers_install put them; by default the installed ones.
HEADERS   ?=
# Flags of go test. Packages are tested one after the other, since locked memory
# is accounted per user: two at once could take it from each other.
TESTFLAGS ?= -p 1

# Nothing here needs a C compiler.
export CGO_ENABLED = 0

.PHONY: all build test lint cross race abi report report-full bench browser validate vmtest clean

all: build

build:
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(OUT)/sendbench .

test: build lint cross
	$(GO) test $(TESTFLAGS) ./...

lint:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go')); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change: $$unformatted"; exit 1; fi
	$(GO) vet ./...

# report reads records on any system.
cross:
	GOOS=darwin $(GO) build -o /dev/null . && GOOS=darwin $(GO) vet . ./report/... ./runner/results/...
	GOOS=windows $(GO) build -o /dev/null . && GOOS=windows $(GO) vet . ./report/... ./runner/results/...
	GOARCH=arm64 $(GO) build -o /dev/null . && GOARCH=arm64 $(GO) vet ./...

# The race detector needs a C compiler.
race:
	CGO_ENABLED=1 $(GO) test -race $(TESTFLAGS) ./...

# The facts that uringzc is held to. Takes a C compiler too.
abi:
	@test -z '$(HEADERS)' || test -f '$(HEADERS)/linux/version.h' || \
		{ echo "HEADERS=$(HEADERS): want a directory with linux/version.h and linux/io_uring.h"; exit 1; }
	@mkdir -p $(OUT)
	$(CC) -Wall -Wextra $(if $(HEADERS),-isystem '$(HEADERS)') -o $(OUT)/abi uringzc/testdata/abi.c
	$(OUT)/abi >uringzc/testdata/abi.txt

report: build
	$(OUT)/sendbench run --out $(OUT)/results.jsonl $(RUN)
	$(OUT)/sendbench report --out $(OUT)/report $(OUT)/results.jsonl

report-full: build
	$(OUT)/sendbench run --full --budget 20m --out $(OUT)/results-full.jsonl $(RUN)
	$(OUT)/sendbench report --out $(OUT)/report-full $(OUT)/results-full.jsonl

# go test -bench repeats a benchmark in a row; here each round runs them all once,
# in an order of its own, so that drift of the machine falls on all alike.
bench:
	$(GO) test -c -o $(OUT)/bench.test .
	@rm -f $(OUT)/bench.txt
	@for round in $$(seq $(ROUNDS)); do \
		echo "round: $$round" >>$(OUT)/bench.txt; \
		$(OUT)/bench.test -test.run '^$$' -test.bench '$(BENCH)' -test.benchtime $(BENCHTIME) -seed $$round >>$(OUT)/bench.txt || exit 1; \
		echo "round $$round of $(ROUNDS)"; \
	done
	@echo "$(OUT)/bench.txt; compare with: benchstat -ignore round -row /size@num -col /strategy -filter '.unit:bit/s /nic:default /footprint:1Mi /fill:stamp' $(OUT)/bench.txt"

# The report's page in a real browser, from a module of its own. It skips where there is
# no Chromium. What was looked at is kept in $(OUT)/browser.
browser:
	@rm -rf $(OUT)/browser
	cd report/browser && $(GO) vet ./... && $(GO) test -v -count=1 -timeout 20m . -out '$(abspath $(OUT))/browser'

# What the harness shows of itself; the records behind it are in $(OUT)/validate. It
# takes about a quarter of an hour. What is held against a reference sender in C needs
# gcc, libc6-dev and liburing-dev, and says so where they are missing.
validate:
	@mkdir -p $(OUT) && rm -rf $(OUT)/validate $(OUT)/validate.md
	$(GO) test -v -count=1 -timeout 60m -run '^TestValidate$$' . -validate $(OUT)/validate.md $(VALIDATE)

# Virtual machines: other kernels, drivers of network cards. All of them, or those that
# are named, such as KERNEL=6.12 DRIVER=virtio_net; VMTEST takes flags of go test. Kernels
# are downloaded once, into $(OUT)/vm. It skips, and says what to install, where there is
# no QEMU.
vmtest:
	cd internal/vmtest && $(GO) vet ./... && $(GO) test -short ./...
	cd internal/vmtest && $(GO) test -v -count=1 -timeout 60m . -out '$(abspath $(OUT))/vm' \
		-run '^TestMatrix$$/^($(or $(KERNEL),.*))$$/^($(or $(DRIVER),.*))$$' \
		$(if $(KERNEL)$(DRIVER),,-redraw '$(CURDIR)/README.md') $(VMTEST)

clean:
	rm -rf $(OUT)
