// Package statemetrics renders the configuration with which an existing kube-state-metrics exports the state of Flux
// objects: exactly the kinds and versions that a cluster serves, the rules of its role, and values for the charts
// kube-prometheus-stack and kube-state-metrics. Families and labels are those of the exporter, as far as
// kube-state-metrics can export them.
//
// kube-state-metrics copies fields as they are, and a secret in a field would be readable for all in Prometheus. So
// the configuration has no fields with an address, which flux.StateLabel marks, and no labels url, endpoint and
// image. Flux takes credentials from Secrets, but an address that contains them works, or is at least stored:
//
//   - The schema checks only the scheme of spec.url of GitRepository and HelmRepository. Flux takes user and token from a
//     GitRepository's https://user:token@host (fluxcd/pkg/git, NewAuthOptions). It refuses http://, but the object is stored.
//   - It checks only the scheme of spec.url of OCIRepository and ResourceSetInputProvider. The query of a signed URL is as
//     good as a password.
//   - It does not check spec.endpoint of Bucket and spec.image of ImageRepository. The controllers refuse what is no host or
//     image, but the object is stored.
//
// It has no status.webhookPath of a Receiver, which lets anybody who knows it start reconciliations, and no messages
// of conditions, which quote addresses. The exporter removes credentials, so it does export addresses.
//
// Other limits of kube-state-metrics:
//
//   - It omits a label whose field is not set, unless there is a default: ready is Unknown and suspended is false. A
//     HelmRepository without a condition has no ready, because only its type says whether it ever gets one.
//   - It reads a label from at most two fields, so a HelmRelease that names no namespace for its source has no
//     source_namespace. Other kinds default to their own.
//   - It does not export since when an object has not been ready: the time of a condition is that of the last retry.
//   - An object without a condition Ready has no gotk_reconcile_condition, and one that is being deleted is not Deleted in it.
//   - It writes help and type of a family only while there are objects of the family's first kind.
//   - It does not see that an object of flux-operator is suspended, which an annotation says.
//   - A changed configuration takes effect after six seconds, in three of which no scrape is answered.
//   - It adds the labels customresource_* to gotk_reconcile_condition and gotk_suspend_status as well.
package statemetrics
