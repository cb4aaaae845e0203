/** The page: reads its address, asks for what it names, draws it. */
import { useEffect, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import { createTheme, type TimeRange } from '@grafana/data';
import { Alert, TextLink } from '@grafana/ui';
import { readAddress, type Address } from './address';
import { listDashboards, loadDashboard, type Listed } from './dashboard';
import { setUpGrafana, setUpLinks } from './grafana/setup';
import { Frame, Page } from './page/page';
import { finishReport, startReport } from './page/report';
import { timeRange } from './page/timerange';
import { intervals } from './prometheus/interval';
import { inAddress, resolve } from './variables/resolve';

const timeZone = 'browser';

async function page(address: Address): Promise<ReactElement> {
  const theme = createTheme({ colors: { mode: address.theme } });
  await setUpGrafana(timeZone);
  const listed = await listDashboards();
  if (!address.uid) {
    return <List theme={theme} listed={listed} />;
  }
  const dashboard = await loadDashboard(address.uid);
  const range = timeRange(address.from ?? dashboard.time?.from ?? 'now-6h', address.to ?? dashboard.time?.to ?? 'now', address.now);
  const seconds = { start: range.from.unix(), end: range.to.unix() };
  const values = await resolve(dashboard.templating?.list ?? [], address.variables, intervals(range, 15), seconds);
  setUpLinks(
    () => inWords(range),
    () => inAddress(values),
  );
  return (
    <Page dashboard={dashboard} listed={listed} surroundings={{ theme, timeRange: range, timeZone, values }} rowsOpen={address.rowsOpen} />
  );
}

const inWords = ({ raw: { from, to } }: TimeRange) => ({ from: String(from.valueOf()), to: String(to.valueOf()) });

function List({ theme, listed }: { theme: ReturnType<typeof createTheme>; listed: Listed[] }) {
  useEffect(() => void finishReport([], 'Dashboards'), []);
  return (
    <Frame theme={theme}>
      <ul style={{ listStyle: 'none' }}>
        {listed.map(({ uid, title }) => (
          <li key={uid} style={{ marginBottom: theme.spacing(1) }}>
            <TextLink href={`/d/${uid}`} external icon="apps">
              {title}
            </TextLink>
          </li>
        ))}
      </ul>
    </Frame>
  );
}

function Failure({ reason, theme }: { reason: string; theme: ReturnType<typeof createTheme> }) {
  useEffect(() => void finishReport([], '', reason), []);
  return (
    <Frame theme={theme}>
      <Alert title="The dashboard cannot be drawn">{reason}</Alert>
    </Frame>
  );
}

async function start(): Promise<void> {
  startReport();
  const root = createRoot(document.getElementById('root')!);
  try {
    root.render(await page(readAddress(location)));
  } catch (reason) {
    root.render(<Failure reason={String(reason instanceof Error ? reason.message : reason)} theme={createTheme()} />);
  }
}

void start();
