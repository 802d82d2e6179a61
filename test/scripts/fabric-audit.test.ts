// SPDX-License-Identifier: Apache-2.0
// The audit of a folder of blocks, off line: recorded real ones, and the same with something wrong.
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { toHex } from '@zhenglian/core/bytes';
import { layoutOf } from '../../network/fabric/layout.ts';
import { networkDefinition, readConsortium } from '../../scripts/consortium.ts';
import { beforeFirst, followBlock } from '../../network/fabric/block-checker.ts';
import { commitHashAfter } from '../../network/fabric/commit-hash.ts';
import { askWitnesses, peerWitness, readPeer } from '../../scripts/audit-witnesses.ts';
import { audit, printAudit } from '../../scripts/fabric-audit.ts';
import type { BlockSource } from '../../scripts/audit-witnesses.ts';
import {
  firstBlock,
  makeConsenters,
  metadataEnvelope,
  nextBlock,
  plainEnvelope,
  writingEnvelope,
} from '../support/made-chain.ts';
import { flip, forge, RECORDED_PIN, recordedBlocks } from '../support/recorded-blocks.ts';

const RECORDED = fileURLToPath(new URL('../vectors/fabric/blocks', import.meta.url));

describe('fabric audit', () => {
  let folder: string;
  const layout = layoutOf('/nowhere', networkDefinition(readConsortium()), 20_000);
  const genesis = toHex(RECORDED_PIN.genesisHash);
  const run = (blocks: string, pin: string | undefined = genesis) =>
    audit({ layout, blocks, progress: () => undefined, ...(pin && { genesis: pin }) });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zhenglian audit '));
    for (const name of readdirSync(RECORDED))
      copyFileSync(join(RECORDED, name), join(folder, name));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('counts what it checked: configurations, signatures, transactions', async () => {
    const { height, configurations, signatures, valid, invalid, confirmed } = await run(folder);
    expect({ height, signatures, valid, invalid }).to.eql({
      height: 24,
      signatures: 67,
      valid: 37,
      invalid: 2,
    });
    expect(configurations.map(({ number, quorum }) => [number, quorum])).to.eql([
      [0, 3],
      [19, 2],
      [21, 3],
    ]);
    expect(confirmed).to.equal(undefined);
  });

  it('BLOCK_INVALID naming the first bad block: altered, missing, foreign, none at all', async () => {
    const name = (n: number) => join(folder, `${String(n).padStart(10, '0')}.block`);
    const said = async (pin = genesis) => run(folder, pin).catch(String);
    expect(await said('00'.repeat(32))).to.match(/BLOCK_INVALID: block 0: its hash is/);
    rmSync(name(17));
    expect(await said()).to.match(/block 18: it comes where block 17 is due/);
    const [, , , block = new Uint8Array(0)] = recordedBlocks();
    writeFileSync(
      name(3),
      forge(block, ({ envelopes }) => flip(envelopes[0], 300)),
    );
    expect(await said()).to.match(/BLOCK_INVALID: block 3: its data are not those of its header/);
    for (const each of readdirSync(folder)) rmSync(join(folder, each));
    expect(await said()).to.match(/holds no file like 0000000000.block/);
    expect(await run(join(folder, 'none')).catch(String)).to.match(/cannot be read/);
  });

  describe('flags that no commit hash binds', () => {
    const blocks = new Map<string, Uint8Array[]>();
    let pin: string;

    /** Block 1 sets a key's policy alone, which only the state's value could bind; beside it stands a transaction that was refused. */
    before(async () => {
      const consenters = await makeConsenters(4);
      const { channel } = layout.definition;
      const first = firstBlock(consenters, { channel });
      pin = toHex(first.pin.genesisHash);
      const make = (codes: readonly number[], isLast = false) => {
        let { state } = followBlock(beforeFirst({ ...first.pin, channel }), first.bytes);
        const signing = { by: consenters, lastConfig: 0 };
        const envelopes = [metadataEnvelope('zl', 'a'), plainEnvelope('refused')];
        const loose = forge(nextBlock(state, envelopes, signing), (draft) => {
          draft.codes = Uint8Array.from(codes);
          draft.commitHash = new Uint8Array(32).fill(7);
        });
        ({ state } = followBlock(state, loose));
        if (isLast) return [first.bytes, loose];
        return [first.bytes, loose, nextBlock(state, [plainEnvelope('more')], signing)];
      };
      // Block 1 is bound by its own commit hash, block 2 by nothing: the liar shows other flags of 1, and all of 2 honestly.
      const makeBehind = (code: number) => {
        let { state } = followBlock(beforeFirst({ ...first.pin, channel }), first.bytes);
        const signing = { by: consenters, lastConfig: 0 };
        const envelopes = [writingEnvelope('zl', 'a')];
        const codes = Uint8Array.of(code);
        const commitHash = commitHashAfter({ number: 1, envelopes, codes }, state.commitHash);
        const bound = forge(nextBlock(state, envelopes, signing), (draft) => {
          draft.codes = codes;
          draft.commitHash = commitHash ?? new Uint8Array(0);
        });
        ({ state } = followBlock(state, bound));
        const loose = forge(nextBlock(state, [metadataEnvelope('zl', 'a')], signing), (draft) => {
          draft.codes = Uint8Array.of(0);
          draft.commitHash = new Uint8Array(32).fill(7);
        });
        ({ state } = followBlock(state, loose));
        return [first.bytes, bound, loose, nextBlock(state, [plainEnvelope('more')], signing)];
      };
      const honest = make([0, 10]);
      const [, , last = new Uint8Array(0)] = honest;
      blocks.set('honest', honest);
      // Another nonce would be another signature, not another block: the liar shows the honest last block.
      blocks.set('forged', [...make([0, 0]).slice(0, 2), last]);
      blocks.set('behind honest', makeBehind(10));
      blocks.set('behind forged', makeBehind(0));
      blocks.set('short', make([0, 10], true));
      blocks.set('short and forged', make([0, 0], true));
    });

    const write = (name: string) => {
      const place = mkdtempSync(join(folder, 'made '));
      for (const [n, bytes] of (blocks.get(name) ?? []).entries()) {
        writeFileSync(join(place, `${String(n).padStart(10, '0')}.block`), bytes);
      }
      return place;
    };
    const compare = (name: string, ...others: string[]) =>
      audit({
        ...{ layout, genesis: pin, progress: () => undefined },
        ...{ blocks: write(name), with: others.map(write) },
      });

    it('a folder alone is not confirmed, and the print names its blocks', async () => {
      const report = await compare('honest');
      expect(report.confirmed).to.equal(false);
      expect(report.unbound.map(({ number }) => number)).to.eql([1]);
      expect(printed(report)).to.match(/flags of block 1: .*NOT CONFIRMED.*--with/s);
    });

    it('they are compared by themselves: one forged flag is seen, though all commit hashes are the same', async () => {
      expect((await compare('honest', 'honest')).confirmed).to.equal(true);
      expect((await compare('behind honest', 'behind honest')).confirmed).to.equal(true);
      for (const [own, other] of [
        ['forged', 'honest'],
        ['honest', 'forged'],
        ['behind forged', 'behind honest'],
        ['behind honest', 'behind forged'],
        ['short', 'short and forged'],
        ['short and forged', 'short'],
      ] as const) {
        const { confirmed, others } = await compare(own, other);
        expect({ confirmed, words: Object.values(others) }).to.eql({
          confirmed: false,
          words: ['differs'],
        });
      }
      const outvoted = await compare('forged', 'forged', 'honest');
      expect(outvoted.confirmed).to.equal(false);
    });

    it('who lacks such a block, or the last one, is no witness', async () => {
      const { confirmed, others } = await compare('honest', 'short');
      expect({ confirmed, words: Object.values(others) }).to.eql({
        confirmed: false,
        words: ['away'],
      });
    });
  });

  it('LEDGER_UNAVAILABLE: a peer that stops in the midst, which as a witness is away', async () => {
    const connection: BlockSource = {
      blocks: async function* (_msp, from) {
        yield* await Promise.resolve(recordedBlocks().slice(from, 5));
      },
    };
    const read = async () => {
      let seen = 0;
      const blocks = readPeer(connection, 'P44', 0, 24);
      for await (const bytes of blocks) seen += Math.sign(bytes.length);
      return seen;
    };
    const refusal: unknown = await read().catch((error: unknown) => error);
    expect(refusal).to.have.property('code', 'LEDGER_UNAVAILABLE');
    expect(String(refusal)).to.match(/the peer of P44 does not show block 5/);
    const witness = peerWitness(connection, 'P44');
    const shown: unknown = await witness.show(5).catch((error: unknown) => error);
    expect(shown).to.have.property('code', 'LEDGER_UNAVAILABLE');
    expect((await askWitnesses([witness], await run(folder))).others).to.eql({ P44: 'away' });
  });

  it('needs a pin: of the network at hand, or given', async () => {
    const result = audit({ layout, blocks: folder, progress: () => undefined }).catch(String);
    expect(await result).to.match(/--genesis/);
    expect(await run(folder, 'xyz').catch(String)).to.match(/64 hex digits/);
  });
});

/** What the command prints of a report. */
function printed(report: Parameters<typeof printAudit>[0]): string {
  const lines: unknown[] = [];
  const { log } = console;
  console.log = (line: unknown) => void lines.push(line);
  try {
    printAudit(report, false);
  } finally {
    console.log = log;
  }
  return lines.join('\n');
}
