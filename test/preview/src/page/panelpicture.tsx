/** The picture of a panel, by the component of its type. */
import { EventBusSrv, LoadingState } from '@grafana/data';
import type { Panel } from '../dashboard';
import { panelTypes } from '../panels/registry';
import type { PanelContent, Surroundings } from './paneldata';

/** What panels tell each other of: where the pointer is. */
export const events = new EventBusSrv();

interface Props {
  panel: Panel;
  width: number;
  height: number;
  content: PanelContent;
  surroundings: Surroundings;
}

const nothing = () => {};

/** Hands over what Grafana's own panels are handed. */
export function PanelPicture({ panel, width, height, content, surroundings }: Props) {
  const { timeRange, timeZone } = surroundings;
  const Draw = panelTypes[panel.type].panel!;
  return (
    <Draw
      id={panel.id}
      title={panel.title}
      width={width}
      height={height}
      options={content.options}
      fieldConfig={content.fieldConfig}
      data={{ series: content.series, state: LoadingState.Done, timeRange, structureRev: 1 }}
      timeRange={timeRange}
      timeZone={timeZone}
      renderCounter={1}
      transparent={panel.transparent ?? false}
      replaceVariables={content.replaceVariables}
      eventBus={events}
      onOptionsChange={nothing}
      onFieldConfigChange={nothing}
      onChangeTimeRange={nothing}
    />
  );
}
