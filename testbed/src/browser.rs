//! A small WebDriver client: chromedriver's HTTP protocol over `ureq`, one browser a test.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// Key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A chromedriver and its browser; both end with it.
pub struct Browser {
    root: String,
    _driver: Driver,
}

/// The driver's process, and what it leaves behind.
struct Driver {
    process: Child,
    port: u16,
    profile: PathBuf,
    session: Option<String>,
}

impl Driver {
    fn start() -> Result<Self, String> {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("chromedriver: {error}"))?;
        let mut said = String::new();
        let mut lines = BufReader::new(process.stdout.take().expect("its output is piped")).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            // It names port 0 first: that is what was asked for.
            let found = line.split_once("successfully on port ");
            let port = found.and_then(|(_, rest)| rest.trim_end_matches('.').parse::<u16>().ok());
            said = line;
            port
        });
        let Some(port) = port else {
            let _ = process.wait();
            return Err(format!("chromedriver ended: {said}"));
        };
        // The pipe must not fill.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = std::env::temp_dir().join(format!("luzheng-browser-{}-{port}", std::process::id()));
        Ok(Self { process, port, profile, session: None })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(session) = &self.session {
            let _ = call("DELETE", session, None);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// An element of the page.
pub struct Element<'b> {
    browser: &'b Browser,
    id: String,
}

impl Browser {
    /// A browser with these arguments beside the usual ones.
    ///
    /// A driver asks the system for a free port and then takes it again for its other addresses: where many start
    /// at once, another may have it by then, and the driver ends. So a start is tried a few times.
    pub fn start(more: &[&str]) -> Self {
        let mut why = String::new();
        for _ in 0..5 {
            match Self::try_start(more) {
                Ok(browser) => return browser,
                Err(error) => why = error,
            }
        }
        panic!("no browser (Debian packages chromium and chromium-driver): {why}");
    }

    fn try_start(more: &[&str]) -> Result<Self, String> {
        let mut driver = Driver::start()?;
        let port = driver.port;
        let base = format!("http://127.0.0.1:{port}");
        let mut args = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            "--hide-scrollbars".into(),
            "--window-size=1366,768".into(),
            "--lang=zh-CN".into(),
            format!("--user-data-dir={}", driver.profile.display()),
        ];
        args.extend(more.iter().map(|&arg| arg.to_owned()));
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": args },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let answer = call("POST", &format!("{base}/session"), Some(&wanted))?;
        let id = answer["sessionId"].as_str().ok_or("a session without an id")?;
        let root = format!("{base}/session/{id}");
        driver.session = Some(root.clone());
        Ok(Self { _driver: driver, root })
    }

    fn send(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        call(method, &format!("{}/{path}", self.root), body.as_ref())
    }

    /// Opens an address and waits until it has loaded.
    pub fn open(&self, url: &str) {
        self.send("POST", "url", Some(json!({ "url": url }))).expect("the page opens");
    }

    /// The address in the bar.
    pub fn url(&self) -> String {
        self.send("GET", "url", None).expect("an address").as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script; `arguments` are its own, what it returns comes back. A promise is waited for.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Value {
        let body = json!({ "script": script, "args": arguments });
        self.send("POST", "execute/sync", Some(body)).unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits (at most half a minute) until a script returns something true.
    pub fn wait(&self, script: &str) -> Value {
        for _ in 0..600 {
            let found = self.send("POST", "execute/sync", Some(json!({ "script": script, "args": [] })));
            if let Ok(value) = found
                && !matches!(value, Value::Null | Value::Bool(false))
            {
                return value;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("never true: {script}\n{}", self.text());
    }

    /// The text that the page shows.
    pub fn text(&self) -> String {
        self.run("return document.body.innerText", &[]).as_str().unwrap_or_default().to_owned()
    }

    /// The first element that fits.
    pub fn find(&self, css: &str) -> Element<'_> {
        let body = json!({ "using": "css selector", "value": css });
        let found = self.send("POST", "element", Some(body)).unwrap_or_else(|error| {
            panic!("no {css}: {error}\n{}", self.text());
        });
        Element { browser: self, id: found[ELEMENT].as_str().expect("an element").to_owned() }
    }

    /// Waits until an element is there and shown, and gives it.
    pub fn awaited(&self, css: &str) -> Element<'_> {
        let shown =
            format!("var e = document.querySelector({css:?}); return !!e && e.getClientRects().length > 0");
        self.wait(&shown);
        self.find(css)
    }

    /// A command of the DevTools protocol.
    pub fn devtools(&self, command: &str, params: &Value) -> Value {
        let body = json!({ "cmd": command, "params": params });
        self.send("POST", "goog/cdp/execute", Some(body)).unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// The page as it would be on a phone, or on a desk for `None`.
    pub fn phone(&self, phone: bool) {
        let (width, height) = if phone { (360, 640) } else { (1366, 768) };
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// Cuts or gives back the network, for the page and its service worker.
    pub fn network(&self, on: bool) {
        self.devtools("Network.enable", &json!({}));
        let conditions =
            json!({ "offline": !on, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.emulateNetworkConditions", &conditions);
    }

    /// A picture of the window, or of the whole page.
    pub fn picture(&self, whole: bool) -> Vec<u8> {
        let params = json!({ "format": "png", "captureBeyondViewport": whole });
        let taken = self.devtools("Page.captureScreenshot", &params);
        gm::base64::decode(taken["data"].as_str().expect("a picture")).expect("Base64")
    }

    /// What the console said of errors since it was last asked.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.send("POST", "se/log", Some(json!({ "type": "browser" }))).unwrap_or_default();
        let lines = log.as_array().cloned().unwrap_or_default();
        let severe = lines.iter().filter(|line| line["level"] == "SEVERE");
        severe.map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Element<'_> {
    fn send(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        self.browser.send(method, &format!("element/{}/{path}", self.id), body)
    }

    /// Clicks it.
    pub fn click(&self) {
        self.send("POST", "click", Some(json!({}))).expect("a click");
    }

    /// Types into it; for a file field, the path.
    pub fn write(&self, text: &str) {
        self.send("POST", "value", Some(json!({ "text": text }))).expect("typing");
    }

    /// Empties a field.
    pub fn clear(&self) {
        self.send("POST", "clear", Some(json!({}))).expect("clearing");
    }

    /// Its text as shown.
    pub fn text(&self) -> String {
        self.send("GET", "text", None).expect("text").as_str().unwrap_or_default().to_owned()
    }
}

fn call(method: &str, url: &str, body: Option<&Value>) -> Result<Value, String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into();
    let text = body.map(ToString::to_string).unwrap_or_default();
    let answer = match method {
        "GET" => agent.get(url).call(),
        "DELETE" => agent.delete(url).call(),
        _ => agent.post(url).header("Content-Type", "application/json").send(text.as_bytes()),
    };
    let mut answer = answer.map_err(|error| error.to_string())?;
    let text = answer.body_mut().with_config().limit(64 << 20).read_to_string();
    let text = text.map_err(|error| error.to_string())?;
    let value: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    match value["value"].get("error") {
        Some(_) => Err(value["value"]["message"].as_str().unwrap_or_default().to_owned()),
        None => Ok(value["value"].clone()),
    }
}
