// SPDX-License-Identifier: Apache-2.0
// The other pages in a real Chromium: a refused recognition and its conditions, a trail that people can follow, and the desks
// for everybody: contrast, names, sizes, phones. Answers of a fake gateway, so that every case can be had.
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser.ts';
import {
  checkCode,
  createScene,
  documentCode,
  openCounter,
  pin,
} from '../support/counter-scene.ts';
import type { Scene } from '../support/counter-scene.ts';
import { TOKENS } from '../support/fake-gateway.ts';
import { expectSound, OVERFLOW, tooSmall } from '../support/page-checks.ts';

const HANDLE = 'c0ffee'.padEnd(32, '0');
const COPIES = [0, 1, 2].map((index) => `0123456789abcdef-1-${String(index)}`);
const AT = 1_795_000_000;

type Facts = Readonly<Record<string, string | number | boolean>>;

function entry(n: number, kind: string, actor: string, rest: object = {}, detail: Facts = {}) {
  const root = { root: 'cm9vdA==', first: 0, count: 9, path: [], transactionId: 'ab'.repeat(32) };
  return {
    ...{ n, at: AT + n, kind, actor, subject: HANDLE, outcome: 'done', purpose: null },
    ...{ hash: 'aGFzaA==', proof: n === 30 ? null : root, detail, ...rest },
  };
}

function statusOf(copy: string, transaction: string, state: string) {
  const detail = { state, class: 'administrative', time: AT, seq: 1 };
  const place = { copy, blockNumber: 12, transactionId: transaction, at: AT + 20, detail };
  return { kind: 'status', ...place };
}

const check = { subject: COPIES[0], purpose: 'counter-service' };
const found = { act: 'roadside', kind: 'counter', holder: 'document' };
const TRAIL = {
  licence: HANDLE,
  provinces: [
    {
      ...{ msp: 'P33', checked: 'proven' },
      trail: {
        ...{ licence: HANDLE, msp: 'P33', copies: COPIES, height: 20, codes: [] },
        entries: [
          entry(1, 'issue', 'officer-aaaaaaaa', {}, { type: 'driving' }),
          entry(2, 'claim-code', 'officer-aaaaaaaa', {}, { delivery: 'counter' }),
          entry(3, 'claim', 'holder'),
          entry(20, 'status', 'officer-aaaaaaaa', {}, { state: 'revoked', class: 'judicial' }),
        ],
        ledger: COPIES.map((copy) => statusOf(copy, 'cd'.repeat(32), 'revoked')),
      },
    },
    {
      ...{ msp: 'P44', checked: 'BROKEN' },
      trail: {
        ...{ licence: null, msp: 'P44', copies: COPIES, height: 20, ledger: [], codes: [] },
        entries: [
          entry(4, 'evidence', 'clerk-bbbbbbbb', check),
          entry(5, 'verification', 'clerk-bbbbbbbb', { ...check, outcome: 'VALID' }, found),
          entry(6, 'evidence', 'clerk-bbbbbbbb', check),
          entry(7, 'verification', 'clerk-bbbbbbbb', { ...check, outcome: 'VALID' }, found),
          entry(8, 'verification', 'clerk-bbbbbbbb', { ...check, outcome: 'VALID' }),
          entry(
            9,
            'recognition',
            'clerk-bbbbbbbb',
            { ...check, outcome: 'refused' },
            {
              ...{ from: 'P33', to: 'P44', reason: 'RULE_CONDITION', act: 'roadside' },
            },
          ),
          entry(30, 'verification', 'clerk-bbbbbbbb', { ...check, outcome: 'REVOKED' }, found),
        ],
      },
    },
    { msp: 'P51', checked: 'pending', trail: null, problem: 'SOURCE_UNAVAILABLE' },
  ],
};

describe('browser: the desks', function () {
  const closing: (() => Promise<void>)[] = [];
  let browser: Browser;
  let scene: Scene;

  before(async function () {
    browser = await startBrowser(this);
    closing.push(() => browser.close());
    scene = await createScene('P44');
    closing.push(() => scene.gateway.stop());
  });
  after(async () => {
    for (const close of closing) await close();
  });

  it('says which condition of a rule is not met, and which field was not shown', async () => {
    const part = (logic: unknown, field: string, outcome: string) => ({
      ...{ logic, fields: [field], outcome },
    });
    scene.gateway.state.recognition = {
      recognition: {
        ...{ outcome: 'refused', reason: 'RULE_CONDITION', fields: [] },
        rule: { from: 'P33', to: 'P44', label: { zh: '互认规则', en: 'the rule' } },
        conditions: [
          part({ '!': [{ in: [{ var: 'licence.classes' }, ['C1', 'C5']] }] }, 'classes', 'unmet'),
          part({ '===': [{ var: 'licence.hearingAid' }, 'false'] }, 'hearingAid', 'unknown'),
          part(
            {
              'not-before': [
                { plusTime: [{ var: 'licence.validTo' }, -30, 'day'] },
                { var: 'today' },
              ],
            },
            'validTo',
            'met',
          ),
          part({ reduce: [1, 2] }, 'name', 'met'),
        ],
      },
    };
    const { page, context, errors } = await openCounter(browser, scene);
    await checkCode(page, documentCode(scene.copies[0]));
    await page.getByRole('button', { name: '办理互认' }).click();
    await page.getByText('“准驾车型” 不得为 小型汽车 (C1)').waitFor();
    expect(await conditions(page)).to.deep.equal([
      'unmet “准驾车型” 不得为 小型汽车 (C1)、残疾人专用小型自动挡载客汽车 (C5) 不符合',
      'unknown “听力辅助条件” 须为 否 无法判断 · 本次没有出示 “听力辅助条件”',
      'met “有效期止”之前 30 天 不得早于 今天 符合',
      'met {"reduce":[1,2]} 符合',
    ]);
    await page.getByRole('button', { name: 'English' }).click();
    expect((await conditions(page))[0]).to.contain('must be none of Small car (C1)');
    await expectSound(page);
    await context.close();
    expect(errors).to.deep.equal([]);
  });

  it('tells a trail in plain words: repeats together, one change of all copies once, proofs kept', async () => {
    scene.gateway.state.trace = TRAIL;
    const { page, context, errors } = await openDesk('regulator');
    await trace(page);
    const steps = await page.getByTestId('story').locator('> li').allInnerTexts();
    expect(steps.map((step) => step.split('\n').slice(0, 2).join(' ').trim())).to.have.length(7);
    const texts = steps.map((step) => step.replaceAll(/\s+/g, ' '));
    expect(texts[0]).to.match(/^签发证照 P33 浙江省 · 签发人员 aaaaaaaa/);
    expect(texts[2]).to.match(/^领取到手机 P33 浙江省 · 持证人/);
    expect(texts[3]).to.match(
      /^窗口核验 有效 2 次 P44 广东省 · 窗口人员 bbbbbbbb · 用途：窗口办事 · 事项：路面检查 · 打印件/,
    );
    expect(texts[4]).to.match(
      /^办理跨省互认 不予互认 P44.*P33 浙江省 → P44 广东省 · 证照有效，但不符合/,
    );
    expect(texts[5]).to.match(/^状态变更 已吊销 P33.*司法决定/);
    expect(texts[6]).to.match(/^窗口核验 已吊销.*等待上链/);
    const checks = page.getByTestId('story').locator('> li').nth(3);
    await checks.locator('summary').click();
    expect(await checks.locator('dl').count()).to.equal(4); // two askings, two verdicts
    expect(await checks.textContent()).to.contain('ab'.repeat(32));
    const records = page.getByTestId('ledger').locator('> li');
    expect(await records.count()).to.equal(1);
    await records.locator('summary').click();
    const record = (await records.textContent()) ?? '';
    for (const text of ['已吊销：行政决定', '3 份副本', '区块 12', ...COPIES]) {
      expect(record).to.contain(text);
    }
    expect(await page.locator('[data-trail="P44"]').textContent()).to.contain('证明不成立');
    expect(await page.locator('[data-trail="P51"]').textContent()).to.contain('没有答复');
    await context.close();
    expect(errors).to.deep.equal([]);
  });

  it('folds a long trail', async () => {
    const kinds = ['print', 'look-up'] as const;
    const entries = Array.from({ length: 50 }, (_, i) =>
      entry(i, kinds[i % 2] ?? 'print', 'officer-aaaaaaaa'),
    );
    const trail = { ...TRAIL.provinces[0]?.trail, entries, ledger: [] };
    scene.gateway.state.trace = { licence: HANDLE, provinces: [{ ...TRAIL.provinces[0], trail }] };
    const { page, context } = await openDesk('regulator');
    await trace(page);
    const steps = page.getByTestId('story').locator('> li');
    expect(await steps.count()).to.equal(20);
    await page.getByRole('button', { name: '显示其余 30 项' }).click();
    expect(await steps.count()).to.equal(50);
    await context.close();
  });

  for (const locale of ['zh-CN', 'en'] as const) {
    it(`is for everybody at every desk, in ${locale}`, async () => {
      scene.gateway.state.trace = TRAIL;
      for (const viewport of [
        { width: 1280, height: 900 },
        { width: 390, height: 844 },
      ]) {
        const regulator = await openDesk('regulator', { locale, viewport });
        await trace(regulator.page);
        await regulator.page.locator('.trail summary').first().click();
        await expectFit(regulator.page);
        await regulator.context.close();
        const officer = await openDesk('officer', { locale, viewport });
        for (const view of ['mint', 'import', 'find']) {
          await officer.page.goto(`${scene.gateway.url}/#/officer/${view}`);
          await officer.page.locator(`#${view}-type`).waitFor();
          if (view === 'mint') await officer.page.locator('form button.primary').click();
          await expectFit(officer.page);
        }
        await officer.context.close();
      }
    });
  }

  /** Sound, with targets of 44 px, nothing sticking out; in elder mode too. */
  async function expectFit(page: Page): Promise<void> {
    for (const least of [44, 60]) {
      await expectSound(page);
      expect(await page.evaluate(OVERFLOW)).to.equal(0);
      expect(await page.evaluate(tooSmall(least))).to.deep.equal([]);
      await page.getByRole('button', { name: /长辈版|Large text/ }).click();
    }
  }

  async function openDesk(
    role: 'officer' | 'regulator',
    options: Parameters<typeof openPage>[1] = {},
  ) {
    const opened = await openPage(browser, { reducedMotion: 'reduce', ...options });
    await opened.page.goto(`${scene.gateway.url}/#/${role}`);
    await pin(opened.page, scene);
    await opened.page.locator('#token').fill(TOKENS[role]);
    await opened.page.keyboard.press('Enter');
    await opened.page.locator('#token').waitFor({ state: 'detached' });
    return opened;
  }
});

async function trace(page: Page): Promise<void> {
  await page.locator('#trace-id').fill(HANDLE);
  await page.keyboard.press('Enter');
  await page.getByTestId('story').waitFor();
}

async function conditions(page: Page): Promise<readonly string[]> {
  const parts = await page.locator('[data-condition]').all();
  return Promise.all(
    parts.map(async (part) => {
      const text = (await part.innerText()).replaceAll(/\s+/g, ' ').trim();
      return `${(await part.getAttribute('data-condition')) ?? ''} ${text}`;
    }),
  );
}
