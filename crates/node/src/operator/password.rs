//! Passwords: `argon2id:m=19456,t=2,p=1:SALT:DIGEST` or `pbkdf2-hmac-sm3:i=600000:SALT:DIGEST`, side by side (`docs/pages.md`).

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use super::Scheme;
use crate::NodeError;

/// Memory in KiB, passes, lanes: the smallest that OWASP's 2023 list names for argon2id.
const USUAL: (u32, u32, u32) = (19_456, 2, 1);
/// Rounds of PBKDF2: what OWASP's 2023 list names for a digest of this length.
const ROUNDS: u32 = 600_000;
const ARGON2ID: &str = "argon2id";
const PBKDF2: &str = "pbkdf2-hmac-sm3";
/// Nobody's password, in either form: an unknown account takes as long as a known one.
const NOBODY: [&str; 2] = [
    "argon2id:m=19456,t=2,p=1:AAAAAAAAAAAAAAAAAAAAAA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "pbkdf2-hmac-sm3:i=600000:AAAAAAAAAAAAAAAAAAAAAA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
];
const SALT: usize = 16;
const DIGEST: usize = 32;
/// Characters of a password at least.
const LEAST: usize = 10;
/// And at most: what is hashed must not become a burden.
const MOST: usize = 128;

/// The stored form of a new password.
pub(super) fn digest(password: &str, salt: [u8; SALT], scheme: Scheme) -> Result<String, NodeError> {
    let (costs, head) = match scheme {
        Scheme::Argon2id => {
            let (memory, passes, lanes) = USUAL;
            (Costs::Argon2id(USUAL), format!("{ARGON2ID}:m={memory},t={passes},p={lanes}"))
        }
        Scheme::Pbkdf2Sm3 => (Costs::Pbkdf2(ROUNDS), format!("{PBKDF2}:i={ROUNDS}")),
    };
    let out = compute(password, &salt, costs)?;
    let (salt, out) = (gm::base64::encode(&salt), gm::base64::encode(&*out));
    Ok(format!("{head}:{salt}:{out}"))
}

/// Is it the password? A stored form that nobody can read is no password at all.
pub(super) fn fits(password: &str, stored: &str) -> bool {
    parts(stored).is_some_and(|(costs, salt, wanted)| {
        let same = |out: Zeroizing<[u8; DIGEST]>| {
            // In constant time: every byte is looked at.
            out.iter().zip(&wanted).fold(0, |all, (one, other)| all | (one ^ other)) == 0
        };
        password.len() <= MOST * 4 && compute(password, &salt, costs).is_ok_and(same)
    })
}

/// Is the stored form that of this scheme at its present costs?
pub(super) fn is_of(scheme: Scheme, stored: &str) -> bool {
    matches!(
        (scheme, parts(stored)),
        (Scheme::Argon2id, Some((Costs::Argon2id(USUAL), ..)))
            | (Scheme::Pbkdf2Sm3, Some((Costs::Pbkdf2(ROUNDS), ..)))
    )
}

/// Nobody's password in the form of a scheme.
pub(super) fn nobody(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Argon2id => NOBODY[0],
        Scheme::Pbkdf2Sm3 => NOBODY[1],
    }
}

/// Refuses passwords that are guessed soon: too short, of one sort of characters, or with the account's name in them.
pub(super) fn check(password: &str, account: &str) -> Result<(), NodeError> {
    let fix = "请用不少于 10 个字符、含字母和数字（或其他字符）的口令，且不含账号";
    let length = password.chars().count();
    if !(LEAST..=MOST).contains(&length) {
        return Err(NodeError::refused(format!("口令应有 {LEAST} 到 {MOST} 个字符"), fix));
    }
    let letters = password.chars().any(char::is_alphabetic);
    let others = password.chars().any(|one| !one.is_alphabetic());
    if !letters || !others || password.to_lowercase().contains(&account.to_lowercase()) {
        return Err(NodeError::refused("口令过于简单", fix));
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Costs {
    /// KiB, passes, lanes.
    Argon2id((u32, u32, u32)),
    /// Rounds.
    Pbkdf2(u32),
}

fn compute(password: &str, salt: &[u8], costs: Costs) -> Result<Zeroizing<[u8; DIGEST]>, NodeError> {
    let broken = |_| NodeError::refused("口令参数不合规", "请用 luzheng operator reset 重设口令");
    let (memory, passes, lanes) = match costs {
        Costs::Argon2id(costs) => costs,
        Costs::Pbkdf2(rounds) => return Ok(gm::sm3::pbkdf2_sm3(password.as_bytes(), salt, rounds)),
    };
    let params = Params::new(memory, passes, lanes, Some(DIGEST)).map_err(broken)?;
    let mut out = Zeroizing::new([0; DIGEST]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut out[..])
        .map_err(broken)?;
    Ok(out)
}

fn parts(stored: &str) -> Option<(Costs, Vec<u8>, Vec<u8>)> {
    let mut parts = stored.split(':');
    let (scheme, costs, salt, out, None) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next())
    else {
        return None;
    };
    let costs = match scheme {
        ARGON2ID => {
            let mut numbers = costs
                .split(',')
                .zip(["m=", "t=", "p="])
                .map(|(part, head)| part.strip_prefix(head).and_then(|number| number.parse::<u32>().ok()));
            Costs::Argon2id((numbers.next()??, numbers.next()??, numbers.next()??))
        }
        PBKDF2 => Costs::Pbkdf2(costs.strip_prefix("i=")?.parse().ok()?),
        _ => return None,
    };
    let (salt, out) = (gm::base64::decode(salt).ok()?, gm::base64::decode(out).ok()?);
    (salt.len() == SALT && out.len() == DIGEST).then_some((costs, salt, out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_password_fits_and_no_other() {
        for (scheme, head) in [
            (Scheme::Argon2id, "argon2id:m=19456,t=2,p=1:"),
            (Scheme::Pbkdf2Sm3, "pbkdf2-hmac-sm3:i=600000:"),
        ] {
            let stored = digest("correct horse 7", [3; SALT], scheme).expect("it");
            assert!(stored.starts_with(head));
            assert!(fits("correct horse 7", &stored) && is_of(scheme, &stored));
            assert!(!fits("correct horse 8", &stored));
            assert!(is_of(scheme, nobody(scheme)) && !fits("", nobody(scheme)));
        }
        assert!(!fits("correct horse 7", "plain:correct horse 7"));
    }

    #[test]
    fn weak_passwords_are_refused() {
        for weak in ["short1", "aaaaaaaaaaaa", "123456789012", "zhifa001-abc"] {
            assert!(check(weak, "zhifa001").is_err(), "{weak}");
        }
        assert!(check("yanshi-2026-lu", "zhifa001").is_ok());
    }
}
