# `make` or `make help` lists the verbs. There is no install step: what a verb needs is built from the Go module proxy, and an API
# server is downloaded where that is possible.
SHELL := /bin/bash
# As the image is built: packages are compiled once for tests and releases, and the C linker is not needed but for the race detector.
export CGO_ENABLED := 0
.DEFAULT_GOAL := help

TOOL     := go tool -modfile=tools/go.mod
# golangci-lint, built with the linter of Kubernetes APIs in it.
LINTER   := golangci-lint-kube-api-linter
# A list of packages is asked for once, by the verbs that need it: that takes CPU seconds.
once     = $(eval $(1) := $(2))$($(1))
PACKAGES = $(call once,PACKAGES,$(shell go list ./... | grep -v /test/rules))
VERSION  ?= dev
IMAGE_NAME ?= ghcr.io/fluxmonitoring/operator
IMAGE    ?= $(IMAGE_NAME):$(VERSION)
BUNDLE_IMAGE ?= ghcr.io/fluxmonitoring/operator-bundle:$(VERSION)
# The product's packages that have goroutines or locks: they are tested with the race detector, but for the controllers, whose tests take
# three times as long with it. `make race` runs every test with it, every night.
CONCURRENT = $(call once,CONCURRENT,$(shell grep -rlE '^\s*go (func|[a-z])|"sync(/atomic)?"' --include=*.go --exclude=*_test.go main.go controllers internal | \
	xargs -n1 dirname | grep -v testdata | sort -u | sed 's|^|./|' | xargs go list))
# The race detector needs cgo.
RACE     := CGO_ENABLED=1 go test -race
CONTROLLERS = $(filter %/controllers,$(PACKAGES))
# Starts one control plane with all definitions, which the packages that a command tests share where they can.
SHARE    := go run ./test/cluster/share
# A make that $(SHARE) starts, written so that `make -n` does not.
TARGETS  := $(MAKE) --no-print-directory
KUBECTL  ?= kubectl
BUILD    := go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)'

##@ Start here
.PHONY: demo
demo: ## Show the operator at work on a control plane of its own; KEEP=1 leaves it up
	@echo "Compiling the demo: some minutes the first time, seconds later."
	@go run ./test/demo $(if $(KEEP),--keep)

.PHONY: test
test: ## Run all tests a contributor needs: unit, API server, promtool
	@go run ./test/cluster/build apiserver crds helm promtool vmalert-tool >/dev/null
	@$(SHARE) $(TARGETS) -j3 test-controllers test-concurrent test-others

# Many tests wait more than they compute, and each group ends with a long one alone, so the groups run beside each other.
.PHONY: test-controllers test-concurrent test-others
test-controllers:
	go test -timeout 30m $(CONTROLLERS)
test-concurrent:
	$(RACE) -timeout 30m $(filter-out $(CONTROLLERS),$(CONCURRENT))
test-others:
	go test -timeout 30m $(filter-out $(CONCURRENT),$(PACKAGES))
	go test -C release -count=1 -timeout 25m ./...
	go test -C hack/bundlecheck -count=1 -timeout 25m ./...
	@$(MAKE) --no-print-directory rules

##@ Develop
.PHONY: generate
generate: ## Write the generated code and manifests
	$(TOOL) controller-gen object paths=./api/...
	$(TOOL) controller-gen crd paths=./api/... output:crd:artifacts:config=config/crd
	go run ./hack/crd
	go run ./hack/queries
	go run ./hack/bundle
	cp config/crd/fluxmonitoring.dev_fluxmonitorings.yaml charts/fluxmonitoring-operator/files/crd.yaml
	$(TOOL) crd-ref-docs --log-level=ERROR --source-path=api --config=docs/api/config.yaml --templates-dir=docs/api/templates \
	--renderer=markdown --output-path=docs/api.md

.PHONY: verify
verify: ## Name the generated files that are not current, and fail; nothing is changed
	@copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$$copy" && \
	(cd "$$copy" && GOFLAGS="$$GOFLAGS -trimpath" $(MAKE) --no-print-directory generate >/dev/null && go mod tidy) && \
	stale=$$(cd "$$copy" && find . -type f | sort | while read -r file; do cmp -s "$$file" "$(CURDIR)/$$file" || echo "  $${file#./}"; done) && \
	{ [ -z "$$stale" ] || { printf 'These generated files are not current:\n%s\nRun make generate and go mod tidy, and commit what they change.\n' "$$stale"; exit 1; }; }
	go -C release mod tidy -diff
	go -C hack/bundlecheck mod tidy -diff

.PHONY: bundle
bundle: ## Write the OLM bundle from config/ and catalog/template.yaml, and have the validators of OLM look at it
	go run ./hack/bundle
	go test -C hack/bundlecheck -count=1 ./...
	@echo "bundle/ is written. With operator-sdk, try it on the cluster of KUBECONFIG: operator-sdk scorecard ./bundle"

.PHONY: catalog
catalog: ## Render the OLM catalog from catalog/template.yaml with opm, which pulls the bundles that it names
	mkdir -p catalog/fluxmonitoring-operator
	opm alpha render-template basic catalog/template.yaml -o yaml --migrate-level bundle-object-to-csv-metadata \
	> catalog/fluxmonitoring-operator/catalog.yaml && opm validate catalog/fluxmonitoring-operator

.PHONY: bundle-image
bundle-image: ## Build the image of the bundle with docker; BUNDLE_IMAGE names it
	docker build -f bundle.Dockerfile -t $(BUNDLE_IMAGE) .

.PHONY: lint
lint: prose ## Run the linters of code and of prose
	$(TOOL) $(LINTER) run
	cd release && go tool -modfile=../tools/go.mod $(LINTER) run
	cd hack/bundlecheck && go tool -modfile=../../tools/go.mod $(LINTER) run

.PHONY: prose
prose: ## Check the texts that people read against docs/style.md; TEXT=docs/alerts.md checks those of one file or folder
	@go run ./hack/prose $(TEXT)

# Both tools end soon, and so they collect garbage less often than servers: that saves a quarter of their time.
.PHONY: rules
rules: ## Run the cases of every alert, by promtool and by VictoriaMetrics' vmalert-tool; ALERT=FluxControllerDown runs those of one
	@tools=($$(go run ./test/cluster/build promtool vmalert-tool)) && export PROMTOOL=$${tools[0]}/promtool VMALERT_TOOL=$${tools[1]}/vmalert-tool GOGC=400 && \
	$(if $(ALERT),said=$$(go test -timeout 20m -v ./test/rules/... -run '/^$(ALERT)$$'); ended=$$?; echo "$$said" | grep -vE '^=== |^--- PASS|no test' ; \
	echo "$$said" | grep -q -- '--- .*/$(ALERT)' || { echo "error: test/rules/cases has no case of an alert $(ALERT)"; exit 1; }; exit $$ended, \
	go test -timeout 20m ./test/rules/...)

.PHONY: dashboards-check
dashboards-check: ## Check the dashboards against Grafana's schema and registries, and dashboard-linter's rules (needs Node.js)
	@go test ./internal/dashboards
	@cd test/preview && ./install && npm run --silent lint && npm run --silent test && \
	npm run --silent check -- $(abspath $(wildcard internal/dashboards/testdata/*.json))

.PHONY: preview
preview: ## Serve the dashboards, drawn by Grafana's own components, over PROMETHEUS_URL; DEMO=cluster and DEMO=fleet make up what they show
	@cd test/preview && ./install && exec node --import tsx server/main.mts

.PHONY: pictures
pictures: ## Take the pictures in docs/pictures of invented series, or over PROMETHEUS_URL; PICTURES holds further flags
	@cd test/preview && ./install && for demo in $(if $(PROMETHEUS_URL),'',cluster fleet); do \
	DEMO=$$demo node --import tsx server/main.mts \
	npm run --silent pictures -- $(if $(PROMETHEUS_URL),,--quiet pictures/quiet.json) --out $(abspath docs/pictures) $(PICTURES) || exit 1; done

FUZZTIME ?= 20s

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME; FUZZ=FuzzPatches runs that one
	@grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z]*' api controllers internal test | grep '$(or $(FUZZ),.)' | sort | \
	while IFS=: read -r file function; do \
	go test -run '^$$' -fuzz "^$${function#func }$$" -fuzztime $(FUZZTIME) "./$${file%/*}" || exit 1; done

.PHONY: race
race: ## Run the tests of every package with the race detector
	$(SHARE) env $(RACE) -timeout 60m $(PACKAGES)

.PHONY: nightly
nightly: ## Everything that a change is not held up for, and all that it is
	JUDGE_AGAIN=1 .ci/run
	$(MAKE) race
	go test -C release -count=1 -tags twice -timeout 25m -run TwoFolders ./dist
	$(MAKE) fuzz FUZZTIME=5m
	go run ./test/bench create --create-times 1 exporter --objects 20 # for nothing but that they run
	$(MAKE) gitops argocd soak proof thanos stack
	$(MAKE) dist

.PHONY: update
update: ## Renew the golden files; look at what changed before you commit it
	@go test ./api/v1alpha1 ./examples ./internal/alertmanager ./internal/alerts ./internal/grafana ./internal/dashboards ./internal/desired \
	./internal/exporter ./internal/pipeline ./internal/statemetrics ./test/chart -run 'Golden|Reference|Muting' -update
	@# What a real kube-state-metrics serves with the configuration changes only with the configuration.
	@git diff --quiet HEAD -- internal/statemetrics/testdata || go test ./test/statemetrics -update

.PHONY: presubmit
presubmit: verify lint test dashboards-check ## All of what CI runs but the node

.PHONY: bench
bench: ## Measure what docs/performance.md reports
	go test -run '^$$' -bench . -benchmem ./test/bench
	go run ./test/bench all

##@ Run
.PHONY: build
build: ## Build the operator and the plugin of kubectl into bin/
	$(BUILD) -o bin/operator .
	$(BUILD) -o bin/kubectl-fluxmon ./cmd/kubectl-fluxmon

.PHONY: run
run: ## Run the operator here against the cluster of KUBECONFIG
	go run . --trusted-namespaces=monitoring,flux-system

.PHONY: install
install: ## Install the CRD into the cluster of KUBECONFIG
	$(KUBECTL) apply --server-side -k config/crd

.PHONY: uninstall
uninstall: ## Remove the CRD, and with it every FluxMonitoring
	$(KUBECTL) delete --ignore-not-found -k config/crd

.PHONY: image
image: ## Build the image with docker; IMAGE names it
	docker build --build-arg VERSION=$(VERSION) -t $(IMAGE) .

KIND_CLUSTER ?= kind

.PHONY: kind-load
kind-load: ## Build the image without docker, and load it into the nodes of a kind cluster; KIND_CLUSTER names it
	go run -C release . dist --version $(VERSION) --image $(IMAGE_NAME) --plugins '' --out bin/kind
	kind load image-archive bin/kind/image.tar --name $(KIND_CLUSTER)

.PHONY: dist
dist: ## Write the files of a release into dist/, without docker; VERSION and IMAGE_NAME name it, PLUGINS= leaves out the plugin of kubectl
	go run -C release . dist --version $(VERSION) --image $(IMAGE_NAME) $(if $(filter undefined,$(origin PLUGINS)),,--plugins '$(PLUGINS)')

.PHONY: deploy
deploy: ## Install CRD, RBAC and operator into the cluster of KUBECONFIG
	$(KUBECTL) apply --server-side -k config/default

.PHONY: undeploy
undeploy: ## Remove what deploy installed
	$(KUBECTL) delete --ignore-not-found -k config/default

##@ Prove
E2E := go test -tags e2e -count=1 -timeout 30m -v ./test/e2e
# These tests leave the operator as it is, and so they run on a second node while the others install, end and upgrade it on the first.
E2E_BESIDE := BuildsOrExplains|AppliedByFlux|FluxControllerDownFires|SourceControllerDown|ChangeOfMetricsSource|OneTargetThatIsUp|\
HasReconciliationSeries|EveryPanel|ReconciliationFailureFires|AlertOfTheGuide|OneBroken|GoesThroughThePod|AFailingSource|NoSeries|EachChange
# The same test program on both nodes, in its folder, as `go test` runs it.
E2E_PROGRAM := cd test/e2e && $$E2E_PROGRAMS/e2e.test -test.timeout 30m -test.v

.PHONY: e2e
e2e: ## Real Flux, prometheus-operator and Prometheus in pods on two nodes of its own (Linux, root), or on the cluster of KUBECONFIG
	@$(if $(KUBECONFIG),$(E2E),go run ./test/cluster/build all >/dev/null || exit; \
	export E2E_PROGRAMS=$$(mktemp -d); trap 'rm -rf $$E2E_PROGRAMS' EXIT; \
	go build -trimpath -ldflags '-s -w' -o $$E2E_PROGRAMS/ ./test/cluster/node . && \
	go build -trimpath -ldflags '-s -w' -o $$E2E_PROGRAMS/plugins/ ./cmd/kubectl-fluxmon && \
	go test -tags e2e -ldflags '-s -w' -c -o $$E2E_PROGRAMS/e2e.test ./test/e2e || exit; \
	(export NODE_INSTANCE=1; $(E2E_PROGRAM) -test.run '$(subst | ,|,$(E2E_BESIDE))') >$$E2E_PROGRAMS/beside 2>&1 & \
	($(E2E_PROGRAM) -test.skip '$(subst | ,|,$(E2E_BESIDE))'); ended=$$?; wait $$! || ended=$$?; cat $$E2E_PROGRAMS/beside; exit $$ended)

.PHONY: gitops
gitops: ## Flux applies a FluxMonitoring on such a node and reconciles it for ten minutes, in which nothing may be written
	go test -tags e2e -count=1 -timeout 25m -run AppliedByFlux -v ./test/e2e -gitops.length=10m

.PHONY: proof
proof: ## On such a node monitoring breaks in every way, and the status shows each; then nothing may be written for ten minutes
	go test -tags e2e,proof -count=1 -timeout 130m -run 'EachBreak|ARestartOfPrometheusAndRest|AnAddressIsAsked|OtherServers' -v ./test/e2e -proof.rest=10m

.PHONY: thanos
thanos: ## A real Thanos Query with two clusters is asked; the first run builds it, which can take half an hour
	go test -tags thanos -count=1 -timeout 60m -run TestThanosQuery -v ./internal/ask

.PHONY: stack
stack: ## On such a node with nothing but Flux: one resource installs a stack, which is upgraded, rolled back, repaired and removed
	go test -tags e2e,stack -count=1 -timeout 40m -run TestTheStack -v ./test/e2e

.PHONY: argocd
argocd: ## A real Argo CD applies the example from a Git repository; the first run builds it, which takes ten minutes and a newer Go
	go test -tags argocd -count=1 -timeout 40m -v ./test/argocd

.PHONY: soak
soak: ## An hour of churn on such a node that must page nobody, then a failure that must; LENGTH=6m tries the script
	go test -tags e2e,soak -count=1 -timeout 110m -run TestAnHourOfChurn -v ./test/e2e $(if $(LENGTH),-soak.length=$(LENGTH))

.PHONY: help
help: ## List the verbs
	@awk 'BEGIN {FS = ":.*##"; print "Usage: make VERB"} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z0-9-]+:.*##/ {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
