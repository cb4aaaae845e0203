/** The series about Flux objects: what Prometheus scrapes, and what its rules record and alert. */
import { alerts, installation, silentSince, type Change, type FluxObject, type State } from './installation';
import { histogram, type At, type Labels, type Series, type Span } from './series';

const last = <T>(all: T[]): T | undefined => all[all.length - 1];

/** Seconds from the first point on. */
type Clock = (minutesAgo: number) => number;

/** When a new commit or chart came. */
const releases = [290, 215, 150, 64, 41];

/** A change, with its time as a second. */
type Entered = [from: number, state: State, reason?: string];

const bad: State[] = ['failing', 'waiting', 'stalled', 'progressing'];
const failed: State[] = ['failing', 'stalled'];

/** One object's life. */
class Life {
  private readonly changes: Entered[];

  constructor(
    readonly object: FluxObject,
    private readonly clock: Clock,
  ) {
    this.changes = object.changes.map(([ago, ...rest]: Change): Entered => [clock(ago), ...rest]);
  }

  at(second: number): Entered {
    return last(this.changes.filter(([from]) => from <= second)) ?? [0, 'ready'];
  }

  is = (second: number, ...states: State[]) => states.includes(this.at(second)[1]);

  /** 1 while it is in one of these states, and no series else. */
  during =
    (...states: State[]): At =>
    (second) =>
      this.is(second, ...states) ? 1 : undefined;

  /** The second at which it came into one of these states, without one between that is none. */
  since(second: number, ...states: State[]): number | undefined {
    const before = this.changes.filter(([from]) => from <= second);
    const other = before.findLastIndex(([, state]) => !states.includes(state));
    return before[other + 1]?.[0];
  }

  /** The last release that it had come to by then. */
  release(second: number): number {
    const good = this.since(second, ...bad) ?? second;
    return releases.filter((ago) => this.clock(ago) <= good).length;
  }

  /** The times at which what is known of it changes. */
  turns(): number[] {
    return [0, ...this.changes.map(([from]) => from), ...releases.map(this.clock)].sort((a, b) => a - b);
  }
}

const reasons: Record<State, string> = {
  ready: 'ReconciliationSucceeded',
  failing: 'ReconciliationFailed',
  waiting: 'DependencyNotReady',
  stalled: 'RetriesExceeded',
  suspended: 'ReconciliationSucceeded',
  progressing: 'Progressing',
};

const readiness = (state: State) => (state === 'progressing' ? 'Unknown' : state === 'ready' || state === 'suspended' ? 'True' : 'False');

/** Kustomizations that have not been reconciled for long, and that are not at their source's revision. */
const idle = 'legacy';
const behind = 'search';

/** All series about objects, of one cluster or of a fleet. */
export function objectSeries(isFleet: boolean, { start, end }: Span): Series[] {
  const clock: Clock = (ago) => end - start - ago * 60;
  const lives = installation(isFleet).map((object) => new Life(object, clock));
  const clusters = [...new Set(lives.map(({ object }) => object.cluster))];
  const series = [
    ...lives.flatMap((life) => [...recorded(life, start), ...infos(life), ...(isFleet ? [] : durations(life, clock))]),
    ...clusters.flatMap((cluster) => ofCluster(cluster, lives.filter(({ object }) => object.cluster === cluster), unobserved.map(clock))),
    ...alerts(isFleet).map(({ cluster, name, severity, ago, of }) => ({
      name: 'ALERTS',
      labels: { cluster, alertname: name, alertstate: 'firing', severity, ...of },
      at: (second: number) => (second >= clock(ago) ? 1 : undefined),
    })),
  ];
  return series.map((one) => ({ ...one, at: until(clock(silentSince[one.labels.cluster] ?? 0), one.at) }));
}

const until =
  (end: number, at: At): At =>
  (second) =>
    second <= end ? at(second) : undefined;

const identity = ({ cluster, kind, namespace, name }: FluxObject) => ({ cluster, kind, exported_namespace: namespace, name });

const sourceLabels = ({ source }: FluxObject): Labels =>
  source ? { source_kind: source[0], source_namespace: source[1], source_name: source[2] } : {};

/** What rules record of one object. */
function recorded(life: Life, start: number): Series[] {
  const { object } = life;
  const record = (what: string, at: At, more: Labels = {}) => ({
    name: `flux:resource:${what}`,
    labels: { ...identity(object), ...more },
    at,
  });
  const time =
    (more: number, ...states: State[]): At =>
    (second) => {
      const since = life.is(second, ...states) ? life.since(second, ...states) : undefined;
      return since === undefined ? undefined : start + since + more;
    };
  return [
    record('ready', life.during('ready')),
    record('not_ready', life.during(...bad), sourceLabels(object)),
    record('not_ready_since', time(0, ...bad), sourceLabels(object)),
    record('deadline', time(300, 'progressing', ...failed)), // who waits has none
    record('failing', life.during(...failed), sourceLabels(object)),
    record('waiting', life.during('waiting')),
    record('stalled', life.during('stalled')),
    record('suspended', life.during('suspended')),
    record('suspended_since', time(0, 'suspended')),
    ...(object.name === behind ? [record('behind', life.during('ready'))] : []),
  ];
}

function revision({ kind, namespace, name, source }: FluxObject, release: number): string {
  const hash = [...`${name}${release}`].reduce((n, letter) => Math.imul(n ^ letter.charCodeAt(0), 16777619) >>> 0, 2166136261).toString(16);
  if (kind === 'HelmRelease' || kind === 'HelmChart') {
    return `${namespace.length}.${name.length}.${release}`;
  }
  return kind.startsWith('OCI') || source?.[0] === 'OCIRepository' ? `1.${release}.0@sha256:${hash}` : `main@sha1:${hash}`;
}

const addressed: Record<string, string> = {
  GitRepository: 'https://github.com/example/',
  OCIRepository: 'oci://registry.example.com/',
  HelmRepository: 'https://charts.example.com/',
};

/** What the exporter says of one object. */
function infos(life: Life): Series[] {
  const { object } = life;
  const turns = life.turns();
  return turns.map((from, i) => {
    const [, state, reason = reasons[state]] = life.at(from);
    return {
      name: 'gotk_resource_info',
      labels: {
        cluster: object.cluster,
        job: 'monitoring/flux-exporter',
        customresource_kind: object.kind,
        exported_namespace: object.namespace,
        name: object.name,
        ready: readiness(state),
        suspended: String(state === 'suspended'),
        reason,
        revision: revision(object, life.release(from)),
        url: object.kind in addressed ? addressed[object.kind] + object.name : '',
        ...sourceLabels(object),
      },
      at: (second) => (second >= from && second < (turns[i + 1] ?? Infinity) ? 1 : undefined),
    };
  });
}

/** How long its reconciliations took. Nobody reconciles a suspended object. */
function durations({ object }: Life, clock: Clock): Series[] {
  const { every, takes } = object;
  const suspended = object.changes.find(([, state]) => state === 'suspended');
  const rest = clock(suspended?.[0] ?? (object.name === idle ? 170 : 0));
  const labels = { ...identity(object), namespace: 'flux-system', job: 'monitoring/flux' };
  return histogram('gotk_reconcile_duration_seconds', labels, 1 / every, takes).map((s) => ({ ...s, at: (second) => s.at(Math.min(second, rest)) }));
}

/** When nothing exported the state of the one cluster's objects, in minutes before the end. */
const unobserved = [26, 22];

/** What rules record of a cluster as a whole, and of its reconciliations by kind and namespace. */
function ofCluster(cluster: string, lives: Life[], gap: number[]): Series[] {
  const groups: Record<string, Life[]> = {};
  lives.forEach((life) => (groups[`${life.object.kind}/${life.object.namespace}`] ??= []).push(life));
  const labelsOf = ({ kind, namespace }: FluxObject) => ({ cluster, namespace: 'flux-system', kind, exported_namespace: namespace });
  const record = (what: string, labels: Labels, value: number, wavers = 0) => ({
    name: `flux:reconciliations:${what}`,
    labels,
    at: (second: number) => value * (1 + wavers * Math.sin(second / 700 + value)),
  });
  const sum = (alike: Life[], of: (o: FluxObject) => number) => alike.reduce((total, { object }) => total + of(object), 0);
  const isGap = (second: number) => second >= gap[0] && second < gap[1];
  const share = (second: number) => lives.filter((life) => life.is(second, ...failed)).length / lives.length;
  return [
    { name: 'flux:resource:observed', labels: { cluster }, at: (second) => (cluster === '' && isGap(second) ? undefined : 1) },
    { name: 'flux:resource:count', labels: { cluster }, at: () => lives.length },
    { name: 'flux:resource:failing_ratio', labels: { cluster }, at: share },
    ...Object.values(groups).flatMap((alike) => [
      record('objects', labelsOf(alike[0].object), alike.length),
      record('rate5m', labelsOf(alike[0].object), sum(alike, (o) => 1 / o.every), 0.1),
      record('seconds_rate5m', labelsOf(alike[0].object), sum(alike, (o) => o.takes / o.every), 0.15),
    ]),
    ...lives.map(({ object }, i) => ({
      name: 'flux:reconciliations:slowest1h',
      labels: { ...labelsOf(object), name: object.name },
      at: (second: number) => object.takes * (1 + 0.15 * Math.sin(second / 2600 + i) + (i % 5) / 10),
    })),
  ];
}
