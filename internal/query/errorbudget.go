package query

// The error budget is the share of objects that may fail: with an objective of 99 %, one in a hundred. A burn rate is how many times faster
// the budget is used; at 1 a month's budget lasts a month. It is evaluated over a long window, so that it matters, and over a short one, so
// that it still lasts. The long one is a sum over as many steps as the window has: if Prometheus has data of a part of the window only, the
// rest counts as without a failure. The rates are those of the chapter "Alerting on SLOs" of Google's SRE workbook. With fewer than fifty
// objects a single one would use too much of the budget, and there is no result.
const (
	// BurnFastRate uses two hundredths of a month's budget in an hour.
	BurnFastRate = 14.4
	// BurnRate uses a twentieth of a month's budget in six hours.
	BurnRate = 6
	// BurnSlowRate uses a tenth of a month's budget in three days.
	BurnSlowRate = 1
)

var (
	// BurnFast is the share of objects that failed over an hour or over five minutes, whichever is less.
	BurnFast = burn(
		`sum_over_time(flux:resource:failing_ratio[1h:1m]) / 60`, `avg_over_time(flux:resource:failing_ratio[5m])`)

	// Burn is the share of objects that failed over six hours or over half an hour, whichever is less.
	Burn = burn(
		`sum_over_time(flux:resource:failing_ratio[6h:5m]) / 72`, `avg_over_time(flux:resource:failing_ratio[30m])`)

	// BurnSlow is the share of objects that failed over three days or over six hours, whichever is less.
	BurnSlow = burn(
		`sum_over_time(flux:resource:failing_ratio[3d:15m]) / 288`, `avg_over_time(flux:resource:failing_ratio[6h])`)
)

// burn is the smaller of the shares over a long and a short window, if there are enough objects.
func burn(long, short string) Query {
	return New(`
		min by (cluster) (
			label_replace(` + long + `, "window", "long", "", "")
			or
			label_replace(` + short + `, "window", "short", "", ""))
		and on (cluster)
		flux:resource:count >= 50`)
}
