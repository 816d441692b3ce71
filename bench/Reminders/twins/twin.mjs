// Usage: node twin.mjs SYSTEM MODE COUNT SPAN_MS LONGEST_MS, with DATABASE_URL. SYSTEM is graphile-worker or pg-boss, MODE is default or
// tuned. Adds COUNT jobs that fall due over SPAN_MS, works them off, and prints how late each handler began, by this process' clock:
// {"done", "early", "p50", "p95", "p99", "max"}, in milliseconds; null where so many were not done LONGEST_MS after the last instant.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const [system, mode, ...numbers] = process.argv.slice(2);
const [count, span, longest] = numbers.map(Number);
const connectionString = process.env.DATABASE_URL;
const now = () => performance.timeOrigin + performance.now();

let record;
const start = { 'graphile-worker': startGraphile, 'pg-boss': startPgBoss }[system];
const queue = await start(mode === 'tuned');
if (mode === 'tuned') await round(500, 1000, 10_000); // to warm up
const late = (await round(count, span, queue.ahead)).sort((a, b) => a - b);
const at = percent => late[Math.max(0, Math.ceil((percent / 100) * count) - 1)] ?? null;
console.log(JSON.stringify({ done: late.length, early: late.filter(ms => ms < 0).length, p50: at(50), p95: at(95), p99: at(99), max: at(100) }));
process.exit(0); // what is left is left

async function round(jobs, over, ahead) {
  const first = Math.floor(Date.now() + ahead);
  const late = [];
  const all = new Promise(resolve => {
    record = instant => {
      late.push(now() - instant);
      if (late.length === jobs) resolve();
    };
  });
  await queue.add(Array.from({ length: jobs }, (_, i) => first + Math.floor((over * i) / jobs)));
  if (Date.now() > first) throw new Error('Storing the jobs took until after their instant: the machine is too busy to measure.');
  await Promise.race([all, new Promise(resolve => setTimeout(resolve, first + over + longest - Date.now()))]);
  return late;
}

// Tuned as its documentation's page on performance does: many jobs at once, a short poll, a queue that is fetched ahead.
async function startGraphile(tuned) {
  const { run, runMigrations } = require('graphile-worker');
  const { Pool } = require('pg');
  await runMigrations({ connectionString });
  const pool = new Pool({ connectionString, max: 30 });
  for (const event of ['error', 'connect']) pool.on(event, event === 'error' ? console.error : client => client.on('error', console.error));
  const preset = { worker: { connectionString, ...(tuned && { concurrentJobs: 24, pollInterval: 100, maxPoolSize: 30, localQueue: { size: 500 } }) } };
  await run({ preset, pgPool: pool, noHandleSignals: true, taskList: { fire: async ({ at }) => record(at) } });
  return {
    ahead: 30_000, // to store 10,000 took it longer than 15 s
    add: instants => pool.query(
      "select count(graphile_worker.add_job('fire', json_build_object('at', at), run_at := to_timestamp(at / 1000))) from unnest($1::float8[]) as at", [instants]),
  };
}

// Tuned by its documentation of work(): the shortest poll, and batches as large as what falls due within it.
async function startPgBoss(tuned) {
  const PgBoss = require('pg-boss');
  const boss = new PgBoss({ connectionString, ...(tuned && { max: 20 }) });
  boss.on('error', error => console.error(error));
  await boss.start();
  await boss.createQueue('fire');
  await boss.work('fire', tuned ? { pollingIntervalSeconds: 0.5, batchSize: 1000 } : {}, async jobs => jobs.forEach(job => record(job.data.at)));
  return {
    ahead: 15_000,
    add: async instants => {
      for (let i = 0; i < instants.length; i += 1000)
        await boss.insert(instants.slice(i, i + 1000).map(at => ({ name: 'fire', data: { at }, startAfter: new Date(at) })));
    },
  };
}
