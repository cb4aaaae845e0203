/** What is above the panels: title, links, variables, time range. */
import type { TimeRange } from '@grafana/data';
import { Icon, LinkButton, TimeRangePicker, useTheme2 } from '@grafana/ui';
import { changed } from '../address';
import type { Dashboard, Link, Listed } from '../dashboard';
import type { Values } from '../variables/value';
import { inAddress } from '../variables/resolve';
import { VariablePicker } from './variablepicker';

interface Props {
  dashboard: Dashboard;
  listed: Listed[];
  values: Values;
  timeRange: TimeRange;
  timeZone: string;
}

const nothing = () => {};

/** Choosing anything leads to another address of the page, so that every state has one. */
const go = (changes: Record<string, string[] | undefined>) => location.assign(changed(location.search, changes));

const written = (time: TimeRange['raw']['from']) => (typeof time === 'string' ? time : String(time.valueOf()));

export function TopBar({ dashboard, listed, values, timeRange, timeZone }: Props) {
  const theme = useTheme2();
  const visible = Object.values(values).filter(({ variable }) => variable.hide !== 2);
  return (
    <header style={{ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), marginBottom: theme.spacing(2) }}>
      <div style={{ display: 'flex', alignItems: 'center', gap: theme.spacing(1), flexWrap: 'wrap' }}>
        <a href="/" aria-label="All dashboards">
          <Icon name="apps" />
        </a>
        <h1 style={{ ...theme.typography.h4, margin: 0, flexGrow: 1 }}>{dashboard.title}</h1>
        {links(dashboard, listed).map((link) => (
          <LinkButton
            key={link.title + link.url}
            href={address(link, values, timeRange)}
            icon="external-link-alt"
            variant="secondary"
            size="sm"
          >
            {link.title}
          </LinkButton>
        ))}
        <TimeRangePicker
          value={timeRange}
          timeZone={timeZone}
          onChange={({ raw }) => go({ from: [written(raw.from)], to: [written(raw.to)] })}
          onChangeTimeZone={nothing}
          onMoveBackward={() => go(moved(timeRange, -0.5))}
          onMoveForward={() => go(moved(timeRange, 0.5))}
          onZoom={() => go(moved(timeRange, 0, 2))}
        />
      </div>
      <div style={{ display: 'flex', alignItems: 'center', gap: theme.spacing(1), flexWrap: 'wrap' }}>
        {visible.map((value) => (
          <VariablePicker key={value.variable.name} value={value} onChange={(chosen) => go({ [`var-${value.variable.name}`]: chosen })} />
        ))}
      </div>
    </header>
  );
}

/** A link to all dashboards of some tags is one to each. */
function links(dashboard: Dashboard, listed: Listed[]): Link[] {
  return (dashboard.links ?? []).flatMap((link) => {
    if (link.type !== 'dashboards') {
      return [link];
    }
    const tagged = listed.filter(({ uid, tags }) => uid !== dashboard.uid && link.tags?.every((tag) => tags.includes(tag)));
    return tagged.map(({ uid, title }) => ({ ...link, title, url: `/d/${uid}` }));
  });
}

function address({ url = '', includeVars, keepTime }: Link, values: Values, { raw }: TimeRange): string {
  const time = { from: [written(raw.from)], to: [written(raw.to)] };
  const query = changed('', { ...(includeVars && inAddress(values)), ...(keepTime && time) });
  return query === '?' ? url : url + query;
}

/** The time range moved by a share of its length, or made longer. */
function moved({ from, to }: TimeRange, by: number, times = 1): Record<string, string[]> {
  const length = to.valueOf() - from.valueOf();
  const middle = from.valueOf() + length / 2 + by * length;
  const half = (length * times) / 2;
  return { from: [String(Math.round(middle - half))], to: [String(Math.round(middle + half))] };
}
