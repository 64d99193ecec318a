//! What only the binary may ask the machine for: time, randomness, the environment, the terminal.

use std::io::Read;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// Now, Unix seconds.
#[allow(clippy::disallowed_methods, reason = "this is the one place that asks the machine for the time")]
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Seconds that pass.
#[allow(clippy::disallowed_methods, reason = "this is the one place that asks the machine for the time")]
pub fn stopwatch() -> impl Fn() -> f64 {
    let start = std::time::Instant::now();
    move || start.elapsed().as_secs_f64()
}

/// Random bytes of the operating system. A machine without them must not make keys: it stops.
pub fn random(buffer: &mut [u8]) {
    if let Err(error) = getrandom::fill(buffer) {
        eprintln!("操作系统没有给出随机数（{error}）；不能生成密钥");
        std::process::abort();
    }
}

/// Sixteen random bytes.
pub fn sixteen() -> [u8; 16] {
    let mut bytes = [0; 16];
    random(&mut bytes);
    bytes
}

/// A signal between threads: who calls the first half ends the wait of the second.
pub fn ending() -> (impl FnOnce() + Send + 'static, oneshot::Receiver<()>) {
    let (sender, receiver) = oneshot::channel();
    let tell = move || {
        // Where nobody waits any more nobody needs to know.
        let _ = sender.send(());
    };
    (tell, receiver)
}

/// Hears when somebody tells the process to stop: SIGTERM or Ctrl-C.
pub struct Stop {
    runtime: tokio::runtime::Runtime,
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    /// Listens from now on. Before anybody reads that the program is ready: a signal that comes earlier ends it at once, unclean.
    ///
    /// # Errors
    /// A system without signals or threads to wait for them.
    pub fn listen() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let within = runtime.enter();
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        drop(within);
        Ok(Self { runtime, terminate, interrupt })
    }

    /// Waits for a signal or until `over` comes.
    pub fn wait(mut self, over: oneshot::Receiver<()>) {
        self.runtime.block_on(async {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
                _ = over => {}
            }
        });
    }
}

/// The passphrase of the key folder: a file descriptor, `LUZHENG_PASSPHRASE`, or a prompt, in this order.
///
/// # Errors
/// A Chinese sentence when none of them gives one.
pub fn passphrase(descriptor: Option<i32>, twice: bool) -> Result<Zeroizing<String>, String> {
    if let Some(descriptor) = descriptor {
        return from_descriptor(descriptor);
    }
    #[allow(clippy::disallowed_methods, reason = "only the binary reads the environment")]
    if let Ok(value) = std::env::var("LUZHENG_PASSPHRASE") {
        return Ok(Zeroizing::new(value));
    }
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|error| {
            format!(
                "没有口令（{error}）；请设置环境变量 LUZHENG_PASSPHRASE，或用 --passphrase-fd 给出文件描述符"
            )
        })
    };
    let first = ask("密钥口令：")?;
    if twice && *ask("再输一次：")? != *first {
        return Err("两次输入的口令不同；请重新运行".into());
    }
    Ok(first)
}

/// The password of an account: a file descriptor, or a prompt, twice.
///
/// # Errors
/// A Chinese sentence when there is none, or the two differ.
pub fn account_password(descriptor: Option<i32>) -> Result<Zeroizing<String>, String> {
    if let Some(descriptor) = descriptor {
        return from_descriptor(descriptor);
    }
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt)
            .map(Zeroizing::new)
            .map_err(|error| format!("没有口令（{error}）；请用 --password-fd 给出文件描述符"))
    };
    let first = ask("账号口令：")?;
    if *ask("再输一次：")? != *first {
        return Err("两次输入的口令不同；请重新运行".into());
    }
    Ok(first)
}

/// The password of whoever sits at the terminal: a file descriptor, or a prompt.
///
/// # Errors
/// A Chinese sentence when there is none.
pub fn own_password(descriptor: Option<i32>) -> Result<Zeroizing<String>, String> {
    match descriptor {
        Some(descriptor) => from_descriptor(descriptor),
        None => rpassword::prompt_password("经办人本人的口令：").map(Zeroizing::new).map_err(|error| {
            format!("没有经办人的口令（{error}）；请用 --operator-password-fd 给出文件描述符")
        }),
    }
}

/// A one-time code, typed.
///
/// # Errors
/// A Chinese sentence when there is no terminal.
pub fn own_code() -> Result<Zeroizing<String>, String> {
    rpassword::prompt_password("经办人的动态口令：")
        .map(Zeroizing::new)
        .map_err(|error| format!("没有动态口令（{error}）；请用 --code 给出"))
}

fn from_descriptor(descriptor: i32) -> Result<Zeroizing<String>, String> {
    // Reopening through /proc needs no unsafe code and leaves the caller's descriptor alone.
    let path = format!("/proc/self/fd/{descriptor}");
    let bad = |error: std::io::Error| {
        format!("文件描述符 {descriptor} 读不到口令（{error}）；请核对 --passphrase-fd")
    };
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text)).map_err(bad)?;
    let trimmed = text.trim_end_matches(['\r', '\n']).to_owned();
    Ok(Zeroizing::new(trimmed))
}

/// Now, microseconds UTC.
#[allow(clippy::disallowed_methods, reason = "this is the one place that asks the machine for the time")]
pub fn micros() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// One variable of the environment.
#[allow(clippy::disallowed_methods, reason = "only the binary reads the environment")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The whole environment, as far as it is text.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Worker threads: one a core.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
