// SPDX-License-Identifier: Apache-2.0
// GB/T 3304: codes of the ethnic groups of China, with 97 (other) and 98 (naturalised).
import type { Label } from './definition.ts';

const GROUPS =
  '汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺';
const NAMES =
  'Han Mongol Hui Tibetan Uyghur Miao Yi Zhuang Bouyei Korean Manchu Dong Yao Bai Tujia Hani Kazakh Dai Li Lisu Va She Gaoshan Lahu Sui Dongxiang Naxi Jingpo Kirgiz Tu Daur Mulao Qiang Blang Salar Maonan Gelao Xibe Achang Pumi Tajik Nu Uzbek Russian Ewenki Deang Bonan Yugur Gin Tatar Derung Oroqen Hezhen Monba Lhoba Jino';

/** Code (1 to 56, 97, 98) → label. */
export const ETHNIC_GROUPS: ReadonlyMap<number, Label> = new Map([
  ...GROUPS.split(' ').map(
    (zh, i) => [i + 1, { zh: `${zh}族`, en: NAMES.split(' ')[i] ?? zh }] as const,
  ),
  [97, { zh: '其他', en: 'other' }],
  [98, { zh: '外国血统中国籍人士', en: 'naturalised' }],
]);
