// Measures how long a change of one device takes until another one of the user's shows it, by the clock on the wall: from the key to the frame in
// which the row is there, or gone. `./todoflow bench page` runs it on a quiet machine, against a host that runs every function:
// TODOFLOW_URL=… node e2e/devices.mjs ROUNDS. Writes one line of JSON.
import { endBrowser, row, secondDevice, start } from './support.mjs';

const rounds = Number(process.argv[2] ?? 10);
const { user, page: one } = await start({ path: '/all' });
const two = await secondDevice(user);
await Promise.all([one.joined, two.joined]);

const adding = [];
const completing = [];
for (let round = 0; round <= rounds; round++) { // the first one warms up
  const title = `Task ${round}.`;
  const added = await watch(two, title, true);
  await one.locator('#add').fill(title);
  const written = Date.now();
  await one.keyboard.press('Enter');
  const shown = (await added()) - written;

  const gone = await watch(one, title, false);
  await row(two, title).getByRole('checkbox').focus();
  const ticked = Date.now();
  await two.keyboard.press('Space');
  const hidden = (await gone()) - ticked;
  if (round > 0) [[adding, shown], [completing, hidden]].forEach(([all, value]) => all.push(value));
}
await endBrowser();
console.log(JSON.stringify({ adding, completing }));

// Looks from now on for a row that comes, or goes. What is returned waits for the frame that shows it, and says when that was.
async function watch(page, title, isThere) {
  const watched = await page.evaluateHandle(([text, there]) => ({
    frame: new Promise((shown) => {
      const look = () => {
        if ([...document.querySelectorAll('.row .text')].some((one) => one.textContent === text) !== there) return;
        observer.disconnect();
        requestAnimationFrame(() => shown(Date.now()));
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { childList: true, characterData: true, subtree: true });
    }),
  }), [title, isThere]);
  return () => watched.evaluate(({ frame }) => frame);
}
