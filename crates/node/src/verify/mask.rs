//! Masking of face items by the way that the kind's data names (`mask = "name"`); L7.3.

/// The value with its personal part hidden. A way that nobody knows hides everything.
pub(crate) fn masked(way: &str, value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    match way {
        // 张**；company names stay readable: they are public.
        "name" if chars.len() > 6 => value.to_owned(),
        "name" => keep(&chars, 1, 0),
        "document" | "phone" => keep(&chars, 4, 4),
        "address" => keep(&chars, 6, 0),
        // Officer and vehicle stand face to face: the plate is what is compared.
        "plate" => value.to_owned(),
        "vin" => keep(&chars, 3, 6),
        _ => "*".repeat(chars.len().min(4)),
    }
}

fn keep(chars: &[char], front: usize, back: usize) -> String {
    if chars.len() <= front + back {
        let shown: String = chars.iter().take(1).collect();
        return shown + &"*".repeat(chars.len().saturating_sub(1));
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
        assert_eq!(masked("name", "张三"), "张*");
        assert_eq!(masked("name", "阿依古丽·买买提"), "阿依古丽·买买提");
        assert_eq!(masked("document", "990101199001011234"), "9901********1234");
        assert_eq!(masked("address", "演示省演示市演示路1号"), "演示省演示市*****");
        assert_eq!(masked("secret", "abcdef"), "****");
        assert_eq!(masked("document", "1234"), "1***");
    }
}
