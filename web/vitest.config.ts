import { defineConfig } from 'vitest/config';

process.env.TZ = 'UTC'; // the zone of the device that the tests run on

export default defineConfig({ test: { include: ['tests/**/*.test.ts'], setupFiles: ['tests/setup.ts'], environment: 'node' } });
