// SPDX-License-Identifier: Apache-2.0
// What the page says when a camera or a picture gives no code: each code by its own cause in a real Chromium, whose
// words are those of this code in the page's table.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { createScene, openCounter } from '../support/counter-scene.ts';
import type { Counter, Scene } from '../support/counter-scene.ts';
import { qrPng, writeQrVideo } from '../../scripts/qr-video.ts';

const TABLE = readFileSync(
  new URL('../../verifier-web/src/i18n/problems.ts', import.meta.url),
  'utf8',
);
const FAKE_CAMERA = '--use-fake-device-for-media-stream';
const INSECURE_HOST = 'counter.test';

describe('browser: why there is no code', function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), 'zl-problems-'));
  const video = join(folder, 'code.y4m');
  let scene: Scene;

  before(async () => {
    writeQrVideo(video, 'nothing yet');
    scene = await createScene();
  });
  after(async () => {
    await scene.gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('a camera that may not be used', async function () {
    const flags = [FAKE_CAMERA, `--use-file-for-fake-video-capture=${video}`];
    await atCounter(this, flags, scene, async (counter) => {
      const session = await counter.context.newCDPSession(counter.page);
      const permission = { permission: { name: 'camera' }, setting: 'denied' } as const;
      await session.send('Browser.setPermission', permission);
      expect(await wordsAfterOpening(counter)).to.equal(wordsOf('CAMERA_DENIED'));
    });
  });

  it('no camera', async function () {
    const flags = [FAKE_CAMERA.replace('stream', 'stream=device-count=0')];
    await atCounter(this, flags, scene, async (counter) => {
      await counter.context.grantPermissions(['camera']);
      expect(await wordsAfterOpening(counter)).to.equal(wordsOf('CAMERA_MISSING'));
    });
  });

  // No flag makes a real Chromium's camera fail to start: these are the names its getUserMedia may give.
  it('a camera in use elsewhere, and every other name of a refusal', async () => {
    const source = new URL('../../verifier-web/src/camera-problem.ts', import.meta.url).href;
    const { cameraProblem } = (await import(source)) as {
      cameraProblem: (cause: unknown) => string;
    };
    const codes: Readonly<Record<string, string>> = {
      NotReadableError: 'CAMERA_BUSY',
      AbortError: 'CAMERA_BUSY',
      InvalidStateError: 'CAMERA_BUSY',
      NotAllowedError: 'CAMERA_DENIED',
      SecurityError: 'CAMERA_DENIED',
      NotFoundError: 'CAMERA_MISSING',
      OverconstrainedError: 'CAMERA_MISSING',
    };
    for (const [name, code] of Object.entries(codes)) {
      expect(cameraProblem(new DOMException('', name)), name).to.equal(code);
      expect(wordsOf(code)).to.not.equal('');
    }
    expect(cameraProblem(new TypeError('no mediaDevices'))).to.equal('CAMERA_BUSY');
  });

  it('a page that was not had securely', async function () {
    const flags = [FAKE_CAMERA, `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`];
    const { port } = new URL(scene.gateway.url);
    const url = `http://${INSECURE_HOST}:${port}`;
    const insecure = { ...scene, gateway: { ...scene.gateway, url } };
    await atCounter(this, flags, insecure, async (counter) => {
      expect(await wordsAfterOpening(counter)).to.equal(wordsOf('CAMERA_INSECURE'));
    });
  });

  it('files that are no picture, too large, or show no code', async function () {
    await atCounter(this, [], scene, async (counter) => {
      const huge = join(folder, 'huge.png');
      writeFileSync(huge, '');
      truncateSync(huge, 20 * 1024 * 1024 + 1);
      const noPicture = await wordsAfterPicture(counter, Buffer.from('not a picture'));
      expect(noPicture).to.equal(wordsOf('PICTURE_UNREADABLE'));
      const noCode = await wordsAfterPicture(counter, qrPng(undefined));
      expect(noCode).to.equal(wordsOf('PICTURE_WITHOUT_CODE'));
      expect(await wordsAfterPicture(counter, huge)).to.equal(wordsOf('PICTURE_UNREADABLE'));
    });
  });
});

async function atCounter(
  suite: Mocha.Context,
  flags: readonly string[],
  scene: Scene,
  act: (counter: Counter) => Promise<void>,
): Promise<void> {
  const browser: Browser = await startBrowser(suite, flags);
  try {
    const counter = await openCounter(browser, scene);
    await act(counter);
    expect(counter.errors).to.deep.equal([]);
  } finally {
    await browser.close();
  }
}

async function wordsAfterOpening({ page }: Counter): Promise<string | null> {
  await page.getByRole('button', { name: '打开摄像头' }).click();
  return page.locator('.problem:not(:empty)').first().textContent();
}

/** Words of the file before are cleared when the next is taken. */
async function wordsAfterPicture({ page }: Counter, file: Buffer | string): Promise<string | null> {
  const given =
    typeof file === 'string' ? file : { name: 'x.png', mimeType: 'image/png', buffer: file };
  await page.locator('#picture').setInputFiles(given);
  return page.locator('.problem:not(:empty)').first().textContent();
}

/** The Chinese words of a code in the page's own table. */
function wordsOf(code: string): string {
  const words = new RegExp(`^ {2}${code}: \\[\\s*'([^']+)'`, 'm').exec(TABLE)?.[1];
  if (words === undefined) throw new Error(`the page has no words for ${code}`);
  return words;
}
