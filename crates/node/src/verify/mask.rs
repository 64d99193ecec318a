//! Masking of face items by the way that the kind's data names (`mask = "name"`); L7.3.

/// The value with its personal part hidden. A way that nobody knows hides everything.
#[must_use]
pub fn masked(way: &str, value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    match way {
        "name" if is_organisation(value) => value.to_owned(),
        "name" => keep(&chars, 1, 0),
        "document" | "phone" => keep(&chars, 4, 4),
        "address" => keep(&chars, 6, 0),
        // Officer and vehicle stand face to face: the plate is what is compared.
        "plate" => value.to_owned(),
        "vin" => keep(&chars, 3, 6),
        _ => "*".repeat(chars.len().min(4)),
    }
}

/// Names of organisations are public and end with what they are (企业名称登记管理规定: 组织形式). Everything else is a person's,
/// however long: `努尔买买提·努尔买买提`, names in Latin letters.
fn is_organisation(name: &str) -> bool {
    const FORMS: [&str; 33] = [
        "集团",
        "企业",
        "合作社",
        "联合社",
        "事务所",
        "车队",
        "运输队",
        "客运站",
        "货运站",
        "车站",
        "中心",
        "学校",
        "驾校",
        "医院",
        "学院",
        "大学",
        "协会",
        "商会",
        "联合会",
        "基金会",
        "委员会",
        "经营部",
        "服务部",
        "货运部",
        "运输部",
        "门市部",
        "商行",
        "修理厂",
        "工厂",
        "总厂",
        "经销处",
        "服务站",
        "运输户",
    ];
    // 某某公司（普通合伙）: what stands in brackets at the end says only how.
    let name = name.trim();
    let name = match name.strip_suffix(['）', ')']).and_then(|rest| rest.rfind(['（', '('])) {
        Some(at) => name.get(..at).unwrap_or(name),
        None => name,
    };
    let before = |form: &&str| name.strip_suffix(*form).is_some_and(|rest| rest.chars().count() >= 2);
    let company = FORMS.iter().any(before);
    let office = ["厅", "局", "厂", "店", "院", "所", "社", "馆", "站", "部"];
    // One sign says less: 张大店 may be somebody; 演示市交通运输局 is nobody.
    let one = |form: &&str| name.strip_suffix(*form).is_some_and(|rest| rest.chars().count() >= 4);
    company || name.contains("公司") || (!name.contains(['·', '•', '．', ' ']) && office.iter().any(one))
}

fn keep(chars: &[char], front: usize, back: usize) -> String {
    if chars.len() <= front + back {
        // One sign alone is the whole of it.
        let shown = usize::from(chars.len() > 1);
        let head: String = chars.iter().take(shown).collect();
        return head + &"*".repeat(chars.len() - shown);
    }
    let hidden = (chars.len() - front - back).min(8);
    let head: String = chars[..front].iter().collect();
    let tail: String = chars[chars.len() - back..].iter().collect();
    format!("{head}{}{tail}", "*".repeat(hidden))
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn personal_parts_are_hidden() {
        let table = [
            // People, of every shape of name.
            ("name", "张三", "张*"),
            ("name", "张", "*"),
            ("name", "欧阳小明", "欧***"),
            ("name", "张 三", "张**"),
            ("name", "张大店", "张**"),
            ("name", "阿依古丽买买提", "阿******"),
            ("name", "阿依古丽·买买提", "阿*******"),
            ("name", "努尔买买提·努尔买买提·次仁", "努********"),
            ("name", "买买提•艾力", "买*****"),
            ("name", "JOHN SMITH", "J********"),
            ("name", "Müller", "M*****"),
            ("name", "", ""),
            // Organisations are public.
            ("name", "演示市中顺物流有限公司", "演示市中顺物流有限公司"),
            ("name", "顺达公司", "顺达公司"),
            ("name", "演示市平安汽车服务中心（普通合伙）", "演示市平安汽车服务中心（普通合伙）"),
            ("name", "买买提·艾力运输公司", "买买提·艾力运输公司"),
            ("name", "甲市张三货运部", "甲市张三货运部"),
            ("name", "演示市交通运输局", "演示市交通运输局"),
            ("document", "990101199001011234", "9901********1234"),
            ("document", "1234", "1***"),
            ("document", "1", "*"),
            ("phone", "13900001111", "1390***1111"),
            ("address", "演示省演示市演示路1号", "演示省演示市*****"),
            ("plate", "演A12345", "演A12345"),
            ("vin", "LSVAA4182E2123456", "LSV********123456"),
            ("secret", "abcdef", "****"),
        ];
        for (way, value, shown) in table {
            assert_eq!(masked(way, value), shown, "{way} {value}");
        }
    }
}
