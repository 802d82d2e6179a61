// SPDX-License-Identifier: Apache-2.0
// Slow and idle connections keep nobody out. The full number of idle ones is opened with SOAK=1.
import { expect } from 'chai';
import { eventually } from '../support.ts';
import { openIdle, sendRaw, startDoor, statusOf } from './raw-http.ts';
import type { Running } from './raw-http.ts';

const IDLE = process.env['SOAK'] === '1' ? 10_000 : 600;
const REQUEST = 'GET / HTTP/1.1\r\nHost: gateway\r\n';

describe('gateway, the door: connections', function () {
  this.timeout(300_000);
  let running: Running | undefined;
  afterEach(() => running?.stop());

  const servesOn = async (port: number) => {
    expect(statusOf(await sendRaw(port, `${REQUEST}Connection: close\r\n\r\n`))).to.equal(200);
  };

  it(`serves beside ${String(IDLE)} idle connections of many addresses`, async () => {
    running = await startDoor({ door: { connections: IDLE / 2, connectionsPerAddress: 1000 } });
    const { port, door } = running;
    const first = await openIdle(port, '127.0.1.1');
    const ended = new Promise((resolve) => first.once('close', resolve));
    for (let i = 0; i < IDLE; i += 50) {
      const local = `127.0.${String(2 + (i % 40))}.${String(1 + ((i / 50) % 200))}`;
      await Promise.all(Array.from({ length: 50 }, () => openIdle(port, local)));
    }
    await servesOn(port);
    await ended;
    expect(door.connections.count()).to.be.at.most(IDLE / 2);
  });

  it('gives the place of the longest idle away, never that of a request at work', async () => {
    running = await startDoor({ door: { connections: 3 } });
    const { port, door } = running;
    const body = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    const slow = await openIdle(port);
    slow.write(`${body}Content-Length: 2\r\n\r\n{`);
    let answered = '';
    slow.on('data', (chunk: Buffer) => (answered += chunk.toString()));
    await eventually(() => {
      expect(door.connections.count()).to.equal(1);
      return Promise.resolve();
    });
    const idle = await Promise.all([openIdle(port), openIdle(port)]);
    for (let i = 0; i < 4; i += 1) await servesOn(port);
    expect(idle.some((socket) => socket.destroyed || socket.readableEnded)).to.equal(true);
    slow.write('}');
    await eventually(() => {
      expect(statusOf(answered)).to.equal(200);
      return Promise.resolve();
    });
  });

  it('lets one address hold so many, a trusted proxy more', async () => {
    running = await startDoor({
      door: { connectionsPerAddress: 2, trustedProxies: ['127.0.9.0/24'] },
    });
    const { port, door } = running;
    const own = await Promise.all([openIdle(port, '127.0.0.7'), openIdle(port, '127.0.0.7')]);
    const third = await openIdle(port, '127.0.0.7');
    await new Promise((resolve) => third.resume().once('close', resolve));
    await Promise.all(Array.from({ length: 5 }, () => openIdle(port, '127.0.9.1')));
    await eventually(() => {
      expect(door.connections.count()).to.equal(7);
      return Promise.resolve();
    });
    own[0].destroy();
    await eventually(() => {
      expect(door.connections.count()).to.equal(6);
      return Promise.resolve();
    });
    await openIdle(port, '127.0.0.7');
    await servesOn(port);
  });

  it('ends whoever sends a header byte by byte, or nothing', async () => {
    running = await startDoor({ times: { header: 300 } });
    const { port } = running;
    const trickle = await openIdle(port);
    let said = '';
    trickle.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const timer = setInterval(() => trickle.write('X'), 30);
    trickle.write('GET / HTTP/1.1\r\n');
    const nothing = sendRaw(port, '');
    await new Promise((resolve) => trickle.once('close', resolve));
    clearInterval(timer);
    for (const text of [said, await nothing]) {
      expect(statusOf(text)).to.equal(408);
      expect(text).to.include('"code":"REQUEST_TIMEOUT"');
    }
    await servesOn(port);
  });

  it('ends whoever sends a body byte by byte, and does nothing with it', async () => {
    running = await startDoor({ bodyMilliseconds: 200 });
    const fields = 'Host: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n';
    const said = await sendRaw(running.port, `POST /echo HTTP/1.1\r\n${fields}\r\n{`);
    expect(statusOf(said)).to.equal(413);
    const short = fields.replace('100000', '900');
    const slow = await sendRaw(running.port, `POST /echo HTTP/1.1\r\n${short}\r\n{`);
    expect(statusOf(slow)).to.equal(408);
    expect(slow).to.include('"code":"REQUEST_TIMEOUT"');
    expect(running.bodies).to.deep.equal([]);
  });

  it('reads ahead for nobody: a body without end is cut', async () => {
    running = await startDoor();
    const socket = await openIdle(running.port);
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n');
    socket.write('Transfer-Encoding: chunked\r\n\r\n');
    let sent = 0;
    let said = '';
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
    const pump = () => {
      while (!socket.destroyed && socket.write(chunk)) sent += chunk.length;
    };
    socket.on('drain', pump);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    pump();
    await ended;
    expect(statusOf(said)).to.equal(415);
    expect(sent).to.be.lessThan(10_000_000_000);
  });
});
