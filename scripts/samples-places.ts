// SPDX-License-Identifier: Apache-2.0
// Addresses of sample people and businesses: real provinces and cities, invented streets and villages.
import type { SampleRandom } from './samples-random.ts';

/** A city as it stands in an address and in the name of a business. */
export interface SampleCity {
  readonly province: string;
  readonly city: string;
  readonly short: string;
  readonly districts: readonly string[];
}

const CITIES: readonly SampleCity[] = [
  city('浙江省', '杭州市', '杭州', '西湖区 上城区 拱墅区 余杭区 萧山区'),
  city('浙江省', '宁波市', '宁波', '海曙区 鄞州区 江北区'),
  city('浙江省', '温州市', '温州', '鹿城区 瓯海区 永嘉县'),
  city('广东省', '广州市', '广州', '天河区 越秀区 海珠区 番禺区'),
  city('广东省', '深圳市', '深圳', '南山区 福田区 宝安区 龙岗区'),
  city('广东省', '佛山市', '佛山', '禅城区 顺德区 南海区'),
  city('', '北京市', '北京', '海淀区 朝阳区 西城区 通州区'),
  city('', '上海市', '上海', '浦东新区 徐汇区 静安区 闵行区'),
  city('四川省', '成都市', '成都', '锦江区 武侯区 郫都区'),
  city('湖北省', '武汉市', '武汉', '武昌区 洪山区 江汉区'),
  city('陕西省', '西安市', '西安', '雁塔区 碑林区 长安区'),
  city('内蒙古自治区', '呼和浩特市', '呼和浩特', '新城区 赛罕区 土默特左旗'),
  city('新疆维吾尔自治区', '乌鲁木齐市', '乌鲁木齐', '天山区 沙依巴克区'),
  city('西藏自治区', '拉萨市', '拉萨', '城关区 堆龙德庆区'),
  city('广西壮族自治区', '南宁市', '南宁', '青秀区 兴宁区 武鸣区'),
  city('云南省', '大理白族自治州', '大理', '大理市 漾濞彝族自治县'),
];

const ROADS = [
  ...['文苑路', '学府大道', '人民中路', '解放东路', '滨江大道', '科创一路', '建设三路', '中山北路'],
  ...['梧桐街', '清泉巷', '青云街', '银杏路', '和平里', '望湖路', '体育场路', '长乐西路'],
];
const ESTATES = [
  '金桂花园',
  '书香苑',
  '阳光家园',
  '翠湖小区',
  '江南春晓',
  '幸福里',
  '锦绣天城',
  '云溪雅筑',
];
const TOWNS = ['三墩镇', '双桥镇', '石桥乡', '龙泉镇', '白沙镇', '长河乡'];
const VILLAGES = ['上杨村', '李家村', '新丰村', '红旗村', '桃源村', '石井村'];
const PARKS = ['科技园', '创新中心', '商务大厦', '工业园', '国际广场', '软件园'];

/** Picks a city. */
export function pickCity(random: SampleRandom): SampleCity {
  return random.pick(CITIES);
}

/** Makes the address of a household: at most 35 characters, as the chip of the card holds. */
export function makeHomeAddress(random: SampleRandom): string {
  for (;;) {
    const place = pickCity(random);
    const head = place.province + place.city + random.pick(place.districts);
    const text = head + (random.chance(0.2) ? makeVillage(random) : makeStreet(random));
    if (text.length <= 35) return text;
  }
}

/** Makes the address of a business in a city. */
export function makeBusinessAddress(random: SampleRandom, place: SampleCity): string {
  const head = place.province + place.city + random.pick(place.districts);
  const road = `${random.pick(ROADS)}${random.between(1, 1999)}号`;
  if (random.chance(0.3)) return head + road;
  const floor = random.between(1, 30);
  const room = `${floor}${String(random.between(1, 20)).padStart(2, '0')}室`;
  const building = `${random.between(1, 12)}幢`;
  const note = random.chance(0.1) ? '（自主申报，集群登记）' : '';
  return `${head}${road}${random.pick(PARKS)}${building}${room}${note}`;
}

function makeStreet(random: SampleRandom): string {
  const road = `${random.pick(ROADS)}${random.between(1, 999)}号`;
  if (random.chance(0.3)) return road;
  const estate = random.chance(0.7) ? random.pick(ESTATES) : '';
  const unit = random.chance(0.5) ? `${random.between(1, 4)}单元` : '';
  const room = `${random.between(1, 28)}0${random.between(1, 4)}室`;
  return `${road}${estate}${random.between(1, 38)}幢${unit}${room}`;
}

function makeVillage(random: SampleRandom): string {
  const group = random.chance(0.5) ? `第${random.between(1, 12)}村民小组` : '';
  return `${random.pick(TOWNS)}${random.pick(VILLAGES)}${group}${random.between(1, 320)}号`;
}

function city(province: string, name: string, short: string, districts: string): SampleCity {
  return { province, city: name, short, districts: districts.split(' ') };
}
