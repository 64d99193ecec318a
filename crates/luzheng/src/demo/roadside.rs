//! What people do with certificates in the month: officers stop vehicles and keep receipts, a holder was asked for paper, a company lets
//! a driver show its vehicle's certificate.

use node::audit::Actor;
use node::deliver::VerifiedClaims;
use node::share::NewGrant;
use node::verify::{Question, ReceiptWish, Sight};
use proof::receipt::{Group, Outcome, Place};

use super::clock::DAY;
use super::dice::Dice;
use super::folder::HolderNote;
use super::nodes::Node;
use super::people;
use crate::cli::Failure;

/// Stops of a day.
const STOPS: usize = 4;
/// Of so many stops one leads to a demand for paper.
const PAPER: usize = 40;

/// The officer of a province.
pub struct Patrol {
    dice: Dice,
    /// 证照标识 and keys of certificates that may be met on the road.
    met: Vec<(String, String)>,
    stops: usize,
}

impl Patrol {
    /// Nobody is known yet.
    pub fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), met: Vec::new(), stops: 0 }
    }

    /// From now on this certificate may be met.
    pub fn know(&mut self, identifier: &str, certificate: &str) {
        self.met.push((identifier.to_owned(), certificate.to_owned()));
    }

    /// A day's stops, with what came of them.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn day(&mut self, node: &Node, now: i64) -> Result<(), Failure> {
        if self.met.is_empty() {
            return Ok(());
        }
        let (province, key) = (&node.running.province, &node.running.keys.node);
        let actor = people::actor(node.spec, "执法");
        for _ in 0..STOPS {
            let (identifier, certificate) = self.met[self.dice.below(self.met.len())].clone();
            let id = province.group_open(&actor, now)?;
            let question = Question::Identifier(identifier);
            let (answers, act) = province.verify(&question, Sight::default(), &actor, now)?;
            let group = Group { id, place: Place::Vehicle, number: 1 };
            let wish = ReceiptWish { group: Some(group), ..ReceiptWish::default() };
            province.receipt_issue(&question, &answers, act, &wish, key, now)?;
            let valid = answers.first().is_some_and(|one| one.verdict.text() == "有效");
            let (outcome, note) =
                if valid { (Outcome::Passed, "") } else { (Outcome::Case, "证照失效，立案处理") };
            let name: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
            province.group_outcome(&name, outcome, note, &actor, now)?;
            self.stops += 1;
            if self.stops.is_multiple_of(PAPER) {
                let check = province.checks_of(&certificate, i64::MAX, 1)?.pop();
                let holder = Actor { client: "web".into(), ..Actor::default() };
                if let Some(check) = check {
                    let note = Some("执法人员要求出示纸质证件");
                    province.paper_demanded(&certificate, &check.receipt, note, &holder, now)?;
                }
            }
        }
        Ok(())
    }
}

/// The holder of a vehicle, of those that a visitor may be, lets the driver of them show it for three months.
///
/// # Errors
/// A database that cannot be written.
pub fn grant(node: &Node, holders: &[HolderNote], now: i64) -> Result<(), Failure> {
    let province = &node.running.province;
    let who = |what: &str| holders.iter().find(|one| one.what == what && one.node == node.spec.id);
    let (Some(owner), Some(driver)) = (who("车辆所属单位或个人"), who("驾驶员")) else {
        return Ok(());
    };
    let claims =
        VerifiedClaims { name: owner.name.clone(), number: owner.number.clone(), assurance: "演示".into() };
    let subject = province.sign_in_by("演示", &claims, now)?;
    let vehicle = province
        .my_certificates(&subject, now)?
        .own
        .into_iter()
        .find(|one| one.plate.is_some() && one.usable);
    let Some(vehicle) = vehicle else { return Ok(()) };
    province.deliver_activate(&subject, std::slice::from_ref(&vehicle.id), now)?;
    let new = NewGrant {
        certificate: vehicle.id,
        driver_name: driver.name.clone(),
        driver_number: driver.number.clone(),
        from: now,
        until: now + 90 * DAY,
    };
    province.share_grant(&subject, &new, now)?;
    Ok(())
}
