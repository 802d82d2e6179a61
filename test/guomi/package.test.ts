// SPDX-License-Identifier: Apache-2.0
// The package as it is published: built, imported from a folder outside the workspace, type-checked by a consumer,
// and bundled, where who imports SM3 alone must not carry SM4, containers or encryption.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);
const CONSUMER = `
import { engine, sm2, sm3 } from '@zhenglian/guomi';
import { verify } from '@zhenglian/guomi/sm2';
import { hash } from '@zhenglian/guomi/sm3';
import { ctr, gcmDecrypt, gcmEncrypt } from '@zhenglian/guomi/sm4';
import { engine as same } from '@zhenglian/guomi/engine';
import { GuomiError } from '@zhenglian/guomi/errors';
const message = new TextEncoder().encode('abc');
const { secretKey, publicKey } = sm2.generateKeyPair();
const [key, iv] = [new Uint8Array(16), new Uint8Array(12)];
const answers: readonly boolean[] = [
  engine === same && engine.name.startsWith('wasm'),
  verify(sm2.sign(message, secretKey), message, publicKey),
  sm3.hash(message).join() === hash(message).join() && hash(message)[0] === 0x66,
  gcmDecrypt(key, iv, gcmEncrypt(key, iv, message)).join() === message.join(),
  ctr(key, key, message).length === 3 && new GuomiError('IV_INVALID', '') instanceof Error,
];
globalThis.answers = answers.join();
declare global { var answers: string }
`;
/** What the README's examples take as given; an import may come after it. */
const GIVEN = `
import * as given from '@zhenglian/guomi';
const text = (word: string): Uint8Array => new TextEncoder().encode(word);
const [message, plaintext, additional] = [text('abc'), text('a secret'), text('beside it')];
const [key, iv] = [new Uint8Array(16), new Uint8Array(12)];
const messages: readonly Uint8Array[] = [text('one'), text('two'), text('three')];
const other = given.sm2.generateKeyPair();
const foreign = given.sm2.sign(message, other.secretKey);
const received: readonly given.sm2.VerifyItem[] = [message, plaintext].map((each) => (
  { message: each, signature: foreign, publicKey: other.publicKey }
));
`;
/** What they must have made. */
const OUTCOME = `
const answers: readonly (boolean | number)[] = [
  signature.length === 64 && sm2.verify(signature, message, publicKey),
  signatures.every((each, at) => sm2.verify(each, messages[at] ?? message, publicKey)),
  ...sm2.verifyBatch(received),
  signatures.length,
  sm4.gcmDecrypt(key, iv, sealed, additional).join() === plaintext.join(),
  opened.join() === plaintext.join() && sm3.hash(opened).length === 32,
];
globalThis.answers = answers.join();
declare global { var answers: string }
`;

describe('guomi as a package', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'guomi-package-'));
  const installed = join(folder, 'node_modules', '@zhenglian', 'guomi');

  before(() => {
    execFileSync(process.execPath, [join(ROOT, 'guomi', 'build-package.mjs'), installed]);
    mkdirSync(join(folder, 'node_modules', '@noble'));
    for (const name of ['curves', 'hashes']) {
      symlinkSync(
        join(ROOT, 'node_modules', '@noble', name),
        join(folder, 'node_modules', '@noble', name),
      );
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('has a manifest that can be published: entries that exist, the room’s dependencies only', () => {
    const { exports, dependencies, private: secret, sideEffects } = manifestOf(installed);
    expect(secret).to.equal(undefined);
    expect(sideEffects).to.equal(false);
    expect(dependencies).to.have.all.keys('@noble/curves');
    expect(exports).to.include.keys('.', './sm2', './sm3', './sm4', './engine', './errors');
    const files = JSON.stringify(exports).match(/\.\/[^"]+\.(d\.ts|js)(?=")/g) ?? [];
    expect(files).to.have.length(12);
    for (const file of files) expect(readFileSync(join(installed, file), 'utf8')).to.not.equal('');
  });

  it('has a README whose links are in the package', () => {
    const readme = readFileSync(join(installed, 'README.md'), 'utf8');
    const links = [...readme.matchAll(/\]\((?!https:)([^)]+)\)/g)].map(([, link]) => link ?? '');
    expect(links).to.include('DESIGN.md');
    for (const link of links) expect(existsSync(join(installed, link)), link).to.equal(true);
  });

  it('works outside the workspace, every subpath, in plain Node and for the type checker', () => {
    const source = join(folder, 'consumer.ts');
    writeFileSync(source, CONSUMER);
    expect(compile(source)).to.equal('');
    expect(answersOf('consumer')).to.equal('true,true,true,true,true');
  });

  it('has a README whose examples compile as printed, under the strictest options, and do what they say', () => {
    const readme = readFileSync(join(installed, 'README.md'), 'utf8');
    const examples = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code ?? '');
    expect(examples).to.have.length(1);
    const source = join(folder, 'readme.ts');
    writeFileSync(source, `${GIVEN}${examples.join('')}${OUTCOME}`);
    expect(
      compile(source, ['--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes']),
    ).to.equal('');
    expect(answersOf('readme')).to.equal('true,true,true,false,3,true,true');
  });

  for (const [name, entry] of [
    ['the subpath', `import { hash } from '@zhenglian/guomi/sm3'; console.log(hash);`],
    ['the whole', `import { sm3 } from '@zhenglian/guomi'; console.log(sm3.hash);`],
  ] as const) {
    it(`leaves SM4, containers and encryption out of a bundle that takes SM3 from ${name}`, async () => {
      // The module's SM4 is tested at load with the rest of it, by wasm-cipher.js.
      const others = /^(sm4.*|cipher|encryption|encrypted-pkcs8|key-containers|pbkdf2)\.js$/;
      const bundled = await filesBundled(entry);
      expect(bundled).to.include('sm3.js');
      expect(bundled.filter((file) => others.test(file))).to.deep.equal([]);
      const all = await filesBundled(`export * from '@zhenglian/guomi';`);
      expect(all.filter((file) => others.test(file))).to.have.length(9);
    });
  }

  /** Compiles a consumer's file in place; what the type checker says. */
  function compile(source: string, stricter: readonly string[] = []): string {
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
    const options = ['--strict', '--target', 'es2023', '--module', 'nodenext', ...stricter];
    const types = ['--lib', 'es2023,webworker'];
    return spawnSync(process.execPath, [tsc, ...options, ...types, source], {
      cwd: folder,
      encoding: 'utf8',
    }).stdout;
  }

  /** What a compiled file leaves in `answers`. */
  function answersOf(name: string): string {
    const script = `await import('./${name}.js'); console.log(answers);`;
    const argv = ['--input-type=module', '--eval', script];
    return execFileSync(process.execPath, argv, { cwd: folder, encoding: 'utf8' }).trim();
  }

  /** Names of our files of which a bundle holds any code. */
  async function filesBundled(contents: string): Promise<string[]> {
    const { metafile } = await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      format: 'esm',
      write: false,
      metafile: true,
    });
    const [output] = Object.values(metafile.outputs);
    return Object.entries(output?.inputs ?? {})
      .filter(([path, { bytesInOutput }]) => path.includes('guomi') && bytesInOutput > 0)
      .map(([path]) => basename(path));
  }
});

function manifestOf(path: string): Record<string, object | boolean | undefined> {
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
}
