// SPDX-License-Identifier: Apache-2.0
// Builds the two things that cannot run from source: the chaincode bundles and the page. Each is built
// anew only when a hash over its sources has changed. `npm run build` builds both in any case.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './build-lock.mjs';
import { filesOf } from './files-of.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILD = join(ROOT, '.build');
/** Where programs are built. */
export const PROGRAMS = join(BUILD, 'apps');

/** The chaincode packages: dist folder and entry point; one code base, two names on the channel. */
const BUNDLES = { zl: 'zl', province: 'province' };

const TARGETS = {
  chaincode: {
    what: 'the chaincode bundles',
    present: () => Object.values(BUNDLES).every((e) => existsSync(at(`chaincode/src/${e}.ts`))),
    sources: ['chaincode/src', 'chaincode/tsconfig.build.json', 'core/src', 'guomi/src'],
    outputs: ['chaincode/dist/bundles.json'],
    build: buildChaincode,
  },
  web: {
    what: 'the page',
    present: () => existsSync(at('verifier-web/vite.config.ts')),
    sources: ['verifier-web', 'core/src', 'guomi/src'],
    outputs: ['verifier-web/dist/index.html'],
    build: buildWeb,
  },
  apps: {
    what: 'the programs',
    present: () => APPS.every((entry) => existsSync(at(entry))),
    sources: ['scripts', 'network', 'gateway/src', 'wallet-cli/src', 'core/src', 'guomi/src'],
    outputs: ['.build/apps'],
    build: buildApps,
  },
};

/**
 * Programs that run as processes: one file each, so that none of them carries a compiler. Called by their sources' names:
 * network/own-program.ts finds them.
 */
const APPS = [
  'scripts/start.ts',
  'scripts/demo.ts',
  'scripts/replay.ts',
  'scripts/drills/relay.ts',
  'network/embedded/main.ts',
  'network/fabric/host/main.ts',
  'network/fabric/keeper/main.ts',
  'gateway/src/main.ts',
  'gateway/src/signing/main.ts',
  'gateway/src/thread/main.ts',
  'wallet-cli/src/main.ts',
];

/** For the CommonJS libraries that come into a file; and what is built starts what is built. */
const BANNER = `import { createRequire as makeRequire } from 'node:module';
import { fileURLToPath as pathOfUrl } from 'node:url';
const require = makeRequire(import.meta.url);
process.env.ZHENGLIAN_PROGRAMS ??= pathOfUrl(new URL('.', import.meta.url));`;

const EVERYWHERE = [
  'package-lock.json',
  'tsconfig.base.json',
  'scripts/build.mjs',
  'scripts/files-of.mjs',
];

/** Builds those of the named targets whose sources have changed since they were built. */
export async function buildStale(names, say) {
  if (names.every((name) => isFresh(TARGETS[name], name))) return;
  await withLock(BUILD, say, async () => {
    for (const name of names) await buildOne(name, say, false);
  });
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  const say = (message) => process.stderr.write(`zhenglian: ${message}\n`);
  try {
    await withLock(BUILD, say, async () => {
      for (const name of Object.keys(TARGETS)) await buildOne(name, say, true);
    });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

async function buildOne(name, say, force) {
  const target = TARGETS[name];
  if (!target.present()) return say(`${target.what}: no source yet, not built.`);
  if (!force && isFresh(target, name)) return;
  const started = Date.now();
  say(`building ${target.what} …`);
  const stamp = hashSources(target);
  await target.build();
  mkdirSync(join(BUILD, 'stamps'), { recursive: true });
  writeFileSync(join(BUILD, 'stamps', name), stamp);
  say(`built ${target.what} in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

function isFresh(target, name) {
  const stamp = join(BUILD, 'stamps', name);
  return (
    target.outputs.every((output) => existsSync(at(output))) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === hashSources(target)
  );
}

function hashSources(target) {
  const hash = createHash('sha256');
  for (const file of [...target.sources, ...EVERYWHERE].flatMap((path) => filesOf(at(path)))) {
    hash
      .update(`${relative(ROOT, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * tsc first, because esbuild writes no decorator metadata, then one bundle a package. Names are kept and
 * nothing is minified: the contract API reads parameter names from function text.
 */
async function buildChaincode() {
  const emitted = join(BUILD, 'chaincode-js');
  rmSync(emitted, { recursive: true, force: true });
  await node(
    join('node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'chaincode/tsconfig.build.json',
  );
  const { build } = await import('esbuild');
  const hashes = {};
  for (const [name, entry] of Object.entries(BUNDLES)) {
    const result = await build({
      absWorkingDir: ROOT,
      entryPoints: [join(emitted, 'chaincode', 'src', `${entry}.js`)],
      outfile: at(`chaincode/dist/${name}/index.cjs`),
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      external: ['fabric-*'],
      keepNames: true,
      minify: false,
      charset: 'utf8',
      logLevel: 'warning',
    });
    const [bundle] = result.outputFiles;
    write(at(`chaincode/dist/${name}/index.cjs`), bundle.contents);
    write(at(`chaincode/dist/${name}/package.json`), json(packageOf(name)));
    hashes[name] = createHash('sha256').update(bundle.contents).digest('hex');
  }
  write(at('chaincode/dist/bundles.json'), json(hashes));
}

function packageOf(name) {
  const versionOf = (dependency) =>
    JSON.parse(
      readFileSync(createRequire(import.meta.url).resolve(`${dependency}/package.json`), 'utf8'),
    ).version;
  const root = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  return {
    name: `zhenglian-${name}`,
    version: root.version,
    private: true,
    license: root.license,
    main: 'index.cjs',
    dependencies: {
      'fabric-contract-api': versionOf('fabric-contract-api'),
      'fabric-shim': versionOf('fabric-shim'),
    },
    overrides: root.overrides,
  };
}

function buildWeb() {
  return node(
    join('node_modules', 'vite', 'bin', 'vite.js'),
    'build',
    'verifier-web',
    '--logLevel=warn',
  );
}

/** `scripts/start.ts` becomes `scripts-start.mjs`. */
export function nameOfProgram(path) {
  return path.replaceAll('/', '-').replace(/\.ts$/, '.mjs');
}

/** Our own rooms into one file a program; libraries stay where they are installed. */
async function buildApps() {
  rmSync(PROGRAMS, { recursive: true, force: true });
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: ROOT,
    entryPoints: APPS.map((path) => ({
      out: nameOfProgram(path).replace(/\.mjs$/, ''),
      in: at(path),
    })),
    outdir: PROGRAMS,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true, // what is imported on demand is loaded on demand
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    banner: { js: BANNER },
    charset: 'utf8',
    logLevel: 'warning',
    plugins: [ownRoomsOnly()],
  });
}

/** Leaves libraries outside, and lets every file still find what lies beside its source. */
function ownRoomsOnly() {
  return {
    name: 'own rooms only',
    setup(bundler) {
      bundler.onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
        const ours = kind === 'entry-point' || path.startsWith('@zhenglian/');
        return ours || isRoomsOwn(importer, path) ? undefined : { path, external: true };
      });
      bundler.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const place = JSON.stringify(relative(PROGRAMS, path));
        const contents = readFileSync(path, 'utf8');
        const located = contents.replaceAll(
          'import.meta.url',
          `new URL(${place}, import.meta.url).href`,
        );
        return { contents: located, loader: 'ts', resolveDir: dirname(path) };
      });
    },
  };
}

/** A version that only one room has lies below that room, where the built program would not find it. */
function isRoomsOwn(importer, path) {
  const [room = '', first = ''] = relative(ROOT, importer).split('/');
  const [scope = '', name = ''] = path.split('/');
  const library = scope.startsWith('@') ? join(scope, name) : scope;
  return (
    first !== '' && room !== 'node_modules' && existsSync(at(join(room, 'node_modules', library)))
  );
}

/** Runs a Node program of node_modules in the root; its output goes to stderr. */
function node(script, ...argv) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [at(script), ...argv], {
      cwd: ROOT,
      stdio: ['ignore', 2, 2],
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${script} ${argv.join(' ')} failed (exit code ${code})`));
    });
  });
}

function write(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, contents);
  renameSync(`${path}.${process.pid}`, path);
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function at(path) {
  return join(ROOT, path);
}
