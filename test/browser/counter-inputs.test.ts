// SPDX-License-Identifier: Apache-2.0
// Ways into the counter: a scanner gun with an input method on or off, paste, a picture, the camera with a real video.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import {
  answerRequest,
  createScene,
  documentCode,
  openCounter,
  verdictOf,
} from '../support/counter-scene.ts';
import type { Counter, Scene } from '../support/counter-scene.ts';
import { qrPng, writeQrVideo } from '../../scripts/qr-video.ts';

/** Keys of a US keyboard, as a gun presses them. */
const SYMBOLS: Readonly<Record<string, readonly [code: string, shift: boolean]>> = {
  ' ': ['Space', false],
  $: ['Digit4', true],
  '%': ['Digit5', true],
  '*': ['Digit8', true],
  '+': ['Equal', true],
  '-': ['Minus', false],
  '.': ['Period', false],
  '/': ['Slash', false],
  ':': ['Semicolon', true],
};

describe('browser: ways into the counter', function () {
  const folder = mkdtempSync(join(tmpdir(), 'zl-video-'));
  const video = join(folder, 'code.y4m');
  const closing: (() => Promise<void>)[] = [];
  let browser: Browser;
  let scene: Scene;
  let counter: Counter;

  before(async function () {
    writeQrVideo(video, 'nothing yet');
    browser = await startBrowser(this, [
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${video}`,
    ]);
    closing.push(() => browser.close());
    scene = await createScene();
    closing.push(() => scene.gateway.stop());
  });
  after(async () => {
    for (const close of closing) await close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    counter = await openCounter(browser, scene, { permissions: ['camera', 'clipboard-read'] });
  });
  afterEach(async () => {
    const { errors, context } = counter;
    await context.close();
    expect(errors).to.deep.equal([]);
  });

  it('reads the code of a phone from the camera and closes it', async () => {
    const { page } = counter;
    writeQrVideo(video, await answerRequest(page, scene));
    await page.getByRole('button', { name: '打开摄像头' }).click();
    expect(await verdictOf(page)).to.equal('VALID');
    expect(await page.locator('video').count()).to.equal(0);
  });

  it('tells that there is no camera, or that it is not allowed', async () => {
    const { page, context } = counter;
    await context.clearPermissions();
    const session = await context.newCDPSession(page);
    await session.send('Browser.setPermission', {
      permission: { name: 'camera' },
      setting: 'denied',
    });
    await page.getByRole('button', { name: '打开摄像头' }).click();
    await page.getByText('浏览器不允许使用摄像头').waitFor();
  });

  it('reads a picture file, and says when there is no code in it', async () => {
    const { page } = counter;
    const file = (buffer: Buffer, mimeType = 'image/png') => ({ name: 'x.png', mimeType, buffer });
    await page.locator('#picture').setInputFiles(file(qrPng(undefined)));
    await page.getByText('图片里没有找到二维码').waitFor();
    await page.locator('#picture').setInputFiles(file(Buffer.from('not a picture')));
    await page.getByText('不是能读的图片').waitFor();
    await page.locator('#picture').setInputFiles(file(qrPng(documentCode(scene.copies[0]))));
    expect(await verdictOf(page)).to.equal('VALID');
  });

  it('takes a pasted code at once', async () => {
    const { page } = counter;
    await page.evaluate(
      `(() => { const data = new DataTransfer(); data.setData('text', ${JSON.stringify(documentCode(scene.copies[0]))});
        document.querySelector('#gun').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); })()`,
    );
    expect(await verdictOf(page)).to.equal('VALID');
  });

  it('takes a gun that types and presses Enter', async () => {
    const { page } = counter;
    await page.locator('#gun').focus();
    await page.keyboard.type(documentCode(scene.copies[0]));
    await page.keyboard.press('Enter');
    expect(await verdictOf(page)).to.equal('VALID');
  });

  it('takes a gun while an input method composes every letter', async () => {
    const { page, context } = counter;
    await page.locator('#gun').focus();
    const session = await context.newCDPSession(page);
    await typeThroughInputMethod(session, documentCode(scene.copies[0]));
    expect(await composedText(page)).not.to.match(/^ZL1:/);
    await pressProcessed(session, 'Enter', false);
    expect(await verdictOf(page)).to.equal('VALID');
  });
});

/** What an input method does: each key is "processed", and the text becomes a composition. */
async function typeThroughInputMethod(session: CDPSession, code: string): Promise<void> {
  for (const character of code) {
    const [key, shift] = keyOf(character);
    await pressProcessed(session, key, shift);
  }
  await session.send('Input.imeSetComposition', {
    text: '组了呃一',
    selectionStart: 4,
    selectionEnd: 4,
  });
}

async function pressProcessed(session: CDPSession, code: string, shift: boolean): Promise<void> {
  const key = {
    key: 'Process',
    code,
    windowsVirtualKeyCode: 229,
    modifiers: shift ? 8 : 0,
  };
  await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...key });
  await session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
}

function keyOf(character: string): readonly [code: string, shift: boolean] {
  const symbol = SYMBOLS[character];
  if (symbol !== undefined) return symbol;
  return /\d/.test(character) ? [`Digit${character}`, false] : [`Key${character}`, true];
}

async function composedText(page: Page): Promise<string> {
  return page.locator('#gun').inputValue();
}
