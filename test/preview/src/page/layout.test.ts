import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Panel } from '../dashboard';
import type { Values } from '../variables/value';
import { layOut } from './layout';

const panel = (id: number, x: number, y: number, w: number, h: number, more: Partial<Panel> = {}): Panel => ({
  id,
  type: 'stat',
  title: '',
  gridPos: { x, y, w, h },
  ...more,
});

const row = (id: number, y: number, more: Partial<Panel> = {}) =>
  panel(id, 0, y, 24, 1, { type: 'row', collapsed: false, panels: [], ...more });

const clusters: Values = { cluster: { variable: { name: 'cluster', type: 'query' }, options: ['a', 'b', 'c'], chosen: ['$__all'] } };

/** Where everything is: key, then x, y, w, h. */
const places = (panels: Panel[], values: Values = {}, closed: number[] = []) =>
  layOut(panels, values, ({ id }) => !closed.includes(id)).map(({ key, gridPos: { x, y, w, h } }) => [key, x, y, w, h]);

const cases: Array<[string, ReturnType<typeof places>, ReturnType<typeof places>]> = [
  [
    'what has no rows stays where it is',
    places([panel(1, 0, 0, 12, 4), panel(2, 12, 0, 12, 4)]),
    [
      ['1', 0, 0, 12, 4],
      ['2', 12, 0, 12, 4],
    ],
  ],
  [
    'a row that is closed lets what is below come up',
    places([row(1, 0), panel(2, 0, 1, 24, 8), row(3, 9), panel(4, 0, 10, 24, 8)], {}, [1]),
    [
      ['1', 0, 0, 24, 1],
      ['3', 0, 1, 24, 1],
      ['4', 0, 2, 24, 8],
    ],
  ],
  [
    'a row that is opened pushes what is below down',
    places([row(1, 0, { collapsed: true, panels: [panel(2, 0, 1, 24, 8)] }), row(3, 1), panel(4, 0, 2, 24, 8)]),
    [
      ['1', 0, 0, 24, 1],
      ['2', 0, 1, 24, 8],
      ['3', 0, 9, 24, 1],
      ['4', 0, 10, 24, 8],
    ],
  ],
  [
    'a panel repeated side by side takes the whole width, in lines as long as it allows',
    places([panel(1, 0, 0, 6, 4, { repeat: 'cluster', maxPerRow: 2 }), panel(2, 0, 4, 24, 4)], clusters),
    [
      ['1 a', 0, 0, 12, 4],
      ['1 b', 12, 0, 12, 4],
      ['1 c', 0, 4, 12, 4],
      ['2', 0, 8, 24, 4],
    ],
  ],
  [
    'a panel repeated one below the other keeps its width',
    places([panel(1, 0, 0, 6, 4, { repeat: 'cluster', repeatDirection: 'v' })], clusters),
    [
      ['1 a', 0, 0, 6, 4],
      ['1 b', 0, 4, 6, 4],
      ['1 c', 0, 8, 6, 4],
    ],
  ],
  [
    'a row is repeated with its panels',
    places([row(1, 0, { repeat: 'cluster' }), panel(2, 0, 1, 24, 4)], clusters),
    [
      ['1 a', 0, 0, 24, 1],
      ['2 a', 0, 1, 24, 4],
      ['1 b', 0, 5, 24, 1],
      ['2 b', 0, 6, 24, 4],
      ['1 c', 0, 10, 24, 1],
      ['2 c', 0, 11, 24, 4],
    ],
  ],
];

for (const [name, got, want] of cases) {
  test(name, () => deepEqual(got, want));
}
