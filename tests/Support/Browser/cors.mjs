// Opens a page of some origin in Chromium, which does with the API what an application of its own origin would do.
// Arguments: the browser's program, the API's address, an e-mail address, its password, the page's origin. Writes what the page saw, as JSON.
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const [executablePath, api, email, password, origin] = process.argv.slice(2);
const signalr = await readFile(new URL('node_modules/@microsoft/signalr/dist/browser/signalr.min.js', import.meta.url), 'utf8');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking', '--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessChecks'] });
try {
  const page = await browser.newPage();
  await page.route(`${origin}/**`, route => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>app</title>' }));
  await page.goto(`${origin}/`);
  await page.addScriptTag({ content: signalr });
  const seen = await page.evaluate(async ({ api, email, password }) => {
    const send = (path, token, body) => fetch(api + path, {
      method: body ? 'POST' : 'GET',
      headers: { ...(body && { 'Content-Type': 'application/json' }), ...(token && { Authorization: `Bearer ${token}` }) },
      body: body && JSON.stringify(body),
    });
    try {
      const token = (await (await send('/api/auth/login', null, { email, password })).json()).access_token;
      const connection = new window.signalR.HubConnectionBuilder()
        .withUrl(`${api}/api/notifications`, { accessTokenFactory: () => token, withCredentials: false })
        .configureLogging(window.signalR.LogLevel.None).build();
      const message = new Promise(resolve => connection.on('task_update', resolve));
      await connection.start();
      const created = await send('/api/tasks', token, { title: 'Buy milk' });
      const listed = await send('/api/tasks?count=true', token);
      return {
        titles: (await listed.json()).map(task => task.title),
        total: listed.headers.get('X-Total-Count'),
        correlation: listed.headers.get('X-Correlation-Id') !== null,
        etag: created.headers.get('ETag'),
        told: (await message).task_id === (await created.json()).id,
      };
    } catch (error) {
      return { refused: error.message };
    }
  }, { api, email, password });
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
