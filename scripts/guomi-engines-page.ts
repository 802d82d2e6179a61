// SPDX-License-Identifier: Apache-2.0
// Runs a script in a browser without a driver: a server gives out a page under a strict CSP, the page and
// a worker of it run the script and post what they found, and the browser is ended.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A command that opens `address` in a browser; `profile` is an empty folder for it. */
export type Browser = Readonly<{
  argv: (address: string, profile: string) => readonly string[];
  env?: Readonly<Record<string, string>>;
}>;

const policy = (wasm: boolean): string =>
  `default-src 'none'; script-src 'self'${wasm ? " 'wasm-unsafe-eval'" : ''}; worker-src 'self'; connect-src 'self'`;
const SECONDS = 180;

/** What the page and its worker answered, and the browser's own name of itself. */
export type PageAnswers = Readonly<{ agent: string; page: unknown; worker: unknown }>;

/**
 * Opens the browser and waits for both answers. `script` is a module that exports `runSample`; where
 * `wasm` is false the page's policy forbids WebAssembly.
 * @throws Error when the browser ends early or says nothing
 */
export async function runInBrowser(
  browser: Browser,
  script: string,
  wasm: boolean,
): Promise<PageAnswers> {
  const answers = new Map<string, { agent: string; body: unknown }>();
  let arrived: () => void = () => undefined;
  const complete = new Promise<void>((resolve) => (arrived = resolve));
  const server = await serve(script, policy(wasm), (from, agent, body) => {
    answers.set(from, { agent, body });
    if (answers.size === 2) arrived();
  });
  const profile = mkdtempSync(join(tmpdir(), 'guomi-browser-'));
  const [program = '', ...args] = browser.argv(addressOf(server), profile);
  const child = spawn(program, args, {
    detached: true, // a group of its own, so that a browser's many processes end together
    stdio: 'ignore',
    env: { ...process.env, ...browser.env, HOME: profile },
  });
  try {
    await Promise.race([
      complete,
      new Promise((_, reject) => {
        child.once('error', reject);
        child.once('exit', (code) => reject(new Error(`ended with ${code} before it answered`)));
        setTimeout(() => reject(new Error(`no answer in ${SECONDS} s`)), SECONDS * 1000).unref();
      }),
    ]);
    const { agent = '', body: page } = answers.get('/page') ?? {};
    return { agent, page, worker: answers.get('/worker')?.body };
  } finally {
    child.removeAllListeners();
    endGroup(child.pid);
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch {
    // ended by itself
  }
}

const post = (to: string): string => `
import { runSample } from './sample.js';
let answer;
try { answer = runSample(); } catch (error) { answer = { error: String(error) }; }
await fetch('${to}', { method: 'POST', body: JSON.stringify(answer) });
`;

function serve(
  script: string,
  contentPolicy: string,
  take: (from: string, agent: string, body: unknown) => void,
): Promise<Server> {
  const texts: Readonly<Record<string, readonly [string, string]>> = {
    '/': ['text/html', '<!doctype html><script type="module" src="/page.js"></script>'],
    '/sample.js': ['text/javascript', script],
    // One after the other, so that neither takes the other's time.
    '/page.js': [
      'text/javascript',
      `${post('/page')} new Worker('/worker.js', { type: 'module' });`,
    ],
    '/worker.js': ['text/javascript', post('/worker')],
  };
  const server = createServer((request, response) => {
    const { url = '/', method, headers } = request;
    response.setHeader('content-security-policy', contentPolicy);
    if (method === 'POST') {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        take(url, headers['user-agent'] ?? '', JSON.parse(body));
        response.end();
      });
      return;
    }
    const [type, text] = texts[url] ?? ['text/plain', ''];
    response.setHeader('content-type', type);
    response.end(text);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function addressOf(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
}
