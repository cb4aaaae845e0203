//go:build e2e && soak

package e2e_test

// scheduled is what is done at a minute of the hour.
type scheduled struct {
	minute float64
	what   string
	acts   []action
}

// schedule is the hour: what happens in a cluster that is used and kept up to date, made to happen sooner than it would. Nothing
// in it stays broken for as long as ReconciliationFailure waits.
var schedule = []scheduled{
	{1, "a new revision, in Git and as an artifact", acts(publishes)},
	{3, "kustomize-controller is rolled out anew", acts(rollsOut("kustomize-controller"))},
	{4, "a Kustomization and a HelmRelease are suspended", acts(
		sets("Kustomization", shop, "config-03", `{suspend: true}`), sets("HelmRelease", platform, "cache", `{suspend: true}`))},
	{5, "a new revision", acts(publishes)},
	{6, "a HelmRelease is upgraded that takes three and a half minutes", acts(upgrades(shop, "slow", "1", 210))},
	{8, "the sources' server is away", acts(goesAway)},
	{10.5, "the server is back", acts(comesBack)},
	{11, "what was suspended is resumed", acts(
		sets("Kustomization", shop, "config-03", `{suspend: false}`), sets("HelmRelease", platform, "cache", `{suspend: false}`))},
	{12, "a new revision", acts(publishes)},
	{13, "a bad commit: six Kustomizations cannot apply it", acts(breaks("web"), publishes)},
	{17, "it is mended", acts(breaks(""), publishes)},
	{20, "source-controller is rolled out anew, and has no artifacts until it has fetched them again", acts(rollsOut("source-controller"))},
	{21, "a HelmRelease gets values that its chart cannot use", acts(
		sets("HelmRelease", platform, "web", `{values: {minReadySeconds: soon}}`))},
	{22, "five objects are created, one of which depends on another", acts(createsMore)},
	{24, "the HelmRelease's values are mended", acts(upgrades(platform, "web", "2", 0))},
	{25, "the operator is upgraded: its leader is deleted", acts(deletesLeader)},
	{27, "a commit whose health check takes four and a half minutes", acts(slowsDown(270), publishes)},
	{29, "Prometheus is restarted", acts(restartsPrometheus)},
	{33, "the five objects are deleted", acts(deletesMore)},
	{34, "a new version of the chart, in all HelmReleases", acts(upgradesCharts)},
	{36, "helm-controller is rolled out anew", acts(rollsOut("helm-controller"))},
	{38, "Flux is upgraded while the operator is, with a new revision and a slow HelmRelease", acts(
		publishes, rollsOut("source-controller"), rollsOut("kustomize-controller"), deletesLeader, upgrades(shop, "slow", "2", 180))},
	{42, "a source is suspended", acts(sets("GitRepository", shop, fleet, `{suspend: true}`))},
	{43, "a new revision, which that source does not see", acts(publishes)},
	{44, "the source is resumed", acts(sets("GitRepository", shop, fleet, `{suspend: false}`))},
	{45, "the sources' server is away again", acts(goesAway)},
	{47, "the server is back", acts(comesBack)},
	{48, "a bad commit: twenty-four Kustomizations cannot build it", acts(breaks("config"), publishes)},
	{52, "it is mended", acts(breaks(""), publishes)},
	{55, "Prometheus is restarted, and kustomize-controller rolled out anew", acts(restartsPrometheus, rollsOut("kustomize-controller"))},
	{57, "a new revision", acts(publishes)},
}

func acts(all ...action) []action { return all }
