// SPDX-License-Identifier: Apache-2.0
// What every npm command goes through: checks Node, installs and builds what is missing or out of date,
// says what it does (on stderr), then runs the script in this same process, so that signals, exit codes
// and the terminal are the script's own. Needs nothing but Node.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LEAST_NODE = [20, 19];

/** Each command: the script it runs, or how it runs the tests; and what must be built before. */
const COMMANDS = {
  start: { script: 'scripts/start.ts', build: ['chaincode', 'web', 'apps'] },
  demo: { script: 'scripts/demo.ts', build: ['chaincode', 'web', 'apps'] },
  bench: { script: 'scripts/bench/main.ts', build: ['chaincode', 'web', 'apps'] },
  replay: { script: 'scripts/replay.ts', build: ['apps'] },
  fabric: { script: 'scripts/fabric.ts', build: ['chaincode', 'web', 'apps'] },
  samples: { script: 'scripts/samples-main.ts', build: [] },
  vectors: { script: 'scripts/vectors.ts', build: [] },
  gateway: { script: 'gateway/src/main.ts', build: ['apps'] },
  signer: { script: 'gateway/src/signing/main.ts', build: ['apps'] },
  wallet: { script: 'wallet-cli/src/main.ts', build: ['apps'] },
  test: { run: runTests, build: ['chaincode', 'web', 'apps'] },
  engines: { script: 'scripts/guomi-engines.ts', build: [] },
  'test:slow': { run: runSlowTests, build: [] },
  'test:soak': { run: runSoakTests, build: ['chaincode', 'web', 'apps'] },
  'test:fabric': {
    run: runFabricTests,
    before: requireFabric,
    build: ['chaincode', 'web', 'apps'],
  },
};

/** How a test asks whether its longer form is wanted. */
const SOAK = "process.env['SOAK']";

/** Programs of Hyperledger Fabric that the real network is made of. */
const FABRIC_PROGRAMS = [
  'peer',
  'orderer',
  'osnadmin',
  'configtxgen',
  'cryptogen',
  'configtxlator',
];

const [name = '', ...args] = process.argv.slice(2);
try {
  await main();
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

async function main() {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) fail(`commands are: ${Object.keys(COMMANDS).join(', ')}`);
  requireNode();
  command.before?.();
  await install();
  await build(command.build);
  if (command.run !== undefined) process.exitCode = await command.run();
  else await runScript(command.script);
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  fail(`Node ${LEAST_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
}

/** Runs `npm ci` unless node_modules is what package-lock.json says. */
async function install() {
  const lockPath = join(ROOT, 'package-lock.json');
  const stampPath = join(ROOT, 'node_modules', '.zhenglian-stamp');
  const stamp = createHash('sha256').update(readFileSync(lockPath)).digest('hex');
  if (readText(stampPath) === stamp) return;
  if (!isInstalled(lockPath)) {
    say('installing the packages of package-lock.json (npm ci); the first time takes a minute …');
    const npm = process.env.npm_execpath;
    const how = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
    const status = npm?.endsWith('.js')
      ? await run(process.execPath, [npm, ...how])
      : await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', how);
    if (status !== 0) {
      fail('npm ci failed, see above. Without a network it needs a warm npm cache.');
    }
    say('installed.');
  }
  writeFileSync(stampPath, stamp);
}

/** Compares the lock file with the one npm keeps of what it installed. */
function isInstalled(lockPath) {
  const hidden = readText(join(ROOT, 'node_modules', '.package-lock.json'));
  if (hidden === undefined) return false;
  const wanted = JSON.parse(readFileSync(lockPath, 'utf8')).packages;
  const found = JSON.parse(hidden).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.startsWith('node_modules/') ||
      entry.link === true ||
      (found[path] === undefined ? entry.optional === true : found[path].version === entry.version),
  );
}

async function build(targets) {
  if (targets.length === 0) return;
  const { buildStale, PROGRAMS } = await import('./build.mjs');
  await buildStale(targets, say);
  // What we start, and what that starts, runs the programs just built (network/own-program.ts).
  if (targets.includes('apps')) process.env.ZHENGLIAN_PROGRAMS = PROGRAMS;
}

/** Becomes the script as it was built, or its source with the loader for that. */
async function runScript(script) {
  const { nameOfProgram } = await import('./build.mjs');
  const built = join(process.env.ZHENGLIAN_PROGRAMS ?? '', nameOfProgram(script));
  const isBuilt = process.env.ZHENGLIAN_PROGRAMS !== undefined && existsSync(built);
  const path = isBuilt ? built : join(ROOT, script);
  if (!existsSync(path)) fail(`${script} does not exist.`);
  if (!isBuilt) await loadTypeScript();
  process.argv.splice(1, process.argv.length - 1, path, ...args);
  await import(pathToFileURL(path).href).catch((error) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  });
}

async function loadTypeScript() {
  const loader = createRequire(import.meta.url).resolve('tsx');
  await import(pathToFileURL(loader).href);
  // Workers and forked processes of the script load TypeScript the same way.
  process.execArgv.push('--import', pathToFileURL(loader).href);
}

/** As many files at a time as there are processors, within reason: a file of tests shares nothing with another. */
function runTests() {
  const jobs = namesFiles() ? 1 : Math.min(availableParallelism(), 4);
  const side = jobs > 1 ? ['--parallel', '--jobs', String(jobs)] : [];
  return runMocha('test/**/*.test.ts', [...side, '--ignore', 'test/fabric/**']);
}

/** The guomi room with its cases by the hundred thousand; SEED changes them. */
function runSlowTests() {
  const options = ['--timeout', '7200000'];
  return runMocha('test/guomi/**/*.test.ts', options, { SLOW: '1' });
}

/** Faults by the hundred and files by the million lines, an hour and more: every file of tests that has a longer form, which it asks for by this setting. */
function runSoakTests() {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true })
    .map((name) => join('test', name))
    .filter(
      (name) => name.endsWith('.test.ts') && readFileSync(join(ROOT, name), 'utf8').includes(SOAK),
    )
    .sort();
  return runMocha(files, ['--timeout', '7200000'], { SOAK: '1' });
}

function runFabricTests() {
  return runMocha('test/fabric/**/*.test.ts', ['--timeout', '600000']);
}

/**
 * Runs mocha on the files named on the command line, or on all of them; the last line is the count.
 * The options of .mocharc.json are given here one by one: left to itself, mocha would put a process of
 * its own between us and the tests, and lose signals.
 */
async function runMocha(all, options, env = {}) {
  const totals = join(ROOT, '.build', `test-totals-${process.pid}.json`);
  mkdirSync(join(ROOT, '.build'), { recursive: true });
  const usual = JSON.parse(readFileSync(join(ROOT, '.mocharc.json'), 'utf8'));
  const status = await run(
    process.execPath,
    [
      ...usual['node-option'].map((option) => `--${option}`),
      join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js'),
      ...['--no-config', '--timeout', String(usual.timeout), ...options],
      ...['--reporter', join(ROOT, 'scripts', 'test-reporter.mjs'), ...args],
      ...(namesFiles() ? [] : [all].flat()),
    ],
    { ...env, ZHENGLIAN_TEST_TOTALS: totals },
    'inherit',
  );
  const counted = JSON.parse(readText(totals) ?? '{"passed":0,"failed":1,"skipped":0}');
  rmSync(totals, { force: true });
  process.stdout.write(
    `${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped\n`,
  );
  return status === 0 && counted.failed > 0 ? 1 : status;
}

/** Whether the command line says which files of tests. */
function namesFiles() {
  return args.some((arg) => arg.endsWith('.test.ts'));
}

/** Fails with one sentence where programs of Fabric are missing. */
function requireFabric() {
  const bin = process.env.FABRIC_BIN;
  const folders = bin ? [bin] : (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const missing = FABRIC_PROGRAMS.filter(
    (program) => !folders.some((folder) => isExecutable(join(folder, program))),
  );
  if (missing.length === 0) return;
  const where = bin ? `in FABRIC_BIN (${bin})` : 'on PATH, and FABRIC_BIN is not set';
  fail(
    `Hyperledger Fabric 3.1 programs not found ${where}: ${missing.join(', ')}; get them with Fabric's own installer (install-fabric.sh --fabric-version 3.1.5 binary) and put its bin folder on PATH or name it in FABRIC_BIN.`,
  );
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program to its end, hands signals on once, and gives its exit code. */
function run(program, argv, env = {}, stdout = 2) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['inherit', stdout, 'inherit'],
    });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    let forwarded = false;
    const forward = (signal) => {
      // A terminal has already sent its Ctrl-C to the whole group.
      if (!forwarded && !(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal);
      forwarded = true;
    };
    for (const signal of signals) process.on(signal, forward);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const each of signals) process.off(each, forward);
      if (forwarded) process.exit(code ?? 130);
      resolve(code ?? (signal === null ? 1 : 128));
    });
  });
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function say(message) {
  process.stderr.write(`zhenglian: ${message}\n`);
}

function fail(message) {
  say(message);
  process.exit(1);
}
