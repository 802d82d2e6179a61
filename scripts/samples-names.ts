// SPDX-License-Identifier: Apache-2.0
// Names of sample people: Han and Hui style, and those of peoples who write theirs with a middle dot
// (U+00B7) or without a family name. Any likeness to a living person is chance.
import type { SampleRandom } from './samples-random.ts';

type Sex = 1 | 2;

const SURNAMES = [
  ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤',
  '欧阳',
  '上官',
  '司马',
  '诸葛',
  '令狐',
];
const HUI_SURNAMES = [...'马丁哈沙纳白金杨米'];
const MALE = [...'伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆博文轩泽睿晨昊宏建国志远嘉铭'];
const FEMALE = [
  ...'芳娜敏静丽艳娟霞秀燕玲桂英兰梅琳雪婷慧莹洁倩颖欣怡佳雨萱梓涵诗瑶思淑珍玉华晓璐妍',
];
const RARE = [...'垚喆琰翀赟龑濛璟昇堃'];

const UYGHUR = {
  1: [
    '买买提',
    '吐尔逊',
    '艾力',
    '库尔班',
    '阿卜杜拉',
    '玉素甫',
    '艾尔肯',
    '木拉提',
    '热合曼',
    '阿不都热依木',
  ],
  2: ['古丽娜尔', '阿依古丽', '热依汗', '帕提古丽', '迪丽努尔', '米热古丽', '祖丽皮亚', '阿孜古丽'],
};
const KAZAKH = {
  1: ['叶尔兰', '巴合提', '努尔兰', '哈布力', '赛力克', '达吾列提'],
  2: ['古丽夏提', '阿依努尔', '玛依拉', '沙吾列', '加依娜'],
};
const TIBETAN = {
  1: ['扎西顿珠', '多吉', '次仁旺堆', '洛桑', '丹增', '平措', '边巴', '格桑平措'],
  2: ['卓玛', '央金', '白玛', '德吉', '次仁拉姆', '仓央拉姆', '达瓦卓玛'],
};
const MONGOL = {
  1: ['巴特尔', '苏和', '布仁', '朝鲁', '阿古拉', '哈斯巴根', '额尔德木图'],
  2: ['其其格', '乌云', '萨仁', '托娅', '娜仁花', '萨仁高娃', '乌兰图雅'],
};

/** Makes a name as the people of an ethnicity code (GB/T 3304) write theirs. */
export function makeName(random: SampleRandom, ethnicity: string, sex: Sex): string {
  switch (ethnicity) {
    case '05':
      return `${random.pick(UYGHUR[sex])}·${random.pick(UYGHUR[1])}`;
    case '17':
      return `${random.pick(KAZAKH[sex])}·${random.pick(KAZAKH[1])}`;
    case '04':
      return random.pick(TIBETAN[sex]);
    case '02':
      return random.pick(MONGOL[sex]);
    case '03':
      return random.pick(HUI_SURNAMES) + givenName(random, sex);
    default:
      return random.pick(SURNAMES) + givenName(random, sex);
  }
}

function givenName(random: SampleRandom, sex: Sex): string {
  const characters = sex === 1 ? MALE : FEMALE;
  if (random.chance(0.02)) return random.pick(RARE);
  const first = random.pick(characters);
  return random.chance(0.18) ? first : first + random.pick(characters);
}
