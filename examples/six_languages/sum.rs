// Actor in Rust: puts the sum of all numbers so far behind each line.
use std::io::{self, BufRead, BufWriter, Write};

fn main() -> io::Result<()> {
    let mut sum: u64 = 0;
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let number: u64 = line.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0);
        sum += number;
        writeln!(out, "{line} {sum}")?;
    }
    Ok(())
}
