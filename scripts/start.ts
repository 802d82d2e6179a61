// SPDX-License-Identifier: Apache-2.0
// `npm start`: the whole network on this machine, and a tour of what to do with it.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isCodedError } from '@zhenglian/core/errors';
import { readOptions } from './read-options.ts';
import { runNetwork } from './running-network.ts';
import type { RunningNetwork } from './running-network.ts';
import { generateSamples } from './samples.ts';
import { ensureTlsFiles } from './self-signed.ts';
import { engineOf, portOf } from './tour-engine.ts';
import { describeTour } from './tour-text.ts';

const HELP = `npm start [-- options]   runs two provinces and a regulator on this machine

  --ledger fabric   on four organisations' real Hyperledger Fabric nodes (its programs on PATH or in FABRIC_BIN)
  --tls        HTTPS with a self-made certificate, reachable from other devices (cameras need HTTPS off localhost)
  --json       prints the tour as JSON when everything is ready
  --help       this text

  PORT         first of consecutive ports (those of the last time, or free ones, unless set)
  DATA_DIR     where everything is kept (.data/network unless set)

Ctrl-C stops it cleanly; the same command goes on where it stopped.`;

const options = readOptions(HELP, {
  tls: { type: 'boolean' },
  ledger: { type: 'string', default: 'embedded' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
});

if (options.help) console.log(HELP);
else await start();

async function start(): Promise<void> {
  const dataDir = resolve(process.env['DATA_DIR'] ?? '.data/network');
  const port = process.env['PORT'];
  const signal = untilSignal();
  const progress = (line: string) => {
    console.error(`  ${line} …`);
  };
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const tls = options.tls
      ? { tls: await ensureTlsFiles(join(dataDir, 'tls')), host: '0.0.0.0' }
      : {};
    const first = port === undefined ? {} : { port: portOf(port, 'PORT') };
    const engine = await engineOf(options.ledger, process.env);
    const network = await runNetwork({
      ...{ dataDir, progress },
      ...engine,
      ...first,
      ...tls,
    });
    writeSamples(dataDir);
    console.log(options.json ? JSON.stringify(network.tour) : describeTour(network));
    await stopWhenAsked(network, signal);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    if (isCodedError(error, 'DATA_DIR_LOCKED')) {
      console.error(`It runs already: see ${join(dataDir, 'tour.json')}, or set another DATA_DIR.`);
    }
    // Everything is stopped; a pipe to a gateway that never served may still be open.
    process.exit(1);
  }
}

function writeSamples(dataDir: string): void {
  const folder = join(dataDir, 'samples');
  if (existsSync(folder)) return;
  mkdirSync(folder);
  for (const { name, text } of generateSamples('1')) writeFileSync(join(folder, name), text);
}

/** The first signal to stop; asked for early, so that one that comes while starting is not lost. */
function untilSignal(): Promise<string> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => done(signal));
  });
}

/** Waits for the signal, or for a process that dies, and ends everything once. */
async function stopWhenAsked(network: RunningNetwork, signal: Promise<string>): Promise<void> {
  const death = new Promise<string>((done) => {
    for (const [name, gateway] of network.processes) {
      gateway.process.once('exit', () => done(`the gateway of ${name} ended`));
    }
    network.ledger.onEnd(() => done('the ledger ended'));
  });
  const reason = await Promise.race([signal, death]);
  const asked = reason.startsWith('SIG');
  console.error(asked ? 'stopping …' : `${reason}: stopping the others …`);
  if (!asked) process.exitCode = 1;
  await network.stop();
  console.error('stopped.');
}
