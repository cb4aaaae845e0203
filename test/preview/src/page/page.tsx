/** A dashboard, from top to bottom. */
import { useEffect, useMemo, useState } from 'react';
import { CoreApp, DashboardCursorSync, ThemeContext, type GrafanaTheme2 } from '@grafana/data';
import { GlobalStyles, PanelContextProvider, PortalContainer } from '@grafana/ui';
import type { Dashboard, Listed } from '../dashboard';
import { Grid } from './grid';
import type { Surroundings } from './paneldata';
import { events } from './panelpicture';
import { finishReport } from './report';
import { TopBar } from './topbar';

interface Props {
  dashboard: Dashboard;
  listed: Listed[];
  surroundings: Surroundings;
  rowsOpen: boolean;
}

const margin = 16;

export function Page({ dashboard, listed, surroundings, rowsOpen }: Props) {
  const width = useWidth() - 2 * margin;
  const { values, timeRange, timeZone } = surroundings;
  const context = useMemo(
    () => ({ eventsScope: 'global', eventBus: events, sync: () => DashboardCursorSync.Crosshair, app: CoreApp.Dashboard }),
    [],
  );
  return (
    <Frame theme={surroundings.theme}>
      <PanelContextProvider value={context}>
        <TopBar dashboard={dashboard} listed={listed} values={values} timeRange={timeRange} timeZone={timeZone} />
        <Grid
          dashboard={dashboard}
          surroundings={surroundings}
          width={width}
          rowsOpen={rowsOpen}
          onDrawn={(reports) => finishReport(reports, dashboard.title)}
        />
      </PanelContextProvider>
    </Frame>
  );
}

/** What every page of Grafana is in. */
export function Frame({ theme, children }: { theme: GrafanaTheme2; children: React.ReactNode }) {
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <main style={{ padding: margin, minHeight: '100vh', background: theme.colors.background.canvas }}>{children}</main>
      <PortalContainer />
    </ThemeContext.Provider>
  );
}

function useWidth(): number {
  const [width, setWidth] = useState(document.documentElement.clientWidth);
  useEffect(() => {
    const observer = new ResizeObserver(() => setWidth(document.documentElement.clientWidth));
    observer.observe(document.documentElement);
    return () => observer.disconnect();
  }, []);
  return width;
}
