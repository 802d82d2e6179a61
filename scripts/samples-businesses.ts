// SPDX-License-Identifier: Apache-2.0
// Sample businesses: area 999999 in their codes, names and scopes as registries print them.
import {
  daysOfDate,
  dateOfDays,
  formatCalendarDate,
} from '@zhenglian/core/identifiers/calendar-date';
import { TEST_AREA } from '@zhenglian/core/identifiers/division';
import { formatUscc } from '@zhenglian/core/identifiers/uscc';
import { makeName } from './samples-names.ts';
import { SAMPLE_DAY } from './samples-people.ts';
import { makeBusinessAddress, pickCity } from './samples-places.ts';
import { createSampleRandom } from './samples-random.ts';

import type { SampleRandom } from './samples-random.ts';

/** One line of business.csv. */
export type SampleBusiness = Readonly<{
  uscc: string;
  name: string;
  type: string;
  legalRep: string;
  registeredCapital: string;
  establishedOn: string;
  address: string;
  businessScope: string;
  issuedOn: string;
}>;

interface Form {
  readonly type: string;
  readonly category: string;
  readonly suffix: string;
  readonly weight: number;
  readonly capital: boolean;
}

const FORMS: readonly Form[] = [
  form('有限责任公司(自然人投资或控股)', '1', '有限公司', 40, true),
  form('有限责任公司(自然人独资)', '1', '有限公司', 16, true),
  form('有限责任公司(国有独资)', '1', '有限公司', 2, true),
  form('有限责任公司(非自然人投资或控股的法人独资)', '1', '有限公司', 6, true),
  form('股份有限公司(非上市)', '1', '股份有限公司', 4, true),
  form('有限合伙企业', '1', '合伙企业（有限合伙）', 5, true),
  form('个人独资企业', '1', '工作室', 5, true),
  form('个体工商户', '2', '经营部', 18, false),
  form('农民专业合作社', '3', '专业合作社', 4, true),
];

const CAPITALS = [
  '拾万',
  '伍拾万',
  '壹佰万',
  '贰佰万',
  '叁佰万',
  '伍佰万',
  '壹仟万',
  '贰仟万',
  '伍仟万',
  '壹亿',
];
const BRANDS = [
  '云栖',
  '鼎盛',
  '启明',
  '瑞丰',
  '天合',
  '博远',
  '同舟',
  '青禾',
  '海纳',
  '星辰',
  '恒信',
  '万象',
  '鸿图',
  '清源',
  '嘉禾',
  '墨香',
];
const SECOND = ['', '', '之光', '时代', '未来', '联创'];

const TRADES: Readonly<Record<string, readonly string[]>> = {
  信息技术: [
    '软件开发',
    '信息系统集成服务',
    '数据处理和存储支持服务',
    '人工智能应用软件开发',
    '网络与信息安全软件开发',
    '信息技术咨询服务',
    '物联网技术服务',
    '计算机软硬件及辅助设备零售',
  ],
  餐饮管理: ['餐饮服务', '食品销售', '餐饮管理', '外卖递送服务', '食用农产品零售', '日用百货销售'],
  建筑工程: [
    '建设工程施工',
    '住宅室内装饰装修',
    '园林绿化工程施工',
    '土石方工程施工',
    '建筑材料销售',
    '工程管理服务',
    '机械设备租赁',
  ],
  供应链管理: [
    '道路货物运输（不含危险货物）',
    '国内货物运输代理',
    '普通货物仓储服务（不含危险化学品等需许可审批的项目）',
    '供应链管理服务',
    '装卸搬运',
    '包装服务',
  ],
  生态农业: [
    '蔬菜种植',
    '水果种植',
    '茶叶种植',
    '农产品的生产、销售、加工、运输、贮藏及其他相关服务',
    '农业专业及辅助性活动',
    '初级农产品收购',
  ],
  文化传媒: [
    '组织文化艺术交流活动',
    '广告设计、代理',
    '广告制作',
    '会议及展览服务',
    '平面设计',
    '摄影扩印服务',
    '数字内容制作服务（不含出版发行）',
  ],
};
const CLOSING = '（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）';
const LICENSED =
  '许可项目：第二类增值电信业务（依法须经批准的项目，经相关部门批准后方可开展经营活动，具体经营项目以审批结果为准）。';

/** Generates the first `count` businesses of a seed. */
export function generateBusinesses(seed: string, count: number): SampleBusiness[] {
  const random = createSampleRandom(`${seed}/businesses`);
  const taken = new Set<string>();
  return Array.from({ length: count }, () => makeBusiness(random, taken));
}

function makeBusiness(random: SampleRandom, taken: Set<string>): SampleBusiness {
  const kind = random.pick(
    FORMS,
    FORMS.map((each) => each.weight),
  );
  const trade = random.pick(Object.keys(TRADES));
  const place = pickCity(random);
  const established = random.between(daysOfDate({ year: 1994, month: 7, day: 1 }), SAMPLE_DAY);
  const issued = random.chance(0.6) ? established : random.between(established, SAMPLE_DAY);
  return {
    uscc: pickUscc(random, kind.category, taken),
    name: `${place.short}${random.pick(BRANDS)}${random.pick(SECOND)}${trade}${kind.suffix}`,
    type: kind.type,
    legalRep: makeName(random, '01', random.chance(0.7) ? 1 : 2),
    registeredCapital: kind.capital ? `${random.pick(CAPITALS)}元整` : '',
    establishedOn: formatCalendarDate(dateOfDays(established)),
    address: makeBusinessAddress(random, place),
    businessScope: makeScope(random, trade),
    issuedOn: formatCalendarDate(dateOfDays(issued)),
  };
}

/** A scope: mostly the trade's own items, sometimes a page of everything. */
function makeScope(random: SampleRandom, trade: string): string {
  const own = TRADES[trade] ?? [];
  const foreign = random.chance(0.15) ? Object.values(TRADES).flat() : [];
  const kept = [...own, ...foreign].filter(() => random.chance(0.75));
  const items = [...new Set(kept.length === 0 ? own : kept)].join('；');
  return `一般项目：${items}${CLOSING}。${random.chance(0.1) ? LICENSED : ''}`;
}

function pickUscc(random: SampleRandom, category: string, taken: Set<string>): string {
  for (;;) {
    const digits = Array.from({ length: 6 }, () =>
      random.pick([...'0123456789ABCDEFGHJKLMNPQRTUWXY']),
    );
    const organisation = `MA${digits.join('')}`;
    const text = formatUscc({ department: '9', category, area: TEST_AREA, organisation });
    if (taken.has(text)) continue;
    taken.add(text);
    return text;
  }
}

function form(
  type: string,
  category: string,
  suffix: string,
  weight: number,
  capital: boolean,
): Form {
  return { type, category, suffix, weight, capital };
}
