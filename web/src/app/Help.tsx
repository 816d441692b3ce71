import { Dialog } from '../ui/Dialog';
import { helping, KEYS } from './keys';

/** The keys. */
export function Help() {
  return (
    <Dialog open={helping.value} title="Keyboard" onClose={() => (helping.value = false)}>
      <dl class="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>
        ))}
      </dl>
    </Dialog>
  );
}
