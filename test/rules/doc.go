// Package rules holds the on-call's specification of the alerts: one file an alert under cases, which says on what series
// it fires, at which minute, and on what it stays silent. Its tests render the rules and have promtool judge them.
package rules
