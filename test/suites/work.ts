// SPDX-License-Identifier: Apache-2.0
// How whoever computes for the issuing desk behaves (gateway/src/thread/work.ts), in this thread or in another.
import { expect } from 'chai';
import { sm2 } from '@zhenglian/guomi';
import { draftCopy } from '@zhenglian/core/copy';
import type { CopyOrder } from '@zhenglian/core/copy';
import { parseDay } from '@zhenglian/core/days';
import { DRIVING } from '@zhenglian/core/types/driving';
import { storeChunk } from '../../gateway/src/imports/import-chunks.ts';
import type { ImportRow } from '../../gateway/src/imports/import-row.ts';
import type { Work } from '../../gateway/src/thread/work.ts';
import { USCC } from '../support/evidence-maker.ts';
import { SAMPLE_FIELDS } from '../support/sample-fields.ts';

const TODAY = parseDay('2026-03-01') ?? 0;
const KID = new Uint8Array(8).fill(7);
/** Few, which is done at once, and many. */
const COUNTS = [1, 40] as const;

/** Copies with odd values in them: every kind of value must come through. */
export function copyOrders(count: number): readonly CopyOrder[] {
  const odd = [null, true, 12, 2n ** 60n, '号', Uint8Array.of(1, 2, 3)];
  return Array.from({ length: count }, (_, index) => ({
    type: DRIVING,
    epoch: 3,
    index,
    firstDay: TODAY,
    lastDay: TODAY + index,
    holderKey: index % 2 === 0 ? null : new Uint8Array(33).fill(index),
    seed: new Uint8Array(16).fill(index),
    values: DRIVING.slots.map((_, i) => odd[(i + index) % odd.length] ?? null),
  }));
}

/** Declares the behaviour. */
export function describeWork(name: string, open: () => Work): void {
  describe(`work behaviour: ${name}`, function () {
    this.timeout(60_000);
    let work: Work;
    before(() => (work = open()));
    after(() => work.close());

    const fit = (rows: readonly ImportRow[]) => {
      const { value: chunk = new Uint8Array() } = storeChunk('a'.repeat(32), 0, rows);
      const terms = { type: DRIVING, uscc: USCC, today: TODAY, testIdentities: true };
      const serials = Uint8Array.from({ length: 8 * rows.length }, (_, i) => i);
      return work.fitRows({ terms, chunk, serials });
    };
    const { ...fields } = SAMPLE_FIELDS;
    const row = (line: number, changed: Readonly<Record<string, string>> = {}): ImportRow => ({
      line,
      fields: { ...fields, ...changed },
    });

    for (const count of COUNTS) {
      it(`holds rows against their type, ${String(count)} and some bad ones`, async () => {
        const good = Array.from({ length: count }, (_, i) => row(i + 2));
        const bad: readonly ImportRow[] = [
          row(100, { birthDate: '1990-13-01' }),
          row(101, { validFrom: '2011-05-01', validTo: '2021-05-01' }),
          row(102, { surprise: 'x' }),
          { line: 103, reason: 'quotes' },
          { line: 104, fields: {}, faults: [{ slot: 'licenceNo', reason: 'number-format' }] },
        ];
        const { rows, fitting, errors } = await fit([...good, ...bad]);
        expect(rows).to.equal(count + bad.length);
        expect(fitting.map(({ line }) => line)).to.deep.equal(good.map(({ line }) => line));
        const last = fitting.at(-1);
        const serial = Uint8Array.from({ length: 8 }, (_, i) => 8 * (count - 1) + i);
        expect(last?.serial).to.deep.equal(serial);
        expect(last?.values).to.include(fields.name);
        expect(last).to.include({ version: 1, subject: fields.licenceNo });
        expect([...new Set(errors.map(({ line }) => line))]).to.deep.equal([
          100, 101, 102, 103, 104,
        ]);
        expect(errors).to.deep.include({ line: 101, slot: 'validTo', reason: 'expired' });
        expect(errors).to.deep.include({ line: 102, reason: 'unknown' });
        expect(errors).to.deep.include({ line: 103, reason: 'quotes' });
        expect(errors).to.deep.include({ line: 104, slot: 'licenceNo', reason: 'number-format' });
      });

      it(`makes the payloads of copies, ${String(count)}`, async () => {
        const orders = copyOrders(count);
        const payloads = await work.payloads({ orders, kid: KID });
        expect(payloads).to.deep.equal(orders.map((order) => draftCopy(order, KID).payload));
      });

      it(`signs messages, ${String(count)}, and not once it is closed`, async () => {
        const { secretKey, publicKey } = sm2.generateKeyPair();
        const given = secretKey.slice();
        const signer = work.openSigner(given);
        given.fill(0);
        const messages = Array.from({ length: count }, (_, i) => new Uint8Array(i).fill(i));
        for (let round = 0; round < 2; round += 1) {
          const signatures = await signer.signBatch(messages);
          expect(signatures).to.have.length(count);
          for (const [i, message] of messages.entries()) {
            expect(sm2.verify(signatures[i] ?? new Uint8Array(), message, publicKey)).to.equal(
              true,
            );
          }
        }
        signer.close();
        const outcome: unknown = await signer.signBatch(messages).catch((error: unknown) => error);
        expect(String(outcome)).to.include('SIGNER_CLOSED');
      });
    }

    it('keeps signers apart', async () => {
      const pairs = [sm2.generateKeyPair(), sm2.generateKeyPair()];
      const signers = pairs.map(({ secretKey }) => work.openSigner(secretKey));
      const messages = Array.from({ length: 40 }, (_, i) => Uint8Array.of(i));
      const signed = await Promise.all(signers.map((signer) => signer.signBatch(messages)));
      for (const [i, { publicKey }] of pairs.entries()) {
        const signature = signed[i]?.[39] ?? new Uint8Array();
        expect(sm2.verify(signature, Uint8Array.of(39), publicKey)).to.equal(true);
      }
      for (const signer of signers) signer.close();
    });

    it('refuses what is no key, no chunk, or has too few serials', async () => {
      expect(() => work.openSigner(new Uint8Array(32))).to.throw('SECRET_KEY_INVALID');
      const terms = { type: DRIVING, uscc: USCC, today: TODAY, testIdentities: true };
      const wrong = { terms, chunk: new Uint8Array(5000), serials: new Uint8Array(0) };
      const malformed: unknown = await work.fitRows(wrong).catch((error: unknown) => error);
      expect(String(malformed)).to.include('CBOR_TRAILING');
      const { value: chunk = new Uint8Array() } = storeChunk('a'.repeat(32), 0, [row(2)]);
      const few: unknown = await work
        .fitRows({ terms, chunk, serials: new Uint8Array(7) })
        .catch((error: unknown) => error);
      expect(String(few)).to.include('too few serials');
    });
  });
}
