// SPDX-License-Identifier: Apache-2.0
// Nobody who has every disk of a network finds a person on it. Every personal value of a whole run is looked for in
// everything that was stored (ledger, stores, logs, addresses), in every form, and as every hash that can be guessed
// without a seed. Some are planted in real transactions: exactly these must be found.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { equals } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { emptyChain } from '@zhenglian/core/records/status';
import type { Ledger } from '@zhenglian/network/ledger';
import type { RunningNetwork } from '../../scripts/running-network.ts';
import { createFinder } from '../support/byte-finder.ts';
import type { ByteFinder, Needle } from '../support/byte-finder.ts';
import { needlesOf, textNeedles } from '../support/known-licence.ts';
import { dumpFolder } from '../support/ledger-dump.ts';
import { guessesOf, reasonGuesses, textGuesses } from '../support/leaf-guesses.ts';
import { MISDIRECTED, startRecordedNetwork, walletIn, workThroughDay } from './personal-run.ts';
import type { PersonalRun } from './personal-run.ts';

const MSPS = ['P44', 'P33', 'REG'];
/** Planted as they lie, as UTF-16, in hex, in base64 that begins elsewhere. */
const PLANTED: Readonly<Record<string, (text: string) => Uint8Array>> = {
  种植者甲乙: (text) => Buffer.from(text),
  种植者丙丁: (text) => Buffer.from(text, 'utf16le'),
  种植者戊: (text) => Buffer.from(Buffer.from(text).toString('hex')),
  种植者己: (text) => Buffer.from(Buffer.from(`-${text}`).toString('base64')),
  种植者庚辛: (text) => encodeCbor([text]),
};

describe('privacy: a whole run, for one who has every disk', function () {
  this.timeout(600_000);
  const folder = mkdtempSync(join(tmpdir(), 'zl-privacy-'));
  const opened: (() => Promise<void>)[] = [];
  const plantedGuesses: string[] = [];
  let run: PersonalRun;
  let texts: ByteFinder;
  let guesses: ByteFinder;
  let anchored: ByteFinder;

  before(async () => {
    const network = await startRecordedNetwork(join(folder, 'network'));
    opened.push(() => network.stop());
    run = await workThroughDay(network, walletIn(folder));
    const hashes = allGuesses(run);
    await plantAll(network, hashes);
    await closeAll();
    texts = createFinder([
      ...run.licences.flatMap(needlesOf),
      ...[...run.texts, ...Object.keys(PLANTED), ...Object.values(MISDIRECTED)].flatMap(
        textNeedles,
      ),
    ]);
    guesses = createFinder(hashes);
    anchored = createFinder(run.anchored.map((bytes, i) => ({ label: `argument ${i}`, bytes })));
    for await (const { place, bytes } of dumpFolder(folder)) {
      for (const finder of [texts, guesses, anchored]) finder.look(place, bytes);
    }
  });
  after(async () => {
    await closeAll();
    rmSync(folder, { recursive: true, force: true });
  });

  it('finds no name, address, number or code of anybody in ledger, stores, logs or settings', () => {
    const expected = [...Object.keys(PLANTED), ...Object.values(MISDIRECTED)];
    expect(placesOf(texts)).to.have.all.keys(expected);
  });

  it('finds no hash that can be guessed of any field, reason or signed object', () => {
    expect([...guesses.found.keys()]).to.have.members([...new Set(plantedGuesses)]);
  });

  it('finds what was planted in the blocks and in the state of every organisation', () => {
    for (const label of [...plantedGuesses, ...Object.keys(PLANTED)]) {
      const places = [...(guesses.found.get(label) ?? texts.found.get(label) ?? [])];
      for (const place of ['/blocks', ...MSPS.map((msp) => `/${msp}/state`)]) {
        expect(
          places.some((found) => found.endsWith(place)),
          `${label} in ${place}`,
        ).to.equal(true);
      }
    }
  });

  it('finds what a client put in an address in the record of addresses alone', () => {
    for (const value of Object.values(MISDIRECTED)) {
      expect(placesOf(texts).get(value)).to.deep.equal(['network/gateways/P44.urls']);
    }
  });

  it('looked where everything is: every copy is anchored in the blocks that were read', () => {
    expect(anchored.found.size).to.equal(run.licences.length).above(15);
    for (const places of anchored.found.values()) {
      expect([...places].some((place) => place.endsWith('/blocks'))).to.equal(true);
    }
  });

  it('looked at every log and every address asked for, the wallet’s and the regulator’s too', () => {
    const gateways = join(folder, 'network', 'gateways');
    const files = readdirSync(gateways);
    for (const msp of MSPS) {
      expect(files).to.include.members([`${msp}.log`, `${msp}.urls`]);
      expect(readFileSync(join(gateways, `${msp}.log`), 'utf8')).to.include('"msg":"request"');
    }
    const addresses = readFileSync(join(gateways, 'P44.urls'), 'utf8');
    for (const route of ['licences/search', 'imports?', 'claims', 'trace?', 'licences/']) {
      expect(addresses).to.include(`/v1/${route}`);
    }
  });

  async function closeAll(): Promise<void> {
    for (const close of opened.splice(0).reverse()) await close();
  }

  /** Plants values and guessable leaves as roots of traces: 32 bytes that any organisation may write. */
  async function plantAll(network: RunningNetwork, hashes: readonly Needle[]): Promise<void> {
    const ledger = await network.ledger.connect('REG', 'client');
    opened.push(() => ledger.close());
    let n = 0;
    for (const [text, form] of Object.entries(PLANTED)) {
      const root = new Uint8Array(32);
      root.set(form(text));
      await plant(ledger, `planted-${n++}`, root);
    }
    for (const { bytes } of chooseGuesses(hashes)) {
      const same = hashes.filter((guess) => equals(guess.bytes, bytes));
      plantedGuesses.push(...same.map((guess) => guess.label));
      await plant(ledger, `planted-${n++}`, bytes);
    }
  }
});

function allGuesses({ licences, texts, reason, basis }: PersonalRun): Needle[] {
  return [
    ...licences.flatMap((licence, i) => guessesOf(licence, `copy ${i}`)),
    ...[...texts].flatMap(textGuesses),
    ...licences.flatMap(({ wire }) => reasonGuesses(reason, basis, wire)),
  ];
}

/** An unsalted date, a name with all that a code shows, a flag, an ID number's plain SHA-256, an unsalted tree, a reason. */
function chooseGuesses(hashes: readonly Needle[]): readonly Needle[] {
  const wanted = [
    /^\d{4}-\d\d-\d\d: SM3\(00‖CBOR\)$/,
    /^\p{Script=Han}+: SM3\(00‖kid, epoch, index of copy 3‖CBOR\)$/u,
    /^[12]: SM3\(00‖signature of copy 5‖CBOR\)$/,
    /^C1: SM3\(00‖CBOR‖epoch, index of copy \d+\)$/,
    /^\d{17}[\dX]: SHA-256\(‖text\)$/,
    /^argument of copy 2, no salts$/,
    /^argument of copy 4, seed zeros$/,
    /^commitment to .* with zeros$/,
  ];
  return wanted.map((pattern) => {
    const found = hashes.find(({ label }) => pattern.test(label));
    if (found === undefined) throw new Error(`no guess like ${String(pattern)}`);
    return found;
  });
}

async function plant(ledger: Ledger, instance: string, root: Uint8Array): Promise<void> {
  const entry = { instance, n: 0, first: 0, count: 1, root };
  const request = encodeCbor({ ...entry, previous: emptyChain() });
  await ledger.submit({ chaincode: 'zl-reg', name: 'AnchorTrace', request });
}

function placesOf({ found }: ByteFinder): Map<string, readonly string[]> {
  return new Map([...found].map(([label, places]) => [label, [...places].sort()]));
}
