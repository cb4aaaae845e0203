// Package e2e proves the operator's main job on a cluster with pods: its own image with the manifests of config/default,
// Flux's real controllers, and a real Prometheus that the real prometheus-operator runs.
//
//	go test -tags e2e ./test/e2e -count=1 -v -timeout 30m
//
// As root on Linux it starts the node of test/cluster, installs test/cluster/stack, loads the operator's image, applies
// config/default, and takes the node down at the end. If a test failed, it prints the state of the cluster before. With
// E2E_KEEP=1 the node stays up; one that was up before is used as it is and stays up too. After a run that was killed,
// `go run ./test/cluster/node down` ends the node.
//
// With KUBECONFIG it uses that cluster and installs nothing but config/default. The cluster must have
//
//   - Flux in flux-system: source-controller, kustomize-controller and helm-controller, the CRDs of notification-controller, and in
//     the namespace apps what test/cluster/stack/manifests/apps.yaml has; of every kind there are objects that have been reconciled;
//   - prometheus-operator, and in the namespace monitoring one Prometheus that selects in all namespaces by its podMonitorSelector
//     and ruleSelector, and one Alertmanager that it sends to, which selects AlertmanagerConfigs likewise, with the matcher
//     strategy None;
//   - in the namespace origin what test/cluster/stack/manifests/origin.yaml has: the receiver of Alertmanager's webhooks, which
//     also accepts PUT /published/NAME;
//   - the image ghcr.io/fluxmonitoring/operator:dev of this source on its nodes.
//
// If something is missing, the run fails and names it. The tests scale Flux's kustomize-controller and source-controller to zero
// for a minute each, and give the first other arguments for a while. They change the Alertmanager's matcher strategy, kill pods of
// the operator, and create, change and delete the FluxMonitoring of config/samples. They create and delete namespaces.
//
// There are two kinds of tests. What a test changes decides its kind, and t.Parallel makes it one of the second.
//
//   - A disruptive test changes what others depend on: a controller of Flux, the operator, the Alertmanager, or the FluxMonitoring.
//     So do the pages of the documentation. These tests run first, one after another in the order of their files. Tests that need
//     the same spec should be neighbours, because Prometheus loads a new one in up to half a minute.
//   - A reading test changes none of that. It uses the spec "closely", which all of them share, and can create Flux objects in
//     namespaces or with names of its own. These tests run last and in parallel, because they wait most of the time. The GitOps
//     test is one of them, with a FluxMonitoring of its own. So are the pages that only build something, at the lowest priority.
//
// `make e2e` also divides the tests between two nodes that run at the same time. The first node has the tests that install, end,
// upgrade or remove the operator, and the pages of the documentation. The second node has those that leave the operator as it is:
// E2E_BESIDE in the Makefile selects them by name. A new test runs on the first node until it is named there.
//
// The previous version, from which the upgrade test upgrades, is built in the background from the start. -upgrade.from names another.
//
// The tests prove of the installation: the operator runs under restricted pod security with the permissions of its manifests
// alone; each controller is one target that is up; every kind with objects has reconciliation series; Prometheus loads and
// evaluates every rule; it accepts every query of every dashboard, and answers those about something that Flux does; an alert
// becomes pending, fires and resolves; the next operator completes the work of one that was killed; the garbage collector removes
// the generated objects.
//
// Of the state of objects: each scrape has the state that the API server has at that moment, and has a change at most one scrape
// later, through retries and while kustomize-controller, the operator and its leader restart; what fails is recorded without a gap,
// and its alert stays active, also while spec.resourceMetrics.source changes; the rule of Flux's guide fires and resolves as it did
// on Flux 2.0; no series has the credentials of a source.
//
// Of notifications, as they arrive at the receivers: a broken object sends one that names it, only to the receiver of its
// namespace, and one more when it is repaired; a source that fails sends one, and its dependents send none; while
// source-controller is down there is one, though forty objects fail and their alerts fire. Their order and grouping are those of the
// catalogue, in seconds. A test alert of kubectl fluxmon gets through the pod of Alertmanager to its receiver.
//
// Of GitOps: a Kustomization with wait fails at once while a person has to act, is not ready before the FluxMonitoring that it
// applies, and with healthCheckExprs not before there is evidence; while Flux reconciles for -gitops.length (a minute; make gitops
// takes ten) nothing is written; when Flux prunes the FluxMonitoring, nothing is left.
//
// With the tag proof (make proof), monitoring breaks in every way that the status has a reason for, and each end of it is shown too. No condition
// returns to a value that it left, and the status rests after each. A heartbeat stops with every link. VictoriaMetrics and Thanos Query run on
// the node, and are asked by their address, as is Prometheus behind a proxy of this machine with TLS, passwords, tokens and tenants.
//
// The tests do not prove that the network policies allow the scrape, because the bridge plugin of the node does not enforce
// them; anything about Flux's other controllers, which cannot be built here; that Grafana draws the dashboards or receives Flux's
// events: the API server accepts the Provider and the Alert for it, but notification-controller does not run; how
// kube-state-metrics and flux-operator, which do not run here, export the state of objects.
package e2e
