import { helping } from '../app/keys';
import { letters, theme, type Theme } from '../app/settings';
import { Section } from './Section';

const THEMES: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' };

/** How this browser shows the page. */
export function Appearance() {
  return (
    <Section title="Appearance">
      <div class="segments" role="group" aria-label="Colours">
        {(Object.keys(THEMES) as Theme[]).map((one) => (
          <button key={one} aria-pressed={theme.value === one} onClick={() => (theme.value = one)}>{THEMES[one]}</button>
        ))}
      </div>
      <label class="check">
        <input type="checkbox" checked={letters} onChange={(event) => (letters.value = event.currentTarget.checked)} /> Single letters are commands
      </label>
      <p><button class="link" onClick={() => (helping.value = true)}>Show the keys</button></p>
    </Section>
  );
}
