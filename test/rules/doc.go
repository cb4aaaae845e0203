// Package rules specifies the alerts: one file an alert under cases has series on which it fires, at which minute, and series on which it
// does not. Its tests render the rules and have promtool judge them. What is about objects is
// judged by VictoriaMetrics' vmalert-tool too, at the minutes at which vmalert has what the cases look at.
//
// A case is one of promtool's, and what all cases share (the rule file, the order of groups) is not written in it. Beside
// promtool's fields it may have three of its own, by which a case about the state of objects is written once and proven for
// each metrics source with which the alert exists:
//
//	objects:                  Flux objects and what becomes of them, minute by minute
//	  - {object: Kustomization apps/shop, state: "ready 5m, (failing 1m, progressing 1m) x 10, failing"}
//	  - {object: "Kustomization apps/app-{1..50}", state: ready}
//	silent: [6m to 9m]        when the source exports no object and no count of objects
//	sources: [Exporter]       those the case is about; else it is about all that ship the alert
//
// An object may have a source such as GitRepository apps/shop, a revision, a stalled condition, and where they matter the
// cluster, the job and the pod of the series. Its states are ready, failing, progressing (Ready is Unknown), waiting (Ready is
// False for what it depends on is not ready), stalled, suspended and absent; the last one lasts to the end of the case. In
// every cluster with objects there is another one that is always ready: HelmRepository flux-system/charts.
package rules
