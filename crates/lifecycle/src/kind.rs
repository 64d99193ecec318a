//! The words of the trade: bases of a status and kinds of event, each with its Chinese name and a stable slug.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An enum whose text form is the Chinese name (serde, `Display`) and which also has an ASCII slug for URLs and columns.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$item:meta])* $variant:ident = $name:literal, $slug:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $type {
            $($(#[$item])* #[serde(rename = $name)] $variant,)*
        }

        impl $type {
            /// All of them, in the order of `domain.md`.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The Chinese name, which is also the serialised form.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// A stable ASCII name.
            #[must_use]
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)* }
            }

            /// The one with this Chinese name or slug.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == text || one.slug() == text)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

named! {
    /// The base of a status. All but 正常 are terminal.
    Base {
        /// Live, as far as holds and dates allow.
        Normal = "正常", "normal";
        /// Went to another authority.
        TransferredOut = "转出", "transferred-out";
        /// Ended on application or by rule.
        Cancelled = "注销", "cancelled";
        /// The permit decision was annulled.
        Annulled = "撤销", "annulled";
        /// Taken away as a penalty.
        Revoked = "吊销", "revoked";
        /// Issued by mistake.
        Void = "作废", "void";
    }
}

impl Base {
    /// Whether the life of the certificate is over (only 复议/诉讼恢复 may still come).
    #[must_use]
    pub fn is_terminal(self) -> bool {
        self != Self::Normal
    }
}

named! {
    /// What may happen to a certificate.
    EventKind {
        /// First issue.
        FirstIssue = "初领", "first-issue";
        /// The face changes.
        Change = "变更", "change";
        /// An entitlement is added.
        AddItem = "增项", "add-item";
        /// An entitlement is given up.
        RemoveItem = "减项", "remove-item";
        /// A new document for the old one.
        Reissue = "换发", "reissue";
        /// A new document for one that was lost or damaged.
        Replace = "补发", "replace";
        /// The period of validity is extended.
        Renew = "延续", "renew";
        /// Yearly inspection of a vehicle.
        AnnualInspection = "年度审验", "annual-inspection";
        /// Integrity review of a driver.
        IntegrityReview = "诚信考核", "integrity-review";
        /// A driver registers with an operator.
        Register = "注册", "register";
        /// That registration ends.
        Deregister = "注销注册", "deregister";
        /// The document is withheld.
        Withhold = "暂扣", "withhold";
        /// The withholding ends.
        Restore = "恢复", "restore";
        /// A vehicle stops operating.
        StopService = "停运", "stop-service";
        /// It operates again.
        ResumeService = "复运", "resume-service";
        /// An operator stops business.
        StopBusiness = "停业", "stop-business";
        /// It does business again.
        ResumeBusiness = "复业", "resume-business";
        /// Reported lost.
        ReportLoss = "挂失", "report-loss";
        /// Found again.
        CancelLoss = "解挂", "cancel-loss";
        /// Goes to another authority.
        TransferOut = "转出", "transfer-out";
        /// Comes from another authority.
        TransferIn = "转入", "transfer-in";
        /// The source notes that the period is over; the system computes it anyway.
        Expire = "到期", "expire";
        /// Ends on application or by rule.
        Cancel = "注销", "cancel";
        /// The decision is annulled.
        Annul = "撤销", "annul";
        /// Taken away as a penalty.
        Revoke = "吊销", "revoke";
        /// Issued with an error: a new version.
        Correct = "更正", "correct";
        /// Issued by mistake.
        Void = "作废", "void";
        /// Review or court undoes 撤销 or 吊销.
        Reinstate = "复议/诉讼恢复", "reinstate";
    }
}
