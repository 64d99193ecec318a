//! The independent encoder: Debian's `zint`, run as a process.

use std::process::Command;

use matrix::Symbol;

/// Makes a Grid Matrix symbol with zint and further arguments; `Err` holds what zint said.
///
/// # Panics
/// If zint is not installed: these tests compare with it and prove nothing without it.
pub fn zint(text: &str, arguments: &[String]) -> Result<Symbol, String> {
    let output = Command::new("zint")
        .args(["-b", "GRIDMATRIX", "--dump", "-d", text])
        .args(arguments)
        .output()
        .expect("these tests need the encoder `zint`: apt-get install zint");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let dump = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
    let rows: Vec<&str> = dump.lines().collect();
    let modules = rows.iter().flat_map(|row| row_modules(row, rows.len())).collect();
    Symbol::new(rows.len(), modules, 6).map_err(|error| error.to_string())
}

/// The modules of one line of the dump: hexadecimal digits, the first module highest.
fn row_modules(row: &str, width: usize) -> Vec<bool> {
    let digits = row.chars().filter_map(|c| c.to_digit(16));
    digits.flat_map(|digit| (0..4).rev().map(move |bit| digit >> bit & 1 == 1)).take(width).collect()
}

/// The arguments that force a version and a level.
pub fn forced(version: u8, level: u8) -> Vec<String> {
    vec![format!("--vers={version}"), format!("--secure={level}")]
}
