// SPDX-License-Identifier: Apache-2.0
// Administrative divisions by their six-digit codes (GB/T 2260). Provinces are data; lower levels are
// only checked for shape, since county codes are abolished and merged every year.
import { CodedError } from '../errors.ts';

/** One province-level division: the first two digits of every code below it. */
export interface Province {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}

/** The level a division code names. */
export type DivisionLevel = 'province' | 'prefecture' | 'county';

/** A parsed division code. */
export interface Division {
  readonly code: string;
  readonly province: Province;
  readonly level: DivisionLevel;
}

/** The area of test identities: no living person and no registered business has it. */
export const TEST_AREA = '999999';

/** The area in codes of central organisations, which belong to no province. */
export const NATIONAL_AREA = '100000';

/** GB/T 2260, province level, in the order of the codes. */
export const PROVINCES: readonly Province[] = [
  { code: '11', zh: '北京市', en: 'Beijing' },
  { code: '12', zh: '天津市', en: 'Tianjin' },
  { code: '13', zh: '河北省', en: 'Hebei' },
  { code: '14', zh: '山西省', en: 'Shanxi' },
  { code: '15', zh: '内蒙古自治区', en: 'Inner Mongolia' },
  { code: '21', zh: '辽宁省', en: 'Liaoning' },
  { code: '22', zh: '吉林省', en: 'Jilin' },
  { code: '23', zh: '黑龙江省', en: 'Heilongjiang' },
  { code: '31', zh: '上海市', en: 'Shanghai' },
  { code: '32', zh: '江苏省', en: 'Jiangsu' },
  { code: '33', zh: '浙江省', en: 'Zhejiang' },
  { code: '34', zh: '安徽省', en: 'Anhui' },
  { code: '35', zh: '福建省', en: 'Fujian' },
  { code: '36', zh: '江西省', en: 'Jiangxi' },
  { code: '37', zh: '山东省', en: 'Shandong' },
  { code: '41', zh: '河南省', en: 'Henan' },
  { code: '42', zh: '湖北省', en: 'Hubei' },
  { code: '43', zh: '湖南省', en: 'Hunan' },
  { code: '44', zh: '广东省', en: 'Guangdong' },
  { code: '45', zh: '广西壮族自治区', en: 'Guangxi' },
  { code: '46', zh: '海南省', en: 'Hainan' },
  { code: '50', zh: '重庆市', en: 'Chongqing' },
  { code: '51', zh: '四川省', en: 'Sichuan' },
  { code: '52', zh: '贵州省', en: 'Guizhou' },
  { code: '53', zh: '云南省', en: 'Yunnan' },
  { code: '54', zh: '西藏自治区', en: 'Tibet' },
  { code: '61', zh: '陕西省', en: 'Shaanxi' },
  { code: '62', zh: '甘肃省', en: 'Gansu' },
  { code: '63', zh: '青海省', en: 'Qinghai' },
  { code: '64', zh: '宁夏回族自治区', en: 'Ningxia' },
  { code: '65', zh: '新疆维吾尔自治区', en: 'Xinjiang' },
  { code: '71', zh: '台湾省', en: 'Taiwan' },
  { code: '81', zh: '香港特别行政区', en: 'Hong Kong' },
  { code: '82', zh: '澳门特别行政区', en: 'Macao' },
];

const BY_CODE: ReadonlyMap<string, Province> = new Map(PROVINCES.map((p) => [p.code, p]));

/** The province a code begins with, or undefined where there is none. */
export function provinceOf(code: string): Province | undefined {
  return BY_CODE.get(code.slice(0, 2));
}

/**
 * Parses a six-digit division code of a province, a prefecture or a county.
 * @throws DIVISION_INVALID
 */
export function parseDivision(text: string): Division {
  if (!/^\d{6}$/.test(text)) throw new CodedError('DIVISION_INVALID', 'not six digits');
  const province = provinceOf(text);
  if (province === undefined) throw new CodedError('DIVISION_INVALID', 'no such province');
  if (text.slice(2, 4) === '00' && text.slice(4) !== '00') {
    throw new CodedError('DIVISION_INVALID', 'a county of no prefecture');
  }
  return { code: text, province, level: levelOf(text) };
}

/** Tells whether a text is a division code. */
export function isDivision(text: string): boolean {
  return /^\d{6}$/.test(text) && provinceOf(text) !== undefined && !/^\d\d00(?!00)/.test(text);
}

/** Tells whether one division is the other or lies in it, by their codes. */
export function isWithinDivision(inner: string, outer: string): boolean {
  return isDivision(inner) && isDivision(outer) && inner.startsWith(significantDigits(outer));
}

/** Tells whether an area code is the one of test identities, which only a test network admits. */
export function isTestArea(area: string): boolean {
  return area === TEST_AREA;
}

function levelOf(code: string): DivisionLevel {
  const length = significantDigits(code).length;
  return length === 2 ? 'province' : length === 4 ? 'prefecture' : 'county';
}

function significantDigits(code: string): string {
  if (code.endsWith('0000')) return code.slice(0, 2);
  return code.endsWith('00') ? code.slice(0, 4) : code;
}
