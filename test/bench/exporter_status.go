package main

import "fmt"

const (
	// inventoryEntries is how many objects a Kustomization applies.
	inventoryEntries = 30

	longAgo, lately = "2026-03-02T07:41:10Z", "2026-11-20T09:12:44Z"
	commit          = "main@sha1:6a26ba39a7bd03bc9f0a1c0a3bd1bcd1b7b7d7f6"
	digest          = "sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"
)

func kustomizationStatus(i int) fields {
	var entries []any
	for j := range inventoryEntries {
		entries = append(entries, fields{"id": fmt.Sprintf("%s_%s-component-%02d_apps_Deployment", objectNamespace(i), objectName(i), j), "v": "v1"})
	}
	return fields{
		"conditions":            conditions(i, "Applied revision: "+commit, "ReconciliationSucceeded"),
		"inventory":             fields{"entries": entries},
		"lastAppliedRevision":   commit,
		"lastAttemptedRevision": commit,
		"observedGeneration":    int64(1),
		"history": []any{fields{
			"digest": digest, "firstReconciled": longAgo, "lastReconciled": lately, "lastReconciledDuration": "1.204s",
			"lastReconciledStatus": "ReconciliationSucceeded", "totalReconciliations": int64(7213), "metadata": fields{"revision": commit},
		}},
	}
}

func helmReleaseStatus(i int) fields {
	var history []any
	for version := int64(9); version > 6; version-- {
		status := "superseded"
		if len(history) == 0 {
			status = "deployed"
		}
		history = append(history, fields{
			"name": objectName(i), "namespace": objectNamespace(i), "chartName": "service", "chartVersion": fmt.Sprintf("2.14.%d", version),
			"appVersion": fmt.Sprintf("1.14.%d", version), "configDigest": digest, "digest": digest, "firstDeployed": longAgo,
			"lastDeployed": lately, "status": status, "version": version, "action": "upgrade",
		})
	}
	message := fmt.Sprintf("Helm upgrade succeeded for release %s/%s.v9 with chart service@2.14.9", objectNamespace(i), objectName(i))
	return fields{
		"conditions":                  conditions(i, message, "UpgradeSucceeded", "Released"),
		"helmChart":                   "flux-system/" + objectNamespace(i) + "-" + objectName(i),
		"history":                     history,
		"lastAttemptedConfigDigest":   digest,
		"lastAttemptedGeneration":     int64(1),
		"lastAttemptedReleaseAction":  "upgrade",
		"lastAttemptedRevision":       "2.14.9",
		"lastAttemptedRevisionDigest": digest,
		"observedGeneration":          int64(1),
		"storageNamespace":            objectNamespace(i),
	}
}

func sourceStatus(i int) fields {
	path := "repository/" + objectNamespace(i) + "/" + objectName(i) + "/6a26ba39a7bd03bc9f0a1c0a3bd1bcd1b7b7d7f6.tar.gz"
	return fields{
		"conditions": conditions(i, "stored artifact for revision '"+commit+"'", "Succeeded", "ArtifactInStorage", "Verified"),
		"artifact": fields{
			"digest": digest, "lastUpdateTime": lately, "path": path, "revision": commit, "size": int64(48213),
			"url":      "http://source-controller.flux-system.svc.cluster.local./" + path,
			"metadata": fields{"org.opencontainers.image.revision": commit, "org.opencontainers.image.source": "https://git.example.com/shop"},
		},
		"observedGeneration": int64(1),
	}
}

// conditions are Ready as it is when the object does well or fails, and others besides, which are True.
func conditions(i int, message, reason string, others ...string) []any {
	if failing(i) {
		stuck := "health check failed after 5m0s: timeout waiting for: [Deployment/" + objectName(i) + " status: 'InProgress']"
		return append([]any{condition("Ready", "False", "HealthCheckFailed", stuck)}, othersOf(others, message)...)
	}
	return append([]any{condition("Ready", "True", reason, message)}, othersOf(others, message)...)
}

func othersOf(names []string, message string) (all []any) {
	for _, name := range names {
		all = append(all, condition(name, "True", "Succeeded", message))
	}
	return all
}

func condition(is, status, reason, message string) fields {
	return fields{
		"type": is, "status": status, "reason": reason, "message": message, "lastTransitionTime": lately, "observedGeneration": int64(1),
	}
}
