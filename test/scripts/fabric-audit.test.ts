// SPDX-License-Identifier: Apache-2.0
// The audit of a folder of blocks, off line: recorded real ones, and the same with something wrong.
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { toHex } from '@zhenglian/core/bytes';
import { layoutOf } from '../../network/fabric/layout.ts';
import { fabricDefinition, readConsortium } from '../../scripts/consortium.ts';
import { audit } from '../../scripts/fabric-audit.ts';
import { flip, forge, RECORDED_PIN, recordedBlocks } from '../support/recorded-blocks.ts';

const RECORDED = fileURLToPath(new URL('../vectors/fabric/blocks', import.meta.url));

describe('fabric audit', () => {
  let folder: string;
  const layout = layoutOf('/nowhere', fabricDefinition(readConsortium()), 20_000);
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

  it('needs a pin: of the network at hand, or given', async () => {
    const result = audit({ layout, blocks: folder, progress: () => undefined }).catch(String);
    expect(await result).to.match(/--genesis/);
    expect(await run(folder, 'xyz').catch(String)).to.match(/64 hex digits/);
  });
});
