// SPDX-License-Identifier: Apache-2.0
// Runs a drill: a line of batches for Guangdong, something breaks, everything comes back; then what was accepted is looked for in the chain.
import { CodedError } from '@zhenglian/core/errors';
import { connectFabric } from '@zhenglian/gateway/fabric-ledger';
import { ensureFounded } from '@zhenglian/network/found';
import { readFounders, readMember } from '@zhenglian/network/fabric/members';
import { bringUp } from '@zhenglian/network/fabric/network';
import type { Ledger } from '@zhenglian/network/ledger';
import { accredit, FOUNDING_TYPES } from '../accredit.ts';
import { audit } from '../fabric-audit.ts';
import { NO_DESK, openDesk } from './desk.ts';
import { BATCHES, withClient } from './drill.ts';
import type { Drill, DrillOptions, Stage } from './drill.ts';
import { awaitAgreement } from './heads.ts';
import type { IssuerParts } from './issuer.ts';
import { DrillLine } from './line.ts';
import type { LineResult } from './line.ts';
import { steady } from './steady.ts';
import { DRILLS } from './table.ts';

/** What a drill showed. Time is told and decides nothing. */
export interface DrillReport extends LineResult {
  readonly drill: string;
  readonly passed: boolean;
  readonly seconds: number;
  /** What `longestGapMs` should be at most on an idle machine. */
  readonly aimMs?: number;
  /** All peers have one last block, and all orderers its height. */
  readonly headsAgree: boolean;
  /** What checking every block of the chain came to. */
  readonly audit: string;
  readonly said: readonly string[];
  /** Why it failed, where anything but the counts says so. */
  readonly failed?: string;
}

const LEAVE_MS = 20_000;
const NOTHING: LineResult = { accepted: 0, lost: 0, strange: 0, repeated: 0, longestGapMs: 0 };

/** Runs a drill on a network; brings up what does not run before and after. @throws START_FAILED for a drill that there is none of; the signal's reason, with everything up again */
export async function runDrill(name: string, options: DrillOptions): Promise<DrillReport> {
  const drill = drillOf(name);
  await bringUp(options);
  options.signal?.throwIfAborted();
  const started = Date.now();
  const said: string[] = [];
  const say = (line: string) => {
    said.push(line);
    options.progress(line);
  };
  const ledger = await connectFabric(readMember(options.layout, 'P44'));
  try {
    const { result, failed } = await perform(drill, options, ledger, say);
    if (options.signal?.aborted) await bringUp(options); // tells why, if it is not up
    options.signal?.throwIfAborted();
    const headsAgree = await awaitAgreement(options);
    const audited = await auditAll(options);
    const passed = failed === undefined && headsAgree && result.lost + result.strange === 0;
    return {
      drill: name,
      passed: passed && audited.passed,
      seconds: (Date.now() - started) / 1000,
      ...(drill.aimMs !== undefined && { aimMs: drill.aimMs }),
      headsAgree,
      audit: audited.words,
      ...result,
      said,
      ...(failed !== undefined && { failed }),
    };
  } finally {
    await ledger.close();
  }
}

/** @throws START_FAILED */
function drillOf(name: string): Drill {
  const drill = Object.hasOwn(DRILLS, name) ? DRILLS[name] : undefined;
  if (drill !== undefined) return drill;
  const names = Object.keys(DRILLS).join(', ');
  throw new CodedError('START_FAILED', `there is no drill ${name}; there are: ${names}`);
}

interface Performed {
  readonly result: LineResult;
  readonly failed?: string;
}

/** Gateways, where the drill has some, stand around all of it. */
async function perform(
  drill: Drill,
  options: DrillOptions,
  ledger: Ledger,
  say: (line: string) => void,
): Promise<Performed> {
  const issuing = await prepare(ledger, options);
  const { signal = new AbortController().signal } = options;
  const stage = { ...options, issuing, say, signal };
  const desk = drill.hasDesk && !options.withoutDesk ? await openDesk(stage) : NO_DESK;
  try {
    return await breakAndMend(drill, { ...stage, desk });
  } finally {
    await desk.leave();
  }
}

/** The line and the drill; whatever breaks for good, the network is brought up again. */
async function breakAndMend(drill: Drill, stage: Omit<Stage, 'line'>): Promise<Performed> {
  const { issuing, desk, layout, signal, say } = stage;
  let failed: string | undefined;
  const note = (error: unknown) => {
    failed ??= wordsOf(error);
  };
  const line = await DrillLine.start(issuing);
  const running = Promise.all([line.await(BATCHES), desk.await(BATCHES)])
    .then(() => drill.run({ ...stage, line }))
    .catch(note);
  await Promise.race([running, leaving(signal, line)]);
  let result = NOTHING;
  try {
    await bringUp(stage); // which ends what stands in a real process's place, too
    if (failed === undefined) await Promise.all([line.await(1), desk.await(1)]);
    // Blocks as another organisation holds them, not as the one that wrote.
    const reader = layout.organisations.at(-1)?.msp ?? issuing.ledger.msp;
    result = await withClient(stage, reader, (other) => line.end(other));
    if (failed === undefined) for (const words of await desk.end()) say(words);
  } catch (error) {
    note(error);
  }
  return { result, ...(failed !== undefined && { failed }) };
}

/** Resolves a while after the signal: by then a drill has ended what it began, or hangs. */
function leaving(signal: AbortSignal, line: DrillLine): Promise<void> {
  return new Promise((resolve) => {
    const leave = () => {
      line.abandon(new Error('interrupted'));
      setTimeout(resolve, LEAVE_MS).unref();
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}

/** An error's words, and those of what it came from. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${wordsOf(error.cause)}`;
}

/** Every block, from the peer of the last organisation, and what the others show at its end. */
async function auditAll({
  layout,
}: DrillOptions): Promise<{ readonly passed: boolean; readonly words: string }> {
  const from = layout.organisations.at(-1)?.msp ?? '';
  try {
    const report = await audit({ layout, from, progress: () => undefined });
    const words = `${String(report.height)} blocks of ${from} pass`;
    const isConfirmed = report.confirmed === true;
    return { passed: isConfirmed, words: isConfirmed ? words : `${words}, flags NOT confirmed` };
  } catch (error) {
    return {
      passed: false,
      words: `FAILS: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/** Founds and accredits what is missing. */
async function prepare(ledger: Ledger, { layout, file }: DrillOptions): Promise<IssuerParts> {
  const voters = await Promise.all(
    layout.organisations.map(({ msp }) => connectFabric(readMember(layout, msp, 'administrator'))),
  );
  try {
    const [first] = voters;
    if (!first) throw new Error('nobody votes');
    const networkId = await ensureFounded(steady(first), layout.definition, readFounders(layout));
    await accredit(file, FOUNDING_TYPES, voters.map(steady));
    const authority = file.authorities.find((each) => each.msp === ledger.msp);
    const [type] = authority?.types ?? [];
    if (!authority || type === undefined) throw new Error('no authority to anchor for');
    return { ledger, networkId, uscc: authority.uscc, type };
  } finally {
    await Promise.all(voters.map((voter) => voter.close()));
  }
}
