package query

// The error budget: with an objective of 99 objects in a hundred that do not fail, one in a hundred may. A burn rate is how
// many times faster than that the budget goes; it is judged over a long window, so that it matters, and over a short one, so
// that it is still going on. The long one is a sum over as many steps as it has, so that where there are data of a part of it only
// the rest counts as without a failure. The limits are burn rates of 14.4, 6 and 1 as shares of failing objects, after the chapter
// "Alerting on SLOs" of Google's SRE workbook. Below fifty objects one alone would burn too much, and there is no result.
const (
	// BurnFastLimit is the share by which two hundredths of a month's budget are gone in an hour.
	BurnFastLimit = 0.144
	// BurnLimit is the share by which a twentieth of a month's budget is gone in six hours.
	BurnLimit = 0.06
	// BurnSlowLimit is the share by which a tenth of a month's budget is gone in three days.
	BurnSlowLimit = 0.01
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

// burn is the lesser of the shares over a long and a short window, where there are objects enough.
func burn(long, short string) Query {
	return New(`
		min by (cluster) (
			label_replace(` + long + `, "window", "long", "", "")
			or
			label_replace(` + short + `, "window", "short", "", ""))
		and on (cluster)
		flux:resource:count >= 50`)
}
