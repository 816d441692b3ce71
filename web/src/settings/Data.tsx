import { useSignal } from '@preact/signals';
import { request } from '../api/http';
import type { ImportReport } from '../api/types';
import { syncSoon } from '../sync/sync';
import { count } from '../ui/format';
import { Section, useAttempt } from './Section';

const TYPES: Record<string, string> = { json: 'application/json', csv: 'text/csv', ics: 'text/calendar', zip: 'application/zip' };

/** Takes everything out, or brings tasks in from elsewhere. */
export function Data() {
  const { error, busy, attempt } = useAttempt();
  const file = useSignal<File | null>(null);
  const report = useSignal<ImportReport | null>(null);

  const take = () => attempt(async () => save(await (await request('get', '/api/export')).blob(), 'todoflow.json'));
  const bring = (dry: boolean) => attempt(async () => {
    const from = file.value!;
    const type = TYPES[from.name.split('.').at(-1)!.toLowerCase()] ?? 'application/json';
    const response = await request('post', '/api/import', from, { query: { dry_run: dry }, headers: { 'Content-Type': type } });
    report.value = (await response.json()) as ImportReport;
    if (!dry) syncSoon(0);
  });

  return (
    <Section title="Export and import" note="The export is all that is stored of you. Imports: TodoFlow, Todoist (CSV, ZIP), Microsoft To Do (JSON), iCalendar." error={error}>
      <p><button disabled={busy.value} onClick={() => void take()}>Export everything</button></p>
      <label class="field">A file to import
        <input
          type="file" accept=".json,.csv,.ics,.zip"
          onChange={(event) => {
            file.value = event.currentTarget.files?.[0] ?? null;
            report.value = null;
            if (file.value) void bring(true);
          }}
        />
      </label>
      {report.value && <Report report={report.value} />}
      {report.value?.dry_run && report.value.created > 0 && (
        <p><button class="primary" disabled={busy.value} onClick={() => void bring(false)}>Import {count(report.value.created, 'task')}</button></p>
      )}
    </Section>
  );
}

function Report({ report }: { report: ImportReport }) {
  const refused = report.results.filter(({ status }) => status === 'rejected');
  return (
    <div role="status">
      <p>{report.dry_run ? 'It would add' : 'Added'} {count(report.created, 'task')}; {report.unchanged} are there already; {report.rejected} cannot be read.</p>
      <ul class="plain-list">
        {refused.slice(0, 20).map((one) => <li key={one.source}><strong dir="auto">{one.title ?? one.source}</strong>: {one.errors?.map(({ field, message }) => `${field} ${message}`).join('; ')}</li>)}
      </ul>
    </div>
  );
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
