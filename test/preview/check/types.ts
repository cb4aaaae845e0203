/**
 * What a dashboard file may hold, put together from the types that Grafana publishes. Nothing here runs: the JSON schema is
 * generated from `DashboardFile`, with one branch a panel type.
 */
import type { Options as BarGauge } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type { Options as Gauge } from '@grafana/schema/dist/esm/raw/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen';
import type {
  FieldConfig as HeatmapFields,
  Options as Heatmap,
} from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type { Options as Logs } from '@grafana/schema/dist/esm/raw/composable/logs/panelcfg/x/LogsPanelCfg_types.gen';
import type { Options as Stat } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type {
  FieldConfig as StateTimelineFields,
  Options as StateTimeline,
} from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type {
  FieldConfig as StatusHistoryFields,
  Options as StatusHistory,
} from '@grafana/schema/dist/esm/raw/composable/statushistory/panelcfg/x/StatusHistoryPanelCfg_types.gen';
import type {
  FieldConfig as TableFields,
  Options as Table,
} from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { Options as Text } from '@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen';
import type {
  FieldConfig as TimeSeriesFields,
  Options as TimeSeries,
} from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type * as Grafana from '@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen';
import type { CalculateFieldTransformerOptions as CalculateField } from 'grafana-data-types/transformations/transformers/calculateField';
import type { ConvertFieldTypeTransformerOptions as ConvertFieldType } from 'grafana-data-types/transformations/transformers/convertFieldType';
import type { FilterFieldsByNameTransformerOptions as FilterFieldsByName } from 'grafana-data-types/transformations/transformers/filterByName';
import type { FilterFramesByRefIdTransformerOptions as FilterByRefId } from 'grafana-data-types/transformations/transformers/filterByRefId';
import type { FilterByValueTransformerOptions as FilterByValue } from 'grafana-data-types/transformations/transformers/filterByValue';
import type { GroupByTransformerOptions as GroupBy } from 'grafana-data-types/transformations/transformers/groupBy';
import type { GroupingToMatrixTransformerOptions as GroupingToMatrix } from 'grafana-data-types/transformations/transformers/groupingToMatrix';
import type { JoinByFieldOptions as JoinByField } from 'grafana-data-types/transformations/transformers/joinByField';
import type { LabelsToFieldsOptions as LabelsToFields } from 'grafana-data-types/transformations/transformers/labelsToFields';
import type { LimitTransformerOptions as Limit } from 'grafana-data-types/transformations/transformers/limit';
import type { OrganizeFieldsTransformerOptions as Organize } from 'grafana-data-types/transformations/transformers/organize';
import type { ReduceTransformerOptions as Reduce } from 'grafana-data-types/transformations/transformers/reduce';
import type { RenameByRegexTransformerOptions as RenameByRegex } from 'grafana-data-types/transformations/transformers/renameByRegex';
import type { SortByTransformerOptions as SortBy } from 'grafana-data-types/transformations/transformers/sortBy';

/** Grafana fills in what a file leaves out, at every depth. */
type Partially<T> = T extends Array<infer E> ? Array<Partially<E>> : T extends object ? { [K in keyof T]?: Partially<T[K]> } : T;

/** Grafana's raw types have links as unknown; this is its DataLink as JSON. */
interface DataLink {
  title: string;
  url: string;
  targetBlank?: boolean;
  oneClick?: boolean;
}

/** A link at the head of a panel. */
interface PanelLink {
  title: string;
  url: string;
  targetBlank?: boolean;
}

interface Datasource<Type = string> {
  type: Type;
  uid: string;
}

/** A query of Grafana's Prometheus datasource, of which Grafana publishes no type under a free licence. */
interface PrometheusQuery {
  refId: string;
  expr: string;
  datasource: Datasource<'prometheus'>;
  editorMode?: 'code' | 'builder';
  exemplar?: boolean;
  format?: 'time_series' | 'table' | 'heatmap';
  hide?: boolean;
  instant?: boolean;
  interval?: string;
  intervalFactor?: number;
  legendFormat?: string;
  range?: boolean;
}

/** A query of Grafana's Loki datasource, likewise. */
interface LokiQuery {
  refId: string;
  expr: string;
  datasource: Datasource<'loki'>;
  direction?: 'forward' | 'backward' | 'scan';
  editorMode?: 'code' | 'builder';
  hide?: boolean;
  legendFormat?: string;
  maxLines?: number;
  queryType?: 'range' | 'instant' | 'stream';
  step?: string;
}

interface Fields<Custom> {
  defaults: Omit<Grafana.FieldConfig, 'custom' | 'links'> & { custom?: Partially<Custom>; links?: DataLink[] };
  overrides: Grafana.FieldConfigSource['overrides'];
}

/** What the state timeline's and the time series' editors know beyond the published type. */
interface Gaps {
  insertNulls?: boolean | number;
  spanNulls?: boolean | number;
}

type Nothing = Record<string, never>;

type Own = 'type' | 'options' | 'fieldConfig' | 'targets' | 'datasource' | 'links' | 'id' | 'gridPos' | 'title';

interface PanelOf<Type extends string, Options, Custom = Nothing> extends Omit<Grafana.Panel, Own> {
  id: number;
  title: string;
  type: Type;
  gridPos: Grafana.GridPos;
  datasource?: Datasource;
  fieldConfig?: Fields<Custom>;
  links?: PanelLink[];
  options: Partially<Options>;
  targets?: Array<PrometheusQuery | LokiQuery>;
}

/** One branch a panel type. The generator makes a definition of each, which the check picks by `type`. */
export interface PanelTypes {
  bargauge: PanelOf<'bargauge', BarGauge>;
  gauge: PanelOf<'gauge', Gauge>;
  heatmap: PanelOf<'heatmap', Heatmap, HeatmapFields>;
  logs: PanelOf<'logs', Logs>;
  stat: PanelOf<'stat', Stat>;
  'state-timeline': PanelOf<'state-timeline', StateTimeline, StateTimelineFields & Gaps>;
  'status-history': PanelOf<'status-history', StatusHistory, StatusHistoryFields>;
  table: PanelOf<'table', Table, TableFields>;
  text: PanelOf<'text', Text>;
  timeseries: PanelOf<'timeseries', TimeSeries, TimeSeriesFields & Gaps>;
}

/** A heading, without the panels that it holds when it is collapsed: those are checked as the others are. */
export interface Heading extends Omit<Grafana.RowPanel, 'panels' | 'gridPos' | 'title'> {
  title: string;
  gridPos: Grafana.GridPos;
  panels: unknown[];
}

/** A variable as Grafana saves it: with the definition that its list shows, and empty where nothing has been chosen yet. */
interface Variable extends Omit<Grafana.VariableModel, 'current'> {
  current?: Partial<Grafana.VariableOption>;
  definition?: string;
}

type WithoutPanels = Omit<Grafana.Dashboard, 'panels' | 'templating' | 'title' | 'uid'>;

/** A dashboard without its panels. */
export interface Frame extends WithoutPanels {
  uid: string;
  title: string;
  templating: { list: Variable[] };
  panels: unknown[];
}

/** The options of the transformations whose types Grafana's library contains. */
export interface Transformations {
  calculateField: CalculateField;
  convertFieldType: ConvertFieldType;
  filterByRefId: FilterByRefId;
  filterByValue: FilterByValue;
  filterFieldsByName: FilterFieldsByName;
  groupBy: GroupBy;
  groupingToMatrix: GroupingToMatrix;
  joinByField: JoinByField;
  labelsToFields: LabelsToFields;
  limit: Limit;
  merge: Nothing;
  organize: Partial<Organize>;
  reduce: Reduce;
  renameByRegex: RenameByRegex;
  seriesToRows: Nothing;
  sortBy: SortBy;
}

/** What the schema is generated from. */
export interface DashboardFile {
  frame: Frame;
  row: Heading;
  panels: PanelTypes;
  transformations: Transformations;
}
