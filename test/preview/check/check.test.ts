import './browserglobals';
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { customFields } from '../src/grafana/customfields';
import { example, type Example } from './example';
import { lint } from './lint';
import { line } from './problem';
import { schemaCheck } from './schema';

const schema = schemaCheck();
const problems = (dashboard: Example) => [...schema(dashboard), ...lint(dashboard)].map(line);

test('a dashboard without fault has no problems', () => {
  deepEqual(problems(example()), []);
});

const [timeseries, tables, stat, heatmap, row] = [0, 1, 2, 7, 9];
const defaultsOf = (d: Example, i: number) => d.panels[i].fieldConfig.defaults;
const overridesOf = (d: Example, i: number) => d.panels[i].fieldConfig.overrides;

/** Each breaks the example in one way, and says what the check must find. */
const seeded: Array<[name: string, seed: (d: Example) => void, found: string[]]> = [
  [
    'a misspelt unit',
    (d) => (defaultsOf(d, timeseries).unit = 'second'),
    ['/panels/0/fieldConfig/defaults/unit: Grafana knows no unit "second"'],
  ],
  [
    'a misspelt unit in an override',
    (d) => (overridesOf(d, timeseries)[1].properties[0].value = 'byte'),
    ['/panels/0/fieldConfig/overrides/1/properties/0/value: Grafana knows no unit "byte"'],
  ],
  [
    'a misspelt unit of an axis',
    (d) => (d.panels[heatmap].options.yAxis.unit = 'sec'),
    ['/panels/7/options/yAxis/unit: Grafana knows no unit "sec"'],
  ],
  ['a number for a unit', (d) => (defaultsOf(d, stat).unit = 5), ['/panels/2/fieldConfig/defaults/unit: must be string, not 5']],
  [
    'a wrong word of an enumeration',
    (d) => (d.panels[stat].options.colorMode = 'valu'),
    ['/panels/2/options/colorMode: must be one of background, background_solid, none, value, not "valu"'],
  ],
  [
    'a misspelt option',
    (d) => (d.panels[stat].options.graphmode = 'area'),
    ['/panels/2/options: has "graphmode", which Grafana does not know'],
  ],
  [
    'a misspelt custom option',
    (d) => (defaultsOf(d, timeseries).custom.linewidth = 1),
    ['/panels/0/fieldConfig/defaults/custom: has "linewidth", which Grafana does not know'],
  ],
  [
    'a string for a number',
    (d) => (defaultsOf(d, timeseries).custom.lineWidth = '1'),
    ['/panels/0/fieldConfig/defaults/custom/lineWidth: must be number, not "1"'],
  ],
  [
    'a colour mode that is none',
    (d) => (defaultsOf(d, timeseries).color.mode = 'classic'),
    ['/panels/0/fieldConfig/defaults/color/mode: must be one of 20 words of Grafana\'s, not "classic"'],
  ],
  [
    'an unknown reducer of a value',
    (d) => (d.panels[stat].options.reduceOptions.calcs = ['latest']),
    ['/panels/2/options/reduceOptions/calcs: Grafana knows no reducer "latest"'],
  ],
  [
    'an unknown reducer of a legend',
    (d) => d.panels[timeseries].options.legend.calcs.push('average'),
    ['/panels/0/options/legend/calcs: Grafana knows no reducer "average"'],
  ],
  [
    'an unknown reducer of a group',
    (d) => (d.panels[tables].transformations[2].options.fields.name.aggregations = ['number']),
    [
      '/panels/1/transformations/2/options/fields/name/aggregations/0: must be one of 124 words of Grafana\'s, not "number"',
      '/panels/1/transformations/2/options/fields/name/aggregations: Grafana knows no reducer "number"',
    ],
  ],
  [
    'an unknown override property',
    (d) => (overridesOf(d, timeseries)[0].properties[0].id = 'custom.lineStyles'),
    ['/panels/0/fieldConfig/overrides/0/properties: Grafana knows no option of fields of a timeseries "custom.lineStyles"'],
  ],
  [
    'an override of a part of what is registered as a whole',
    (d) => (overridesOf(d, timeseries)[0].properties[0] = { id: 'custom.stacking.mode', value: 'none' }),
    ['/panels/0/fieldConfig/overrides/0/properties: Grafana knows no option of fields of a timeseries "custom.stacking.mode"'],
  ],
  [
    'a wrong word in the value of an override',
    (d) => (overridesOf(d, timeseries)[0].properties[0].value.fill = 'dotted'),
    ['/panels/0/fieldConfig/overrides/0/properties/0/value/fill: must be one of solid, dash, dot, square, accessible, not "dotted"'],
  ],
  [
    'a string for a number in the value of an override',
    (d) => (overridesOf(d, tables)[1].properties[0].value = '120px'),
    ['/panels/1/fieldConfig/overrides/1/properties/0/value: must be number, not "120px"'],
  ],
  [
    'a misspelt link in an override',
    (d) => (overridesOf(d, tables)[2].properties[0].value[0].href = '/d/x'),
    ['/panels/1/fieldConfig/overrides/2/properties/0/value/0: has "href", which Grafana does not know'],
  ],
  [
    'an unknown matcher',
    (d) => (overridesOf(d, tables)[0].matcher.id = 'byname'),
    ['/panels/1/fieldConfig/overrides/0/matcher/id: Grafana knows no matcher "byname"'],
  ],
  [
    'a matcher that is no regular expression',
    (d) => (overridesOf(d, tables)[1].matcher.options = '/^(name/'),
    ['/panels/1/fieldConfig/overrides/1/matcher/options: is not a regular expression: "/^(name/"'],
  ],
  [
    'a matcher of a query that is not there',
    (d) => (overridesOf(d, tables)[2].matcher.options = 'B'),
    ['/panels/1/fieldConfig/overrides/2/matcher/options: the panel has no query "B"'],
  ],
  [
    'an unknown transformation',
    (d) => (d.panels[tables].transformations[1].id = 'organise'),
    ['/panels/1/transformations/1/id: Grafana knows no transformation "organise"'],
  ],
  [
    'a misspelt option of a transformation',
    (d) => (d.panels[tables].transformations[1].options.renamebyName = {}),
    ['/panels/1/transformations/1/options: has "renamebyName", which Grafana does not know'],
  ],
  [
    'an index that is no number',
    (d) => (d.panels[tables].transformations[1].options.indexByName.name = 'first'),
    ['/panels/1/transformations/1/options/indexByName/name: must be number, not "first"'],
  ],
  [
    'an unknown kind of value mapping',
    (d) => (defaultsOf(d, tables).mappings[0].type = 'values'),
    ['/panels/1/fieldConfig/defaults/mappings/0/type: must be one of value, range, regex, special, not "values"'],
  ],
  [
    'an unknown colour of a threshold',
    (d) => (defaultsOf(d, stat).thresholds.steps[1].color = 'crimsonish'),
    ['/panels/2/fieldConfig/defaults/thresholds/steps/1/color: Grafana knows no colour "crimsonish"'],
  ],
  [
    'an unknown colour of a value',
    (d) => (defaultsOf(d, tables).mappings[0].options['0'].color = 'rouge'),
    ['/panels/1/fieldConfig/defaults/mappings/0/options/0/color: Grafana knows no colour "rouge"'],
  ],
  [
    'an unknown colour of an annotation',
    (d) => (d.annotations.list[0].iconColor = 'warn'),
    ['/annotations/list/0/iconColor: Grafana knows no colour "warn"'],
  ],
  [
    'an unknown colour scheme',
    (d) => (d.panels[heatmap].options.color.scheme = 'Orange'),
    ['/panels/7/options/color/scheme: Grafana knows no colour scheme "Orange"'],
  ],
  [
    'thresholds out of order',
    (d) => defaultsOf(d, stat).thresholds.steps.push({ color: 'red', value: 1 }),
    ['/panels/2/fieldConfig/defaults/thresholds/steps: thresholds must begin with null and rise from there'],
  ],
  [
    'an unknown panel type',
    (d) => (d.panels[stat].type = 'singlestat'),
    ['/panels/2/type: panel type "singlestat" is not one that dashboards here use'],
  ],
  ['a query without refId', (d) => delete d.panels[stat].targets[0].refId, ["/panels/2/targets/0: must have required property 'refId'"]],
  [
    'two queries of one refId',
    (d) => d.panels[stat].targets.push(d.panels[stat].targets[0]),
    ['/panels/2/targets: two queries are called "A"'],
  ],
  ['a query of nothing', (d) => (d.panels[stat].targets[0].expr = ' '), ['/panels/2/targets/0/expr: is empty']],
  ['a panel without queries', (d) => (d.panels[stat].targets = []), ['/panels/2/targets: the panel asks for nothing']],
  [
    'an unknown format of a query',
    (d) => (d.panels[stat].targets[0].format = 'tables'),
    ['/panels/2/targets/0/format: must be one of time_series, table, heatmap, not "tables"'],
  ],
  ['overlapping panels', (d) => (d.panels[stat].gridPos.y = 17), ['/panels/2/gridPos: overlaps /panels/1 "The table"']],
  ['a panel beyond the grid', (d) => (d.panels[stat].gridPos.x = 13), ['/panels/2/gridPos: is not within the 24 columns of the grid']],
  ['two panels of one id', (d) => (d.panels[stat].id = 1), ['/panels/2/id: /panels/0 has it too: 1']],
  ['an open heading that holds panels', (d) => (d.panels[row].collapsed = false), ['/panels/9/panels: only a collapsed row holds panels']],
  [
    'an error in a panel of a collapsed heading',
    (d) => (d.panels[row].panels[0].options.sortOrder = 'Falling'),
    ['/panels/9/panels/0/options/sortOrder: must be one of Ascending, Descending, not "Falling"'],
  ],
  [
    'a variable that is not defined',
    (d) => (d.panels[stat].targets[0].expr = 'up{app=~"${apps:regex}"}'),
    ['/panels/2/targets/0/expr: no variable is called "apps"'],
  ],
  ['two variables of one name', (d) => d.templating.list.push(d.templating.list[1]), ['/templating/list: two variables are called "app"']],
  [
    'an unknown kind of variable',
    (d) => (d.templating.list[1].type = 'querry'),
    [
      '/templating/list/1/type: must be one of query, adhoc, groupby, constant, datasource, interval, textbox, custom, system, snapshot, switch, not "querry"',
    ],
  ],
  [
    'a string for a hidden variable',
    (d) => (d.templating.list[0].hide = 'yes'),
    ['/templating/list/0/hide: must be one of 0, 1, 2, 3, not "yes"'],
  ],
  ['an annotation without a name', (d) => delete d.annotations.list[0].name, ["/annotations/list/0: must have required property 'name'"]],
  ['a misspelt key of the dashboard', (d) => (d.tag = []), ['/: has "tag", which Grafana does not know']],
];

for (const [name, seed, found] of seeded) {
  test(`${name} is found`, () => {
    const dashboard = example();
    seed(dashboard);
    deepEqual(problems(dashboard), found);
  });
}

test('every option that may be overridden is one of the published types', () => {
  const unknown = Object.entries(customFields).flatMap(([type, fields]) =>
    Object.keys(fields)
      .map((id) => ({ path: `${type} ${id}`, custom: id.split('.').reduceRight<unknown>((value, key) => ({ [key]: value }), null) }))
      .filter(({ custom }) => schema(withCustom(type, custom)).some((p) => p.text.endsWith('which Grafana does not know')))
      .map(({ path }) => path),
  );
  deepEqual(unknown, []);
});

/** The example, with these options in its panel of the type. */
function withCustom(type: string, custom: unknown): Example {
  const dashboard = example();
  const panels = [...dashboard.panels, ...dashboard.panels[row].panels];
  panels.find((panel) => panel.type === type).fieldConfig.defaults.custom = custom;
  return dashboard;
}
