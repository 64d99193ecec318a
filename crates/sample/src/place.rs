//! The two invented provinces: their words.

/// An invented province. No place has its area codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// 演示省, 99.
    #[default]
    Demo,
    /// 试验省, 98: the other side of a check across provinces.
    Trial,
}

/// How an invented province calls things.
pub(crate) struct Words {
    pub(crate) name: &'static str,
    /// First character of its plates and decision numbers.
    pub(crate) short: &'static str,
    pub(crate) companies: [&'static str; 7],
    pub(crate) branches: [&'static str; 3],
    pub(crate) ride_hailing: [&'static str; 2],
    pub(crate) taxis: [&'static str; 3],
    /// A county whose code people's numbers begin with.
    pub(crate) county: &'static str,
}

const DEMO: Words = Words {
    name: "演示省",
    short: "演",
    companies: ["甲演市", "乙演市", "丙演市", "演示省", "演港", "演河县", "演湖市"],
    branches: ["甲演分公司", "乙演分公司", "演港分公司"],
    ride_hailing: ["演示省顺达出行科技有限公司", "甲演市安途网约车服务有限公司"],
    taxis: ["甲演市金路出租汽车有限公司", "乙演市平安出租汽车有限公司", "演港区万里客运有限公司"],
    county: "990101",
};

const TRIAL: Words = Words {
    name: "试验省",
    short: "试",
    companies: ["甲试市", "乙试市", "甲试市", "试验省", "试东", "试河县", "试山县"],
    branches: ["甲试分公司", "乙试分公司", "试东分公司"],
    ride_hailing: ["试验省远航出行科技有限公司", "甲试市捷运网约车服务有限公司"],
    taxis: ["甲试市恒通出租汽车有限公司", "乙试市兴隆出租汽车有限公司", "试东区众联客运有限公司"],
    county: "980101",
};

impl Place {
    /// First two digits of its area codes.
    #[must_use]
    pub fn area(self) -> &'static str {
        match self {
            Self::Demo => "99",
            Self::Trial => "98",
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::Demo => &DEMO,
            Self::Trial => &TRIAL,
        }
    }
}
