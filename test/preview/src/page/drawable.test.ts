import '../../check/browserglobals';
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Series } from '../prometheus/client';
import { framesOf } from '../prometheus/frames';
import { finite, isEmpty, notNumbers } from './drawable';

/** A series of an application, as a panel gets it. */
const series = (app: string, ...values: string[]): Series => ({ metric: { app }, values: values.map((value, i) => [i + 1, value]) });

const frames = (...all: Series[]) =>
  framesOf(all, { target: { refId: 'A', expr: 'q', legendFormat: '{{app}}' }, expr: 'q', step: 15, amongTables: false });

test('a panel of quantiles of which nothing was counted is empty', () => {
  deepEqual([isEmpty(frames(series('idle', 'NaN', 'NaN'))), isEmpty(frames()), isEmpty(frames(series('busy', '0')))], [true, true, false]);
});

test('what is not a number is named', () => {
  const all = frames(series('busy', '1', '2'), series('idle', '1', 'NaN'), series('endless', '+Inf', '1'));
  deepEqual([isEmpty(all), notNumbers(all)], [false, ['idle', 'endless']]);
});

test('what is not a number is left out of what is drawn, and the rest is as it was', () => {
  const drawn = finite(frames(series('idle', '1', 'NaN'))).map(({ fields }) => fields.map((field) => [...field.values]));
  deepEqual(drawn, [
    [
      [1000, 2000],
      [1, null],
    ],
  ]);
});

test('a table of words is not empty', () => {
  const answer: Series[] = [{ metric: { name: 'a' }, value: [1, 'NaN'] }];
  const table = framesOf(answer, { target: { refId: 'A', expr: 'q', format: 'table' }, expr: 'q', step: 15, amongTables: false });
  deepEqual([isEmpty(table), notNumbers(table)], [false, ['Value']]);
});
