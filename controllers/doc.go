// Package controllers acts: it watches FluxMonitorings and what they depend on, takes each through observe, desire and apply, and writes the
// status once. It knows which event concerns which FluxMonitoring, when to retry, and with which permissions to write. The packages that it
// calls know what is true of a cluster, what is desired, how it is applied, and what the status reports.
package controllers
