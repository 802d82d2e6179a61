// SPDX-License-Identifier: Apache-2.0
// Who joined a network, written down in its folder; and who cannot.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  forgetOrganisation,
  openLayout,
  planOrganisation,
  readAdded,
  recordOrganisation,
} from '../../network/fabric/added-organisations.ts';
import { completeJoining } from '../../network/fabric/add-organisation.ts';
import { layoutOf } from '../../network/fabric/layout.ts';
import { readConsortium, networkDefinition } from '../../scripts/consortium.ts';
import type { Layout } from '../../network/fabric/layout.ts';

const PROVINCE = { kind: 'province' } as const;
const BEIJING = { ...PROVINCE, msp: 'P11', prefix: '11', name: { zh: '北京市', en: 'Beijing' } };
const SHANGHAI = { ...PROVINCE, msp: 'P31', prefix: '31', name: { zh: '上海市', en: 'Shanghai' } };

describe('fabric: organisations that join', () => {
  let folder: string;
  let layout: Layout;
  const reopen = () => openLayout(folder, layout.definition, layout.firstPort);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zhenglian added '));
    layout = layoutOf(folder, networkDefinition(readConsortium()), 20_000);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('take the ports after the last one, and a place after the founders once they have joined', () => {
    const entry = planOrganisation(layout, BEIJING);
    expect(entry).to.include({ firstPort: 20_040, joined: false });
    recordOrganisation(layout, entry);
    expect(reopen()).to.eql(layout);
    expect(planOrganisation(layout, BEIJING)).to.eql(entry);
    completeJoining(layout, 'P11');
    const whole = reopen();
    expect(whole.organisations.map(({ msp }) => msp)).to.eql(['P44', 'P33', 'P51', 'REG', 'P11']);
    expect(whole.organisations.at(-1)?.ports.orderer).to.equal(20_040);
    expect(whole.definition).to.eql(layout.definition);
    expect(planOrganisation(whole, BEIJING).joined).to.equal(true);
    expect(planOrganisation(whole, { ...SHANGHAI, firstPort: 30_000 }).firstPort).to.equal(30_000);
    expect(planOrganisation(whole, SHANGHAI).firstPort).to.equal(20_050);
  });

  it('START_FAILED: a name, prefix or port of another, ports that are none, a second one at a time', () => {
    const plan = (change: object) => () => planOrganisation(layout, { ...BEIJING, ...change });
    expect(plan({ msp: 'P44' })).to.throw(/START_FAILED.*member/);
    expect(plan({ msp: 'p33' })).to.throw('START_FAILED');
    expect(plan({ prefix: '51' })).to.throw(/START_FAILED.*P11 and P51.*51/);
    expect(plan({ firstPort: 20_031 })).to.throw(/START_FAILED.*ports/);
    expect(plan({ firstPort: 19_991 })).to.throw('START_FAILED');
    expect(plan({ firstPort: 80 })).to.throw('START_FAILED');
    expect(plan({ firstPort: 65_530 })).to.throw('START_FAILED');
    expect(readAdded(folder)).to.eql([]);
    recordOrganisation(layout, planOrganisation(layout, BEIJING));
    expect(() => planOrganisation(layout, SHANGHAI)).to.throw(/START_FAILED.*add-org P11/);
    forgetOrganisation(layout, 'P11');
    expect(planOrganisation(layout, SHANGHAI).firstPort).to.equal(20_040);
    expect(() => {
      completeJoining(layout, 'P11');
    }).to.throw('START_FAILED');
  });

  it('START_FAILED: a file that was cut off or says something else', () => {
    const file = join(folder, 'organisations.json');
    for (const text of ['[', '{}', '[{"msp":"P11"}]', JSON.stringify([BEIJING])]) {
      writeFileSync(file, text);
      expect(reopen, text).to.throw(/START_FAILED.*organisations\.json/);
    }
  });
});
