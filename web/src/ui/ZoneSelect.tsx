const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** A time zone. */
export function ZoneSelect({ label, value, onChange }: { label: string; value: string; onChange: (zone: string) => void }) {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {!zones.includes(value) && <option value={value}>{value}</option>}
      {zones.map((zone) => <option key={zone} value={zone}>{zone.replaceAll('_', ' ')}</option>)}
    </select>
  );
}
