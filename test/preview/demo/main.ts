/**
 * Command demo writes six hours of made-up series, which end at a time in milliseconds, as OpenMetrics text: of one cluster, or, with
 * fleet as the next argument, of twelve.
 */
import { controllerSeries, fleetSeries } from './controllers';
import { objectSeries } from './objects';
import { openMetrics } from './series';

const step = 30;
const end = Math.floor(Number(process.argv[2]) / 1000 / step) * step;
const span = { start: end - 6 * 3600, end, step };
const isFleet = process.argv[3] === 'fleet';

for (const text of openMetrics([...objectSeries(isFleet, span), ...(isFleet ? fleetSeries(span) : controllerSeries(span))], span)) {
  process.stdout.write(text);
}
