import '../../check/browserglobals';
import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { createDataFrame, FieldType } from '@grafana/data';
import type { Variable } from '../dashboard';
import { inPromQL, inText, interpolate } from './interpolate';
import { replacer } from './replace';
import { inAddress, resolve } from './resolve';
import type { Value, Values } from './value';

const value = (chosen: string[], more: Partial<Variable> = {}, options = ['a', 'b.c', 'd']): Value => ({
  variable: { name: 'x', type: 'query', ...more },
  options,
  chosen,
});

const many = { multi: true, includeAll: true };

const inExpression: Array<[string, string, Value, string]> = [
  ['one value stands as it is', 'up{x="$x"}', value(['b.c']), 'up{x="b.c"}'],
  ['a quote in one value is escaped', 'up{x="$x"}', value(['a"b\\']), 'up{x="a\\"b\\\\"}'],
  ['one of many is a regular expression in a string', 'up{x=~"$x"}', value(['b.c'], many), 'up{x=~"b\\\\.c"}'],
  ['many are alternatives', 'up{x=~"${x}"}', value(['a', 'd'], many), 'up{x=~"(a|d)"}'],
  ['all are what stands for all', 'up{x=~"$x"}', value(['$__all'], { ...many, allValue: '.*' }), 'up{x=~".*"}'],
  ['without that, all are every one', 'up{x=~"$x"}', value(['$__all'], many, ['a', 'd']), 'up{x=~"(a|d)"}'],
  ['a format is kept to', 'up{x=~"${x:regex}"}', value(['a', 'b.c'], many), 'up{x=~"(a|b\\.c)"}'],
  ['what stands for all is in every format', '${x:regex}', value(['$__all'], { ...many, allValue: '.+' }), '.+'],
  ['what is not known stays', 'up{y=~"$y"} $', value(['a']), 'up{y=~"$y"} $'],
  ['an interval is put in', 'rate(up[$__rate_interval]) / ${__range_s}', value([]), 'rate(up[60s]) / 3600'],
];

for (const [name, text, x, want] of inExpression) {
  test(`in an expression ${name}`, () => {
    equal(interpolate(text, inPromQL({ x }, { __rate_interval: '60s', __range_s: '3600' })), want);
  });
}

test('a link carries variables as parameters, all of them as Grafana writes all', () => {
  const values: Values = { x: value(['$__all'], many) };
  equal(interpolate('/d/y?${x:queryparam}', inText(values, {})), '/d/y?var-x=%24__all');
});

test('a format that is not known is an error', () => {
  throws(() => interpolate('${x:spelled}', inPromQL({ x: value(['a']) }, {})), /the format spelled/);
});

test('a link of a table is put together from its row', () => {
  const frame = createDataFrame({
    fields: [
      { name: 'name', type: FieldType.string, values: ['apps', 'a b'], config: { displayName: 'Object name' } },
      { name: 'Value', type: FieldType.number, values: [1, 2], labels: { kind: 'Bucket' } },
    ],
  });
  const scoped = { __dataContext: { value: { data: [frame], frame, field: frame.fields[1], rowIndex: 1 } } };
  const text = '${__data.fields.name} ${__data.fields["Object name"]} ${__value.raw} ${__field.labels.kind} ${x}';
  equal(replacer({ x: value(['d']) }, {})(text, scoped), 'a b a b 2 Bucket d');
});

const resolved = async (variables: Variable[], asked: Record<string, string[]> = {}) =>
  inAddress(await resolve(variables, asked, {}, { start: 0, end: 1 }));

const custom: Variable = { name: 'level', type: 'custom', query: 'error, info,debug' };

test('without a choice the first is chosen', async () => {
  deepEqual(await resolved([custom]), { 'var-level': ['error'] });
});

test('what the dashboard was saved with is chosen', async () => {
  deepEqual(await resolved([{ ...custom, current: { value: ['info'] } }]), { 'var-level': ['info'] });
});

test('what the address says is chosen', async () => {
  deepEqual(await resolved([{ ...custom, ...many }], { level: ['All'] }), { 'var-level': ['$__all'] });
});

test('options are filtered and sorted', async () => {
  const values = await resolve([{ ...custom, regex: '/^(.+)o/', sort: 2 }], {}, {}, { start: 0, end: 1 });
  deepEqual(values.level.options, ['inf', 'err']);
});
