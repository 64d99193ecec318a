//! What holders are told: into a folder, and the one-time codes onto this terminal, for nobody has these phones.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use node::deliver::{FileNotifier, Notice, Notifier, NotifyError};

use super::folder::Folder;
use super::nodes::Node;
use crate::cli::Failure;
use crate::cli::serve::pause;
use crate::machine;

/// How often it looks for messages.
const LOOK: Duration = Duration::from_millis(300);

/// Writes every message into a folder; shows codes.
pub struct Shown {
    file: FileNotifier,
    node: &'static str,
}

impl Shown {
    /// The notifier of a node.
    ///
    /// # Errors
    /// A folder that cannot be made.
    pub fn new(folder: &Folder, node: &Node) -> Result<Self, Failure> {
        let path: PathBuf = folder.of(node.spec).join("notices");
        Ok(Self { file: FileNotifier::new(path)?, node: node.spec.name })
    }
}

impl Notifier for Shown {
    fn channel(&self) -> &str {
        self.file.channel()
    }

    fn send(&self, notice: &Notice) -> Result<(), NotifyError> {
        self.file.send(notice)?;
        if notice.what == "code" {
            say!("　　{}演示短信 → {}：{}", self.node, notice.phone, notice.text);
        }
        Ok(())
    }
}

/// Tells holders until `stop`.
///
/// # Errors
/// A folder that cannot be made.
pub fn start(folder: &Folder, node: &Node, stop: &Arc<AtomicBool>) -> Result<JoinHandle<()>, Failure> {
    let (notifier, stop) = (Shown::new(folder, node)?, Arc::clone(stop));
    let province = Arc::clone(&node.running.province);
    Ok(std::thread::spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            match province.deliver_tell(&notifier, "demo", machine::micros()) {
                Ok(told) if told.done > 0 => {}
                Ok(_) => pause(&stop, LOOK),
                Err(error) => {
                    eprintln!("通知持证人：{error}");
                    pause(&stop, LOOK * 10);
                }
            }
        }
    }))
}
