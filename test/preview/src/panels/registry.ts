/** Every panel type that the page draws. */
import { FieldColorModeId, type PanelPlugin } from '@grafana/data';
import { BarGaugePanel } from './bargauge';
import { GaugePanel } from './gauge';
import { HeatmapPanel } from './heatmap';
import { lastValue, plugin } from './plugin';
import { StatPanel } from './stat';
import { StateTimelinePanel, StatusHistoryPanel } from './timeline';
import { TablePanel } from './table';
import { TextPanel } from './text';
import { TimeSeriesPanel } from './timeseries';

const legend = { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] };
const tooltip = { mode: 'single', sort: 'none' };
const blocks = { showValue: 'auto', rowHeight: 0.9, legend, tooltip };

/** By Grafana's name of the type. Of what is missing, the page says that it is not drawn. */
export const panelTypes: Record<string, PanelPlugin> = {
  bargauge: plugin({
    type: 'bargauge',
    draw: BarGaugePanel,
    options: {
      reduceOptions: lastValue,
      orientation: 'auto',
      displayMode: 'gradient',
      showUnfilled: true,
      valueMode: 'color',
      namePlacement: 'auto',
      sizing: 'auto',
      minVizWidth: 8,
      minVizHeight: 16,
      maxVizHeight: 300,
    },
  }),
  gauge: plugin({
    type: 'gauge',
    draw: GaugePanel,
    options: { reduceOptions: lastValue, orientation: 'auto', showThresholdMarkers: true, showThresholdLabels: false },
  }),
  heatmap: plugin({
    type: 'heatmap',
    draw: HeatmapPanel,
    options: {
      calculate: false,
      color: { scheme: 'Oranges', steps: 64, exponent: 0.5, reverse: false, mode: 'scheme', scale: 'exponential', fill: 'dark-orange' },
      cellGap: 1,
      filterValues: { le: 1e-9 },
      legend: { show: true },
      rowsFrame: { layout: 'auto' },
      yAxis: {},
    },
  }),
  stat: plugin({
    type: 'stat',
    draw: StatPanel,
    options: {
      reduceOptions: lastValue,
      orientation: 'auto',
      textMode: 'auto',
      colorMode: 'value',
      graphMode: 'area',
      justifyMode: 'auto',
      wideLayout: true,
      showPercentChange: false,
      percentChangeColorMode: 'standard',
    },
  }),
  'state-timeline': plugin({
    type: 'state-timeline',
    draw: StateTimelinePanel,
    options: { ...blocks, mergeValues: true, alignValue: 'left' },
    color: FieldColorModeId.ContinuousGrYlRd,
  }),
  'status-history': plugin({
    type: 'status-history',
    draw: StatusHistoryPanel,
    options: { ...blocks, colWidth: 0.9 },
    color: FieldColorModeId.Thresholds,
  }),
  table: plugin({ type: 'table', draw: TablePanel, options: { frameIndex: 0, showHeader: true, cellHeight: 'sm' } }),
  text: plugin({ type: 'text', draw: TextPanel, options: { mode: 'markdown', content: '' } }),
  timeseries: plugin({ type: 'timeseries', draw: TimeSeriesPanel, options: { legend, tooltip }, color: FieldColorModeId.PaletteClassic }),
};
