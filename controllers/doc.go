// Package controllers is who acts: it watches FluxMonitorings and what they depend on, carries each through observe,
// desire and apply, and reports the outcome in one status write. What is true of a cluster, what is wanted and how it gets
// there is known by the packages it calls; which event concerns whom, and what people are told, is known here.
package controllers
