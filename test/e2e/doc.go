// Package e2e proves the operator's main job on a cluster with pods: its own image with the manifests of config/default,
// Flux's real controllers, and a real Prometheus that the real prometheus-operator runs.
//
//	go test -tags e2e ./test/e2e -count=1 -v -timeout 30m
//
// As root on Linux it brings up the node of test/cluster, installs what test/cluster/stack has, loads the operator's image,
// applies config/default, and takes the node down at the end, after printing what tells why where a test failed. E2E_KEEP=1
// leaves the node up; one that was up before is used as it is and left. After a run that was killed,
// `go run ./test/cluster/node down` ends it.
//
// With KUBECONFIG given it uses that cluster and installs nothing but config/default. The cluster must have
//
//   - Flux in flux-system, source-controller, kustomize-controller and helm-controller, the definitions of notification-controller,
//     and what test/cluster/stack/manifests/apps.yaml describes in the namespace apps, of every kind with objects that have been
//     reconciled;
//   - prometheus-operator, and in the namespace monitoring one Prometheus that selects what is labelled as its podMonitorSelector
//     and ruleSelector ask, in all namespaces, and one Alertmanager that it sends to and that selects AlertmanagerConfigs
//     likewise, with the matcher strategy None;
//   - in the namespace origin what test/cluster/stack/manifests/origin.yaml describes, where Alertmanager sends to,
//     and which accepts PUT /published/NAME;
//   - the image ghcr.io/fluxmonitoring/operator:dev of this source on its nodes.
//
// What is missing is said in a sentence, and nothing is skipped for it. Flux's kustomize-controller and source-controller are
// scaled to zero for a minute each, and the first is given other arguments for some; the Alertmanager's matcher strategy is
// changed for a moment; of the operator's two pods some are killed, and for a while there is one; and the FluxMonitoring of config/samples is
// created, changed and deleted several times. Namespaces come and go.
//
// There are two lanes. The lane of a test follows from what it changes, and t.Parallel puts a test into the second one.
//
//   - A disruptive test changes what others depend on: a controller of Flux, the operator, the Alertmanager, or the FluxMonitoring
//     itself. The pages of the documentation do that too. These tests run first, one after another in the order of their files.
//     Tests that need the same spec should be neighbours, because Prometheus loads a new one in up to half a minute.
//   - A reading test leaves all of that alone. It asks for the spec "closely", which all of them share, and may create Flux objects
//     in namespaces or with names of its own. These tests run last and together, for they wait most of the time. The GitOps test is
//     one of them, with a FluxMonitoring of its own. So are the pages that only build something; they run at the lowest priority.
//
// `make e2e` also divides the tests between two nodes that run at the same time. The first node has the tests that install, end,
// upgrade or remove the operator, and the pages of the documentation. The second node has those that leave the operator as it is:
// E2E_BESIDE in the Makefile selects them by name. A new test runs on the first node until it is named there.
//
// The version that the upgrade test begins with is built in the background from the start. -upgrade.from names another one.
//
// What it proves: the operator runs under restricted pod security with the permissions of its manifests alone; each
// controller becomes one target that is up; reconciliations arrive for every kind that has objects; every rule is loaded and
// evaluated; every query of every dashboard is understood and, where Flux does something, answered; an alert goes pending,
// fires and resolves; what a killed operator left undone the next one completes; the garbage collector removes what it made.
//
// And of the state of objects: each scrape tells what the API server said at that moment, and tells of a change at most one
// scrape later, through retries and while kustomize-controller, the operator and its leader come and go; what fails is recorded
// without a gap, and its alert keeps its clock, also while spec.resourceMetrics.source is changed; the rule of Flux's guide
// fires and resolves as it did on Flux 2.0; no series has the credentials of a source.
//
// And of notifications, as they arrive at the receivers: one broken object is one that names it, at the receiver of its namespace
// alone, and one more when it is mended; a source that fails is one, and what is made from it none; while source-controller is
// down one arrives, though forty objects fail and their alerts fire. Their order and grouping is the catalogue's, in seconds.
//
// What it does not prove: that the network policies let the scrape through, for the bridge plugin of the node does not
// enforce them; anything about Flux's other controllers, which cannot be built here; that Grafana draws the dashboards, or gets
// Flux's events: the Provider and the Alert for it are accepted by their definitions, but notification-controller, which would act
// on them, does not run; how kube-state-metrics and flux-operator, neither of which runs here, tell the state of objects.
//
// And of GitOps: a Kustomization with wait fails at once while a person has to act, is not ready before the FluxMonitoring it
// applies, and with healthCheckExprs not before there is evidence; while Flux reconciles on for -gitops.length (a minute; make
// gitops takes ten) nothing is written; what it prunes leaves nothing.
package e2e
