import { useSignal } from '@preact/signals';
import { call } from '../api/http';
import type { BodyOf, Preferences } from '../api/types';
import { preferences } from '../sync/store';
import { syncSoon } from '../sync/sync';
import { ZoneSelect } from '../ui/ZoneSelect';
import { PushToggle } from './PushToggle';
import { Section, useAttempt } from './Section';

const CHANNELS: Record<string, string> = { in_app: 'The list of notifications', realtime: 'Open pages', email: 'E-mail', web_push: 'Browsers, also when the page is closed' };
const REASONS: Record<string, string> = {
  not_configured: 'not set up on this server', address_unverified: 'verify your address first', no_subscription: 'no browser is subscribed',
};
const OFFSETS = { '': 'None', '0 minutes': 'When due', '10 minutes': '10 minutes before', '30 minutes': '30 minutes before', '1 hour': '1 hour before', '1 day': '1 day before' };

/** How and when reminders come. */
export function Notifications() {
  const { error, attempt } = useAttempt();
  const set = (body: BodyOf<'/api/notifications/preferences', 'put'>) =>
    void attempt(async () => {
      preferences.value = await call('put', '/api/notifications/preferences', body);
      syncSoon();
    });
  const now = preferences.value;
  return (
    <Section title="Reminders and notifications" error={error}>
      <PushToggle />
      {now && (
        <>
          <Channels now={now} set={set} />
          <QuietHours now={now} set={set} />
          <label class="field">New tasks remind
            <select value={now.default_reminder_offset ?? ''} onChange={(event) => set({ default_reminder_offset: event.currentTarget.value || null })}>
              {Object.entries(OFFSETS).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
              {now.default_reminder_offset && !(now.default_reminder_offset in OFFSETS) && <option value={now.default_reminder_offset}>{now.default_reminder_offset} before</option>}
            </select>
          </label>
          <label class="field">Tasks of a whole day remind at
            <input type="time" value={now.all_day_reminder_time} onChange={(event) => event.currentTarget.value && set({ all_day_reminder_time: event.currentTarget.value })} />
          </label>
          <div class="field">Time zone<ZoneSelect label="Time zone" value={now.time_zone} onChange={(time_zone) => set({ time_zone })} /></div>
        </>
      )}
    </Section>
  );
}

interface Part {
  now: Preferences;
  set: (body: BodyOf<'/api/notifications/preferences', 'put'>) => void;
}

function Channels({ now, set }: Part) {
  return (
    <fieldset>
      <legend>They come by</legend>
      {now.channel_states.map(({ channel, enabled, reason }) => (
        <label key={channel} class="check">
          <input
            type="checkbox" checked={enabled}
            onChange={(event) => set({ channels: event.currentTarget.checked ? [...now.channels, channel] : now.channels.filter((one) => one !== channel) })}
          />
          {CHANNELS[channel] ?? channel}{reason && enabled && <span class="muted"> ({REASONS[reason] ?? reason.replaceAll('_', ' ')})</span>}
        </label>
      ))}
    </fieldset>
  );
}

function QuietHours({ now, set }: Part) {
  const from = useSignal(now.quiet_hours?.from.slice(0, 5) ?? '22:00');
  const to = useSignal(now.quiet_hours?.to.slice(0, 5) ?? '07:00');
  const keep = () => set({ quiet_hours: { from: from.value, to: to.value } });
  return (
    <fieldset>
      <legend>Quiet hours</legend>
      <label class="check">
        <input type="checkbox" checked={now.quiet_hours !== null} onChange={(event) => (event.currentTarget.checked ? keep() : set({ quiet_hours: null }))} /> Nothing rings at night
      </label>
      {now.quiet_hours && (
        <div class="line">
          <input type="time" aria-label="From" value={from} onChange={(event) => ((from.value = event.currentTarget.value), keep())} /> to
          <input type="time" aria-label="To" value={to} onChange={(event) => ((to.value = event.currentTarget.value), keep())} />
        </div>
      )}
    </fieldset>
  );
}
