//! The second factor: one-time codes, recovery codes, a signed challenge; and password schemes.

use std::path::Path;
use std::process::Command;

use node::operator::{
    Again, Enrolment, Proof, Scheme, SignIn, SignInPolicy, Warrant, sign_challenge, totp_code,
};
use node::session::{Begun, Stage};

use super::{MINUTE, PASSWORD, add, by, count, live_of, on_both_under, sign_in, signed_in, strict};
use crate::support::{NOW, SECOND, Scratch, World, postgres, sqlite};

const SECRET: &[u8; 20] = b"12345678901234567890";

fn earnest() -> SignInPolicy {
    SignInPolicy::default()
}

/// The secret as the enrolment page shows it, as bytes.
fn typed(secret: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letters = secret.bytes().filter(|byte| *byte != b' ');
    let (mut out, mut held, mut bits) = (Vec::new(), 0u32, 0);
    for byte in letters {
        held = (held << 5) | alphabet.iter().position(|one| *one == byte).expect("Base32") as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
        }
        held &= (1 << bits) - 1;
    }
    out
}

fn give(world: &World, begun: &Begun, proof: Proof<'_>, now: i64) -> Again {
    world.province.operator_factor(&live_of(world, begun, now), proof, now).expect("the rows")
}

#[test]
fn a_role_with_two_factors_enrols_first_and_then_gives_a_code_each_time() {
    on_both_under(earnest(), |world| {
        add(world, "shengji", "省级主管");
        let begun = signed_in(world, "shengji", NOW);
        assert_eq!((begun.stage, begun.home.as_str()), (Stage::Enrol, "/sign-in/enrol"));
        let live = live_of(world, &begun, NOW);
        assert!(!live.fresh(NOW));
        let shown = world.province.operator_enrol_begin(&live).expect("the rows");
        assert_eq!(shown, world.province.operator_enrol_begin(&live).expect("the rows"), "it stays");
        assert!(shown.uri.starts_with("otpauth://totp/luzheng-demo-99:shengji?secret="));
        let secret = typed(&shown.secret);
        let wrong = world.province.operator_enrol_finish(&live, "000000", NOW).expect("the rows");
        assert_eq!(wrong, Enrolment::Wrong);
        let done = world.province.operator_enrol_finish(&live, &totp_code(&secret, NOW), NOW);
        let Enrolment::Done(codes) = done.expect("the rows") else { panic!("enrolled") };
        assert_eq!(codes.len(), 10);
        let full = live_of(world, &begun, NOW);
        assert!(full.stage == Stage::Full && full.fresh(NOW) && full.factors.0);
        assert!(!full.fresh(NOW + 10 * MINUTE));
        for what in
            [format!("totp_sealed LIKE '%{}%'", shown.secret.replace(' ', "")), "totp_sealed = ''".into()]
        {
            assert_eq!(count(world, &format!("operator_account WHERE {what}")), 0, "{what}");
        }
        assert_eq!(count(world, &format!("operator_recovery WHERE digest = '{}'", codes[0])), 0);
        // The next sign-in: the password opens nothing; the code that enrolled is used up, the next one is good.
        let next = signed_in(world, "shengji", NOW);
        assert_eq!(next.stage, Stage::Factor);
        assert_eq!(give(world, &next, Proof::Code(&totp_code(&secret, NOW)), NOW), Again::Wrong);
        let later = NOW + 30 * SECOND;
        assert_eq!(give(world, &next, Proof::Code(&totp_code(&secret, later)), later), Again::Done);
        assert_eq!(live_of(world, &next, later).stage, Stage::Full);
    });
}

#[test]
fn a_code_is_good_for_one_step_around_and_once() {
    on_both_under(earnest(), |world| {
        add(world, "shenji", "审计管理员");
        let province = &world.province;
        province.operator_enrol_totp("shenji", SECRET, &by("shenji"), NOW).expect("enrolled");
        let code = |steps: i64| totp_code(SECRET, NOW + steps * 30 * SECOND);
        let try_it = |steps| give(world, &signed_in(world, "shenji", NOW), Proof::Code(&code(steps)), NOW);
        assert_eq!(try_it(-2), Again::Wrong);
        assert_eq!(try_it(2), Again::Wrong);
        assert_eq!(try_it(-1), Again::Done);
        assert_eq!(try_it(-1), Again::Wrong, "used");
        assert_eq!(try_it(1), Again::Done);
        assert_eq!(try_it(0), Again::Wrong, "an older one than the last that was used");
    });
}

#[test]
fn wrong_codes_lock_although_the_password_is_right_each_time() {
    on_both_under(earnest(), |world| {
        add(world, "anquan", "安全管理员");
        world.province.operator_enrol_totp("anquan", SECRET, &by("anquan"), NOW).expect("enrolled");
        for _ in 0..4 {
            let begun = signed_in(world, "anquan", NOW);
            assert_eq!(give(world, &begun, Proof::Code("000000"), NOW), Again::Wrong);
        }
        let begun = signed_in(world, "anquan", NOW);
        assert!(matches!(give(world, &begun, Proof::Code("000000"), NOW), Again::Locked(_)));
        assert!(world.province.session_of(&begun.cookie, NOW).expect("the rows").is_none());
        assert!(matches!(sign_in(world, "anquan", PASSWORD, NOW), SignIn::Locked(_)));
    });
}

#[test]
fn an_unfinished_sign_in_is_over_after_a_quarter_of_an_hour() {
    on_both_under(earnest(), |world| {
        add(world, "shengji", "省级主管");
        let begun = signed_in(world, "shengji", NOW);
        let later = NOW + 15 * MINUTE;
        assert!(world.province.session_of(&begun.cookie, later).expect("the rows").is_none());
    });
}

#[test]
fn a_recovery_code_opens_once() {
    on_both_under(earnest(), |world| {
        add(world, "shengji", "省级主管");
        let live = live_of(world, &signed_in(world, "shengji", NOW), NOW);
        let secret = typed(&world.province.operator_enrol_begin(&live).expect("the rows").secret);
        let done = world.province.operator_enrol_finish(&live, &totp_code(&secret, NOW), NOW);
        let Enrolment::Done(codes) = done.expect("the rows") else { panic!("enrolled") };
        let lower = codes[3].to_lowercase();
        let again = || give(world, &signed_in(world, "shengji", NOW), Proof::Code(&lower), NOW);
        assert_eq!(again(), Again::Done);
        assert_eq!(again(), Again::Wrong);
        assert_eq!(world.province.operator_recovery_left("shengji").expect("the rows"), 9);
    });
}

#[test]
fn whoever_lost_the_phone_enrols_anew_after_a_reset() {
    on_both_under(earnest(), |world| {
        add(world, "anquan", "安全管理员");
        add(world, "shengji", "省级主管");
        let province = &world.province;
        province.operator_enrol_totp("shengji", SECRET, &by("shengji"), NOW).expect("enrolled");
        assert_eq!(signed_in(world, "shengji", NOW).stage, Stage::Factor);
        province.operator_factor_reset("shengji", &by("anquan"), Warrant::Account, NOW).expect("reset");
        assert_eq!(signed_in(world, "shengji", NOW).stage, Stage::Enrol);
    });
}

#[test]
fn dangerous_acts_need_password_and_code_anew() {
    on_both_under(earnest(), |world| {
        add(world, "anquan", "安全管理员");
        let province = &world.province;
        province.operator_enrol_totp("anquan", SECRET, &by("anquan"), NOW).expect("enrolled");
        let begun = signed_in(world, "anquan", NOW);
        give(world, &begun, Proof::Code(&totp_code(SECRET, NOW)), NOW);
        let later = NOW + 14 * MINUTE;
        let again = |password, code: &str| {
            let live = live_of(world, &begun, later);
            assert!(!live.fresh(later));
            province.operator_again(&live, password, Some(Proof::Code(code)), later).expect("the rows")
        };
        let code = totp_code(SECRET, later);
        assert_eq!(again("wrong-password-1", &code), Again::Wrong);
        assert_eq!(again(PASSWORD, ""), Again::Wrong);
        assert_eq!(again(PASSWORD, &code), Again::Done, "the wrong password did not use the code up");
        assert!(live_of(world, &begun, later).fresh(later));
    });
}

fn openssl(folder: &Path, args: &[&str]) {
    let done = Command::new("openssl").args(args).current_dir(folder).output().expect("openssl");
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn the_key_of_a_registered_certificate_signs_the_challenge() {
    let scratch = Scratch::new();
    let folder = &scratch.0;
    // The key and certificate of a person, as openssl makes them; the certificate is valid from the machine's now on.
    openssl(folder, &["ecparam", "-name", "SM2", "-genkey", "-noout", "-out", "key.pem"]);
    let subject = "/C=CN/CN=zhao";
    let id = "distid:1234567812345678";
    openssl(
        folder,
        &[
            "req",
            "-new",
            "-x509",
            "-sm3",
            "-key",
            "key.pem",
            "-subj",
            subject,
            "-days",
            "30",
            "-sigopt",
            id,
            "-out",
            "c.pem",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-addext",
            "keyUsage=critical,digitalSignature",
        ],
    );
    let pem = std::fs::read_to_string(folder.join("c.pem")).expect("a certificate");
    let der = gm::pem::decode("CERTIFICATE", &pem).expect("PEM");
    let now = (gm::x509::Certificate::from_der(&der).expect("SM2").not_before() + 60) * SECOND;
    let sign = |challenge: &str| {
        std::fs::write(folder.join("challenge"), challenge).expect("a file");
        openssl(
            folder,
            &[
                "pkeyutl",
                "-sign",
                "-inkey",
                "key.pem",
                "-rawin",
                "-digest",
                "sm3",
                "-pkeyopt",
                id,
                "-in",
                "challenge",
                "-out",
                "s",
            ],
        );
        gm::base64::encode(&std::fs::read(folder.join("s")).expect("a signature"))
    };
    on_both_under(SignInPolicy { password_days: 0, ..earnest() }, |world| {
        add(world, "anquan", "安全管理员");
        add(world, "shenji", "审计管理员");
        let province = &world.province;
        let register = |pem: &str, now| {
            province.operator_certificate("shenji", pem, &by("anquan"), Warrant::Account, now)
        };
        assert!(register("no certificate", now).is_err());
        assert!(register(&pem, now + 60 * 24 * 60 * MINUTE).is_err(), "it is over");
        register(&pem, now).expect("registered");
        let (begun, other) = (signed_in(world, "shenji", now), signed_in(world, "shenji", now));
        assert_eq!(begun.stage, Stage::Factor);
        let challenge = province.operator_challenge(&live_of(world, &begun, now));
        assert!(challenge.starts_with("luzheng-sign-in:demo-99:shenji:"));
        let signature = sign(&challenge);
        assert_eq!(give(world, &other, Proof::Signature(&signature), now), Again::Wrong, "another session's");
        assert_eq!(give(world, &begun, Proof::Signature("AAAA"), now), Again::Wrong);
        assert_eq!(give(world, &begun, Proof::Signature(&signature), now), Again::Done);
        let live = live_of(world, &begun, now);
        assert_ne!(province.operator_challenge(&live), challenge, "used up");
        let replay = province.operator_again(&live, PASSWORD, Some(Proof::Signature(&signature)), now);
        assert_eq!(replay.expect("the rows"), Again::Wrong);
    });
}

#[test]
fn our_own_tool_signs_challenges_and_nothing_else() {
    let key = gm::sm2::SecretKey::from_bytes(&[9; 32]).expect("a key");
    let how = gm::pkcs8::Protection { iterations: 1000, ..Default::default() };
    let mut rng = |buffer: &mut [u8]| buffer.fill(5);
    let pem = gm::pkcs8::encrypt_pem(&key, "passphrase", how, &mut rng).expect("PEM");
    let challenge = format!("luzheng-sign-in:demo-99:shenji:{}", "0".repeat(32));
    let text = sign_challenge(&pem, "passphrase", &challenge).expect("signed");
    let signature = gm::sm2::Signature::from_der(&gm::base64::decode(&text).expect("Base64")).expect("DER");
    assert!(gm::sm2::verify(key.public_key(), challenge.as_bytes(), &signature));
    assert!(sign_challenge(&pem, "passphrase", "pay 100 to somebody").is_err());
}

#[test]
fn a_sign_in_rewrites_a_password_of_another_scheme() {
    for mut world in [sqlite(), postgres()] {
        let of = |world: &World, scheme: &str| {
            count(world, &format!("operator_account WHERE password LIKE '{scheme}:%'"))
        };
        add(&world, "zhifa001", "执法");
        assert_eq!(of(&world, "argon2id"), 1);
        for (scheme, name) in [(Scheme::Pbkdf2Sm3, "pbkdf2-hmac-sm3"), (Scheme::Argon2id, "argon2id")] {
            strict(&mut world, SignInPolicy { scheme, ..earnest() });
            assert!(matches!(sign_in(&world, "zhifa001", "wrong-password-1", NOW), SignIn::Refused));
            assert_eq!(of(&world, name), 0, "a wrong password rewrites nothing");
            signed_in(&world, "zhifa001", NOW);
            assert_eq!(of(&world, name), 1);
        }
        signed_in(&world, "zhifa001", NOW);
    }
}
