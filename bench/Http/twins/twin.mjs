// Usage: node twin.mjs DATABASE_URL PORT. The same routes over the neutral schema as people write them for Node: Fastify with schemas, by
// which it checks and writes JSON, and pg with a pool and prepared statements. No token is checked (the user is the header X-User).
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';

const require = createRequire(import.meta.url);
const { fastify } = require('fastify');
const { Pool } = require('pg');

const [connectionString, port] = process.argv.slice(2);
const pool = new Pool({ connectionString, max: 32 }); // a connection for each of the clients
const columns = 'id, user_id, title, description, status, priority, tags, due_date, created_at, updated_at, completed_at';
const priorities = ['low', 'medium', 'high'];
const sorts = ['created_at', 'updated_at', 'due_date', 'priority', 'title'];

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const tags = { type: 'array', items: text };
const task = {
  type: 'object',
  properties: {
    id: text, user_id: text, title: text, description: textOrNull, status: text, priority: text, tags,
    due_date: textOrNull, created_at: text, updated_at: text, completed_at: textOrNull,
  },
};
const tasks = { type: 'array', items: task };

const answer = row => ({
  ...row,
  priority: priorities[row.priority],
  due_date: row.due_date?.toISOString() ?? null,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
  completed_at: row.completed_at?.toISOString() ?? null,
});

// Each statement has a name, so PostgreSQL prepares it once a connection.
const names = new Map();
const query = (sql, values) => {
  if (!names.has(sql)) names.set(sql, `statement${names.size}`);
  return pool.query({ name: names.get(sql), text: sql, values });
};

const app = fastify();

app.get('/health/ready', async () => '');

app.get('/api/tasks/:id', { schema: { response: { 200: task } } }, async (request, reply) => {
  const { rows } = await query(`select ${columns} from tasks where id = $1 and user_id = $2`, [request.params.id, request.headers['x-user']]);
  return rows.length ? answer(rows[0]) : reply.code(404).send();
});

app.get('/api/tasks', {
  schema: {
    querystring: {
      type: 'object',
      properties: {
        status: text, priority: { enum: priorities }, tags: text, due_after: text, due_before: text,
        sort_by: { enum: sorts, default: 'created_at' }, order: { enum: ['asc', 'desc'], default: 'desc' }, limit: { type: 'integer', default: 50, maximum: 200 },
      },
    },
    response: { 200: tasks },
  },
}, async request => {
  const { status, priority, tags, due_after, due_before, sort_by, order, limit } = request.query;
  const values = [request.headers['x-user']];
  let where = 'user_id = $1';
  const and = (condition, value) => { where += ` and ${condition} $${values.push(value)}`; };
  if (status) and('status =', status);
  if (priority) and('priority =', priorities.indexOf(priority));
  if (tags) and('tags @>', tags.split(','));
  if (due_after) and('due_date >', due_after);
  if (due_before) and('due_date <', due_before);
  const last = sort_by === 'due_date' && order === 'desc' ? ' nulls last' : ''; // of what is never null it would keep the index from being used
  const { rows } = await query(
    `select ${columns} from tasks where ${where} order by ${sort_by} ${order}${last}, id ${order} limit $${values.push(limit)}`, values);
  return rows.map(answer);
});

app.post('/api/tasks', {
  schema: {
    body: {
      type: 'object',
      required: ['title'],
      properties: { title: { ...text, maxLength: 500 }, description: textOrNull, priority: { enum: priorities, default: 'medium' }, tags: { ...tags, default: [] }, due_date: textOrNull },
    },
    response: { 201: task },
  },
}, async (request, reply) => {
  const { title, description, priority, tags, due_date } = request.body;
  const { rows } = await query(
    `insert into tasks (id, user_id, title, description, status, priority, tags, due_date, created_at, updated_at)
     values ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $8) returning ${columns}`,
    [randomUUID(), request.headers['x-user'], title, description, priorities.indexOf(priority), tags, due_date, new Date()]);
  return reply.code(201).send(answer(rows[0]));
});

app.post('/api/tasks/search', {
  schema: {
    body: { type: 'object', required: ['query'], properties: { query: text } },
    response: { 200: { type: 'object', properties: { results: tasks, total_count: { type: 'integer' } } } },
  },
}, async request => {
  const { rows } = await query(
    `select ${columns}, count(*) over () as total from tasks cross join websearch_to_tsquery('simple', $2) as query
     where user_id = $1 and words @@ query order by ts_rank(words, query) desc, id desc limit 50`,
    [request.headers['x-user'], request.body.query]);
  return { results: rows.map(answer), total_count: Number(rows[0]?.total ?? 0) };
});

await app.listen({ host: '127.0.0.1', port: Number(port) });
