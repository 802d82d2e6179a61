// SPDX-License-Identifier: Apache-2.0
// Sizes of codes: every type, set and carrier is there; what is said of peers is what their codes need.
import { expect } from 'chai';
import { create } from 'qrcode';
import { qrVersionOf } from '@zhenglian/core/qr-size';
import { bench } from '../../scripts/bench/qr.ts';
import type { BenchRow } from '../../scripts/bench/main.ts';
import { MINTED_TYPES, mintSampleLicences } from '../../scripts/bench/parts/licences.ts';
import { qrVersionOfBytes } from '../../scripts/bench/peers/qr-bytes.ts';

describe('scripts/bench qr', () => {
  let rows: readonly BenchRow[];
  before(async () => {
    ({ rows } = await bench({ args: ['--samples', '2', '--no-peers'] }));
  });

  it('tells of every type, disclosure set and carrier, of the vectors and of the samples', () => {
    const figures = MINTED_TYPES.flatMap((type) =>
      type.sets.flatMap((set) =>
        ['printed', 'by phone'].flatMap((carrier) =>
          ['', ', p50 of 2', ', p95 of 2', ', max of 2'].map(
            (part) => `${type.code} ${set.name} ${carrier}${part}`,
          ),
        ),
      ),
    );
    expect(rows.map((row) => row.figure)).to.eql(figures);
  });

  it('gives a version, an EU DCC beside it, and the ratio of both', () => {
    for (const row of rows) {
      expect(row.unit).to.equal('QR version');
      expect(row.value).to.be.within(1, 40);
      const dcc = row.peers['EU DCC'] ?? 0;
      expect(dcc).to.be.within(1, 40);
      expect(row.ratio).to.be.closeTo(row.value / dcc, 0.01);
    }
    const limits = rows.filter((row) =>
      /^driving (full|roadside) (printed|by phone)$/.test(row.figure),
    );
    expect(limits.map((row) => row.peers['limit'])).to.eql([12, 15, 10, 13]);
  });

  it('counts versions as an encoder of codes does', () => {
    for (const length of [1, 14, 15, 412, 413, 1500, 2213, 2331]) {
      const code = create('a'.repeat(length), { errorCorrectionLevel: 'M' });
      expect(qrVersionOfBytes(length), String(length)).to.equal(code.version);
    }
    expect(qrVersionOfBytes(2332)).to.equal(undefined);
    const [type] = MINTED_TYPES;
    const [licence] = type ? mintSampleLicences(type, 'a code', 1) : [];
    const [set] = licence?.type.sets ?? [];
    const text = set ? (licence?.present(set, 'printed').text ?? '') : '';
    expect(qrVersionOf(text)).to.equal(create(text, { errorCorrectionLevel: 'M' }).version);
  });

  it('refuses options that it does not know', async () => {
    for (const args of [
      ['--fast'],
      ['--samples', '0'],
      ['--seconds', '-1'],
      ['--samples', '1.5'],
    ]) {
      const error: unknown = await bench({ args }).catch((thrown: unknown) => thrown);
      expect(error, args.join(' ')).to.be.instanceOf(Error);
    }
  });
});
