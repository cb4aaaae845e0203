import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { isInSight } from './insight';

const over = (min: number, max: number, ...values: Array<number | null>) =>
  isInSight({ data: [[1, 2], values], series: [{}, { scale: 'y' }], scales: { y: { min, max } } });

test('a point within the axis is in sight, on its edge too', () => {
  deepEqual([over(0, 10, null, 3), over(0, 1, 0, 0)], [true, true]);
});

test('without an axis, or below a logarithmic one, nothing is in sight', () => {
  deepEqual([over(NaN, NaN, 1, 2), over(0.1, 10, 0, 0), over(0, 10, null, null)], [false, false, false]);
});
