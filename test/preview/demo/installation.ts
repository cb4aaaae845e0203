/** What there is in the demo's clusters, and what happens there. Times are minutes before the end. */

/** How an object is. */
export type State = 'ready' | 'failing' | 'waiting' | 'stalled' | 'suspended' | 'progressing';

/** From a time on, an object has a state, with a reason unless it is the state's usual one. */
export type Change = [minutesAgo: number, state: State, reason?: string];

export interface FluxObject {
  /** Empty where one Prometheus has one cluster. */
  cluster: string;
  kind: string;
  namespace: string;
  name: string;
  /** Kind, namespace and name of its source. */
  source?: [kind: string, namespace: string, name: string];
  /** Seconds between reconciliations, and of one. */
  every: number;
  takes: number;
  changes: Change[];
}

type Events = Record<string, Change[]>;

/** One line a kind: where the objects are, how often they are reconciled, how long that takes, and which there are. */
const objects: Array<[kind: string, namespace: string, every: number, takes: number, names: string]> = [
  ['GitRepository', 'flux-system', 60, 0.5, 'flux-system infrastructure apps'],
  ['OCIRepository', 'flux-system', 120, 0.9, 'platform manifests'],
  ['HelmRepository', 'flux-system', 600, 2.2, 'jetstack bitnami grafana'],
  ['Bucket', 'flux-system', 300, 1.4, 'backups archives'],
  ['Kustomization', 'flux-system', 300, 4, 'flux-system infrastructure tenants policies'],
  ['Kustomization', 'apps', 300, 7, 'payments payments-jobs payments-gateway shop shop-cart shop-frontend search'],
  ['Kustomization', 'monitoring', 600, 11, 'observability logging dashboards'],
  ['HelmRelease', 'infra', 600, 24, 'cert-manager ingress-nginx external-dns metrics-server'],
  ['HelmRelease', 'apps', 300, 38, 'redis web-preview postgres'],
  ['ArtifactGenerator', 'apps', 600, 0.8, 'shop'],
  ['ImageRepository', 'apps', 300, 1.1, 'shop payments'],
  ['ImagePolicy', 'apps', 300, 0.05, 'shop payments'],
  ['ImageUpdateAutomation', 'flux-system', 600, 2, 'apps'],
  ['Kustomization', 'data', 600, 9, 'warehouse reports legacy exports lineage'],
  ['HelmRelease', 'data', 600, 52, 'kafka clickhouse airflow'],
  ['HelmRelease', 'monitoring', 600, 47, 'kube-prometheus-stack loki grafana'],
  ['Kustomization', 'tenants', 300, 3, 'team-a team-b team-c team-d team-e'],
];

/** What happens in the one cluster that is shown from near. */
const incident: Events = {
  'HelmRelease/apps/redis': [
    [75, 'failing', 'UpgradeFailed'],
    [55, 'stalled', 'RetriesExceeded'],
  ],
  'Kustomization/apps/payments': [[48, 'failing', 'HealthCheckFailed']],
  'Kustomization/apps/payments-jobs': [[47, 'waiting']],
  'Kustomization/apps/payments-gateway': [[47, 'waiting']],
  'OCIRepository/flux-system/platform': [[35, 'failing', 'OCIArtifactPullFailed']],
  'Kustomization/monitoring/observability': [[33, 'failing', 'ArtifactFailed']],
  'Kustomization/monitoring/logging': [[33, 'failing', 'ArtifactFailed']],
  'Kustomization/monitoring/dashboards': [[32, 'waiting']],
  'Kustomization/tenants/team-d': [[26, 'failing', 'BuildFailed']],
  'HelmRelease/data/kafka': [[4, 'progressing']],
  'HelmRelease/apps/web-preview': [112, 83, 52, 24].flatMap((ago): Change[] => [
    [ago, 'failing', 'TestFailed'],
    [ago - 5, 'ready'],
  ]),
  'Kustomization/apps/shop': [
    [215, 'failing', 'BuildFailed'],
    [190, 'ready'],
    [64, 'progressing'],
    [59, 'failing', 'HealthCheckFailed'],
    [43, 'progressing'],
    [41, 'ready'],
  ],
  'Kustomization/flux-system/infrastructure': [
    [140, 'progressing'],
    [133, 'ready'],
  ],
  'Kustomization/data/reports': [[300, 'suspended']],
  'Bucket/flux-system/archives': [[200, 'suspended']],
};

/** The clusters of a fleet: how many of the objects each has, and what happens there. Two fail at once, as they have one registry. */
const fleet: Record<string, [size: number, events: Events]> = {
  'prod-eu-1': [55, incident],
  'prod-eu-2': [
    52,
    {
      'OCIRepository/flux-system/platform': [[35, 'failing', 'OCIArtifactPullFailed']],
      'Kustomization/monitoring/observability': [[34, 'failing', 'ArtifactFailed']],
      'Kustomization/monitoring/logging': [[33, 'failing', 'ArtifactFailed']],
    },
  ],
  'prod-us-1': [48, { 'HelmRelease/apps/postgres': [[17, 'progressing']] }],
  'prod-us-2': [48, {}],
  'prod-ap-1': [41, { 'Kustomization/apps/search': [[180, 'suspended']] }],
  'staging-eu': [
    36,
    {
      'Kustomization/apps/shop': [
        [160, 'failing'],
        [95, 'ready'],
      ],
    },
  ],
  'staging-us': [36, { 'HelmRelease/apps/redis': [[260, 'failing', 'InstallFailed']] }],
  'dev-1': [30, {}],
  'dev-2': [28, { 'Kustomization/apps/search': [[12, 'failing', 'BuildFailed']] }],
  'edge-berlin': [16, {}],
  'edge-lyon': [16, {}],
  'edge-oslo': [16, {}],
};

/** When a cluster was last heard of. */
export const silentSince: Record<string, number> = { 'edge-oslo': 47 };

const all = objects.flatMap(([kind, namespace, every, takes, names]) => names.split(' ').map((name) => ({ kind, namespace, name, every, takes })));

/** Charts are the HelmReleases' own. */
const charts = all.filter(({ kind }) => kind === 'HelmRelease').map((o) => ({ ...o, kind: 'HelmChart', name: `${o.namespace}-${o.name}`, namespace: 'flux-system', takes: 0.4 }));

function sourceOf({ kind, namespace, name }: (typeof all)[number]): FluxObject['source'] {
  switch (kind) {
    case 'Kustomization':
      return namespace === 'monitoring' ? ['OCIRepository', 'flux-system', 'platform'] : ['GitRepository', 'flux-system', namespace === 'flux-system' ? namespace : 'apps'];
    case 'HelmRelease':
      return ['HelmChart', 'flux-system', `${namespace}-${name}`];
    default:
      return undefined;
  }
}

const cluster = (name: string, size: number, events: Events): FluxObject[] =>
  [...all, ...charts].slice(0, size).map((o) => ({
    ...o,
    cluster: name,
    source: sourceOf(o),
    changes: events[`${o.kind}/${o.namespace}/${o.name}`] ?? [],
  }));

/** The objects of the one cluster, or of all clusters of the fleet. */
export const installation = (isFleet: boolean): FluxObject[] =>
  isFleet ? Object.entries(fleet).flatMap(([name, [size, events]]) => cluster(name, size, events)) : cluster('', Infinity, incident);

/** Alerts that fire, from how many minutes before the end on. */
interface Alert {
  cluster: string;
  name: string;
  severity: 'critical' | 'warning';
  ago: number;
  /** What it is about. */
  of: Record<string, string>;
}

const about = (key: string) => {
  const [kind, exported_namespace, name] = key.split('/');
  return { kind, exported_namespace, name };
};

const near: Array<Omit<Alert, 'cluster'>> = [
  { name: 'FluxSourceBlocksDependents', severity: 'critical', ago: 23, of: about('OCIRepository/flux-system/platform') },
  { name: 'ReconciliationFailure', severity: 'critical', ago: 38, of: about('Kustomization/apps/payments') },
  { name: 'FluxResourceStalled', severity: 'warning', ago: 50, of: about('HelmRelease/apps/redis') },
  { name: 'FluxResourceFlapping', severity: 'warning', ago: 24, of: about('HelmRelease/apps/web-preview') },
  { name: 'FluxNotificationsFailing', severity: 'warning', ago: 40, of: about('Alert/apps/on-call') },
];

/** The alerts of the one cluster, or of all clusters of the fleet. */
export const alerts = (isFleet: boolean): Alert[] =>
  isFleet
    ? [
        ...near.map((alert) => ({ ...alert, cluster: 'prod-eu-1' })),
        { ...near[0], cluster: 'prod-eu-2' },
        { cluster: 'staging-us', name: 'ReconciliationFailure', severity: 'critical', ago: 250, of: about('HelmRelease/apps/redis') },
        { cluster: 'dev-2', name: 'FluxControllerDown', severity: 'critical', ago: 20, of: { app: 'kustomize-controller' } },
      ]
    : near.map((alert) => ({ ...alert, cluster: '' }));
