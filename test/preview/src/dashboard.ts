/** A dashboard's JSON, as far as the page reads it. The check, not the page, says whether it is right. */
import type { DataTransformerConfig, FieldConfigSource } from '@grafana/data';
import type { GridPos } from '@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen';

export interface Datasource {
  type?: string;
  uid?: string;
}

/** A query of a panel. */
export interface Target {
  refId: string;
  expr: string;
  datasource?: Datasource;
  format?: 'time_series' | 'table' | 'heatmap';
  hide?: boolean;
  instant?: boolean;
  interval?: string;
  legendFormat?: string;
  range?: boolean;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  collapsed?: boolean;
  datasource?: Datasource;
  fieldConfig?: FieldConfigSource;
  gridPos: GridPos;
  interval?: string;
  maxDataPoints?: number;
  maxPerRow?: number;
  options?: Record<string, unknown>;
  /** What a collapsed row holds. */
  panels?: Panel[];
  repeat?: string;
  repeatDirection?: 'h' | 'v';
  targets?: Target[];
  transformations?: DataTransformerConfig[];
  transparent?: boolean;
}

export interface Variable {
  name: string;
  type: string;
  label?: string | null;
  allValue?: string | null;
  datasource?: Datasource;
  current?: { text?: string | string[]; value?: string | string[] };
  hide?: number;
  includeAll?: boolean;
  multi?: boolean;
  query?: string | { query?: string };
  regex?: string;
  sort?: number;
}

export interface Link {
  title: string;
  url?: string;
  type?: string;
  tags?: string[];
  includeVars?: boolean;
  keepTime?: boolean;
  targetBlank?: boolean;
}

export interface Dashboard {
  uid: string;
  title: string;
  links?: Link[];
  panels: Panel[];
  templating?: { list?: Variable[] };
  time?: { from: string; to: string };
  timezone?: string;
}

/** A dashboard as it is listed. */
export interface Listed {
  uid: string;
  title: string;
  tags: string[];
}

/** The dashboards that the server has. */
export async function listDashboards(): Promise<Listed[]> {
  return (await fetch('/dashboards')).json();
}

export async function loadDashboard(uid: string): Promise<Dashboard> {
  const response = await fetch(`/dashboards/${encodeURIComponent(uid)}`);
  const body = await response.json();
  if (!response.ok) {
    throw new Error(body.error);
  }
  return body;
}
