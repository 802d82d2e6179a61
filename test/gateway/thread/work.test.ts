// SPDX-License-Identifier: Apache-2.0
// The computations of the issuing desk, in this thread and in a thread of their own, which may die at any time.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { sm2 } from '@zhenglian/guomi';
import { builtProgram } from '@zhenglian/network/own-program';
import { draftCopy } from '@zhenglian/core/copy';
import type { LogFacts } from '../../../gateway/src/log.ts';
import { openWorkThread } from '../../../gateway/src/thread/work-thread.ts';
import { createLocalWork } from '../../../gateway/src/thread/work.ts';
import type { Work } from '../../../gateway/src/thread/work.ts';
import { copyOrders, describeWork } from '../../suites/work.ts';

const MAIN = fileURLToPath(new URL('../../../gateway/src/thread/main.ts', import.meta.url));
const told: string[] = [];
const log = {
  warn: (event: string, { function: verb = '', code = '' }: LogFacts = {}) =>
    void told.push(`${event} ${verb} ${code}`.trim()),
};

describeWork('this thread', createLocalWork);
describeWork('a thread of its own', () => {
  expect(builtProgram(MAIN), 'npm test builds the programs').to.be.a('string');
  told.length = 0;
  return openWorkThread(log);
});

describe('gateway: the thread of its own', () => {
  it('did what it was asked, but for what is refused here too', () => {
    expect(told).to.deep.equal(['thread-task-failed fit CBOR_TRAILING']);
  });
});

describe('gateway: a thread that dies', function () {
  this.timeout(60_000);
  let folder: string;
  let work: Work | undefined;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'zhenglian-thread-'))));
  beforeEach(() => (told.length = 0));
  afterEach(() => work?.close());
  after(() => rmSync(folder, { recursive: true }));

  const kid = new Uint8Array(8).fill(7);
  let main: string;
  const open = (program: string): Work => {
    main = join(folder, `${String(program.length)}.mjs`);
    writeFileSync(main, program);
    return (work = openWorkThread(log, main));
  };
  const expectWorks = async (made: Work) => {
    const orders = copyOrders(40);
    const expected = orders.map((order) => draftCopy(order, kid).payload);
    expect(await made.payloads({ orders, kid })).to.deep.equal(expected);
    const { secretKey, publicKey } = sm2.generateKeyPair();
    const signer = made.openSigner(secretKey);
    const messages = orders.map(({ seed }) => seed);
    const signatures = await signer.signBatch(messages);
    expect(
      messages.every((message, i) => sm2.verify(signatures[i] ?? message, message, publicKey)),
    ).to.equal(true);
    signer.close();
  };

  it('is done without when it ends before it answers', async () => {
    const made = open(`import { parentPort } from 'node:worker_threads';
      parentPort?.on('message', () => process.exit(1));`);
    await expectWorks(made);
    await expectWorks(made);
  });

  it('is done without when it cannot be loaded, and that is told', async () => {
    await expectWorks(open(`throw new Error('no');`));
    expect(told).to.include('thread-failed');
  });

  it('is told of when it cannot do something', async () => {
    const program = `import { parentPort } from 'node:worker_threads';
      parentPort?.on('message', ({ id, task }) => {
        parentPort.postMessage(
          task.verb === 'open' ? { id, outcome: null } : { id, failed: 'SIGNATURE_UNSAFE' },
        );
      });`;
    await expectWorks(open(program));
    expect(told).to.deep.equal([
      'thread-task-failed payloads SIGNATURE_UNSAFE',
      'thread-task-failed sign SIGNATURE_UNSAFE',
    ]);
  });

  it('is left alone for a while when it dies again and again', async () => {
    const made = open(`process.exit(1);`);
    for (let i = 0; i < 3; i += 1) await expectWorks(made);
    expect(told).to.deep.equal(['thread-ended', 'thread-ended', 'thread-ended']);
  });

  it('is not begun once another program lies there', async () => {
    const made = open(`import { parentPort } from 'node:worker_threads';
      parentPort?.on('message', () => process.exit(1));`);
    writeFileSync(main, `throw new Error('another version');`);
    await expectWorks(made);
    await expectWorks(made);
    expect(told).to.deep.equal(['thread-program-changed']);
  });

  it('is begun anew, and given its keys again, when it died', async () => {
    const answers = `import { parentPort } from 'node:worker_threads';
      const known = new Set();
      parentPort?.on('message', ({ id, task }) => {
        if (task.verb === 'open') known.add(task.key);
        if (task.verb === 'payloads') process.exit(1);
        const bytes = new Uint8Array(64).fill(known.size);
        const outcome = task.verb === 'sign' ? { bytes, ends: Uint32Array.of(64) } : null;
        parentPort?.postMessage({ id, outcome });
      });`;
    const made = open(answers);
    const signer = made.openSigner(sm2.generateKeyPair().secretKey);
    const messages = Array.from({ length: 16 }, () => new Uint8Array(1));
    const byThread = [new Uint8Array(64).fill(1)];
    expect(await signer.signBatch(messages)).to.deep.equal(byThread);
    await made.payloads({ orders: copyOrders(16), kid });
    expect(await signer.signBatch(messages)).to.deep.equal(byThread);
    signer.close();
  });

  it('is not there where no program was built', async () => {
    work = openWorkThread(log, undefined);
    await expectWorks(work);
  });

  it('is not begun for little, nor after it was closed', async () => {
    const made = open(`throw new Error('begun');`);
    await made.payloads({ orders: copyOrders(3), kid });
    await made.close();
    await expectWorks(made);
    expect(told).to.deep.equal([]);
  });
});
