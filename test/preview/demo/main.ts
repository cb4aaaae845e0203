/** Command demo writes four hours of made-up series, which end at a time in milliseconds, as OpenMetrics text. */
import { controllerSeries } from './controllers';
import { clusterSeries, objects, objectSeries } from './objects';
import { openMetrics } from './series';

const hours = 4;
const end = Math.floor(Number(process.argv[2] ?? Date.now()) / 15_000) * 15;
const start = end - hours * 3600;

const all = [
  ...objects.flatMap((object) => objectSeries(object, start)),
  ...['production', 'staging'].flatMap((cluster) => [...clusterSeries(cluster), ...controllerSeries(cluster, start)]),
];

for (const text of openMetrics(all, { start, end, step: 15 })) {
  process.stdout.write(text);
}
