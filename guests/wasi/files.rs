use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
/// What a program does with files, over Rust's own library; `files.c` is its kin.
fn main() -> io::Result<()> {
    println!("args {:?}", std::env::args().skip(1).collect::<Vec<_>>());
    println!("var {:?}", std::env::var("NAME"));
    fs::create_dir_all("/work/a/b")?;
    fs::write("/work/a/b/one", "1\n")?;
    fs::copy("/work/a/b/one", "/work/a/two")?;
    fs::rename("/work/a/two", "/work/a/b/three")?;
    let mut f = fs::OpenOptions::new().read(true).append(true).open("/work/a/b/one")?;
    f.write_all(b"2\n3\n")?;
    f.seek(SeekFrom::Start(2))?;
    let mut rest = String::new();
    f.read_to_string(&mut rest)?;
    println!("rest {:?} len {}", rest, f.metadata()?.len());
    f.set_len(1)?;
    let mut sizes = BTreeMap::new();
    for entry in fs::read_dir("/work/a/b")? {
        let entry = entry?;
        sizes.insert(entry.file_name().into_string().unwrap(), entry.metadata()?.len());
    }
    println!("{:?}", sizes);
    println!("{:?}", fs::remove_dir("/work/a").unwrap_err().raw_os_error());
    println!("{:?}", fs::read("/work/none").unwrap_err().kind());
    fs::remove_dir_all("/work/a")?;
    println!("left {}", fs::read_dir("/work")?.count());
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    for line in io::stdin().lock().lines() {
        for word in line?.split_whitespace() {
            *words.entry(word.to_string()).or_default() += 1;
        }
    }
    println!("{:?}", words);
    std::process::exit(3)
}
