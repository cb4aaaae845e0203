/** Flux objects of two clusters, and what is recorded of them. */
import { histogram, type At, type Labels, type Series } from './series';

/** How an object is, from a second on. */
type State = 'ready' | 'failing' | 'waiting' | 'stalled' | 'suspended' | 'progressing';

interface FluxObject {
  cluster: string;
  kind: string;
  namespace: string;
  name: string;
  source?: Labels;
  /** Seconds between reconciliations, and of one. */
  every: number;
  takes: number;
  /** What it is after each of these seconds; ready before. */
  becomes: Array<[from: number, state: State]>;
}

const hour = 3600;

/** The times are of the last hour of four. */
const late = 3 * hour;

const own = (kind: string, name: string, source: string, takes: number, becomes: FluxObject['becomes'] = []) => ({
  kind,
  name,
  source: { source_kind: source, source_name: name === 'flux-system' ? name : source === 'HelmRepository' ? 'charts' : 'apps' },
  every: 300,
  takes,
  becomes,
});

const production = [
  { kind: 'GitRepository', name: 'flux-system', every: 60, takes: 0.4, becomes: [] },
  { kind: 'GitRepository', name: 'apps', every: 60, takes: 0.6, becomes: [[late + 1500, 'failing']] },
  { kind: 'OCIRepository', name: 'platform', every: 120, takes: 0.9, becomes: [] },
  { kind: 'HelmRepository', name: 'charts', every: 600, takes: 2.2, becomes: [] },
  { kind: 'HelmChart', name: 'redis', every: 300, takes: 0.3, becomes: [] },
  { kind: 'Bucket', name: 'archives', every: 300, takes: 1.4, becomes: [[late - hour, 'suspended']] },
  own('Kustomization', 'flux-system', 'GitRepository', 3),
  own('Kustomization', 'infrastructure', 'GitRepository', 12, [
    [late + 300, 'progressing'],
    [late + 420, 'ready'],
  ]),
  own('Kustomization', 'payments', 'GitRepository', 5, [[late + 700, 'failing']]),
  own('Kustomization', 'payments-jobs', 'GitRepository', 4, [[late + 760, 'waiting']]),
  own('Kustomization', 'shop', 'GitRepository', 6, [
    [late + 200, 'failing'],
    [late + 500, 'ready'],
    [late + 1900, 'failing'],
    [late + 2300, 'ready'],
  ]),
  own('Kustomization', 'search', 'GitRepository', 4),
  own('Kustomization', 'reports', 'GitRepository', 8, [[late - 2 * hour, 'suspended']]),
  own('HelmRelease', 'cert-manager', 'HelmRepository', 20),
  own('HelmRelease', 'ingress', 'HelmRepository', 16, [
    [late + 1200, 'progressing'],
    [late + 1500, 'ready'],
  ]),
  own('HelmRelease', 'redis', 'HelmRepository', 35, [
    [late - 600, 'failing'],
    [late + 300, 'stalled'],
  ]),
  own('HelmRelease', 'prometheus', 'HelmRepository', 48),
] as Array<Omit<FluxObject, 'cluster' | 'namespace'>>;

const staging = production.filter((_, i) => i % 3 === 0).map((o) => ({ ...o, becomes: [] }));

const placed = (cluster: string, objects: typeof production): FluxObject[] =>
  objects.map((o) => ({ ...o, cluster, namespace: o.name.startsWith('payments') || o.name === 'redis' ? 'team-a' : 'flux-system' }));

export const objects = [...placed('production', production), ...placed('staging', staging)];

const last = <T>(all: T[]): T | undefined => all[all.length - 1];

const entered = (o: FluxObject, second: number) => last(o.becomes.filter(([from]) => from <= second));

const stateOf = (o: FluxObject, second: number): State => entered(o, second)?.[1] ?? 'ready';

const bad: State[] = ['failing', 'waiting', 'stalled', 'progressing'];

/** 1 while the object is in one of these states, and no series else. */
const during =
  (o: FluxObject, ...states: State[]): At =>
  (second) =>
    states.includes(stateOf(o, second)) ? 1 : undefined;

/** Of one object, its own metrics and what is recorded of them. Times are told from the first point's. */
export function objectSeries(o: FluxObject, start: number): Series[] {
  const { cluster, kind, name, namespace } = o;
  const labels = { cluster, kind, exported_namespace: namespace, name };
  const source = o.source ? { ...o.source, source_namespace: 'flux-system' } : {};
  const record = (what: string, at: At, more: Labels = {}) => ({ name: `flux:resource:${what}`, labels: { ...labels, ...more }, at });
  const since =
    (...states: State[]): At =>
    (second) =>
      states.includes(stateOf(o, second)) ? start + entered(o, second)![0] : undefined;
  const scraped = { ...labels, namespace: 'flux-system', job: 'monitoring/flux' };
  return [
    record('ready', during(o, 'ready')),
    record('not_ready', during(o, ...bad), source),
    record('not_ready_since', since(...bad), source),
    record('failing', during(o, 'failing', 'stalled'), source),
    record('waiting', during(o, 'waiting')),
    record('stalled', during(o, 'stalled')),
    record('suspended', during(o, 'suspended')),
    record('suspended_since', since('suspended')),
    record('behind', name === 'payments' ? during(o, 'failing') : () => undefined),
    ...infoSeries(o, source),
    ...histogram('gotk_reconcile_duration_seconds', scraped, 1 / o.every, o.takes).map((s) => ({ ...s, at: unlessSuspended(o, s.at) })),
  ];
}

/** Whatever counts a suspended object's reconciliations stands still. */
const unlessSuspended = (o: FluxObject, at: At): At => {
  const rest = last(o.becomes.filter(([, state]) => state === 'suspended'))?.[0];
  return (second) => at(Math.min(second, rest ?? Infinity));
};

const ready: Record<State, string> = {
  ready: 'True',
  failing: 'False',
  waiting: 'False',
  stalled: 'False',
  suspended: 'True',
  progressing: 'Unknown',
};
const reasons: Record<State, string> = {
  ready: 'ReconciliationSucceeded',
  failing: 'BuildFailed',
  waiting: 'DependencyNotReady',
  stalled: 'RetriesExceeded',
  suspended: 'ReconciliationSucceeded',
  progressing: 'Progressing',
};

function infoSeries({ cluster, kind, name, namespace, becomes }: FluxObject, source: Labels): Series[] {
  const spans = [[0, 'ready'], ...becomes] as FluxObject['becomes'];
  return spans.map(([from, state], i) => ({
    name: 'gotk_resource_info',
    labels: {
      cluster,
      job: 'monitoring/flux-exporter',
      customresource_kind: kind,
      exported_namespace: namespace,
      name,
      ready: ready[state],
      suspended: String(state === 'suspended'),
      reason: reasons[state],
      revision: `main@sha1:${(7 + i).toString(16)}f3a91c`,
      ...source,
    },
    at: (second) => (second >= from && second < (spans[i + 1]?.[0] ?? Infinity) ? 1 : undefined),
  }));
}

/** What is recorded and alerted of a cluster as a whole. */
export function clusterSeries(cluster: string): Series[] {
  const its = objects.filter((o) => o.cluster === cluster);
  const failing = (second: number) => its.filter((o) => stateOf(o, second) === 'failing').length;
  const alert = (alertname: string, severity: string, kind: string, name: string, state: State): Series[] =>
    its
      .filter((o) => o.kind === kind && o.name === name)
      .map((o) => ({
        name: 'ALERTS',
        labels: { cluster, alertname, alertstate: 'firing', severity, kind, exported_namespace: o.namespace, name },
        at: during(o, state),
      }));
  return [
    { name: 'flux:resource:observed', labels: { cluster }, at: () => 1 },
    { name: 'flux:resource:count', labels: { cluster }, at: () => its.length },
    { name: 'flux:resource:failing_ratio', labels: { cluster }, at: (second) => failing(second) / its.length },
    ...alert('ReconciliationFailure', 'critical', 'Kustomization', 'payments', 'failing'),
    ...alert('FluxSourceBlocksDependents', 'critical', 'GitRepository', 'apps', 'failing'),
    ...alert('FluxResourceStalled', 'warning', 'HelmRelease', 'redis', 'stalled'),
    ...workSeries(its),
  ];
}

/** What is recorded of the work on some objects of one cluster: by kind and namespace, and of the slowest, which are all here. */
function workSeries(its: FluxObject[]): Series[] {
  const labelsOf = ({ cluster, kind, namespace }: FluxObject) => ({ cluster, namespace: 'flux-system', kind, exported_namespace: namespace });
  const sum = (alike: FluxObject[], of: (o: FluxObject) => number) => alike.reduce((total, o) => total + of(o), 0);
  const record = (what: string, labels: Labels, value: number) => ({ name: `flux:reconciliations:${what}`, labels, at: () => value });
  const groups = new Map<string, FluxObject[]>();
  its.forEach((o) => groups.set(`${o.kind}/${o.namespace}`, [...(groups.get(`${o.kind}/${o.namespace}`) ?? []), o]));
  return [
    ...[...groups.values()].flatMap((alike) => [
      record('objects', labelsOf(alike[0]), alike.length),
      record('rate5m', labelsOf(alike[0]), sum(alike, (o) => 1 / o.every)),
      record('seconds_rate5m', labelsOf(alike[0]), sum(alike, (o) => o.takes / o.every)),
    ]),
    ...its.map((o) => record('slowest1h', { ...labelsOf(o), name: o.name }, o.takes)),
  ];
}
