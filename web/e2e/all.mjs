// Runs scripts in one process, one after the other, with one browser: node e2e/all.mjs screens.mjs offline.mjs
import { after } from 'node:test';
import { endBrowser } from './support.mjs';

after(endBrowser);
for (const script of process.argv.slice(2)) await import(`./${script}`);
