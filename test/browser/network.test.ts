// SPDX-License-Identifier: Apache-2.0
// The page on the real network: two provinces and the regulator as `npm start` runs them. An officer issues, prints, imports and
// revokes; counters of both provinces check and recognise; the regulator reads the trail.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import type { Browser, Page } from 'playwright-core';
import { qrPng } from '../../scripts/qr-video.ts';
import { runNetwork } from '../../scripts/running-network.ts';
import type { RunningNetwork } from '../../scripts/running-network.ts';
import { openPage, startBrowser, waitUntil } from '../support/browser.ts';
import { checkCode, reasonOf } from '../support/counter-scene.ts';

const TEXTS = {
  姓名: '王小明',
  证号: '999999199003070012',
  住址: '浙江省杭州市西湖区文三路一百二十号',
  档案编号: '330100123456',
  出生日期: '1990-03-07',
  初次领证日期: '2015-05-01',
  有效期起: '2021-05-01',
  有效期止: '2031-05-01',
};
const CODES = { 性别: '1', 国籍: '156', 听力辅助条件: 'false' };
const CSV = [
  'name,sex,ethnicity,birthDate,address,idNumber,validFrom,validTo',
  '曹强明,1,01,1985-01-25,陕西省西安市雁塔区滨江大道一号,999999198501256157,2016-06-29,2036-06-29',
  '曹强光,1,01,1985-01-25,陕西省西安市雁塔区滨江大道二号,999999198501256158,2016-06-29,2036-06-29',
].join('\n');

describe('browser: the page on the real network', function () {
  const folder = mkdtempSync(join(tmpdir(), 'zl-page-'));
  const closing: (() => Promise<void>)[] = [];
  let browser: Browser;
  let network: RunningNetwork;
  let licence = '';
  let printed = '';

  before(async function () {
    browser = await startBrowser(this);
    closing.push(() => browser.close());
    network = await runNetwork({ dataDir: folder, progress: () => undefined });
    closing.push(() => network.stop());
  });
  after(async () => {
    for (const close of closing) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('issues by a form that says beside each field what is wrong', async () => {
    const { page, context, errors } = await enter('P33', 'officer', 'officer/mint');
    await page.getByLabel('证照类型').selectOption('driving');
    await page.getByRole('button', { name: '签发' }).click();
    await page.getByText('有 12 处需要修改').waitFor();
    for (const [label, text] of Object.entries(TEXTS)) await field(page, label).fill(text);
    for (const [label, code] of Object.entries(CODES)) {
      await field(page, label).selectOption(code);
    }
    await page.getByLabel('C1 小型汽车').check();
    await field(page, '出生日期').fill('1990-03-08');
    await page.getByRole('button', { name: '签发' }).click();
    await page.getByText('与“证号”里的出生日期不一致').waitFor();
    await field(page, '出生日期').fill('1990-03-07');
    await field(page, '证号').fill(TEXTS.证号.replace(/2$/, '3'));
    await page.getByRole('button', { name: '签发' }).click();
    await page.getByText('末位校验码不对').waitFor();
    await field(page, '证号').fill(TEXTS.证号);
    await field(page, '有效期止').fill('2021-04-30');
    await page.getByRole('button', { name: '签发' }).click();
    await page.getByText('早于“有效期起”').waitFor();
    await field(page, '有效期止').fill(TEXTS.有效期止);
    const photo = { name: 'photo.png', mimeType: 'image/png', buffer: qrPng('a face') };
    await field(page, '相片').setInputFiles(photo);
    const digest = (await page.getByTestId('digest').textContent()) ?? '';
    expect(digest).to.match(/^[0-9a-f]{64}$/);
    await page.getByRole('button', { name: '签发' }).click();
    await page.getByRole('link', { name: '打开这份证照' }).click();
    licence = (await page.getByTestId('licence-id').textContent()) ?? '';
    expect(licence).to.match(/^[0-9a-f]{32}$/);
    expect(await page.locator('main').textContent()).not.to.contain(TEXTS.证号);
    await page.getByRole('button', { name: '显示完整内容' }).click();
    await page.getByText(TEXTS.证号).waitFor();
    await page.locator('canvas.picture').waitFor();
    expect(await page.locator('.shown-fields').textContent())
      .to.contain('C1')
      .and.contain('否');
    await context.close();
    expect(errors).to.deep.equal([]);
  });

  it('prints a card of bank-card size with 0.5 mm modules that reads', async () => {
    const { page, context } = await enter('P33', 'officer', `officer/licence/${licence}`);
    await page.locator('.state[data-state="valid"]').first().waitFor();
    await page.getByRole('button', { name: '生成卡片' }).click();
    const drawing = page.locator('.slip-preview svg');
    expect(await drawing.getAttribute('width')).to.equal('85.6mm');
    expect(await drawing.locator('g[transform]').getAttribute('transform')).to.contain(
      'scale(0.5)',
    );
    printed = readCode(await drawing.screenshot());
    expect(printed).to.match(/^ZL1:/);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    const boxes = [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)];
    expect(boxes).to.have.length(1);
    expect(Number(boxes[0]?.[1])).to.be.closeTo((85.6 / 25.4) * 72, 0.5);
    expect(Number(boxes[0]?.[2])).to.be.closeTo((53.98 / 25.4) * 72, 0.5);
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: '下载 SVG' }).click();
    expect(readFileSync(await (await saved).path(), 'utf8')).to.match(/^<svg xmlns=/);
    await context.close();
  });

  it('checks it at its own counter, and in the other province recognises it with a receipt', async () => {
    const home = await enter('P33', 'clerk', 'counter');
    expect(await checkCode(home.page, printed)).to.equal('VALID');
    expect(await reasonOf(home.page, 'anchor')).to.equal('ANCHOR_PROVEN');
    expect(await home.page.getByRole('button', { name: '办理互认' }).count()).to.equal(0);
    await home.context.close();
    const { page, context, errors } = await enter('P44', 'clerk', 'counter');
    expect(await checkCode(page, printed)).to.equal('VALID');
    await page.getByRole('button', { name: '办理互认' }).click();
    expect(await page.locator('[data-recognition]').getAttribute('data-recognition')).to.equal(
      'recognised',
    );
    await page.getByRole('button', { name: '下载回执' }).waitFor();
    await context.close();
    expect(errors).to.deep.equal([]);
  });

  it('suspends, reinstates and revokes, and the counter says so', async () => {
    const desk = await enter('P33', 'officer', `officer/licence/${licence}`);
    const counter = await enter('P44', 'clerk', 'counter');
    for (const [name, verdict, offered] of [
      ['暂停', 'SUSPENDED', ['暂停', '吊销']],
      ['恢复', 'VALID', ['恢复', '吊销']],
      ['吊销', 'REVOKED', ['暂停', '吊销']],
    ] as const) {
      await desk.page.getByLabel(name, { exact: true }).waitFor();
      const legal = await desk.page.locator('input[name="state"]').evaluateAll(labelsOf);
      expect(legal).to.deep.equal(offered);
      await desk.page.getByLabel(name, { exact: true }).check();
      await desk.page.getByLabel('理由').fill('测试');
      await desk.page.getByLabel('法律依据').fill('测试依据');
      await desk.page.getByRole('button', { name: `确认${name}` }).click();
      await desk.page.getByText('已变更').waitFor();
      expect(await checkCode(counter.page, printed)).to.equal(verdict);
    }
    await desk.page.getByText('这份证照已经终止').waitFor();
    expect(await desk.page.getByRole('button', { name: '当面领取' }).count()).to.equal(0);
    await counter.context.close();
    await desk.context.close();
  });

  it('finds a licence by its holder, in the language of the browser', async () => {
    const { page, context } = await enter('P33', 'officer', 'officer/find', { locale: 'en-GB' });
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByLabel('证照类型').selectOption('driving');
    await page.locator('#find-text').fill(TEXTS.证号);
    await page.keyboard.press('Enter');
    await page.getByText('查到 1 份').waitFor();
    await page.getByRole('link', { name: '办理', exact: true }).click();
    await page.getByText('已吊销').first().waitFor();
    await page.reload();
    await page.getByText('系统编号').waitFor(); // the choice stays, against the browser's own language
    await context.close();
  });

  it('says which columns of a file are missing and surplus, and forgets it with the file', async () => {
    const { page, context } = await enter('P33', 'officer', 'officer/import');
    await page.getByLabel('证照类型').selectOption('resident-id');
    const choose = (text: string) =>
      page
        .locator('#import-file')
        .setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    const problem = page.locator('#import-problem');
    await choose(CSV.replace('idNumber', '身份证号'));
    await page.getByText('表头与这类证照不符').waitFor();
    expect(await problem.textContent()).to.match(/缺少： 公民身份号码 idNumber.*多出： 身份证号/s);
    await choose(CSV.split('\n').slice(1).join('\n'));
    await page.getByText('第一行不是列名').waitFor();
    expect(await problem.textContent()).not.to.contain('曹强明');
    await choose(CSV);
    await waitUntil(page, "document.querySelector('#import-problem').textContent.trim() === ''");
    await page.getByLabel('证照类型').selectOption('business');
    await page.getByText('统一社会信用代码 uscc').waitFor();
    await context.close();
  });

  it('imports a file, shows the rejected lines and lets them be kept', async () => {
    const { page, context, errors } = await enter('P33', 'officer', 'officer/import');
    await page.getByLabel('证照类型').selectOption('resident-id');
    const buffer = Buffer.from(CSV);
    const file = { name: 'people.csv', mimeType: 'text/csv', buffer };
    await page.locator('#import-file').setInputFiles(file);
    await page.getByRole('button', { name: '开始导入' }).click();
    await page.locator('#import-progress', { hasText: '导入完成' }).waitFor();
    expect(await page.locator('[data-figure="anchored"]').textContent()).to.equal('1');
    const rejected = await page.getByTestId('rejected').textContent();
    expect(rejected).to.contain('idNumber').and.contain('末位校验码不对');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: '下载逐行结果' }).click();
    const results = readFileSync(await (await saved).path(), 'utf8');
    expect(results).to.contain('idNumber').and.contain('末位校验码不对').and.contain('accepted');
    expect(await page.getByTestId('imports').textContent()).to.contain('导入完成');
    expect(await page.getByTestId('imported').textContent()).to.contain('曹强明');
    await page.getByRole('link', { name: /^办理/ }).click();
    await page.getByTestId('licence-id').waitFor();
    await context.close();
    expect(errors).to.deep.equal([]);
  });

  it('checks a file without issuing, and holds one for another officer who may refuse it', async () => {
    const { page, context, errors } = await enter('P33', 'officer', 'officer/import');
    await page.getByLabel('证照类型').selectOption('resident-id');
    const file = { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) };
    await page.locator('#import-file').setInputFiles(file);
    await page.getByLabel('只检查，不签发').check();
    await page.getByRole('button', { name: '开始导入' }).click();
    await page.locator('#import-progress', { hasText: '检查完成，没有签发' }).waitFor();
    expect(await page.locator('[data-figure="anchored"]').textContent()).to.equal('0');
    await page.getByLabel('只检查，不签发').uncheck();
    await page.getByLabel('须由另一名经办人批准').check();
    await page.getByRole('button', { name: '开始导入' }).click();
    await page.locator('#import-progress', { hasText: '等待另一名经办人批准' }).waitFor();
    await page.getByRole('button', { name: '批准签发' }).click();
    await page.getByText('不能批准自己填报的').waitFor();
    await page.getByRole('button', { name: '终止' }).click();
    await page.locator('#import-progress', { hasText: '已终止' }).waitFor();
    await context.close();
    expect(errors.filter((error) => !error.includes('403'))).to.deep.equal([]);
  });

  it('shows the regulator the trail of all provinces with its proofs', async () => {
    const { page, context, errors } = await enter('REG', 'regulator', '');
    await page.getByLabel('证照的系统编号').fill('nonsense');
    await page.keyboard.press('Enter');
    await page.getByText('应为 32 位').waitFor();
    await page.getByLabel('证照的系统编号').fill(licence);
    await page.keyboard.press('Enter');
    const trail = page.locator('[data-trail="P33"]');
    await trail.waitFor();
    expect(await trail.locator('[data-checked]').getAttribute('data-checked')).not.to.equal(
      'BROKEN',
    );
    const story = (await page.getByTestId('story').textContent()) ?? '';
    for (const step of ['签发证照', '打印卡片', '状态变更', '已吊销', '办理跨省互认', '予以互认']) {
      expect(story).to.contain(step);
    }
    const checks = page.locator('[data-kind="verification"]');
    expect((await checks.allTextContents()).join()).to.match(/P44 广东省 · 窗口人员.*窗口办事/s);
    const ledger = (await page.getByTestId('ledger').textContent()) ?? '';
    for (const record of ['存证批次上链', '已暂停：', '1 份副本'])
      expect(ledger).to.contain(record);
    await context.close();
    expect(errors).to.deep.equal([]);
  });

  /** Opens a gateway's page, pins it from the tour and signs in. */
  async function enter(
    service: string,
    role: string,
    place: string,
    options: Parameters<typeof openPage>[1] = {},
  ) {
    const { services, tokens, fingerprint } = network.tour;
    const url = services.find(({ name }) => name === service)?.url ?? '';
    const token = tokens.find((t) => t.service === service && t.role === role)?.token ?? '';
    const opened = await openPage(browser, options);
    await opened.page.goto(`${url}/#/${place}`);
    await opened.page.locator('#fingerprint-end').fill(fingerprint.slice(-20));
    await opened.page.keyboard.press('Enter');
    await opened.page.locator('#token').fill(token);
    await opened.page.keyboard.press('Enter');
    await opened.page.locator('#token').waitFor({ state: 'detached' });
    return opened;
  }
});

/** Runs in the page: the words beside radio buttons. */
function labelsOf(inputs: readonly { readonly parentElement: { textContent: string } | null }[]) {
  return inputs.map((input) => input.parentElement?.textContent.trim());
}

function field(page: Page, label: string) {
  return page.getByLabel(new RegExp(`^\\s*${label}\\s*(必填|选填)`));
}

function readCode(picture: Buffer): string {
  const { data, width, height } = PNG.sync.read(picture);
  const read = jsQR.default(new Uint8ClampedArray(data), width, height);
  return read?.data ?? 'nothing was read';
}
