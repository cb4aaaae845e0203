/** One panel in its frame, from the question to the picture. */
import { useEffect, useState } from 'react';
import { LoadingState } from '@grafana/data';
import { ErrorBoundary, PanelChrome } from '@grafana/ui';
import type { Panel } from '../dashboard';
import { panelTypes } from '../panels/registry';
import { isEmpty, notNumbers } from './drawable';
import { Message } from './message';
import { panelContent, type PanelContent, type Surroundings } from './paneldata';
import { PanelPicture } from './panelpicture';
import type { PanelReport } from './report';

interface Props {
  panel: Panel;
  width: number;
  height: number;
  surroundings: Surroundings;
  /** Called when the panel is drawn, as well as it can be. */
  onDrawn: (report: PanelReport) => void;
}

/** What has come, or why nothing has. */
interface State {
  content?: PanelContent;
  error?: string;
}

export function PanelFrame(props: Props) {
  const { panel, width, height, surroundings } = props;
  const { content, error } = usePanelContent(panel, width, surroundings);
  return (
    <PanelChrome
      width={width}
      height={height}
      title={content ? content.replaceVariables(panel.title) : panel.title}
      description={panel.description}
      displayMode={panel.transparent ? 'transparent' : 'default'}
      loadingState={content || error || notDrawn(panel) ? LoadingState.Done : LoadingState.Loading}
      statusMessage={error}
    >
      {(innerWidth, innerHeight) => (
        <ErrorBoundary>
          {({ error: thrown }) => (
            <Inside
              {...props}
              width={innerWidth}
              height={innerHeight}
              content={content}
              error={error ?? thrown?.message}
            />
          )}
        </ErrorBoundary>
      )}
    </PanelChrome>
  );
}

/** Asks again when the panel or what is around it changes, but not when it is resized: neither does Grafana. */
function usePanelContent(panel: Panel, width: number, surroundings: Surroundings): State {
  const [state, setState] = useState<State>({});
  useEffect(() => {
    let wanted = true;
    const set = (next: State) => wanted && setState(next);
    if (!notDrawn(panel)) {
      panelContent(panel, panelTypes[panel.type], width, surroundings).then(
        (content) => set({ content }),
        (reason) => set({ error: String(reason?.message ?? reason) }),
      );
    }
    return () => {
      wanted = false;
    };
  }, [panel, surroundings]);
  return state;
}

/** Why a panel is not drawn at all. */
function notDrawn({ type, targets = [] }: Panel): string | undefined {
  if (!panelTypes[type]) {
    return `A panel of type ${type} is not drawn here: Grafana publishes no component for it.`;
  }
  const other = targets.find(({ datasource }) => datasource?.type && datasource.type !== 'prometheus');
  return other && `Not drawn here: the panel asks a datasource of type ${other.datasource?.type}, and there is only a Prometheus.`;
}

/** Types that have a picture of their own for no data. */
const drawnEmpty = ['bargauge', 'gauge', 'stat', 'text'];

function Inside(props: Props & State) {
  const { panel, content, error, onDrawn } = props;
  const empty = (panel.type !== 'text' && content && isEmpty(content.series)) || undefined;
  const nan = content ? notNumbers(content.series) : [];
  const missing = notDrawn(panel);
  const drawn = Boolean(error || content || missing);
  const said = [error, empty, ...nan].join();
  useEffect(() => {
    if (drawn) {
      const { id, title, type } = panel;
      onDrawn({ id, title, type, error, empty, notNumbers: nan.length > 0 ? nan : undefined, missing: missing ? true : undefined });
    }
  }, [drawn, said]);
  if (error) {
    return <Message text={error} isError />;
  }
  if (missing) {
    return <Message text={missing} />;
  }
  if (empty && !drawnEmpty.includes(panel.type)) {
    return <Message text={content?.fieldConfig.defaults.noValue ?? 'No data'} />;
  }
  return content ? <PanelPicture {...props} content={content} /> : null;
}
