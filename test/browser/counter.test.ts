// SPDX-License-Identifier: Apache-2.0
// The counter in a real Chromium: every verdict, who the holder is, what is remembered, what is refused.
import { expect } from 'chai';
import { toHex } from '@zhenglian/core/bytes';
import { openPresentation } from '@zhenglian/core/presentation';
import { DRIVING } from '@zhenglian/core/types/driving';
import { formatWire, parseWire } from '@zhenglian/core/wire';
import type { Browser } from 'playwright-core';
import { startBrowser, waitUntil } from '../support/browser.ts';
import {
  answerRequest,
  checkCode,
  createScene,
  documentCode,
  openCounter,
  phoneCode,
  reasonOf,
} from '../support/counter-scene.ts';
import { SAMPLE_FIELDS } from '../support/sample-fields.ts';
import type { Counter, Scene } from '../support/counter-scene.ts';

describe('browser: the counter', function () {
  const closing: (() => Promise<void>)[] = [];
  let browser: Browser;
  let scene: Scene;
  let counter: Counter;

  before(async function () {
    browser = await startBrowser(this);
    closing.push(() => browser.close());
    scene = await createScene();
    closing.push(() => scene.gateway.stop());
  });
  after(async () => {
    for (const close of closing) await close();
  });
  beforeEach(async () => {
    Object.assign(scene.gateway.state, {
      statuses: [],
      staleNonce: false,
      older: 0,
      bundleVersion: 10,
      recognition: undefined,
      requestDelay: 0,
    });
    counter = await openCounter(browser, scene);
  });
  afterEach(async () => {
    const { errors, context } = counter;
    await context.close();
    expect(errors).to.deep.equal([]);
  });

  it('says VALID of a genuine document, in words, symbol and three lines', async () => {
    const { page } = counter;
    expect(await checkCode(page, documentCode(scene.copies[0]))).to.equal('VALID');
    const panel = page.locator('.verdict');
    expect(await panel.locator('h2').textContent()).to.contain('有效');
    expect(await panel.locator('.verdict-symbol').count()).to.equal(1);
    expect(await panel.locator('dd').count()).to.equal(3);
    expect(await page.locator('.shown-fields').textContent()).to.contain('王小明');
    expect(await reasonOf(page, 'anchor')).to.equal('ANCHOR_PROVEN');
    expect(await page.getByRole('status').first().textContent()).to.contain('有效');
  });

  it('says REVOKED and SUSPENDED of what the ledger says so', async () => {
    const { page } = counter;
    scene.gateway.state.statuses = [[0, 'revoked']];
    expect(await checkCode(page, documentCode(scene.copies[0]))).to.equal('REVOKED');
    scene.gateway.state.statuses = [[0, 'suspended']];
    expect(await checkCode(page, documentCode(scene.copies[0]))).to.equal('SUSPENDED');
  });

  it('says INVALID of an altered code, and shows nothing of what it says', async () => {
    const { page } = counter;
    const wire = parseWire(documentCode(scene.copies[0]));
    const values = wire.values.map((v) => (v === '王小明' ? '✔有效VALID' : v));
    openPresentation({ ...wire, values }, DRIVING); // well-formed: only the signature can tell
    expect(await checkCode(page, formatWire({ ...wire, values }))).to.equal('INVALID');
    expect(await reasonOf(page, 'signature')).to.equal('SIGNATURE_INVALID');
    expect(await page.locator('main').textContent()).not.to.contain('✔有效VALID');
  });

  it('words an altered phone code as one: its content, its proof, or what cannot be read', async () => {
    const { page } = counter;
    const wire = parseWire(phoneCode(scene));
    const { holder } = wire;
    if (holder?.proof === undefined) throw new Error('a phone code has a proof');
    const values = wire.values.map((v) => (v === '王小明' ? '王大明' : v));
    expect(await checkCode(page, formatWire({ ...wire, values }))).to.equal('INVALID');
    expect(await page.locator('.verdict').textContent()).to.contain('内容被改动过');
    const signature = holder.proof.signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    const proof = { ...holder.proof, signature };
    expect(await checkCode(page, formatWire({ ...wire, holder: { ...holder, proof } }))).to.equal(
      'INVALID',
    );
    expect(await reasonOf(page, 'holder')).to.equal('HOLDER_PROOF_INVALID');
    expect(await page.locator('.verdict').textContent()).to.contain('二维码被改动过');
    expect(await checkCode(page, phoneCode(scene).slice(0, -9))).to.equal('INVALID');
    expect(await page.locator('.verdict').textContent()).to.contain('读不出证照');
  });

  it('tells the gateway what it came to, and nothing of what the licence says', async () => {
    const { page } = counter;
    scene.gateway.state.verdicts.length = 0;
    scene.gateway.state.statuses = [[0, 'suspended']];
    await checkCode(page, documentCode(scene.copies[0]));
    await checkCode(page, 'ZL1:NO LICENCE'); // no copy to tell of
    await checkCode(page, documentCode(scene.copies[1]));
    while (scene.gateway.state.verdicts.length < 2) await page.waitForTimeout(20);
    const { kid, epoch } = scene.copies[0];
    const place = { kid: toHex(kid), epoch, act: 'general' };
    expect(scene.gateway.state.verdicts).to.deep.equal([
      { ...place, index: 0, verdict: 'SUSPENDED', holder: 'document', reason: 'SUSPENDED' },
      { ...place, index: 1, verdict: 'INVALID', reason: 'HOLDER_PROOF_MISSING' },
    ]);
  });

  it('never renders what a licence says in the verdict, nor as HTML', async () => {
    const { page } = counter;
    const fields = { name: '<b id="planted">有效</b>' };
    const { maker, gateway } = scene;
    const planted = maker.mint(0, {
      fields: { ...SAMPLE_FIELDS, ...fields },
    });
    // Not the anchored copy: refused by its anchor, but genuinely signed, so its fields are shown.
    expect(await checkCode(page, documentCode(planted))).to.equal('INVALID');
    expect(await page.locator('.shown-fields').textContent()).to.contain('<b id="planted">');
    expect(await page.locator('#planted').count()).to.equal(0);
    expect(await page.locator('.verdict').textContent()).not.to.contain('planted');
    expect(gateway.state.asked).to.include('evidence');
  });

  it('refuses text that is no licence code, beside the field', async () => {
    const { page } = counter;
    await page.locator('#gun').fill('https://example.org');
    await page.locator('#gun').press('Enter');
    expect(await page.locator('#gun-wrong').textContent()).to.contain('ZL1:');
    expect(await page.locator('#gun').getAttribute('aria-invalid')).to.equal('true');
  });

  it('takes an answer to its own request as challenged, once', async () => {
    const { page } = counter;
    const general = await page.locator('#request-text').textContent();
    await page.getByLabel('办理事项').selectOption('company-registration');
    await waitUntil(page, otherRequest(general));
    const code = await answerRequest(page, scene);
    expect(await checkCode(page, code)).to.equal('VALID');
    expect(await reasonOf(page, 'holder')).to.equal('HOLDER_CHALLENGED');
    expect(await checkCode(page, code)).to.equal('INVALID');
  });

  it('takes a fresh proof once, and a screenshot never', async () => {
    const { page } = counter;
    const code = phoneCode(scene);
    expect(await checkCode(page, code)).to.equal('VALID');
    expect(await reasonOf(page, 'holder')).to.equal('HOLDER_RECENT');
    expect(await checkCode(page, code)).to.equal('UNDETERMINED');
    expect(await reasonOf(page, 'holder')).to.equal('PRESENTATION_REPLAYED');
    const old = phoneCode(scene, { at: Math.floor(Date.now() / 1000) - 3600 });
    expect(await checkCode(page, old)).to.equal('UNDETERMINED');
    expect(await reasonOf(page, 'holder')).to.equal('HOLDER_PROOF_OLD');
    expect(await checkCode(page, documentCode(scene.copies[1]))).to.equal('INVALID');
    expect(await reasonOf(page, 'holder')).to.equal('HOLDER_PROOF_MISSING');
  });

  it('does not believe a gateway that answers an old question or an older version', async () => {
    const { page } = counter;
    const code = documentCode(scene.copies[0]);
    scene.gateway.state.staleNonce = true;
    expect(await checkCode(page, code)).to.equal('UNDETERMINED');
    scene.gateway.state.staleNonce = false;
    expect(await checkCode(page, code)).to.equal('VALID');
    scene.gateway.state.bundleVersion = 9;
    expect(await checkCode(page, code)).to.equal('UNDETERMINED');
    expect(await page.locator('.notice.warn').textContent()).to.contain('更旧');
  });

  it('leaves the focus to a gun that is faster than the gateway', async () => {
    const { page } = counter;
    await checkCode(page, documentCode(scene.copies[0]));
    scene.gateway.state.requestDelay = 400;
    const asked = () =>
      scene.gateway.state.asked.filter((path) => path === 'presentation-requests').length;
    const before = asked();
    const answered = page.waitForResponse((answer) => answer.url().endsWith('requests'));
    await page.getByRole('button', { name: '核验下一份' }).click();
    await page.locator('#gun').focus();
    await answered;
    await page.waitForTimeout(100);
    expect(asked()).to.equal(before + 1);
    expect(await page.evaluate('document.activeElement.id')).to.equal('gun');
  });

  it('counts the request down without touching the focus, and renews it when asked', async () => {
    const { page } = counter;
    await page.clock.install();
    await page.reload();
    const before = await page.locator('#request-text').textContent();
    await page.locator('#gun').focus();
    await page.clock.fastForward(121_000);
    await page.getByText('请求已过时限').waitFor();
    expect(await page.evaluate('document.activeElement.id')).to.equal('gun');
    expect(await page.locator('#request-text').textContent()).to.equal(before);
    await page.getByRole('button', { name: '刷新请求' }).click();
    await waitUntil(page, otherRequest(before));
  });
});

/** A request is shown, and not this one any more. */
function otherRequest(text: string | null): string {
  const shown = "document.querySelector('#request-text')?.textContent";
  return `![undefined, ${JSON.stringify(text)}].includes(${shown})`;
}
