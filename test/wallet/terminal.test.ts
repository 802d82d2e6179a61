// SPDX-License-Identifier: Apache-2.0
// The terminal and the words: secrets are not shown, others' texts do not steer, every error is spoken in two languages.
import { PassThrough, Writable } from 'node:stream';
import { expect } from 'chai';
import { CodedError } from '@zhenglian/core/errors';
import { errorWords } from '@zhenglian/wallet-cli/error-words';
import { formatTable, printable } from '@zhenglian/wallet-cli/output';
import { createTerminal } from '@zhenglian/wallet-cli/terminal';
import { GATEWAY_CODES, usageError, walletError } from '@zhenglian/wallet-cli/wallet-error';
import { languageOf, speak } from '@zhenglian/wallet-cli/words';
import { runHere } from '../support/wallet-process.ts';

describe('wallet: terminal and words', () => {
  const makeTerminal = () => {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const shown: string[] = [];
    const screen = () =>
      Object.assign(
        new Writable({
          write(chunk: Buffer, _encoding, done) {
            shown.push(chunk.toString());
            done();
          },
        }),
        { isTTY: true },
      );
    return { input, shown, terminal: createTerminal(input, screen(), screen()) };
  };

  it('does not show a secret while it is typed', async () => {
    const { input, shown, terminal } = makeTerminal();
    expect(terminal.interactive).to.equal(true);
    const answer = terminal.askSecret('Passphrase:');
    input.write('hunter2 hunter2\r');
    expect(await answer).to.equal('hunter2 hunter2');
    expect(shown.join('')).to.equal('Passphrase: \n');
  });

  it('takes an answer, and no answer as a refusal', async () => {
    const { input, terminal } = makeTerminal();
    const answer = terminal.ask('Sure?');
    input.write('yes\n');
    expect(await answer).to.equal('yes');
    const none = makeTerminal();
    const refused = none.terminal.ask('Sure?').catch((error: unknown) => error);
    none.input.end();
    expect(await refused).to.include({ code: 'DECLINED' });
  });

  it('lets nobody’s text steer the terminal', () => {
    expect(printable('a\u001B[2Jb\nc\u202Ed\u0007\u009B')).to.equal('a�[2Jb\nc�d��');
    expect(printable('王小明 Zhang')).to.equal('王小明 Zhang');
  });

  it('lines columns up, Chinese characters two wide', () => {
    expect(
      formatTable([
        ['姓名', 'x'],
        ['a', 'y'],
      ]),
    ).to.equal('姓名  x\na     y');
    expect(formatTable([])).to.equal('');
  });

  it('speaks the language asked for', () => {
    expect(languageOf(['list', '--lang', 'zh'], {})).to.equal('zh');
    expect(languageOf(['list', '--lang=en'], { LANG: 'zh_CN.UTF-8' })).to.equal('en');
    expect(languageOf([], { LANG: 'zh_CN.UTF-8' })).to.equal('zh');
    expect(languageOf([], { LC_ALL: 'en_US', LANG: 'zh_CN.UTF-8' })).to.equal('en');
    expect(languageOf([], {})).to.equal('en');
    expect(speak({ zh: '{n} 份', en: '{n} of {m}' }, 'en', { n: 1 })).to.equal('1 of {m}');
  });

  it('has words for every code, and none for what it does not know', () => {
    for (const code of ['WALLET_LOCKED', 'PASSPHRASE_WRONG', ...GATEWAY_CODES] as const) {
      expect(errorWords(walletError(code, 'inner'), 'zh')).to.match(/\p{Script=Han}/u);
      expect(errorWords(walletError(code, 'inner'), 'en')).not.to.equal('inner');
    }
    expect(errorWords(usageError({ zh: '甲', en: 'a' }), 'zh')).to.equal('甲');
    expect(errorWords(new CodedError('CBOR_UTF8', 'inner words'), 'zh')).to.equal('inner words');
    expect(errorWords(new TypeError('secret inside'), 'en')).not.to.include('secret');
  });

  it('has help for every command in both languages', async () => {
    for (const name of ['init', 'claim', 'list', 'show', 'present', 'renew', 'remove']) {
      const { code, out } = await runHere([name, '--help', '--lang', 'zh']);
      expect(code, name).to.equal(0);
      expect(out).to.include(`zhenglian-wallet ${name}`).and.match(/用法/);
      expect((await runHere(['help', name])).out).to.include(`zhenglian-wallet ${name}`);
    }
    expect((await runHere([])).out).to.include('COMMAND');
  });
});
