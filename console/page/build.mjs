// SPDX-License-Identifier: Apache-2.0
// Bundles the page into the resources of the module: node build.mjs. With --check it only tells whether they are what the sources give.
import { build } from 'esbuild';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const page = dirname(fileURLToPath(import.meta.url));
const web = join(page, '../src/main/resources/dev/mcpmtls/console/web');
const BUDGET = 150_000; // bytes, all files together

const bundle = await build({
  absWorkingDir: page,
  entryPoints: { app: 'src/main.js', chart: 'src/chart.js', style: 'src/style/page.css' },
  entryNames: '[name]',
  outdir: web,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
  external: ['./chart.js'],
  legalComments: 'none',
  banner: {
    js: '// Made by console/page/build.mjs from console/page/src. Change it there.',
    css: '/* Made by console/page/build.mjs from console/page/src. Change it there. */',
  },
  write: false,
});
const files = new Map(bundle.outputFiles.map((file) => [file.path, Buffer.from(file.contents)]));
for (const name of ['index.html', 'icon.svg']) files.set(join(web, name), await readFile(join(page, 'src', name)));
files.set(join(web, 'licences.txt'), Buffer.from(`uPlot, in chart.js and style.css:\n\n${await readFile(join(page, 'node_modules/uplot/LICENSE'), 'utf8')}`));

const size = [...files.values()].reduce((sum, contents) => sum + contents.length, 0);
if (size > BUDGET) throw new Error(`the page has ${size} bytes; its budget is ${BUDGET}`);

if (process.argv.includes('--check')) {
  const stale = [];
  for (const [path, contents] of files) {
    const committed = await readFile(path).catch(() => Buffer.alloc(0));
    if (!committed.equals(contents)) stale.push(path);
  }
  if (stale.length > 0) {
    console.error(`the sources give other contents for:\n  ${stale.join('\n  ')}\nrun 'npm ci && node build.mjs' in console/page, and commit the result`);
    process.exit(1);
  }
} else {
  await mkdir(web, { recursive: true });
  for (const [path, contents] of files) await writeFile(path, contents);
}
console.log(`page: ${files.size} files, ${size} bytes`);
