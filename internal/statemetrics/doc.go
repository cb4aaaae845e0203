// Package statemetrics renders what plugs the state of Flux's objects into a kube-state-metrics that is already there: its
// configuration for exactly the kinds and versions a cluster serves, the rules of its role, and the values for the charts
// kube-prometheus-stack and kube-state-metrics. The families and labels are those of the exporter, as far as
// kube-state-metrics can tell them.
//
// kube-state-metrics copies fields as they are, and what may be secret in a field would be in Prometheus for all to read.
// So it is told nothing of fields that hold an address, which flux.StateLabel marks, and there are no labels url, endpoint
// and image. Flux takes credentials from Secrets, but an address with them in it works or is at least stored:
//
//   - GitRepository's and HelmRepository's spec.url is checked for its scheme alone. From a GitRepository's
//     https://user:token@host Flux takes user and token (fluxcd/pkg/git, NewAuthOptions); from http:// it refuses to, but by
//     then the object is there, and the label would be.
//   - OCIRepository's spec.url is checked for oci:// alone, ResourceSetInputProvider's for its scheme; a signed URL's query is
//     as good as a password.
//   - Bucket's spec.endpoint and ImageRepository's spec.image are checked for nothing. The controllers refuse what is no
//     host and no image, but the object stays.
//
// Nor is it told of status.webhookPath of a Receiver, which lets who knows it start reconciliations, or of the messages of
// conditions, which quote addresses. The exporter, which can take credentials off, does tell addresses.
//
// What else it cannot do:
//
//   - It leaves out a label whose fields are not set, unless there is a word that is true then: ready is Unknown and
//     suspended is false. A HelmRepository without a condition has no ready, as only its type tells whether it ever gets one.
//   - It takes a label from two fields at most, so a HelmRelease that names no namespace for its source has no
//     source_namespace. Others have their own there.
//   - It does not tell since when an object is not ready: a condition's time is that of the last retry.
//   - An object without a Ready condition has no gotk_reconcile_condition, and one that is being deleted is not Deleted in it.
//   - It writes the help and the type of a family only while there are objects of the first kind of it, whichever that is.
//   - It does not see that an object of flux-operator is suspended, which is by annotation.
//   - A changed configuration is in effect after six seconds, in three of which no scrape is answered.
//   - It adds the labels customresource_* to gotk_reconcile_condition and gotk_suspend_status as well.
package statemetrics
