//! The words that people, companies and places are made of.

/// Frequent first: a surname is drawn from the front half most of the time.
pub(crate) const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
pub(crate) const COMPOUND_SURNAMES: [&str; 6] = ["欧阳", "上官", "司马", "诸葛", "令狐", "尉迟"];
pub(crate) const MALE: &str =
    "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林峰建国志文德海东洪祥福贵春生永庆";
pub(crate) const FEMALE: &str =
    "芳娜敏静丽艳娟霞秀玲桂英红梅兰雪莹慧婷洁倩萍燕琳玉凤云莉琴香月晶欣瑶佳怡颖琪";
/// Characters that small fonts lack, some of them beyond GB 2312; 禤 is a surname.
pub(crate) const RARE: &str = "玥喆堃璟翀垚鋆珺淼犇禤㛃䶮㼆";
/// Parts of names that are joined with a middle dot.
pub(crate) const DOTTED: [&str; 16] = [
    "阿卜杜热合曼",
    "买买提",
    "古丽娜尔",
    "艾力",
    "吐尔逊",
    "帕提古丽",
    "努尔买买提",
    "玉素甫",
    "扎西",
    "次仁",
    "多吉",
    "卓玛",
    "巴特尔",
    "哈斯",
    "木沙",
    "阿依努尔",
];

pub(crate) const FANCY: [&str; 24] = [
    "顺达", "恒通", "远航", "捷运", "宏图", "安途", "驰骋", "金路", "万里", "中顺", "鑫源", "瑞丰", "东方",
    "华运", "同心", "路畅", "平安", "兴隆", "众联", "天驰", "绿源", "弘毅", "盛世", "北辰",
];
pub(crate) const STREETS: [&str; 16] = [
    "迎宾路",
    "人民中路",
    "解放大道",
    "文化街",
    "物流园区一号路",
    "工业大道",
    "滨河东路",
    "站前街",
    "建设北路",
    "环城南路",
    "友谊巷",
    "学府路",
    "港口大道",
    "新华西街",
    "和平里",
    "长青路",
];
pub(crate) const ESTATES: [&str; 8] =
    ["演景家园", "东苑小区", "锦绣花园", "安和里", "运输公司家属院", "水岸新城", "康乐小区", "新村"];
