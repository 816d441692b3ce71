import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(js|css|html|svg|json|webmanifest|txt)$/;
const WORTHWHILE = 1024; // bytes; below it a header costs as much

/** Writes `.br` and `.gz` beside each text file of the build, so that the server has nothing to compress. */
export function compress(): Plugin {
  let folder = '';
  return {
    name: 'todoflow-compress',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle: {
      sequential: true,
      order: 'post',
      async handler() {
        const entries = await readdir(folder, { recursive: true, withFileTypes: true });
        await Promise.all(
          entries
            .filter((entry) => entry.isFile() && TEXT.test(entry.name))
            .map((entry) => write(join(entry.parentPath, entry.name))),
        );
      },
    },
  };
}

async function write(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < WORTHWHILE) return;
  const brotli = await promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  const zipped = await promisify(gzip)(bytes, { level: 9 });
  await Promise.all([writeFile(`${path}.br`, brotli), writeFile(`${path}.gz`, zipped)]);
}
