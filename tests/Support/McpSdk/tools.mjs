// Goes through every tool of the MCP server with the official TypeScript SDK, as a client of somebody else's. It checks each result
// against the tool's output schema itself. Arguments: the server's address and a token. Writes what it saw, as JSON.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [address, token] = process.argv.slice(2);
const client = new Client({ name: 'tests', version: '1' });
await client.connect(new StreamableHTTPClientTransport(new URL(address), { requestInit: { headers: { Authorization: `Bearer ${token}` } } }));

const seen = [];
async function call(name, args) {
  const result = await client.callTool({ name, arguments: args });
  if (result.isError) throw new Error(`${name}: ${result.content[0].text}`);
  if (JSON.stringify(JSON.parse(result.content[0].text)) !== JSON.stringify(result.structuredContent)) throw new Error(`${name}: the text differs`);
  seen.push(name);
  return result.structuredContent;
}

const { tools } = await client.listTools();
await call('get_overview', {});
const added = await call('add_tasks', { tasks: [{ title: 'Of the SDK', due_date: '2050-01-03', recurrence: 'weekly' }, { title: 'And another' }] });
const ids = added.results.map(result => result.id);
await call('find_tasks', { query: 'sdk' });
await call('get_task', { id: ids[0] });
await call('update_tasks', { tasks: [{ id: ids[0], priority: 'high', description: 'More' }] });
const moved = await call('reschedule_tasks', { tasks: [{ id: ids[0], due_date: '2050-01-04' }] });
await call('set_reminders', { tasks: [{ id: ids[0], reminders: ['1 day'] }] });
await call('complete_tasks', { ids: [ids[1]] });
await call('reopen_tasks', { ids: [ids[1]] });
await call('delete_tasks', { ids });
const restored = await call('restore_tasks', { ids: [ids[0]] });
const wrong = await client.callTool({ name: 'get_task', arguments: { id: ids[1] } });
await client.close();
console.log(JSON.stringify({
  server: client.getServerVersion().name,
  instructions: client.getInstructions().length > 0,
  tools: tools.map(tool => tool.name),
  seen,
  weekday: moved.results[0].task.due_weekday,
  restored: restored.results[0].task,
  deleted: JSON.parse(wrong.content[0].text).error.code,
}));
