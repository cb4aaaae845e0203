/** Flux's controllers and the operator, as Prometheus scrapes them. */
import { counter, gauge, histogram, type Labels, type Series } from './series';

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
];

const operator: Controller = { app: 'fluxmonitoring-operator', kinds: { fluxmonitoring: 0.08 }, megabytes: 45 };

/** Of every controller of a cluster, and of the operator there. */
export function controllerSeries(cluster: string, start: number): Series[] {
  return [
    ...controllers.flatMap((controller) => one(controller, { cluster, job: 'monitoring/flux', namespace: 'flux-system' }, start)),
    ...one(operator, { cluster, job: 'monitoring/flux-operator', namespace: 'fluxmonitoring' }, start),
    ...exporter(cluster),
    ...requests('gotk_event_http_request_duration_seconds', cluster, { '202': 0.2, '500': 0.002 }),
    ...requests('gotk_receiver_http_request_duration_seconds', cluster, { '200': 0.05, '404': 0.003 }),
  ];
}

function one({ app, kinds, megabytes }: Controller, scraped: Labels, start: number): Series[] {
  const labels = { ...scraped, app, pod: `${app}-7d9c5b8f6-x2x${megabytes % 10}q` };
  const seed = JSON.stringify(labels);
  const memory = megabytes * 2 ** 20;
  const codes = { '200': 3, '201': 0.2, '404': 0.05, '409': 0.02, '429': app === 'helm-controller' ? 0.04 : 0, '500': 0.001 };
  return [
    { name: 'up', labels, at: (second) => (app === 'image-reflector-controller' && second > 12_600 && second < 12_900 ? 0 : 1) },
    { name: 'process_resident_memory_bytes', labels, at: gauge(memory, 0.1, seed) },
    { name: 'go_gc_gomemlimit_bytes', labels, at: () => 2 ** 20 * (megabytes * 1.6) },
    { name: 'process_cpu_seconds_total', labels, at: counter(megabytes / 2000, seed) },
    {
      name: 'process_start_time_seconds',
      labels,
      at: (second) => start + (app === 'helm-controller' && second > 13_000 ? 13_000 : -86_400),
    },
    { name: 'leader_election_master_status', labels, at: () => 1 },
    ...Object.entries(codes).map(([code, perSecond]) => ({
      name: 'rest_client_requests_total',
      labels: { ...labels, code, host: '10.96.0.1:443', method: 'GET' },
      at: counter(perSecond, seed + code),
    })),
    ...Object.entries(kinds).flatMap(([controller, takes]) => work(controller, takes, labels)),
  ];
}

function work(controller: string, takes: number, labels: Labels): Series[] {
  const its = { ...labels, controller };
  const queue = { ...labels, name: controller };
  const waiting = controller === 'bucket' ? 0 : 0.1; // nothing uses buckets: their controller is at rest
  const results = { success: 0.08, error: controller === 'kustomization' ? 0.01 : 0, requeue_after: 0.02, requeue: 0 };
  return [
    ...Object.entries(results).map(([result, perSecond]) => ({
      name: 'controller_runtime_reconcile_total',
      labels: { ...its, result },
      at: counter(perSecond, controller + result),
    })),
    ...histogram('controller_runtime_reconcile_time_seconds', its, waiting, takes),
    ...histogram('workqueue_queue_duration_seconds', queue, waiting, takes / 20),
    { name: 'controller_runtime_active_workers', labels: its, at: (second) => Math.round(gauge(1.6, 0.8, controller)(second)!) },
    { name: 'controller_runtime_max_concurrent_reconciles', labels: its, at: () => 4 },
    { name: 'controller_runtime_reconcile_panics_total', labels: its, at: () => 0 },
    { name: 'workqueue_depth', labels: queue, at: (second) => Math.max(0, Math.round(gauge(2, 1.4, controller)(second)!)) },
    { name: 'workqueue_longest_running_processor_seconds', labels: queue, at: gauge(takes * 1.5, 0.7, controller) },
  ];
}

function requests(name: string, cluster: string, codes: Record<string, number>): Series[] {
  const labels = { cluster, job: 'monitoring/flux', namespace: 'flux-system', app: 'notification-controller' };
  return Object.entries(codes).map(([code, perSecond]) => ({
    name: `${name}_count`,
    labels: { ...labels, code },
    at: counter(perSecond, name + code),
  }));
}

function exporter(cluster: string): Series[] {
  const labels = { cluster, job: 'monitoring/flux-exporter', namespace: 'fluxmonitoring', pod: 'fluxmonitoring-operator-7d9c5b8f6-x2x5q' };
  const kinds = { GitRepository: 2, Kustomization: 7, HelmRelease: 4, HelmRepository: 1, OCIRepository: 1, Bucket: 1, HelmChart: 1 };
  const each = Object.entries(kinds).map(([kind, number]) => ({ labels: { ...labels, customresource_kind: kind }, number }));
  return [
    ...each.map(({ labels: its, number }) => ({ name: 'gotk_resources', labels: its, at: () => number })),
    ...each.map(({ labels: its }) => ({ name: 'gotk_resources_omitted', labels: its, at: () => 0 })),
    {
      name: 'flux_notifications_failed_total',
      labels: { ...labels, exported_namespace: 'apps', name: 'slack' },
      at: counter(0.001, 'flux_notifications_failed_total'),
    },
    { name: 'scrape_duration_seconds', labels, at: gauge(0.012, 0.4, cluster) },
    { name: 'scrape_samples_post_metric_relabeling', labels, at: () => 74 },
    {
      name: 'flux:resource:ready',
      labels: { cluster, kind: 'FluxMonitoring', exported_namespace: 'monitoring', name: 'flux' },
      at: () => 1,
    },
  ];
}
