// Signs in with the cookie of a session in Chromium, as the web app does, and tries to use it from a page of another origin.
// Arguments: the browser's program, the API's address, an e-mail address, its password. Writes what the pages saw, as JSON.
import { chromium } from 'playwright-core';

const [executablePath, api, email, password] = process.argv.slice(2);
const elsewhere = api.replace('127.0.0.1', 'localhost'); // the same server, but another site
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking', '--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessChecks'] });

const send = ({ api, path, body, headers = {} }) => fetch(api + path, {
  method: 'POST',
  credentials: 'include',
  headers: { 'X-TodoFlow-Session': 'cookie', ...(body && { 'Content-Type': 'application/json' }), ...headers },
  body: body && JSON.stringify(body),
}).then(async response => ({ status: response.status, body: response.status === 204 ? {} : await response.json() }), error => ({ refused: error.message }));

try {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${api}/`);
  const signedIn = await page.evaluate(send, { api, path: '/api/auth/login', body: { email, password } });
  const refreshed = await page.evaluate(send, { api, path: '/api/auth/refresh' });
  const scripts = await page.evaluate(() => document.cookie);
  const cookies = await context.cookies(`${api}/api/auth/refresh`);
  const atThePage = await context.cookies(`${api}/today`);

  // A page whose own policy allows everything.
  const other = await context.newPage();
  await other.route(`${elsewhere}/**`, route => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>other</title>' }));
  await other.goto(`${elsewhere}/`);
  const stolen = await other.evaluate(send, { api, path: '/api/auth/refresh' });
  const simple = await other.evaluate(async api => (await fetch(`${api}/api/auth/logout`, { method: 'POST', mode: 'no-cors', credentials: 'include' })).type, api);
  const again = await page.evaluate(send, { api, path: '/api/auth/refresh' });

  const signedOut = await page.evaluate(send, { api, path: '/api/auth/logout' });
  console.log(JSON.stringify({
    signedIn: signedIn.status, hasAccessToken: 'access_token' in signedIn.body, hasRefreshToken: 'refresh_token' in signedIn.body,
    refreshed: refreshed.status, scripts, stolen, simple, again: again.status, signedOut: signedOut.status,
    cookie: cookies.map(({ name, httpOnly, sameSite, path }) => ({ name, httpOnly, sameSite, path })), atThePage: atThePage.length,
    left: (await context.cookies(`${api}/api/auth/refresh`)).length,
    afterwards: (await page.evaluate(send, { api, path: '/api/auth/refresh' })).status,
  }));
} finally {
  await browser.close();
}
