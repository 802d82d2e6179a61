// SPDX-License-Identifier: Apache-2.0
// npm run bench -- core: licences minted, shown, verified and read a second, beside others doing the same with the
// same licence (the vectors' driving licence) in the same process. `ratio` is to sm-crypto for bare signatures, else to
// the SD-JWT VC library. Each work goes round 32 copies, so that nothing remembers an answer; keys are warm.
import { generateKeyPairSync } from 'node:crypto';
import { sm2 } from '@zhenglian/guomi';
import { assess } from '@zhenglian/core/assess';
import { mintCopy } from '@zhenglian/core/copy';
import { provePossession } from '@zhenglian/core/possession';
import { openPresentation, presentSet } from '@zhenglian/core/presentation';
import { compressKey } from '@zhenglian/core/signing';
import { treeLeaves } from '@zhenglian/core/types/definition';
import { DRIVING } from '@zhenglian/core/types/driving';
import { formatWire, parseWire } from '@zhenglian/core/wire';
import type { Bench } from './main.ts';
import { createFacts } from './parts/facts.ts';
import {
  NETWORK_ID,
  SAMPLE_NOON,
  createSigner,
  orderOf,
  readVectorLicences,
} from './parts/licences.ts';
import { readOptions, say } from './parts/options.ts';
import { measureRates } from './parts/rates.ts';
import type { Contest, Work } from './parts/rates.ts';
import { loadCborg } from './peers/cborg.ts';
import { issueDcc, parseDcc, verifyDcc } from './peers/dcc.ts';
import { installPeers } from './peers/install.ts';
import type { PlainLicence } from './peers/plain-licence.ts';
import { createSdJwtPeer } from './peers/sd-jwt.ts';
import { createSmCryptoPeer } from './peers/sm-crypto.ts';

const COPIES = 32;
const NOW = SAMPLE_NOON + 5;
const DAYS_365 = 365 * 86_400;
const SD_JWT = 'SD-JWT VC';
const DCC = 'EU DCC';
const REQUEST = { nonce: new Uint8Array(16).fill(7), audience: 'P44/counter-1', act: 'general' };

/** What is measured of a format. */
const FIGURES = ['mint', 'show by phone', 'verify', 'verify by phone', 'parse'] as const;
type Figure = (typeof FIGURES)[number];
type Works = Partial<Readonly<Record<Figure, Work>>>;

/** Rates of the core and of others; `--seconds N` a work (1), `--no-peers`. */
export const bench: Bench = async ({ args }) => {
  const options = readOptions(args, { seconds: 1, samples: 1, peers: true });
  const ours = ourWorks();
  const others: Record<string, Works> =
    options.peers && installPeers()
      ? { [SD_JWT]: await sdJwtWorks(), [DCC]: await dccWorks() }
      : {};
  const contests: Contest[] = [
    ...signatureContests(options.peers),
    ...FIGURES.map((figure) => ({
      figure,
      ours: ours[figure],
      peers: Object.fromEntries(
        Object.entries(others).flatMap(([name, works]) => {
          const work = works[figure];
          return work === undefined ? [] : [[name, work] as const];
        }),
      ),
      ratioTo: SD_JWT,
    })),
  ];
  const works = contests.reduce((sum, { peers }) => sum + 1 + Object.keys(peers).length, 0);
  say(`${works} works in turns, about ${Math.ceil(works * (options.seconds + 0.1))} s …`);
  return { rows: await measureRates(contests, options.seconds) };
};

function signatureContests(peers: boolean): Contest[] {
  const { secretKey, publicKey } = sm2.generateKeyPair();
  const peer = createSmCryptoPeer(secretKey, publicKey);
  const messages = copies((i) => new Uint8Array(160).fill(i));
  const signatures = messages.map((message) => sm2.sign(message, secretKey));
  const hex = messages.map((message) => peer.sign(message));
  const pairs = messages.map((message, i) => ({
    message,
    signature: signatures[i] ?? message,
    hex: hex[i] ?? '',
  }));
  const verify = inTurn(pairs, (pair) => sm2.verify(pair.signature, pair.message, publicKey));
  const theirVerify = inTurn(pairs, (pair) => peer.verify(pair.message, pair.hex));
  demand(verify() === true && theirVerify() === true, 'a signature does not verify');
  return [
    {
      figure: 'SM2 sign',
      ours: inTurn(messages, (message) => sm2.sign(message, secretKey)),
      peers: peers ? { 'sm-crypto': inTurn(messages, (message) => peer.sign(message)) } : {},
      ratioTo: 'sm-crypto',
    },
    {
      figure: 'SM2 verify',
      ours: verify,
      peers: peers ? { 'sm-crypto': theirVerify } : {},
      ratioTo: 'sm-crypto',
    },
  ];
}

/** Ours: from values to a printed code, from a device copy to a proven code, from a code to a report. */
function ourWorks(): Readonly<Record<Figure, Work>> {
  const [full, roadside] = DRIVING.sets;
  if (full === undefined || roadside === undefined) throw new Error('driving has two sets');
  const [authority, holder] = [createSigner(), createSigner()];
  const values = vectorValues();
  const mint = (i: number, key: Uint8Array | null) =>
    mintCopy(orderOf(DRIVING, values, i, key), NETWORK_ID, authority);
  const context = { networkId: NETWORK_ID, at: NOW, request: REQUEST };
  const documents = copies((i) => mint(i, null));
  const devices = copies((i) => mint(COPIES + i, compressKey(holder.publicKey)));
  const { facts, inclusions } = createFacts(DRIVING, authority.publicKey, [
    ...documents,
    ...devices,
  ]);
  const printed = documents.map((copy, i) => ({
    text: formatWire(presentSet(copy, DRIVING, full)),
    facts: { ...facts, ...inclusionAt(i) },
  }));
  const shown = devices.map((copy, i) => ({
    text: formatWire(provePossession(presentSet(copy, DRIVING, roadside), holder, context)),
    facts: { ...facts, ...inclusionAt(COPIES + i) },
  }));
  const policy = { networkId: NETWORK_ID, act: 'general' };
  const assessDocument = (code: (typeof printed)[number]) =>
    assess(code.text, code.facts, policy, NOW);
  const assessDevice = (code: (typeof shown)[number]) =>
    assess(code.text, code.facts, { ...policy, request: REQUEST }, NOW);
  demand(
    printed.every((code) => assessDocument(code).verdict === 'VALID'),
    'a document is not VALID',
  );
  demand(
    shown.every((code) => assessDevice(code).holder === 'challenged'),
    'a device copy does not prove its holder',
  );
  return {
    mint: inTurn(documents, (_, i) => formatWire(presentSet(mint(i, null), DRIVING, full))),
    'show by phone': inTurn(devices, (copy) =>
      formatWire(provePossession(presentSet(copy, DRIVING, roadside), holder, context)),
    ),
    verify: inTurn(printed, assessDocument),
    'verify by phone': inTurn(shown, assessDevice),
    parse: inTurn(printed, ({ text }) => openPresentation(parseWire(text), DRIVING)),
  };

  function inclusionAt(i: number) {
    const inclusion = inclusions[i];
    return inclusion === undefined ? {} : { inclusion };
  }
}

async function sdJwtWorks(): Promise<Works> {
  const peer = await createSdJwtPeer();
  const { licence, roadside } = plainVector();
  const names = Object.keys(licence.fields);
  const documents = await Promise.all(copies(() => peer.issue(licence, false)));
  const devices = await Promise.all(copies(() => peer.issue(licence, true)));
  const shown = await Promise.all(devices.map((issued) => peer.present(issued, roadside, true)));
  const claims = await peer.verify(documents[0] ?? '', NOW, false);
  const few = await peer.verify(shown[0] ?? '', NOW, true);
  demand(hasAll(claims, names) && hasAll(few, roadside), 'an SD-JWT VC does not verify');
  return {
    mint: () => peer.issue(licence, false),
    'show by phone': inTurn(devices, (issued) => peer.present(issued, roadside, true)),
    verify: inTurn(documents, (text) => peer.verify(text, NOW, false)),
    'verify by phone': inTurn(shown, (text) => peer.verify(text, NOW, true)),
    parse: inTurn(documents, (text) => peer.parse(text)),
  };
}

async function dccWorks(): Promise<Works> {
  const codec = await loadCborg();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { kid: new Uint8Array(8).fill(1), privateKey };
  const keys = new Map([['01'.repeat(8), publicKey]]);
  const { licence } = plainVector();
  const texts = copies(() => issueDcc(codec, key, licence));
  const verify = inTurn(texts, (text) => verifyDcc(codec, keys, text, NOW));
  const { size } = verifyDcc(codec, keys, texts[0] ?? '', NOW).fields;
  demand(size === Object.keys(licence.fields).length, 'a DCC does not verify');
  return {
    mint: () => issueDcc(codec, key, licence),
    verify,
    parse: inTurn(texts, (text) => parseDcc(codec, text)),
  };
}

function vectorLicence() {
  const licence = readVectorLicences().find(({ type }) => type === DRIVING);
  const [full, roadside] = DRIVING.sets;
  if (licence === undefined || full === undefined || roadside === undefined) {
    throw new Error('the vectors have no driving licence');
  }
  return { licence, full, roadside };
}

function vectorValues() {
  const { licence, full } = vectorLicence();
  const { fields } = openPresentation(parseWire(licence.present(full, 'printed').text), DRIVING);
  const values = new Map(fields.map(({ slot, value }) => [slot.name, value]));
  return treeLeaves(DRIVING.tree).map((name) => values.get(name) ?? null);
}

function plainVector(): { readonly licence: PlainLicence; readonly roadside: readonly string[] } {
  const { licence, roadside } = vectorLicence();
  return {
    licence: {
      type: DRIVING.code,
      fields: licence.texts,
      issuedAt: SAMPLE_NOON,
      expiresAt: SAMPLE_NOON + DAYS_365,
    },
    roadside: roadside.slots,
  };
}

function copies<T>(make: (i: number) => T): T[] {
  return Array.from({ length: COPIES }, (_, i) => make(i));
}

/** The work on one item after the other, from the beginning again after the last. */
function inTurn<T>(items: readonly T[], work: (item: T, i: number) => unknown): Work {
  let next = 0;
  return () => {
    const i = next;
    next = (next + 1) % items.length;
    const item = items[i];
    return item === undefined ? undefined : work(item, i);
  };
}

function hasAll(claims: unknown, names: readonly string[]): boolean {
  return (
    typeof claims === 'object' &&
    claims !== null &&
    names.every((name) => Object.hasOwn(claims, name))
  );
}

/** A benchmark of what does not work is worth nothing. */
function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(`bench core: ${otherwise}`);
}
