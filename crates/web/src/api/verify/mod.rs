//! `verify`: checks against the register (R10). Each is answered only when its audit row is durable.

pub mod code;
pub mod file;
pub mod forward;
pub mod holder;
pub mod identifier;
pub mod plate;
pub mod receipts;

use std::sync::Arc;

use link::problem::Problem;
use node::audit::Act;
use node::verify::{Handed, Question, Sight, VerifyAnswer};
use serde::Serialize;

use crate::{App, Call, Param, Reply, Response, problems};

/// The right to ask, and the one to see faces unmasked.
const ACT: &str = "verify.read";
const UNMASKED: &str = "verify.read_personal";

/// Parameters that all checks take.
const SIGHT: [Param; 2] = [
    Param { name: "as_of", what: "按该时刻的登记作答（RFC 3339）；缺省为现在" },
    Param {
        name: "unmasked", what: "true 时照面不脱敏，须有 verify.read_personal 权限，并写明用途"
    },
];

const ANSWERED: Response = Response {
    status: 200,
    what: "核验结论及其理由",
    schema: Some("VerifyAnswers"),
    media: "application/json",
};

/// What a check answers.
#[derive(Serialize)]
struct Answers {
    /// One a certificate; at least one, which may say that nothing is known.
    answers: Vec<VerifyAnswer>,
}

/// Asks the register, writes the audit row, answers.
async fn answer(app: App, call: &Call, question: Question) -> Result<Reply, Problem> {
    let sight = sight(call)?;
    let actor = call.actor();
    let now = call.now;
    let question = Arc::new(question);
    let is_file = matches!(*question, Question::File(_));
    let asked = Arc::clone(&question);
    let ask = move |app: &App| app.province.verify(&asked, sight, &actor, now);
    // A seal takes milliseconds, and so does a past state; a look-up does not.
    let found = if is_file || sight.as_of.is_some() { app.work(ask).await? } else { app.look(ask).await? };
    let (answers, act) = wider(&app, &question, (sight, None), found, now).await?;
    let answers =
        answers.into_iter().map(|one| permitted(call, one, sight)).collect::<Result<Vec<_>, _>>()?;
    app.record(act).await?;
    Ok(Reply::json(&Answers { answers }))
}

/// Asks elsewhere about what the register does not have. The call to another node blocks, so it has a thread of its own.
pub(crate) async fn wider(
    app: &App,
    question: &Arc<Question>,
    (sight, handed): (Sight, Option<Handed>),
    (mut answers, mut act): (Vec<VerifyAnswer>, Act),
    now: i64,
) -> Result<(Vec<VerifyAnswer>, Act), Problem> {
    let unknown = matches!(answers.as_slice(), [one] if one.identifier.is_none());
    let (chain, connectors) = (app.elsewhere().cloned(), app.connectors().cloned());
    if !unknown || (chain.is_none() && connectors.is_none()) {
        return Ok((answers, act));
    }
    let question = Arc::clone(question);
    app.work(move |app| {
        let own = handed.is_none();
        if let Some(chain) = chain {
            app.province.elsewhere(&chain, &question, (sight, handed), (&mut answers, &mut act), now)?;
        }
        // What another node hands us is about a certificate: its own codes that are nobody's it keeps to itself.
        if let Some(connectors) = connectors.filter(|_| own) {
            app.province.connect(&connectors, (&question, sight), (&mut answers, &mut act), now);
        }
        Ok((answers, act))
    })
    .await
}

/// The face goes only to whoever has the right for its kind.
fn permitted(call: &Call, answer: VerifyAnswer, sight: Sight) -> Result<VerifyAnswer, Problem> {
    let act = if sight.unmasked { UNMASKED } else { ACT };
    match answer.kind.as_deref().and_then(|kind| call.lack(act, None, Some(kind))) {
        Some(lack) => Err(problems::right(&lack, &call.actor().client)),
        // Who holds it by which decision is for whoever may see the whole face.
        None if !sight.unmasked => Ok(VerifyAnswer { causes: Vec::new(), ..answer }),
        None => Ok(answer),
    }
}

fn sight(call: &Call) -> Result<Sight, Problem> {
    let wrong = |item: &str, what: &str, fix: &str| {
        Problem::new(400, "QUERY_FORMAT", "查询参数不合规").item(item).detail(what).fix(fix)
    };
    let as_of = match call.query("as_of")? {
        None => None,
        Some(text) => {
            let time = text.parse::<jiff::Timestamp>().map_err(|_| {
                wrong("as_of", "as_of 不是时间", "请按 2026-11-22T09:30:00+08:00 的格式填写，加号写作 %2B")
            })?;
            Some(time.as_microsecond())
        }
    };
    let unmasked = call.query("unmasked")?.as_deref() == Some("true");
    if unmasked {
        if let Some(lack) = call.lack(UNMASKED, None, None) {
            return Err(problems::right(&lack, &call.actor().client));
        }
        if call.actor().purpose.is_none() {
            let problem =
                wrong("LZ-Purpose", "查看未脱敏的照面须写明用途", "请在 LZ-Purpose 请求头写明用途并重新签名");
            return Err(Problem { status: 403, code: Some("AUTH_PURPOSE".into()), ..problem });
        }
    }
    Ok(Sight { unmasked, as_of })
}
