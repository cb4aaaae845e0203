import '../../check/browserglobals';
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { dateTime, type DataFrame } from '@grafana/data';
import type { Target } from '../dashboard';
import type { Series } from './client';
import { framesOf } from './frames';
import { intervals, stepFor } from './interval';

/** Fields by name, with their values; a time series' name with them. */
const plain = (frames: DataFrame[]) =>
  frames.map(({ fields }) => fields.map((field) => [field.config.displayNameFromDS ?? field.name, [...field.values]]));

const framed = (series: Series[], target: Partial<Target>, amongTables = false) =>
  plain(framesOf(series, { target: { refId: 'A', expr: 'up', ...target }, expr: 'up', step: 15, amongTables }));

const app = (name: string, values: Array<[number, string]>): Series => ({ metric: { __name__: 'up', app: name }, values });

test('a series is called by its legend', () => {
  deepEqual(
    framed(
      [
        app('x', [
          [1, '2'],
          [2, 'NaN'],
        ]),
      ],
      { legendFormat: 'the {{app}}' },
    ),
    [
      [
        ['Time', [1000, 2000]],
        ['the x', [2, NaN]],
      ],
    ],
  );
});

test('a label that is not there is nothing in a legend', () => {
  deepEqual(
    framed([app('x', [[1, '2']])], { legendFormat: '{{cluster}} {{app}}' }).map((fields) => fields.map(([name]) => name)),
    [['Time', 'x']],
  );
});

test('a series without legend is called what it is', () => {
  deepEqual(framed([app('x', [[1, '-Inf']])], {}), [
    [
      ['Time', [1000]],
      ['up{app="x"}', [-Infinity]],
    ],
  ]);
});

test('a series without labels is called by its expression', () => {
  deepEqual(framed([{ metric: {}, value: [1, '+Inf'] }], {}), [
    [
      ['Time', [1000]],
      ['up', [Infinity]],
    ],
  ]);
});

test('an automatic legend is left to Grafana', () => {
  deepEqual(framed([app('x', [[1, '2']])], { legendFormat: '__auto' }), [
    [
      ['Time', [1000]],
      ['Value', [2]],
    ],
  ]);
});

test('a table has a column for each label and one for the value', () => {
  const series: Series[] = [
    { metric: { name: 'a', kind: 'K' }, value: [1, '2'] },
    { metric: { name: 'b' }, value: [1, '3'] },
  ];
  const columns = [
    ['Time', [1000, 1000]],
    ['kind', ['K', '']],
    ['name', ['a', 'b']],
  ];
  deepEqual(framed(series, { format: 'table' }), [[...columns, ['Value', [2, 3]]]]);
  deepEqual(framed(series, { format: 'table' }, true), [[...columns, ['Value #A', [2, 3]]]]);
});

test('a heatmap has of each bucket what is in no lower one', () => {
  const bucket = (le: string, values: Array<[number, string]>): Series => ({ metric: { le }, values });
  const series = [
    bucket('+Inf', [
      [1, '7'],
      [2, '9'],
    ]),
    bucket('10', [
      [1, '5'],
      [2, '9'],
    ]),
    bucket('2', [[1, '1']]),
  ];
  deepEqual(framed(series, { format: 'heatmap' }), [
    [
      ['Time', [1000, 2000]],
      ['2', [1, 0]],
      ['10', [4, 9]],
      ['+Inf', [2, 0]],
    ],
  ]);
});

test('nothing is no frame', () => {
  deepEqual([framed([], {}), framed([], { format: 'table' }), framed([], { format: 'heatmap' })], [[], [], []]);
});

test('a rate looks back over four scrapes, or over the step and one', () => {
  const range = (hours: number) => {
    const to = dateTime(10 * 3600 * 1000);
    return { from: dateTime((10 - hours) * 3600 * 1000), to, raw: { from: 'now-1h', to: 'now' } };
  };
  const rateInterval = (hours: number) => intervals(range(hours), stepFor(range(hours), 1000)).__rate_interval;
  deepEqual([rateInterval(1), rateInterval(6), rateInterval(10)], ['60s', '60s', '60s']);
  deepEqual(stepFor(range(10), 100), 300);
  deepEqual(intervals(range(10), 300).__rate_interval, '315s');
});
