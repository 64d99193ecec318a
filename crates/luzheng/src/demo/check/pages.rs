//! The steps of the story that people do on pages.

use super::{LOOK, PATIENCE, Story, expect};
use crate::cli::Failure;
use crate::demo::nodes::DEMO;
use crate::machine;

/// The phone of the story's holder; nothing is ever sent to it.
pub const PHONE: &str = "19900000000";

impl Story<'_> {
    /// By name, document number and the code that the demo's notifier wrote into its folder.
    pub fn holder_signs_in(&mut self) -> Result<String, Failure> {
        let face = |short: &str| self.record.face.text(short).unwrap_or_default().to_owned();
        let (name, number) = (face("CZZT"), face("CZZTDM"));
        self.holder.open("/sign-in/holder")?;
        self.holder.send("/sign-in/holder", &[("name", &name), ("number", &number)])?;
        let challenge = self.holder.hidden("challenge").ok_or_else(|| "页面上没有验证码输入框".to_owned())?;
        let code = self.code()?;
        self.holder.send("/sign-in/holder/code", &[("challenge", &challenge), ("code", &code)])?;
        self.holder.open("/holder")?;
        expect(self.holder.page.contains(&self.certificate), || "“我的证照”里没有刚制发的证照".into())?;
        Ok(format!("{name}看到刚制发的证照"))
    }

    /// The newest code sent to the story's phone.
    fn code(&self) -> Result<String, Failure> {
        let folder = self.folder.of(self.nodes.at(DEMO).spec).join("notices");
        let watch = machine::stopwatch();
        while watch() < PATIENCE {
            let mut codes = Vec::new();
            for entry in std::fs::read_dir(&folder)? {
                let text = std::fs::read_to_string(entry?.path())?;
                let notices = text.lines().filter_map(|line| serde_json::from_str(line).ok());
                let ours = |one: &serde_json::Value| one["what"] == "code" && one["phone"] == PHONE;
                codes.extend(notices.filter(ours));
            }
            let newest = codes.iter().max_by_key(|one| one["at"].as_i64());
            if let Some(notice) = newest {
                let words = notice["text"].as_str().unwrap_or_default();
                let digits: String = words.chars().skip_while(|one| !one.is_ascii_digit()).take(6).collect();
                return Ok(digits);
            }
            std::thread::sleep(LOOK);
        }
        Err(format!("{PATIENCE} 秒内没有收到验证码；请看 {}", folder.display()).into())
    }

    /// Activates on the certificate's page; the button is gone afterwards.
    pub fn holder_activates(&mut self) -> Result<String, Failure> {
        let path = format!("/holder/certificate/{}", self.certificate);
        let form = format!("{path}/activate");
        self.holder.open(&path)?;
        expect(self.holder.page.contains(&form), || "页面上没有激活按钮".into())?;
        self.holder.send(&form, &[])?;
        self.holder.open(&path)?;
        expect(!self.holder.page.contains(&form), || "激活之后页面仍要求激活".into())?;
        self.holder.open(&format!("/holder/show/{}", self.certificate))?;
        Ok("已激活，可以亮证".into())
    }

    /// An officer, on the officer's page.
    pub fn officer_signs_in(&mut self) -> Result<String, Failure> {
        let sign_ins = self.folder.sign_ins()?;
        let node = self.nodes.at(DEMO).spec.id;
        let found = sign_ins.operator.iter().find(|one| one.node == node && one.role == "执法");
        let account = found.ok_or_else(|| "演示目录里没有执法账号；请用 --fresh".to_owned())?;
        self.patrol.open("/sign-in")?;
        let fields = [("account", account.account.as_str()), ("password", account.password.as_str())];
        self.patrol.send("/sign-in", &fields)?;
        self.page_check("有效")
    }

    /// The same officer again.
    pub fn officer_sees_it(&mut self) -> Result<String, Failure> {
        self.page_check("无效")
    }

    fn page_check(&mut self, wanted: &str) -> Result<String, Failure> {
        self.patrol.open("/officer")?;
        let identifier = self.identifier.clone();
        self.patrol.send("/officer/check", &[("by", "code"), ("text", &identifier)])?;
        let shown = self.patrol.page.contains(&format!("data-verdict=\"{wanted}\""));
        expect(shown, || format!("页面没有显示“{wanted}”"))?;
        Ok(format!("执法页面显示“{wanted}”"))
    }
}
