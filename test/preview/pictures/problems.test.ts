import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf } from './problems';

const panel = { id: 1, title: 'Time in Work Queue', type: 'timeseries' };

test('a panel with an error, without data, out of sight, or with what is not a number is a problem', () => {
  const panels = [{ ...panel, error: 'bad query' }, { ...panel, empty: true }, { ...panel, outOfSight: true }, { ...panel, notNumbers: ['idle'] }, panel];
  deepEqual(problemsOf({ panels, error: 'lost' }, 'flux-control-plane', {}), [
    'lost',
    'Time in Work Queue: bad query',
    'Time in Work Queue: no data',
    'Time in Work Queue: no point is in sight',
    'Time in Work Queue: idle has values that are not numbers',
  ]);
});

test('a panel that may be empty is empty, and has nothing that is not a number', () => {
  const quiet = { a: { 'Time in Work Queue': 'nothing waits' } };
  const panels = [{ ...panel, empty: true }, { ...panel, empty: true, notNumbers: ['idle'] }, panel];
  deepEqual(problemsOf({ panels }, 'a', quiet), [
    'Time in Work Queue: idle has values that are not numbers',
    'Time in Work Queue: is not empty, so the reason for that is not true',
  ]);
});
