// SPDX-License-Identifier: Apache-2.0
// Builds what is published: guomi/dist, a package of JavaScript and types with a manifest of its own. The workspace
// itself uses the TypeScript sources unbuilt, hence two manifests. Publish by `npm publish guomi/dist`.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOM = fileURLToPath(new URL('.', import.meta.url));
const outDir = process.argv[2] ?? join(ROOM, 'dist');
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));

rmSync(outDir, { recursive: true, force: true });
const argv = ['-p', join(ROOM, 'tsconfig.build.json'), '--outDir', outDir];
const { status } = spawnSync(process.execPath, [join(typescript, 'bin', 'tsc'), ...argv], {
  stdio: ['ignore', 2, 2],
});
if (status !== 0) process.exit(status ?? 1);
for (const file of readdirSync(outDir, { recursive: true, encoding: 'utf8' })) {
  if (file.endsWith('.d.ts')) rewriteImports(join(outDir, file));
}
writeFileSync(join(outDir, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
// The page on the design goes with the package: outside this repository there is nothing beside it to point at.
const readme = readFileSync(join(ROOM, 'README.md'), 'utf8');
writeFileSync(join(outDir, 'README.md'), readme.replace('](../docs/guomi.md)', '](DESIGN.md)'));
copyFileSync(join(ROOM, '..', 'docs', 'guomi.md'), join(outDir, 'DESIGN.md'));
copyFileSync(join(ROOM, '..', 'LICENSE'), join(outDir, 'LICENSE'));

/** tsc rewrites the imports of what it emits as JavaScript, not those of its declarations. */
function rewriteImports(path) {
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replaceAll(/(from |import\()'(\.{1,2}\/[^']+)\.ts'/g, "$1'$2.js'"));
}

/** The room's manifest with every `./src/x.ts` as the built `./x.js` and its types. */
function manifest() {
  const { name, version, description, license, type, engines, sideEffects, exports, dependencies } =
    JSON.parse(readFileSync(join(ROOM, 'package.json'), 'utf8'));
  const built = (path) => path.replace(/^\.\/src\/(.*)\.ts$/, './$1.js');
  const entries = Object.entries(exports).map(([entry, source]) => {
    const file = built(source);
    return [entry, file === source ? file : { types: file.replace(/js$/, 'd.ts'), default: file }];
  });
  return {
    ...{ name, version, description, license, type, engines, sideEffects },
    types: './index.d.ts',
    exports: Object.fromEntries(entries),
    files: ['**/*.js', '**/*.d.ts', 'DESIGN.md'],
    dependencies,
    publishConfig: { access: 'public' },
  };
}
