//! Every page that a role can reach by links from its first one, looked at: no fault, nothing in the console, nothing wider than a
//! phone, nothing serious for people who read with other means (axe-core), and a picture at both sizes.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;

use testbed::Browser;

/// What is injected into each page; without it that part is not looked at.
fn axe() -> Option<String> {
    #[allow(clippy::disallowed_methods, reason = "`cargo xtask test` says where it installed axe-core")]
    let path = std::env::var_os("AXE_CORE")?;
    Some(std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

pub struct Walk<'b> {
    browser: &'b Browser,
    axe: Option<String>,
    folder: PathBuf,
    /// Shapes of pages that were looked at closely, for whatever role: most are the same for several.
    close: BTreeSet<String>,
    /// What is wrong, a line each.
    pub faults: Vec<String>,
    /// Pages looked at.
    pub looked: usize,
}

impl<'b> Walk<'b> {
    pub fn new(browser: &'b Browser) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("screens").join("walk");
        std::fs::create_dir_all(&folder).unwrap();
        let axe = axe();
        if axe.is_none() {
            println!(
                "\n*** axe-core is SKIPPED: AXE_CORE names no script (cargo xtask test installs it) ***\n"
            );
        }
        Self { browser, axe, folder, close: BTreeSet::new(), faults: Vec::new(), looked: 0 }
    }

    /// Follows the links from the page that is open, each shape of page once. `role` names pictures and faults.
    pub fn go(&mut self, role: &str) {
        let first = self.browser.url();
        let root: String = first.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let mut waiting = VecDeque::from([first]);
        let mut seen: BTreeSet<String> = BTreeSet::new();
        // Not of these pages.
        self.browser.complaints();
        while let Some(url) = waiting.pop_front() {
            let shape = shape(url.trim_start_matches(&root));
            if !seen.insert(shape.clone()) {
                continue;
            }
            self.browser.open(&url);
            // A picture or a file is no page of ours.
            if self.browser.run("return document.contentType", &[]) == "text/html" {
                self.look(role, &shape);
                waiting.extend(self.links(&root));
            } else {
                // What the browser makes around a picture complains of our strict headers.
                self.browser.complaints();
            }
        }
        assert!(seen.len() > 1, "{role}: {seen:?}");
    }

    fn links(&self, root: &str) -> Vec<String> {
        let script =
            "return Array.from(document.querySelectorAll('a[href]:not([download])')).map(a => a.href)";
        let all = self.browser.run(script, &[]);
        let all = all.as_array().cloned().unwrap_or_default();
        let ours = |url: &&str| url.starts_with(&format!("{root}/")) && !url.contains('#');
        // Files, documents of the interface, and the door, which would end the session.
        let page = |url: &&str| {
            !["/assets/", "/docs", "/api/", ".ofd", ".xlsx"].iter().any(|part| url.contains(part))
        };
        all.iter().filter_map(|url| url.as_str()).filter(ours).filter(page).map(str::to_owned).collect()
    }

    fn look(&mut self, role: &str, shape: &str) {
        self.looked += 1;
        let mut wrong = |what: String| self.faults.push(format!("{role} {shape}: {what}"));
        if self.browser.run("return !!document.querySelector('.fault')", &[]) == true {
            wrong(self.browser.text().lines().skip(2).take(8).collect::<Vec<_>>().join("|"));
        }
        for complaint in self.browser.complaints() {
            wrong(complaint);
        }
        if !self.close.insert(shape.to_owned()) {
            return;
        }
        if let Some(axe) = &self.axe {
            self.browser.run(&format!("{axe}; window.axe = axe"), &[]);
            let script = "return axe.run(document, { resultTypes: ['violations'] }).then(found => found.violations \
                 .filter(one => ['serious', 'critical'].includes(one.impact)) \
                 .map(one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join(' ')))";
            for one in self.browser.run(script, &[]).as_array().into_iter().flatten() {
                wrong(format!("axe {}", one.as_str().unwrap_or_default()));
            }
        }
        let name: String = shape.trim_matches('/').replace(['/', '?', '=', '{', '}'], "-");
        for (phone, width) in [(false, 1366), (true, 360)] {
            self.browser.phone(phone);
            let wide = self.browser.run("return document.documentElement.scrollWidth", &[]);
            if wide.as_i64().unwrap_or_default() > width {
                wrong(format!("{wide} wide on a screen of {width}"));
            }
            let file = self.folder.join(format!("{role}-{name}-{width}.png"));
            std::fs::write(file, self.browser.picture(false)).unwrap();
        }
        self.browser.phone(false);
    }
}

/// A path without what tells one thing from another (ids, numbers, accounts), and whether it is a further page of a list.
fn shape(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let id = |part: &str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        digits > 0 && (digits == part.len() || part.len() > 12) || part.contains('%')
    };
    let mut parts: Vec<&str> = path.split('/').map(|part| if id(part) { "{}" } else { part }).collect();
    if let Some(place) = parts.iter().position(|&part| part == "account")
        && place + 1 < parts.len()
    {
        parts[place + 1] = "{}";
    }
    let further = if query.contains("after=") || query.contains("before=") { "?after" } else { "" };
    format!("{}{further}", parts.join("/"))
}
