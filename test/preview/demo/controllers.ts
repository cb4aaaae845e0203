/** Flux's controllers, the operator and the API server, as Prometheus scrapes them. */
import { installation, silentSince } from './installation';
import { counter, gauge, histogram, type Labels, type Series, type Span } from './series';

interface Controller {
  app: string;
  /** What it reconciles, with how many seconds one takes. */
  kinds: Record<string, number>;
  megabytes: number;
}

const controllers: Controller[] = [
  {
    app: 'source-controller',
    kinds: { gitrepository: 0.6, ocirepository: 0.9, helmrepository: 2, helmchart: 0.4, bucket: 1.4 },
    megabytes: 120,
  },
  { app: 'kustomize-controller', kinds: { kustomization: 5 }, megabytes: 180 },
  { app: 'helm-controller', kinds: { helmrelease: 24 }, megabytes: 210 },
  { app: 'notification-controller', kinds: { alert: 0.01, provider: 0.01, receiver: 0.02 }, megabytes: 60 },
  { app: 'image-reflector-controller', kinds: { imagerepository: 1.1, imagepolicy: 0.05 }, megabytes: 70 },
  { app: 'image-automation-controller', kinds: { imageupdateautomation: 2 }, megabytes: 75 },
  { app: 'source-watcher', kinds: { artifactgenerator: 0.8 }, megabytes: 50 },
];

const operator: Controller = { app: 'fluxmonitoring-operator', kinds: { fluxmonitoring: 0.08 }, megabytes: 45 };

/** The pods of the operator: the first led until minutes before the end. */
const pods = ['fluxmonitoring-operator-7d9c5b8f6-x2x5q', 'fluxmonitoring-operator-7d9c5b8f6-kq8vd'];
const ledUntil = 95;

/** Of every controller, of the operator and of the API server of the one cluster. */
export function controllerSeries(span: Span): Series[] {
  const length = span.end - span.start;
  return [
    ...controllers.flatMap((c) =>
      one(c, { job: 'monitoring/flux', namespace: 'flux-system', pod: `${c.app}-7d9c5b8f6-x2x${c.megabytes % 10}q` }, span),
    ),
    ...pods.flatMap((pod, i) => {
      const leads = (second: number) => Number(second < length - ledUntil * 60 === (i === 0));
      const all = one(operator, { job: 'monitoring/flux-fluxmonitoring', namespace: 'fluxmonitoring', pod }, span);
      return all.map((s) => (s.name === 'leader_election_master_status' ? { ...s, at: leads } : s));
    }),
    ...exporter(),
    ...monitoring(),
    ...apiServer(),
    ...requests('gotk_event_http_request_duration_seconds', { '202': 0.2, '500': 0.002 }),
    ...requests('gotk_receiver_http_request_duration_seconds', { '200': 0.05, '404': 0.003 }),
  ];
}

/** Whether every controller of a fleet's clusters answers. One does not, for minutes. */
export function fleetSeries({ start, end }: Span): Series[] {
  const clusters = [...new Set(installation(true).map(({ cluster }) => cluster))];
  return clusters.flatMap((cluster) =>
    controllers.map(({ app }) => {
      const down = cluster === 'dev-2' && app === 'kustomize-controller' ? end - start - 25 * 60 : Infinity;
      const silent = end - start - (silentSince[cluster] ?? 0) * 60;
      return {
        name: 'up',
        labels: { cluster, job: 'monitoring/flux', namespace: 'flux-system', app },
        at: (second) => (second > silent ? undefined : Number(second < down)),
      };
    }),
  );
}

function one({ app, kinds, megabytes }: Controller, scraped: Labels, { start, end }: Span): Series[] {
  const labels = { ...scraped, app };
  const seed = JSON.stringify(labels);
  const memory = megabytes * 2 ** 20;
  const codes = { '200': 3, '201': 0.2, '404': 0.05, '409': 0.02, '429': app === 'helm-controller' ? 0.04 : 0, '500': 0.001 };
  const methods: Record<string, string> = { '200': 'GET', '201': 'POST', '404': 'GET', '409': 'PATCH', '429': 'PATCH', '500': 'GET' };
  const restart = end - start - 9 * 60;
  return [
    { name: 'up', labels, at: (second) => (app === 'image-reflector-controller' && Math.abs(second - restart) < 75 ? 0 : 1) },
    { name: 'process_resident_memory_bytes', labels, at: gauge(memory, 0.1, seed) },
    { name: 'go_gc_gomemlimit_bytes', labels, at: () => 2 ** 20 * (megabytes * 1.6) },
    { name: 'process_cpu_seconds_total', labels, at: counter(megabytes / 2000, seed) },
    {
      name: 'process_start_time_seconds',
      labels,
      at: (second) => start + (app === 'image-reflector-controller' && second > restart ? restart : -86_400),
    },
    { name: 'leader_election_master_status', labels, at: () => 1 },
    ...Object.entries(codes).map(([code, perSecond]) => ({
      name: 'rest_client_requests_total',
      labels: { ...labels, code, host: '10.96.0.1:443', method: methods[code] },
      at: counter((perSecond * megabytes) / 100, seed + code),
    })),
    ...Object.entries(kinds).flatMap(([controller, takes]) => work(controller, takes, labels)),
  ];
}

function work(controller: string, takes: number, labels: Labels): Series[] {
  const its = { ...labels, controller };
  const queue = { ...labels, name: controller };
  const busy = gauge(0.9, 0.6, controller);
  // A new commit has all Kustomizations reconciled at once, twice in an hour.
  const backlog = (second: number) => (controller === 'kustomization' ? Math.max(0, 9 - ((second + 1100) % 1700) / 80) : 0);
  const often = { bucket: 0.01, kustomization: 0.6, helmrelease: 0.6 }[controller] ?? 0.1;
  const results = { success: often, error: controller === 'kustomization' ? 0.01 : controller === 'ocirepository' ? 0.006 : 0, requeue_after: 0.02, requeue: 0 };
  return [
    ...Object.entries(results).map(([result, perSecond]) => ({
      name: 'controller_runtime_reconcile_total',
      labels: { ...its, result },
      at: counter(perSecond, controller + result),
    })),
    ...histogram('controller_runtime_reconcile_time_seconds', its, often, takes),
    ...histogram('workqueue_queue_duration_seconds', queue, often, takes / 20),
    { name: 'controller_runtime_active_workers', labels: its, at: (second) => Math.min(4, Math.round(backlog(second) / 2 + busy(second)!)) },
    { name: 'controller_runtime_max_concurrent_reconciles', labels: its, at: () => 4 },
    { name: 'controller_runtime_reconcile_panics_total', labels: its, at: () => 0 },
    { name: 'workqueue_depth', labels: queue, at: (second) => Math.floor(backlog(second) + busy(second)! / 2) },
    { name: 'workqueue_longest_running_processor_seconds', labels: queue, at: gauge(takes * 1.5, 0.7, controller) },
  ];
}

function requests(name: string, codes: Record<string, number>): Series[] {
  const labels = { job: 'monitoring/flux', namespace: 'flux-system', app: 'notification-controller' };
  return Object.entries(codes).map(([code, perSecond]) => ({
    name: `${name}_count`,
    labels: { ...labels, code },
    at: counter(perSecond, name + code),
  }));
}

/** How many objects of each kind there are. */
function kindCounts(): Record<string, number> {
  const counts: Record<string, number> = {};
  installation(false).forEach(({ kind }) => (counts[kind] = (counts[kind] ?? 0) + 1));
  return counts;
}

/** What the exporter says of itself. It could not read one kind for a while. */
function exporter(): Series[] {
  const leader = { job: 'monitoring/flux-exporter', namespace: 'fluxmonitoring', pod: pods[1] };
  return [
    ...Object.entries(kindCounts()).flatMap(([customresource_kind, number]) => [
      { name: 'gotk_resources', labels: { ...leader, customresource_kind }, at: () => number },
      { name: 'gotk_resources_omitted', labels: { ...leader, customresource_kind }, at: () => 0 },
    ]),
    {
      name: 'flux_notifications_failed_total',
      labels: { ...leader, exported_namespace: 'apps', name: 'on-call' },
      at: counter(0.002, 'flux_notifications_failed_total'),
    },
    ...pods.flatMap((pod, i) => [
      { name: 'scrape_duration_seconds', labels: { ...leader, pod }, at: gauge(0.012 - i * 0.007, 0.3, pod) },
      { name: 'scrape_samples_post_metric_relabeling', labels: { ...leader, pod }, at: () => (i === 0 ? 12 : 96) },
    ]),
  ];
}

const conditions = ['Ready', 'Proven', 'Scraped', 'RulesHealthy', 'ResourceMetrics', 'AlertsEffective', 'NotificationsDelivered', 'DashboardsLoaded'];

/** The state of the FluxMonitoring: everything that is turned on was seen to work. */
function monitoring(): Series[] {
  const its = { exported_namespace: 'monitoring', name: 'flux' };
  return [
    ...conditions.map((type) => ({
      name: 'fluxmonitoring_condition',
      labels: { ...its, job: 'monitoring/flux-fluxmonitoring', type },
      at: () => 1,
    })),
    { name: 'flux:resource:ready', labels: { ...its, kind: 'FluxMonitoring' }, at: () => 1 },
    { name: 'ALERTS', labels: { alertname: 'FluxMonitoringHeartbeat', alertstate: 'firing', severity: 'none' }, at: () => 1 },
  ];
}

const groups: Record<string, string> = {
  GitRepository: 'source.toolkit.fluxcd.io/gitrepositories',
  OCIRepository: 'source.toolkit.fluxcd.io/ocirepositories',
  HelmRepository: 'source.toolkit.fluxcd.io/helmrepositories',
  HelmChart: 'source.toolkit.fluxcd.io/helmcharts',
  Bucket: 'source.toolkit.fluxcd.io/buckets',
  Kustomization: 'kustomize.toolkit.fluxcd.io/kustomizations',
  HelmRelease: 'helm.toolkit.fluxcd.io/helmreleases',
  ImageRepository: 'image.toolkit.fluxcd.io/imagerepositories',
  ImagePolicy: 'image.toolkit.fluxcd.io/imagepolicies',
  ArtifactGenerator: 'source.extensions.fluxcd.io/artifactgenerators',
  ImageUpdateAutomation: 'image.toolkit.fluxcd.io/imageupdateautomations',
};

/** The verbs of requests, with how many a second there are for an object, and how many seconds one takes. */
const verbs: Record<string, [perSecond: number, seconds: number]> = { GET: [0.2, 0.006], PATCH: [0.1, 0.02], LIST: [0.05, 0.09] };

/** The API server, most of whose requests are others'. */
function apiServer(): Series[] {
  const job = 'apiserver';
  return [
    { name: 'apiserver_request_total', labels: { job, verb: 'GET', group: '', resource: 'pods', code: '200' }, at: counter(140, 'pods') },
    ...Object.entries(kindCounts()).flatMap(([kind, number]) => {
      const [group, resource] = groups[kind].split('/');
      const its = { job, group, resource };
      return [
        { name: 'apiserver_resource_objects', labels: its, at: () => number },
        ...Object.entries(verbs).flatMap(([verb, [perSecond, seconds]]) => [
          {
            name: 'apiserver_request_total',
            labels: { ...its, verb, code: '200' },
            at: counter(perSecond * number, resource + verb),
          },
          ...histogram('apiserver_request_duration_seconds', { ...its, verb }, perSecond * number, seconds),
        ]),
      ];
    }),
  ];
}
