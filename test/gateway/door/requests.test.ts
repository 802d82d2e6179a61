// SPDX-License-Identifier: Apache-2.0
// Shapes of requests on a bare connection: what two programs in a row could read in two ways is refused (RFC 9112 §6,
// §11.2), and so is an address that hides something.
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { sendRaw, startDoor, statusOf } from './raw-http.ts';
import type { Running } from './raw-http.ts';

const HOST = 'Host: gateway\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';
const CLOSE = 'Connection: close\r\n';

describe('gateway, the door: shapes of requests', function () {
  this.timeout(60_000);
  let running: Running;
  before(async () => {
    running = await startDoor();
  });
  after(() => running.stop());

  const send = (bytes: string) => sendRaw(running.port, bytes);
  const post = (fields: string, body: string, version = '1.1') =>
    `POST /echo HTTP/${version}\r\n${HOST}${JSON_TYPE}${CLOSE}${fields}\r\n${body}`;

  it('answers what is a request', async () => {
    const said = await send(`GET / HTTP/1.1\r\n${HOST}${CLOSE}\r\n`);
    expect(statusOf(said)).to.equal(200);
    expect(statusOf(await send(post('Content-Length: 2\r\n', '{}')))).to.equal(200);
    const chunked = 'Transfer-Encoding: chunked\r\n';
    expect(statusOf(await send(post(chunked, '2\r\n{}\r\n0\r\n\r\n')))).to.equal(200);
  });

  const hidden = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}';
  const smuggling: Readonly<Record<string, string>> = {
    'both lengths': post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    'both lengths, the other order': post(
      'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n',
      `0\r\n\r\n${hidden}`,
    ),
    'two lengths': post('Content-Length: 2\r\nContent-Length: 3\r\n', '{} '),
    'two equal lengths': post('Content-Length: 2\r\nContent-Length: 2\r\n', '{}'),
    'a list of lengths': post('Content-Length: 2, 2\r\n', '{}'),
    'a length with a sign': post('Content-Length: +2\r\n', '{}'),
    'a length in hex': post('Content-Length: 0x2\r\n', '{}'),
    'a negative length': post('Content-Length: -1\r\n', '{}'),
    'an unknown coding': post('Transfer-Encoding: xchunked\r\n', '2\r\n{}\r\n0\r\n\r\n'),
    'a coding before chunked': post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
    'identity after chunked': post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'),
    'two codings': post(
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n',
      '0\r\n\r\n',
    ),
    'space before the colon': post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'),
    'a folded field': post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n'),
    'a tab in the name': post('Transfer\tEncoding: chunked\r\n', '0\r\n\r\n'),
    'a bare line feed': `POST /echo HTTP/1.1\n${HOST}${JSON_TYPE}Content-Length: 2\n\n{}`,
    'a bare carriage return': post('X: a\rContent-Length: 2\r\n', '{}'),
    'NUL in a field': post('X: a\0b\r\nContent-Length: 2\r\n', '{}'),
    'chunked in HTTP/1.0': post('Transfer-Encoding: chunked\r\n', '2\r\n{}\r\n0\r\n\r\n', '1.0'),
    'a chunk size that is none': post('Transfer-Encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n'),
    'a chunk longer than said': post('Transfer-Encoding: chunked\r\n', '1\r\n{}\r\n0\r\n\r\n'),
    'a body of a GET': `GET / HTTP/1.1\r\n${HOST}${CLOSE}Content-Length: 2\r\n\r\n{}`,
    'two hosts': `GET / HTTP/1.1\r\n${HOST}${HOST}${CLOSE}\r\n`,
    'no host': `GET / HTTP/1.1\r\n${CLOSE}\r\n`,
    'two authorizations': `GET / HTTP/1.1\r\n${HOST}${CLOSE}Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n`,
    'two purposes': `GET / HTTP/1.1\r\n${HOST}${CLOSE}Purpose-Code: audit\r\nPurpose-Code: audit\r\n\r\n`,
    'an unknown version': `GET / HTTP/3.7\r\n${HOST}\r\n`,
    'no request at all': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'HTTP/2 without asking': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  };
  for (const [shape, bytes] of Object.entries(smuggling)) {
    it(`refuses ${shape}`, async () => {
      const before = running.bodies.length;
      const said = await send(bytes);
      expect(statusOf(said), said).to.equal(400);
      expect(said.match(/HTTP\/1\.1 /g)).to.have.length(1);
      expect(running.bodies.length).to.equal(before);
      if (said.includes('problem+json')) {
        expect(said).to.include('"code":"REQUEST_MALFORMED"');
      }
    });
  }

  const addresses: readonly string[] = [
    ...['/..', '/../echo', '/a/../echo', '/./echo', '//echo', '/a//b', '/echo/..', '/.git/config'],
    ...[
      '/%2e%2e/echo',
      '/%2E%2E%2Fetc',
      '/a%2fb',
      '/a%5cb',
      '/a\\b',
      '/%252e%252e/',
      '/%00',
      '/a%00b',
    ],
    ...[
      '/%c0%af',
      '/%ff',
      '/%zz',
      '/a;b',
      '/a:b',
      '*',
      'http://other/echo',
      'echo',
      `/${'a'.repeat(9000)}`,
    ],
  ];
  for (const address of addresses) {
    it(`refuses the address ${address.slice(0, 40)}`, async () => {
      const said = await send(`GET ${address} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`);
      expect(statusOf(said), said).to.equal(400);
    });
  }

  it('answers no other method, and no preflight', async () => {
    for (const method of ['OPTIONS', 'TRACE', 'PROPFIND', 'LOCK']) {
      const origin = 'Origin: https://other.example\r\nAccess-Control-Request-Method: POST\r\n';
      const said = await send(`${method} /echo HTTP/1.1\r\n${HOST}${CLOSE}${origin}\r\n`);
      expect(statusOf(said), method).to.equal(405);
      expect(said)
        .to.include('METHOD_UNKNOWN')
        .and.to.match(/\r\nAllow: GET, HEAD, POST/);
      expect(said.toLowerCase()).to.not.include('access-control-');
    }
    expect(await send(`CONNECT other:443 HTTP/1.1\r\n${HOST}\r\n`)).to.not.include(' 200 ');
  });

  it('refuses a header of too many bytes or fields', async () => {
    const long = await send(`GET / HTTP/1.1\r\n${HOST}X: ${'a'.repeat(20_000)}\r\n\r\n`);
    const many = Array.from({ length: 120 }, (_, i) => `X-${String(i)}: 1\r\n`).join('');
    const fields = await send(`GET / HTTP/1.1\r\n${HOST}${CLOSE}${many}\r\n`);
    for (const said of [long, fields]) {
      expect(statusOf(said)).to.equal(431);
      expect(said).to.include('HEADERS_TOO_LARGE');
    }
  });

  it('refuses compressed bodies, a bomb too, without opening them', async () => {
    const bomb = gzipSync(Buffer.alloc(50 << 20)).toString('latin1');
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'x-gzip', 'gzip, gzip']) {
      const fields = `Content-Encoding: ${encoding}\r\nContent-Length: ${String(bomb.length)}\r\n`;
      const said = await send(post(fields, ''));
      expect(statusOf(said), encoding).to.equal(415);
      expect(said).to.include('MEDIA_TYPE');
    }
  });

  it('refuses a body that says it is too long before a byte of it', async () => {
    const said = await send(post('Content-Length: 10000000000\r\n', ''));
    expect(statusOf(said)).to.equal(413);
    expect(said).to.include('BODY_TOO_LARGE');
  });

  it('does not take the rest of an answered request for another', async () => {
    const before = running.bodies.length;
    const rest = hidden.padEnd(2000, ' ');
    const said = await send(
      `POST /echo HTTP/1.1\r\n${HOST}Content-Type: text/plain\r\nContent-Length: 9000\r\n\r\n${rest}`,
    );
    expect(statusOf(said)).to.equal(415);
    expect(said.match(/HTTP\/1\.1 /g)).to.have.length(1);
    expect(running.bodies.length).to.equal(before);
  });
});
