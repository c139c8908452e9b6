//! Every target runs over its corpus: each file as it is, cut off at each byte, and with each byte changed.

use std::fs;
use std::path::{Path, PathBuf};

use bellwether_fuzz::{TARGETS, Target};

/// How many inputs are made of one file by cutting it off, and how many by changing a byte.
const VARIANTS_MAX: usize = 400;

/// What a byte is replaced with: the signs that JSON and scripts give a meaning, and what is outside of text.
const BYTES: [u8; 12] = [0x00, 0xff, b'0', b'9', b'-', b'"', b'{', b'}', b'[', b',', b'e', b'\n'];

#[test]
fn analyses_keep_their_promises() {
    replay("analysis");
}

#[test]
fn canaries_keep_their_promises() {
    replay("canary");
}

#[test]
fn change_rules_keep_their_promises() {
    replay("change_rules");
}

#[test]
fn events_keep_their_promises() {
    replay("events");
}

#[test]
fn evidence_gates_keep_their_promises() {
    replay("evidence_gate");
}

#[test]
fn fixed_rules_keep_their_promises() {
    replay("fixed_rules");
}

#[test]
fn plans_keep_their_promises() {
    replay("plan");
}

#[test]
fn records_keep_their_promises() {
    replay("record");
}

#[test]
fn series_keep_their_promises() {
    replay("series");
}

#[test]
fn every_folder_of_the_corpus_has_a_target_and_every_target_a_binary() {
    let mut folders: Vec<_> = entries(&corpus()).iter().filter_map(|path| name(path)).collect();
    folders.sort_unstable();
    assert_eq!(folders, TARGETS.map(|(name, _)| name.to_owned()));
    for (name, _) in TARGETS {
        let binary = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz_targets/{name}.rs"));
        assert!(fs::read_to_string(binary).unwrap().contains(&format!("bellwether_fuzz::{name}(data)")), "{name}");
    }
}

fn replay(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(other, _)| *other == name).unwrap();
    let files = entries(&corpus().join(name));
    assert!(files.len() >= 4, "{name} has {} seeds", files.len());
    for path in files {
        replay_file(target, &path);
    }
}

/// The file's name says whether it can be read: `good-...` can, `trap-...` cannot; what a fuzzer found may be either.
fn replay_file(target: Target, path: &Path) {
    let bytes = fs::read(path).unwrap();
    let is_read = run(target, path, "as it is", &bytes);
    match name(path).unwrap().split('-').next() {
        Some("good") => assert!(is_read, "{} was refused", path.display()),
        Some("trap") => assert!(!is_read, "{} was read", path.display()),
        Some("found") => {}
        _ => panic!("{} is none of good-..., trap-... and found-...", path.display()),
    }
    for end in spread(bytes.len(), VARIANTS_MAX) {
        run(target, path, &format!("cut off after {end} bytes"), &bytes[..end]);
    }
    for at in spread(bytes.len(), VARIANTS_MAX / (BYTES.len() + 1)) {
        let flipped = bytes[at] ^ (1 << (at % 8));
        for byte in BYTES.into_iter().chain([flipped]) {
            let mut changed = bytes.clone();
            changed[at] = byte;
            run(target, path, &format!("with {byte:#04x} at {at}"), &changed);
        }
    }
}

/// All numbers below a length, or so many of them, evenly spread.
fn spread(length: usize, most: usize) -> impl Iterator<Item = usize> {
    (0..length).step_by(length.div_ceil(most).max(1))
}

fn run(target: Target, path: &Path, variant: &str, bytes: &[u8]) -> bool {
    let tried = Tried { path, variant };
    let is_read = target(bytes);
    drop(tried);
    is_read
}

/// Names the input when a target panics.
struct Tried<'a> {
    path: &'a Path,
    variant: &'a str,
}

impl Drop for Tried<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input: {} {}", self.path.display(), self.variant);
        }
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> Option<String> {
    path.file_name()?.to_str().map(str::to_owned)
}
