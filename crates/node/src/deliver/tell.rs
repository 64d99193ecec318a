//! The worker that tells holders: leases messages, sends them, settles them. At least once: a crash between the two sends again,
//! under the same id.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use link::http::Backoff;
use store::rows::certificate;
use store::rows::deliver::{self, ContactRow, Counts, MessageRow};

use super::sign_in::{KEPT, LIFE, is_over, one_time_code};
use super::{Notice, Notifier, NotifyError};
use crate::audit::{self, Act, Actor};
use crate::client::check_operator;
use crate::{NodeError, Province};

/// Messages of one round.
const BATCH: u32 = 64;
/// A worker that is gone gives its messages back after this, microseconds.
const LEASE: i64 = 5 * 60 * 1_000_000;
/// Before what was not even tried is tried, microseconds.
const BEHIND: i64 = 10_000_000;
/// Between attempts.
const BACKOFF: Backoff = Backoff { base: Duration::from_secs(10), cap: Duration::from_secs(3600) };
/// A pending message that is older than this is stuck: `doctor` says so. Microseconds.
const STUCK: i64 = 30 * 60 * 1_000_000;

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Messages whose turn it was.
    pub leased: usize,
    /// Taken by the other side.
    pub done: usize,
    /// Tried again later.
    pub later: usize,
    /// Their holder has no phone on record; they go when one is known.
    pub waiting: usize,
    /// Given up.
    pub dead: usize,
    /// Worthless by now: codes that are over.
    pub over: usize,
}

/// What is on its way to holders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoticeStatus {
    /// How many are where.
    pub counts: Counts,
    /// The oldest pending one is older than half an hour.
    pub stuck: bool,
}

/// What became of some messages that went as one.
enum Fate {
    Done,
    Later(NotifyError),
    /// Not tried: one before it found nobody there.
    Behind,
    Dead(NotifyError),
    Waiting,
    Over,
}

impl Province {
    /// One round of telling. `owner` names the worker. Call it again at once while [`Told::leased`] is not 0.
    ///
    /// # Errors
    /// A database that does not work. What the other side says is no error: it stands in the rows.
    pub fn deliver_tell(&self, notifier: &dyn Notifier, owner: &str, now: i64) -> Result<Told, NodeError> {
        let me = owner.to_owned();
        let leased = self.store.write(move |session| -> Result<_, NodeError> {
            Ok(deliver::lease(session, &me, (now, now.saturating_add(LEASE)), BATCH)?)
        })?;
        let mut told = Told { leased: leased.len(), ..Told::default() };
        if leased.is_empty() {
            return Ok(told);
        }
        let mut settled = Vec::new();
        let mut silent = false;
        for group in groups(leased) {
            // It does not answer: the rest would only wait for the same.
            let fate = if silent { Fate::Behind } else { self.tell_group(notifier, &group, now)? };
            silent |= matches!(fate, Fate::Later(_));
            let count = group.len();
            match &fate {
                Fate::Done => told.done += count,
                Fate::Later(_) | Fate::Behind => told.later += count,
                Fate::Dead(_) => told.dead += count,
                Fate::Waiting => told.waiting += count,
                Fate::Over => told.over += count,
            }
            settled.push((group, fate));
        }
        self.settle_told(settled, (notifier.channel(), owner), now)?;
        Ok(told)
    }

    /// What is on its way to holders, for `doctor`.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn deliver_status(&self, now: i64) -> Result<NoticeStatus, NodeError> {
        let counts = self.store.read(deliver::counts)?;
        Ok(NoticeStatus { counts, stuck: counts.oldest.is_some_and(|at| at < now - STUCK) })
    }

    /// Forgets one-time codes and their messages that are long over, and wakes messages whose phone is known by now. Call it every few
    /// minutes; how many requests were forgotten.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn deliver_tend(&self, now: i64) -> Result<u64, NodeError> {
        self.store.write(move |session| {
            // A phone and a message that waits for it may have come past each other in two transactions.
            deliver::wake_known(session, now)?;
            deliver::forget_messages(session, now - KEPT)?;
            Ok(deliver::forget_codes(session, now - KEPT)?)
        })
    }

    /// Messages that were given up go again (a gateway was mended); how many. Operator named, audited.
    ///
    /// # Errors
    /// No operator; a database that cannot be written.
    pub fn deliver_retry(&self, operator: &Actor, now: i64) -> Result<u64, NodeError> {
        check_operator(operator)?;
        let (actor, entry) = (operator.clone(), self.new_id(now));
        self.store.write(move |session| {
            let revived = deliver::revive(session, now)?;
            let mut act = Act {
                act: "deliver.retry".into(),
                at: now,
                actor: actor.clone(),
                outcome: "revived".into(),
                ..Act::default()
            };
            act.detail.insert("messages".into(), revived.to_string());
            audit::append(session, entry.clone(), &[act])?;
            Ok(revived)
        })
    }

    fn tell_group(&self, notifier: &dyn Notifier, group: &[MessageRow], now: i64) -> Result<Fate, NodeError> {
        let Some(first) = group.first() else { return Ok(Fate::Done) };
        if is_over(first, now) {
            return Ok(Fate::Over);
        }
        let sealed = match &first.phone_sealed {
            Some(sealed) => Some(sealed.clone()),
            None => self
                .store
                .read(|session| deliver::contact(session, &first.holder))?
                .map(|contact| contact.phone_sealed),
        };
        // A code that nobody can get is over in minutes; the news of a certificate keeps.
        let Some(sealed) = sealed else {
            return Ok(if first.expires_at.is_some() { Fate::Over } else { Fate::Waiting });
        };
        let phone = self.personal.open(&ContactRow::phone_place(&first.holder), &sealed)?;
        let notice = Notice {
            id: first.id.clone(),
            what: first.what.clone(),
            phone: phone.as_str().to_owned(),
            text: self.text_of(group, now)?,
            at: now,
            expires_at: first.expires_at,
        };
        Ok(match notifier.send(&notice) {
            Ok(()) => Fate::Done,
            Err(error) if error.may_pass => Fate::Later(error),
            Err(error) => Fate::Dead(error),
        })
    }

    fn text_of(&self, group: &[MessageRow], now: i64) -> Result<String, NodeError> {
        let words = &self.data.words;
        let Some(first) = group.first() else { return Ok(String::new()) };
        if first.what == "code" {
            let code = one_time_code(&self.personal, first.about.as_deref().unwrap_or_default());
            let minutes = (LIFE / 60_000_000).to_string();
            return Ok(words.message("code", &[("code", &code), ("minutes", &minutes)]));
        }
        let today = ::lifecycle::day_of(now).date();
        let ids: BTreeSet<&String> = group.iter().filter_map(|one| one.certificate_id.as_ref()).collect();
        let mut kinds = BTreeSet::new();
        self.store.read(|session| -> Result<_, NodeError> {
            for id in &ids {
                let Some(one) = certificate::by_id(session, id)? else { continue };
                let kind = self.data.catalogue.kind(&one.kind, today);
                kinds.extend(kind.map(|kind| kind.name.clone()));
            }
            Ok(())
        })?;
        let kinds: Vec<String> = kinds.into_iter().collect();
        Ok(words.message(&first.what, &[("count", &ids.len().to_string()), ("kinds", &kinds.join("、"))]))
    }

    fn settle_told(
        &self,
        settled: Vec<(Vec<MessageRow>, Fate)>,
        (channel, owner): (&str, &str),
        now: i64,
    ) -> Result<(), NodeError> {
        let (channel, owner) = (channel.to_owned(), owner.to_owned());
        let mut random = [0; 8];
        (self.chance)(&mut random);
        let random = u64::from_le_bytes(random);
        self.store.write(move |session| {
            for (one, fate) in
                settled.iter().flat_map(|(group, fate)| group.iter().map(move |one| (one, fate)))
            {
                let key = (owner.as_str(), one.id.as_str());
                match fate {
                    Fate::Done => {
                        deliver::sent(session, &one.id)?;
                        if let (Some(certificate), Some(identifier)) = (&one.certificate_id, &one.about) {
                            deliver::told(session, (certificate, identifier), &channel, now)?;
                        }
                    }
                    Fate::Later(error) => {
                        let attempts = one.attempts + 1;
                        let asked = error.retry_after.map(Duration::from_secs);
                        let failures = u32::try_from(attempts).unwrap_or(u32::MAX);
                        let pause = BACKOFF.delay(failures, random, asked).as_micros();
                        let run_at = now.saturating_add(i64::try_from(pause).unwrap_or(i64::MAX));
                        deliver::put_back(session, key, attempts, run_at, &error.text)?;
                    }
                    Fate::Behind => {
                        let error = one.error.as_deref().unwrap_or("通知渠道没有应答");
                        let run_at = now.saturating_add(BEHIND);
                        deliver::put_back(session, key, one.attempts, run_at, error)?;
                    }
                    Fate::Dead(error) => {
                        deliver::settle(session, key, "dead", Some(&error.text), now)?;
                    }
                    Fate::Waiting => {
                        deliver::settle(session, key, "waiting", None, now)?;
                        // The phone may have come between our look and this.
                        if deliver::contact(session, &one.holder)?.is_some() {
                            deliver::wake(session, &one.holder, now)?;
                        }
                    }
                    Fate::Over => {
                        deliver::settle(session, key, "over", None, now)?;
                    }
                }
            }
            Ok(())
        })
    }
}

/// What goes as one: the news of all certificates of a holder; codes and the rest each alone, and before the news.
fn groups(messages: Vec<MessageRow>) -> Vec<Vec<MessageRow>> {
    let (news, alone): (Vec<_>, Vec<_>) = messages.into_iter().partition(|one| one.what == "issued");
    let mut groups: Vec<Vec<MessageRow>> = alone.into_iter().map(|one| vec![one]).collect();
    let mut by_holder: BTreeMap<String, Vec<MessageRow>> = BTreeMap::new();
    for one in news {
        by_holder.entry(one.holder.clone()).or_default().push(one);
    }
    groups.extend(by_holder.into_values());
    groups
}
